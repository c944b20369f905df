"""Sessions and session actions as the service describes them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any


def describe_session(row: sqlite3.Row) -> dict[str, Any]:
    """A session with all of its members."""
    return {
        **json.loads(row["doc"]),
        "sessionId": row["session_id"],
        "fleetId": row["fleet_id"],
        "workerId": row["worker_id"],
        "startedAt": row["started_at"],
        "endedAt": row["ended_at"],
        "lifecycleStatus": row["lifecycle_status"],
    }


def describe_action(row: sqlite3.Row) -> dict[str, Any]:
    """A session action with all of its members."""
    return {
        **json.loads(row["doc"]),
        "sessionActionId": row["session_action_id"],
        "sessionId": row["session_id"],
        "status": row["status"],
        "startedAt": row["started_at"],
        "endedAt": row["ended_at"],
    }
