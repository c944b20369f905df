"""Storage profiles."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.protocol.errors import NotFoundError
from local_farm.state import resources
from local_farm.state.ids import CALLER, new_id


def create_storage_profile(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    profile_id = new_id("sp")
    doc = {
        "storageProfileId": profile_id,
        "displayName": parameters["displayName"],
        "osFamily": parameters["osFamily"],
        "fileSystemLocations": parameters.get("fileSystemLocations", []),
        "createdBy": CALLER,
    }
    with context.database.transaction() as db:
        resources.get(db, "farm", parameters["farmId"])
        resources.insert(db, "storageProfile", profile_id, parameters["farmId"], doc)
    return {"storageProfileId": profile_id}


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


def _allowed(context: Context, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    with context.database.transaction() as db:
        queue = resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        profiles = resources.children(db, "storageProfile", parameters["farmId"])
    allowed = queue.get("allowedStorageProfileIds", [])
    return [profile for profile in profiles if profile["storageProfileId"] in allowed]


OPERATIONS = {
    "CreateStorageProfile": create_storage_profile,
    "GetStorageProfile": get_storage_profile,
    "GetStorageProfileForQueue": get_storage_profile_for_queue,
    "ListStorageProfiles": list_storage_profiles,
    "ListStorageProfilesForQueue": list_storage_profiles_for_queue,
}
