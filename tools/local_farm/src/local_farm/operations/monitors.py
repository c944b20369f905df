"""Monitors: resources that can be listed; a local farm has no page behind their URLs."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.settings import REGION
from local_farm.state import resources
from local_farm.state.ids import new_id

_MEMBERS = ("displayName", "subdomain", "roleArn")
_APPLICATION = "arn:aws:sso::123456789012:application/ssoins-0000000000000000/apl-0000000000000000"


def create_monitor(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    monitor_id = parameters.get("monitorId") or new_id("monitor")
    doc = {name: parameters[name] for name in (*_MEMBERS, "identityCenterInstanceArn")}
    doc.update(
        monitorId=monitor_id,
        identityCenterRegion=parameters.get("identityCenterRegion", REGION),
        identityCenterApplicationArn=_APPLICATION,
    )
    with context.database.transaction() as db:
        monitor_id = resources.create(db, "monitor", monitor_id, "", doc, parameters.get("clientToken"))
    return {"monitorId": monitor_id, "identityCenterApplicationArn": _APPLICATION}


def get_monitor(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return _described(resources.get(db, "monitor", parameters["monitorId"]))


def list_monitors(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        monitors = [_described(monitor) for monitor in resources.children(db, "monitor", "")]
    return page(monitors, "monitors", parameters)


def update_monitor(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    changes = {name: parameters[name] for name in _MEMBERS if name in parameters}
    with context.database.transaction() as db:
        resources.update(db, "monitor", parameters["monitorId"], changes)
    return {}


def delete_monitor(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.delete(db, "monitor", parameters["monitorId"])
    return {}


def _described(monitor: dict[str, Any]) -> dict[str, Any]:
    return {**monitor, "url": f"https://{monitor['subdomain']}.{REGION}.deadlinecloud.amazonaws.com"}


OPERATIONS = {
    "CreateMonitor": create_monitor,
    "GetMonitor": get_monitor,
    "ListMonitors": list_monitors,
    "UpdateMonitor": update_monitor,
    "DeleteMonitor": delete_monitor,
}
