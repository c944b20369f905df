"""What becomes of tasks when somebody says what they should be.

A task that no worker holds takes its new status at once; one that a worker holds keeps the target until the worker lets
go of it. A task that is asked to be PENDING or READY runs (again) as soon as the steps before it have succeeded: the
runner releases what is PENDING.
"""

from __future__ import annotations

import sqlite3
import time

HELD = "('ASSIGNED', 'STARTING', 'SCHEDULED', 'RUNNING', 'INTERRUPTING')"
_RUN_AGAIN = ("PENDING", "READY")
_ENDS = ("SUCCEEDED", "FAILED", "CANCELED")


def set_job_target(db: sqlite3.Connection, job_id: str, target: str) -> None:
    """Give all tasks of a job a target."""
    db.execute("UPDATE jobs SET target_status = ? WHERE job_id = ?", (target, job_id))
    for (task_id,) in db.execute("SELECT task_id FROM tasks WHERE job_id = ?", (job_id,)).fetchall():
        set_task_target(db, task_id, target, whole_job=True)


def set_step_target(db: sqlite3.Connection, step_id: str, target: str) -> None:
    """Give all tasks of a step a target."""
    db.execute("UPDATE steps SET target_status = ? WHERE step_id = ?", (target, step_id))
    for (task_id,) in db.execute("SELECT task_id FROM tasks WHERE step_id = ?", (step_id,)).fetchall():
        set_task_target(db, task_id, target, whole_job=True)


def set_task_target(db: sqlite3.Connection, task_id: str, target: str, *, whole_job: bool = False) -> None:
    """Give a task a target; as part of a whole job or step, tasks that have ended already stay as they are."""
    task = db.execute("SELECT * FROM tasks WHERE task_id = ?", (task_id,)).fetchone()
    held = db.execute(f"SELECT 1 FROM tasks WHERE task_id = ? AND run_status IN {HELD}", (task_id,)).fetchone()
    if target in _RUN_AGAIN:
        _run_again(db, task, held is not None)
    elif held is not None:
        db.execute("UPDATE tasks SET target_status = ? WHERE task_id = ?", (target, task_id))
    elif not (whole_job and task["run_status"] in (*_ENDS, "NOT_COMPATIBLE") and target in ("SUSPENDED", "CANCELED")):
        ended = time.time() if target in _ENDS else None
        db.execute(
            "UPDATE tasks SET run_status = ?, target_status = NULL, ended_at = ? WHERE task_id = ?",
            (target, ended, task_id),
        )


def _run_again(db: sqlite3.Connection, task: sqlite3.Row, held: bool) -> None:
    if held:
        db.execute("UPDATE tasks SET target_status = NULL WHERE task_id = ?", (task["task_id"],))
        return
    db.execute(
        "UPDATE tasks SET run_status = 'PENDING', target_status = NULL, failure_retry_count = 0, started_at = NULL, "
        "ended_at = NULL WHERE task_id = ?",
        (task["task_id"],),
    )
    # What had ended goes on.
    db.execute("UPDATE steps SET ended_at = NULL, target_status = NULL WHERE step_id = ?", (task["step_id"],))
    db.execute("UPDATE jobs SET ended_at = NULL, target_status = NULL WHERE job_id = ?", (task["job_id"],))
