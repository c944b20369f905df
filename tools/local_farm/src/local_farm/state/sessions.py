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
        "queueId": row["queue_id"],
        "jobId": row["job_id"],
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
        "workerUpdatedAt": row["ended_at"] or row["started_at"],
    }


def is_asked_to_end(row: sqlite3.Row) -> bool:
    """Whether somebody wants a session to end (UpdateSession, or a queue that leaves its fleet)."""
    return bool(json.loads(row["doc"]).get("targetLifecycleStatus") == "ENDED")


def ask_to_end(db: sqlite3.Connection, session_id: str) -> None:
    """Want a session to end; its runner looks at this."""
    db.execute(
        "UPDATE sessions SET doc = json_set(doc, '$.targetLifecycleStatus', 'ENDED')"
        " WHERE session_id = ? AND lifecycle_status <> 'ENDED'",
        (session_id,),
    )
