"""Which fleets serve which queues.

An association that is to stop is STOPPED as soon as no session of its queue is left in its fleet. What stops by cancelation
ends those sessions; their tasks are ready again.
"""

from __future__ import annotations

import sqlite3
from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.protocol.errors import InUseError
from local_farm.state import resources
from local_farm.state.sessions import ask_to_end

KIND = "queueFleetAssociation"


def create_association(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id, queue_id, fleet_id = (parameters[name] for name in ("farmId", "queueId", "fleetId"))
    doc = {"queueId": queue_id, "fleetId": fleet_id, "status": "ACTIVE"}
    with context.database.transaction() as db:
        resources.get(db, "queue", queue_id, farm_id)
        resources.get(db, "fleet", fleet_id, farm_id)
        resources.create(db, KIND, f"{queue_id}/{fleet_id}", farm_id, doc)
    context.notify()
    return {}


def get_association(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return _described(db, resources.get(db, KIND, _id(parameters), parameters["farmId"]))


def list_associations(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "farm", parameters["farmId"])
        found = [_described(db, association) for association in resources.children(db, KIND, parameters["farmId"])]
    for name in ("queueId", "fleetId"):
        if name in parameters:
            found = [association for association in found if association[name] == parameters[name]]
    return page(found, "queueFleetAssociations", parameters)


def update_association(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, KIND, _id(parameters), parameters["farmId"])
        resources.update(db, KIND, _id(parameters), {"status": parameters["status"]})
        if parameters["status"] == "STOP_SCHEDULING_AND_CANCEL_TASKS":
            for session_id in _live_sessions(db, parameters["queueId"], parameters["fleetId"]):
                ask_to_end(db, session_id)
    context.notify()
    return {}


def delete_association(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Delete an association that has stopped."""
    with context.database.transaction() as db:
        association = _described(db, resources.get(db, KIND, _id(parameters), parameters["farmId"]))
        if association["status"] != "STOPPED":
            raise InUseError("queue-fleet-association", _id(parameters), f"the status {association['status']}")
        resources.delete(db, KIND, _id(parameters))
    return {}


def active_fleets(db: sqlite3.Connection, farm_id: str, queue_id: str) -> list[str]:
    """The fleets that serve a queue, or still work for it."""
    associations = (_described(db, association) for association in resources.children(db, KIND, farm_id))
    return [each["fleetId"] for each in associations if each["queueId"] == queue_id and each["status"] != "STOPPED"]


def active_queues(db: sqlite3.Connection, farm_id: str, fleet_id: str) -> list[str]:
    """The queues that a fleet serves, or still works for."""
    associations = (_described(db, association) for association in resources.children(db, KIND, farm_id))
    return [each["queueId"] for each in associations if each["fleetId"] == fleet_id and each["status"] != "STOPPED"]


def _described(db: sqlite3.Connection, association: dict[str, Any]) -> dict[str, Any]:
    stopping = association["status"] != "ACTIVE"
    if stopping and not _live_sessions(db, association["queueId"], association["fleetId"]):
        return {**association, "status": "STOPPED"}
    return association


def _live_sessions(db: sqlite3.Connection, queue_id: str, fleet_id: str) -> list[str]:
    rows = db.execute(
        "SELECT session_id FROM sessions WHERE queue_id = ? AND fleet_id = ? AND lifecycle_status <> 'ENDED'",
        (queue_id, fleet_id),
    )
    return [row["session_id"] for row in rows]


def _id(parameters: dict[str, Any]) -> str:
    return f"{parameters['queueId']}/{parameters['fleetId']}"


OPERATIONS = {
    "CreateQueueFleetAssociation": create_association,
    "GetQueueFleetAssociation": get_association,
    "ListQueueFleetAssociations": list_associations,
    "UpdateQueueFleetAssociation": update_association,
    "DeleteQueueFleetAssociation": delete_association,
}
