"""Fleets."""

from __future__ import annotations

from typing import Any

from local_farm.operations.associations import active_queues
from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.protocol.errors import InUseError
from local_farm.state import resources
from local_farm.state.ids import new_id

_MEMBERS = (
    "displayName",
    "description",
    "roleArn",
    "minWorkerCount",
    "maxWorkerCount",
    "configuration",
    "hostConfiguration",
)


def create_fleet(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id, fleet_id = parameters["farmId"], parameters.get("fleetId") or new_id("fleet")
    doc = {name: parameters[name] for name in _MEMBERS if name in parameters}
    doc = {"minWorkerCount": 0, "status": "ACTIVE", "autoScalingStatus": "STEADY", **doc}
    doc.update(farmId=farm_id, fleetId=fleet_id)
    with context.database.transaction() as db:
        resources.get(db, "farm", farm_id)
        return {"fleetId": resources.create(db, "fleet", fleet_id, farm_id, doc, parameters.get("clientToken"))}


def get_fleet(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        fleet = resources.get(db, "fleet", parameters["fleetId"], parameters["farmId"])
        return _with_workers(fleet, resources.children(db, "worker", parameters["fleetId"]))


def list_fleets(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "farm", parameters["farmId"])
        fleets = [
            _with_workers(fleet, resources.children(db, "worker", fleet["fleetId"]))
            for fleet in resources.children(db, "fleet", parameters["farmId"])
        ]
    for name in ("displayName", "status"):
        if name in parameters:
            fleets = [fleet for fleet in fleets if fleet[name] == parameters[name]]
    return page(fleets, "fleets", parameters)


def update_fleet(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    changes = {name: parameters[name] for name in _MEMBERS if name in parameters}
    with context.database.transaction() as db:
        resources.get(db, "fleet", parameters["fleetId"], parameters["farmId"])
        resources.update(db, "fleet", parameters["fleetId"], changes)
    return {}


def delete_fleet(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Delete a fleet that serves no queue, and with it its workers."""
    farm_id, fleet_id = parameters["farmId"], parameters["fleetId"]
    with context.database.transaction() as db:
        resources.get(db, "fleet", fleet_id, farm_id)
        if active_queues(db, farm_id, fleet_id):
            raise InUseError("fleet", fleet_id, "queues that it serves")
        db.execute("DELETE FROM resources WHERE kind = 'worker' AND parent_id = ?", (fleet_id,))
        resources.delete(db, "fleet", fleet_id)
    return {}


def _with_workers(fleet: dict[str, Any], workers: list[dict[str, Any]]) -> dict[str, Any]:
    running = [worker for worker in workers if worker["status"] != "STOPPED"]
    return {**fleet, "workerCount": len(running), "targetWorkerCount": len(running)}


OPERATIONS = {
    "CreateFleet": create_fleet,
    "GetFleet": get_fleet,
    "ListFleets": list_fleets,
    "UpdateFleet": update_fleet,
    "DeleteFleet": delete_fleet,
}
