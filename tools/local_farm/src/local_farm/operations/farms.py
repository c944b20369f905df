"""Farms."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.state import resources
from local_farm.state.ids import CALLER, new_id

_MEMBERS = ("displayName", "description", "costScaleFactor")


def create_farm(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id = new_id("farm")
    doc = {
        "farmId": farm_id,
        "displayName": parameters["displayName"],
        "description": parameters.get("description", ""),
        "kmsKeyArn": parameters.get("kmsKeyArn"),
        "costScaleFactor": parameters.get("costScaleFactor", 1.0),
        "createdBy": CALLER,
    }
    with context.database.transaction() as db:
        resources.insert(db, "farm", farm_id, "", doc)
    return {"farmId": farm_id}


def get_farm(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return resources.get(db, "farm", parameters["farmId"])


def list_farms(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return page(resources.children(db, "farm", ""), "farms", parameters)


def update_farm(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = {
        name: parameters[name] for name in ("displayName", "description", "costScaleFactor") if name in parameters
    }
    with context.database.transaction() as db:
        resources.update(db, "farm", parameters["farmId"], changes)
    return {}


OPERATIONS = {"CreateFarm": create_farm, "GetFarm": get_farm, "ListFarms": list_farms, "UpdateFarm": update_farm}
