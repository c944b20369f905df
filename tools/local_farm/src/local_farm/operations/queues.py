"""Queues."""

from __future__ import annotations

from typing import Any

from local_farm.operations.associations import active_fleets
from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.protocol.errors import InUseError
from local_farm.state import resources
from local_farm.state.ids import new_id

_MEMBERS = (
    "displayName",
    "description",
    "defaultBudgetAction",
    "jobAttachmentSettings",
    "roleArn",
    "jobRunAsUser",
    "schedulingConfiguration",
)
_LISTS = ("requiredFileSystemLocationNames", "allowedStorageProfileIds")


def create_queue(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id, queue_id = parameters["farmId"], parameters.get("queueId") or new_id("queue")
    doc = {name: parameters[name] for name in (*_MEMBERS, *_LISTS) if name in parameters}
    doc = {"status": "IDLE", "defaultBudgetAction": "NONE", **doc, "farmId": farm_id, "queueId": queue_id}
    with context.database.transaction() as db:
        resources.get(db, "farm", farm_id)
        for profile_id in parameters.get("allowedStorageProfileIds", []):
            resources.get(db, "storageProfile", profile_id, farm_id)
        return {"queueId": resources.create(db, "queue", queue_id, farm_id, doc, parameters.get("clientToken"))}


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
    """Change a queue; what its lists allow or require is added and removed."""
    farm_id, queue_id = parameters["farmId"], parameters["queueId"]
    changes = {name: parameters[name] for name in _MEMBERS if name in parameters}
    with context.database.transaction() as db:
        queue = resources.get(db, "queue", queue_id, farm_id)
        for profile_id in parameters.get("allowedStorageProfileIdsToAdd", []):
            resources.get(db, "storageProfile", profile_id, farm_id)
        for name in _LISTS:
            removed = parameters.get(f"{name}ToRemove", [])
            kept = [item for item in queue.get(name, []) if item not in removed]
            changes[name] = list(dict.fromkeys([*kept, *parameters.get(f"{name}ToAdd", [])]))
        resources.update(db, "queue", queue_id, changes)
    context.notify()
    return {}


def delete_queue(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Delete a queue that no fleet serves, and with it its environments and its jobs."""
    farm_id, queue_id = parameters["farmId"], parameters["queueId"]
    with context.database.transaction() as db:
        resources.get(db, "queue", queue_id, farm_id)
        if active_fleets(db, farm_id, queue_id):
            raise InUseError("queue", queue_id, "fleets that serve it")
        for environment in resources.children(db, "queueEnvironment", queue_id):
            resources.delete(db, "queueEnvironment", environment["queueEnvironmentId"])
        db.execute("DELETE FROM jobs WHERE queue_id = ?", (queue_id,))
        resources.delete(db, "queue", queue_id)
    return {}


OPERATIONS = {
    "CreateQueue": create_queue,
    "GetQueue": get_queue,
    "ListQueues": list_queues,
    "UpdateQueue": update_queue,
    "DeleteQueue": delete_queue,
}
