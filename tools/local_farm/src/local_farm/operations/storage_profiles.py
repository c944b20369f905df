"""Storage profiles."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.protocol.errors import InUseError, NotFoundError, ValidationError
from local_farm.state import resources
from local_farm.state.ids import new_id

_MEMBERS = ("displayName", "osFamily")


def create_storage_profile(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id, profile_id = parameters["farmId"], parameters.get("storageProfileId") or new_id("sp")
    doc = {
        "storageProfileId": profile_id,
        "displayName": parameters["displayName"],
        "osFamily": parameters["osFamily"],
        "fileSystemLocations": _distinct(parameters.get("fileSystemLocations", [])),
    }
    token = parameters.get("clientToken")
    with context.database.transaction() as db:
        resources.get(db, "farm", farm_id)
        return {"storageProfileId": resources.create(db, "storageProfile", profile_id, farm_id, doc, token)}


def get_storage_profile(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return resources.get(db, "storageProfile", parameters["storageProfileId"], parameters["farmId"])


def get_storage_profile_for_queue(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    profile_id = parameters["storageProfileId"]
    for profile in _allowed(context, parameters):
        if profile["storageProfileId"] == profile_id:
            return profile
    raise NotFoundError("storage-profile", profile_id)


def list_storage_profiles(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "farm", parameters["farmId"])
        return page(resources.children(db, "storageProfile", parameters["farmId"]), "storageProfiles", parameters)


def list_storage_profiles_for_queue(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    return page(_allowed(context, parameters), "storageProfiles", parameters)


def update_storage_profile(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Change a storage profile; a location is added in place of one of the same name, and removed by its name."""
    farm_id, profile_id = parameters["farmId"], parameters["storageProfileId"]
    changes = {name: parameters[name] for name in _MEMBERS if name in parameters}
    added = _distinct(parameters.get("fileSystemLocationsToAdd", []))
    gone = {location["name"] for location in (*added, *parameters.get("fileSystemLocationsToRemove", []))}
    with context.database.transaction() as db:
        profile = resources.get(db, "storageProfile", profile_id, farm_id)
        kept = [location for location in profile["fileSystemLocations"] if location["name"] not in gone]
        resources.update(db, "storageProfile", profile_id, {**changes, "fileSystemLocations": [*kept, *added]})
    return {}


def delete_storage_profile(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Delete a storage profile that no queue allows any more."""
    farm_id, profile_id = parameters["farmId"], parameters["storageProfileId"]
    with context.database.transaction() as db:
        resources.get(db, "storageProfile", profile_id, farm_id)
        for queue in resources.children(db, "queue", farm_id):
            if profile_id in queue.get("allowedStorageProfileIds", []):
                raise InUseError("storage-profile", profile_id, "queues that allow it")
        resources.delete(db, "storageProfile", profile_id)
    return {}


def _allowed(context: Context, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with context.database.transaction() as db:
        queue = resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        profiles = resources.children(db, "storageProfile", parameters["farmId"])
    allowed = queue.get("allowedStorageProfileIds", [])
    return [profile for profile in profiles if profile["storageProfileId"] in allowed]


def _distinct(locations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = [location["name"] for location in locations]
    if len(set(names)) < len(names):
        raise ValidationError("Two file system locations have one name.", {"fileSystemLocations": "names must differ"})
    return locations


OPERATIONS = {
    "CreateStorageProfile": create_storage_profile,
    "GetStorageProfile": get_storage_profile,
    "GetStorageProfileForQueue": get_storage_profile_for_queue,
    "ListStorageProfiles": list_storage_profiles,
    "ListStorageProfilesForQueue": list_storage_profiles_for_queue,
    "UpdateStorageProfile": update_storage_profile,
    "DeleteStorageProfile": delete_storage_profile,
}
