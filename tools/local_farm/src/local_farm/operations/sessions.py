"""Sessions and session actions."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.jobs import job_row
from local_farm.operations.pages import page
from local_farm.protocol.errors import NotFoundError, ValidationError
from local_farm.state.sessions import describe_action, describe_session


def get_session(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        row = db.execute(
            "SELECT * FROM sessions WHERE session_id = ? AND job_id = ?", (parameters["sessionId"], parameters["jobId"])
        ).fetchone()
    if row is None:
        raise NotFoundError("session", parameters["sessionId"])
    return describe_session(row)


def list_sessions(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        rows = db.execute(
            "SELECT * FROM sessions WHERE job_id = ? ORDER BY started_at", (parameters["jobId"],)
        ).fetchall()
    return page([describe_session(row) for row in rows], "sessions", parameters)


def get_session_action(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    action_id = parameters["sessionActionId"]
    with context.database.transaction() as db:
        job_row(db, parameters)
        row = db.execute(
            "SELECT * FROM session_actions WHERE session_action_id = ? AND job_id = ?", (action_id, parameters["jobId"])
        ).fetchone()
    if row is None:
        raise NotFoundError("session-action", action_id)
    return describe_action(row)


def list_session_actions(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """The actions of a session, or the runs of a task; a request names just one of the two."""
    if ("sessionId" in parameters) == ("taskId" in parameters):
        raise ValidationError("Name a session or a task.", {"sessionId": "give either this or taskId"})
    column, value = (
        ("session_id", parameters["sessionId"]) if "sessionId" in parameters else ("task_id", parameters["taskId"])
    )
    with context.database.transaction() as db:
        job_row(db, parameters)
        rows = db.execute(
            f"SELECT * FROM session_actions WHERE job_id = ? AND {column} = ? ORDER BY started_at, position",
            (parameters["jobId"], value),
        ).fetchall()
    return page([describe_action(row) for row in rows], "sessionActions", parameters)


OPERATIONS = {
    "GetSession": get_session,
    "ListSessions": list_sessions,
    "GetSessionAction": get_session_action,
    "ListSessionActions": list_session_actions,
}
