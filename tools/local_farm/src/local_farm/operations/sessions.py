"""Sessions and session actions."""

from __future__ import annotations

import sqlite3
from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page_of_rows
from local_farm.protocol.errors import ConflictError, NotFoundError, ValidationError
from local_farm.state.jobs import get_job_row
from local_farm.state.sessions import ask_to_end, describe_action, describe_session


def get_session(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        return describe_session(_session_row(db, parameters))


def list_sessions(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        get_job_row(db, parameters)
        return page_of_rows(
            db,
            "SELECT * FROM sessions WHERE job_id = ? ORDER BY started_at, session_id",
            (parameters["jobId"],),
            "sessions",
            parameters,
            lambda rows: [describe_session(row) for row in rows],
        )


def update_session(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """End a session: what it runs is interrupted, its environments are left, its task is ready again."""
    with context.database.transaction() as db:
        session = _session_row(db, parameters)
        if session["lifecycle_status"] == "ENDED":
            raise ConflictError("The session has ended.", "session", session["session_id"])
        ask_to_end(db, session["session_id"])
    context.notify()
    return {}


def get_session_action(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    action_id = parameters["sessionActionId"]
    with context.database.transaction() as db:
        get_job_row(db, parameters)
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
        if "sessionId" in parameters:
            _session_row(db, parameters)
        else:
            _check_task(db, parameters)
        return page_of_rows(
            db,
            f"SELECT * FROM session_actions WHERE job_id = ? AND {column} = ? ORDER BY started_at, position",
            (parameters["jobId"], value),
            "sessionActions",
            parameters,
            lambda rows: [describe_action(row) for row in rows],
        )


def _session_row(db: sqlite3.Connection, parameters: dict[str, Any]) -> sqlite3.Row:
    get_job_row(db, parameters)
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM sessions WHERE session_id = ? AND job_id = ?", (parameters["sessionId"], parameters["jobId"])
    ).fetchone()
    if row is None:
        raise NotFoundError("session", parameters["sessionId"])
    return row


def _check_task(db: sqlite3.Connection, parameters: dict[str, Any]) -> None:
    get_job_row(db, parameters)
    if not db.execute(
        "SELECT 1 FROM tasks WHERE task_id = ? AND job_id = ?", (parameters["taskId"], parameters["jobId"])
    ).fetchone():
        raise NotFoundError("task", parameters["taskId"])


OPERATIONS = {
    "GetSession": get_session,
    "ListSessions": list_sessions,
    "UpdateSession": update_session,
    "GetSessionAction": get_session_action,
    "ListSessionActions": list_session_actions,
}
