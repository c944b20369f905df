"""Queues, and the fleets that serve them."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.state import resources
from local_farm.state.ids import CALLER, new_id

_MEMBERS = (
    "displayName",
    "description",
    "defaultBudgetAction",
    "jobAttachmentSettings",
    "roleArn",
    "jobRunAsUser",
    "requiredFileSystemLocationNames",
    "allowedStorageProfileIds",
    "schedulingConfiguration",
)


def create_queue(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    queue_id = new_id("queue")
    doc = {name: parameters[name] for name in _MEMBERS if name in parameters}
    doc = {"status": "IDLE", "defaultBudgetAction": "NONE", **doc}
    doc.update(farmId=parameters["farmId"], queueId=queue_id, createdBy=CALLER)
    with context.database.transaction() as db:
        resources.get(db, "farm", parameters["farmId"])
        resources.insert(db, "queue", queue_id, parameters["farmId"], doc)
    return {"queueId": queue_id}


def get_queue(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return resources.get(db, "queue", parameters["queueId"], parameters["farmId"])


def list_queues(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "farm", parameters["farmId"])
        queues = resources.children(db, "queue", parameters["farmId"])
    wanted = parameters.get("status")
    return page([queue for queue in queues if wanted in (None, queue["status"])], "queues", parameters)


def update_queue(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    changes = {name: parameters[name] for name in _MEMBERS if name in parameters}
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        resources.update(db, "queue", parameters["queueId"], changes)
    return {}


def create_association(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id, queue_id, fleet_id = (parameters[name] for name in ("farmId", "queueId", "fleetId"))
    doc = {"queueId": queue_id, "fleetId": fleet_id, "status": "ACTIVE", "createdBy": CALLER}
    with context.database.transaction() as db:
        resources.get(db, "queue", queue_id, farm_id)
        resources.get(db, "fleet", fleet_id, farm_id)
        resources.insert(db, "queueFleetAssociation", f"{queue_id}/{fleet_id}", farm_id, doc)
    context.notify()
    return {}


def list_associations(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        found = resources.children(db, "queueFleetAssociation", parameters["farmId"])
    for name in ("queueId", "fleetId"):
        if name in parameters:
            found = [association for association in found if association[name] == parameters[name]]
    return page(found, "queueFleetAssociations", parameters)


OPERATIONS = {
    "CreateQueue": create_queue,
    "GetQueue": get_queue,
    "ListQueues": list_queues,
    "UpdateQueue": update_queue,
    "CreateQueueFleetAssociation": create_association,
    "ListQueueFleetAssociations": list_associations,
}
