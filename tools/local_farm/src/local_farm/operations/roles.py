"""Temporary credentials of queues and fleets; every credential opens everything on a local farm."""

from __future__ import annotations

import secrets
import time
from typing import Any

from local_farm.operations.context import Context
from local_farm.state import resources

LIFETIME = 3600
"""Seconds for which credentials hold."""


def assume_queue_role(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
    return _credentials()


def assume_fleet_role(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "fleet", parameters["fleetId"], parameters["farmId"])
    return _credentials()


def _credentials() -> dict[str, Any]:
    return {
        "credentials": {
            "accessKeyId": f"ASIA{secrets.token_hex(8).upper()}",
            "secretAccessKey": secrets.token_urlsafe(30),
            "sessionToken": secrets.token_urlsafe(60),
            "expiration": time.time() + LIFETIME,
        }
    }


OPERATIONS = {
    "AssumeQueueRoleForUser": assume_queue_role,
    "AssumeQueueRoleForRead": assume_queue_role,
    "AssumeFleetRoleForRead": assume_fleet_role,
}
