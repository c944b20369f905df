"""Farms."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.protocol.errors import InUseError
from local_farm.state import resources
from local_farm.state.ids import new_id

_MEMBERS = ("displayName", "description", "costScaleFactor")


def create_farm(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id = parameters.get("farmId") or new_id("farm")
    doc = {
        "farmId": farm_id,
        "displayName": parameters["displayName"],
        "description": parameters.get("description", ""),
        "kmsKeyArn": parameters.get("kmsKeyArn"),
        "costScaleFactor": parameters.get("costScaleFactor", 1.0),
    }
    with context.database.transaction() as db:
        return {"farmId": resources.create(db, "farm", farm_id, "", doc, parameters.get("clientToken"))}


def get_farm(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return resources.get(db, "farm", parameters["farmId"])


def list_farms(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return page(resources.children(db, "farm", ""), "farms", parameters)


def update_farm(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    changes = {name: parameters[name] for name in _MEMBERS if name in parameters}
    with context.database.transaction() as db:
        resources.update(db, "farm", parameters["farmId"], changes)
    return {}


def delete_farm(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Delete a farm that has no queues, fleets and storage profiles any more."""
    farm_id = parameters["farmId"]
    with context.database.transaction() as db:
        for kind, users in (("queue", "queues"), ("fleet", "fleets"), ("storageProfile", "storage profiles")):
            if resources.children(db, kind, farm_id):
                raise InUseError("farm", farm_id, users)
        resources.delete(db, "farm", farm_id)
    return {}


OPERATIONS = {
    "CreateFarm": create_farm,
    "GetFarm": get_farm,
    "ListFarms": list_farms,
    "UpdateFarm": update_farm,
    "DeleteFarm": delete_farm,
}
