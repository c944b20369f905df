"""How tasks move on while they are run: they start, and end one way or another.

A failed task is tried again up to the job's ``maxRetriesPerTask``; when ``maxFailedTasksCount`` tasks have failed for good
the rest of the job is canceled.
"""

from __future__ import annotations

import json
import sqlite3
import time

from local_farm.runner.statuses import CREATED_JOB, IN_PROGRESS, UNWANTED
from local_farm.state.progress import hold_back, settle_job

DEFAULT_RETRIES_PER_TASK = 5
DEFAULT_FAILED_TASKS = 20


def task_started(db: sqlite3.Connection, task_id: str, action_id: str) -> None:
    """A task's process is about to run; its step and job have started with it."""
    now = time.time()
    db.execute(
        "UPDATE tasks SET run_status = 'RUNNING', started_at = ?, ended_at = NULL, latest_session_action_id = ?"
        " WHERE task_id = ?",
        (now, action_id, task_id),
    )
    for table, key in (("steps", "step_id"), ("jobs", "job_id")):
        db.execute(
            f"UPDATE {table} SET started_at = COALESCE(started_at, ?), ended_at = NULL"
            f" WHERE {key} = (SELECT {key} FROM tasks WHERE task_id = ?)",
            (now, task_id),
        )


def task_interrupting(db: sqlite3.Connection, task_id: str) -> None:
    """A running task is being stopped, because its target says so."""
    db.execute(
        f"UPDATE tasks SET run_status = 'INTERRUPTING' WHERE task_id = ? AND run_status IN {IN_PROGRESS}", (task_id,)
    )


def unwanted_target(db: sqlite3.Connection, task_id: str) -> str | None:
    """The status that somebody asked for while the task was under way, if it ends the task; a deleted task too."""
    row = db.execute("SELECT target_status FROM tasks WHERE task_id = ?", (task_id,)).fetchone()
    target = row["target_status"] if row else "CANCELED"
    return target if target in UNWANTED else None


def task_ended(db: sqlite3.Connection, task_id: str, outcome: str, *, action_id: str | None = None) -> None:
    """A worker lets go of a task.

    Arguments:
        outcome: SUCCEEDED; FAILED; CANCELED where the task's target said so; INTERRUPTED where the farm stops, which lets
            the task run again.
        action_id: The session action in which it ended, where that is not a run of the task itself.
    """
    task = db.execute("SELECT * FROM tasks WHERE task_id = ?", (task_id,)).fetchone()
    if task is None:
        return
    job = db.execute("SELECT doc FROM jobs WHERE job_id = ?", (task["job_id"],)).fetchone()
    limits = json.loads(job["doc"])
    retries = task["failure_retry_count"]
    if outcome == "SUCCEEDED":
        status = "SUCCEEDED"
    elif task["target_status"] in UNWANTED:
        status = task["target_status"]
    elif outcome == "FAILED" and retries >= limits.get("maxRetriesPerTask", DEFAULT_RETRIES_PER_TASK):
        status = "FAILED"
    else:
        status, retries = "READY", retries + (outcome == "FAILED")
    db.execute(
        "UPDATE tasks SET run_status = ?, target_status = NULL, failure_retry_count = ?, ended_at = ?,"
        " latest_session_action_id = COALESCE(?, latest_session_action_id) WHERE task_id = ?",
        (status, retries, None if status == "READY" else time.time(), action_id, task_id),
    )
    if status == "READY":
        # A step before it may have been asked to run again meanwhile.
        hold_back(db, task["job_id"])
    if status == "FAILED":
        _give_up_on_too_many_failures(db, task["job_id"], limits.get("maxFailedTasksCount", DEFAULT_FAILED_TASKS))
    settle_job(db, task["job_id"])


def unsettled_jobs(db: sqlite3.Connection) -> list[str]:
    """Jobs that have not ended, or of which tasks were made pending again."""
    rows = db.execute(
        f"SELECT job_id FROM jobs WHERE lifecycle_status IN {CREATED_JOB} AND (ended_at IS NULL"
        " OR EXISTS (SELECT 1 FROM tasks WHERE tasks.job_id = jobs.job_id AND run_status = 'PENDING'))"
    )
    return [row["job_id"] for row in rows]


def _give_up_on_too_many_failures(db: sqlite3.Connection, job_id: str, limit: int) -> None:
    (failed,) = db.execute(
        "SELECT COUNT(*) FROM tasks WHERE job_id = ? AND run_status = 'FAILED'", (job_id,)
    ).fetchone()
    if failed < max(limit, 1):
        return
    db.execute(
        "UPDATE tasks SET run_status = 'CANCELED', ended_at = ? WHERE job_id = ? AND run_status IN ('READY', 'PENDING')",
        (time.time(), job_id),
    )
    db.execute(
        f"UPDATE tasks SET target_status = 'CANCELED' WHERE job_id = ? AND run_status IN {IN_PROGRESS}", (job_id,)
    )
