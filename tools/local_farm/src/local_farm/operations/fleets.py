"""Fleets."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.state import resources
from local_farm.state.ids import CALLER, new_id

_MEMBERS = ("displayName", "description", "roleArn", "minWorkerCount", "maxWorkerCount", "configuration")


def create_fleet(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    fleet_id = new_id("fleet")
    doc = {name: parameters[name] for name in _MEMBERS if name in parameters}
    doc = {"minWorkerCount": 0, "status": "ACTIVE", "autoScalingStatus": "STEADY", **doc}
    doc.update(farmId=parameters["farmId"], fleetId=fleet_id, createdBy=CALLER)
    with context.database.transaction() as db:
        resources.get(db, "farm", parameters["farmId"])
        resources.insert(db, "fleet", fleet_id, parameters["farmId"], doc)
    return {"fleetId": fleet_id}


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


def _with_workers(fleet: dict[str, Any], workers: list[dict[str, Any]]) -> dict[str, Any]:
    running = [worker for worker in workers if worker["status"] != "STOPPED"]
    return {**fleet, "workerCount": len(running), "targetWorkerCount": len(running)}


OPERATIONS = {"CreateFleet": create_fleet, "GetFleet": get_fleet, "ListFleets": list_fleets}
