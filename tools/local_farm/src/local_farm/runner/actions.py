"""The session actions that a session records: what ran, when, how it ended."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any, Mapping, Sequence

MAX_MESSAGE = 4096
"""Characters of a progress message that the service keeps."""


def begin_action(
    db: sqlite3.Connection,
    *,
    session_id: str,
    job_id: str,
    definition: Mapping[str, Any],
    task_id: str | None = None,
) -> str:
    """Record that an action runs from now on and give its id, which carries its position in the session.

    Arguments:
        definition: The service's union, e.g. ``{"envEnter": {"environmentId": ...}}``.
        task_id: The task, for a task run.
    """
    (position,) = db.execute("SELECT COUNT(*) FROM session_actions WHERE session_id = ?", (session_id,)).fetchone()
    action_id = f"{session_id.replace('session-', 'sessionaction-', 1)}-{position}"
    db.execute(
        "INSERT INTO session_actions (session_action_id, session_id, job_id, position, status, task_id, started_at, doc)"
        " VALUES (?, ?, ?, ?, 'RUNNING', ?, ?, ?)",
        (action_id, session_id, job_id, position, task_id, time.time(), json.dumps({"definition": definition})),
    )
    return action_id


def note_progress(db: sqlite3.Connection, action_id: str, *, percent: float | None, message: str | None) -> None:
    """Keep how far an action is, as the process reports it."""
    _update_doc(db, action_id, {"progressPercent": percent, "progressMessage": _shortened(message)})


def cancel_requested(db: sqlite3.Connection, action_id: str) -> None:
    """Show that a running action is being canceled."""
    db.execute(
        "UPDATE session_actions SET status = 'CANCELING' WHERE session_action_id = ? AND status = 'RUNNING'",
        (action_id,),
    )


def end_action(
    db: sqlite3.Connection,
    action_id: str,
    status: str,
    *,
    exit_code: int | None = None,
    message: str | None = None,
    manifests: Sequence[Mapping[str, str]] | None = None,
) -> None:
    """Record how an action ended.

    Arguments:
        status: SUCCEEDED, FAILED, CANCELED or INTERRUPTED.
        exit_code: Of the action's process, where it had one.
        message: Why it failed, or the last status that the process reported.
        manifests: Output manifests, parallel to the manifests of the job's attachments.
    """
    db.execute(
        "UPDATE session_actions SET status = ?, ended_at = ? WHERE session_action_id = ?",
        (status, time.time(), action_id),
    )
    _update_doc(
        db, action_id, {"processExitCode": exit_code, "progressMessage": _shortened(message), "manifests": manifests}
    )


def _update_doc(db: sqlite3.Connection, action_id: str, members: Mapping[str, Any]) -> None:
    (doc,) = db.execute("SELECT doc FROM session_actions WHERE session_action_id = ?", (action_id,)).fetchone()
    kept = {name: value for name, value in members.items() if value is not None}
    db.execute(
        "UPDATE session_actions SET doc = ? WHERE session_action_id = ?",
        (json.dumps({**json.loads(doc), **kept}), action_id),
    )


def _shortened(message: str | None) -> str | None:
    return message[:MAX_MESSAGE] if message else None
