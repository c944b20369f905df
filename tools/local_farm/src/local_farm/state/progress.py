"""How steps and jobs follow their tasks: steps are released or held back, steps and jobs end.

A step is released when every task of the steps that it depends on has succeeded: behind a failed step its tasks stay
PENDING.
"""

from __future__ import annotations

import sqlite3
import time

from local_farm.state.statuses import ENDED, TO_RUN

_WAITS = (
    "EXISTS (SELECT 1 FROM step_dependencies AS d JOIN tasks AS needed ON needed.step_id = d.depends_on"
    " WHERE d.step_id = steps.step_id AND needed.run_status <> 'SUCCEEDED')"
)


def settle_job(db: sqlite3.Connection, job_id: str) -> None:
    """Release the steps that may run now, and end the steps and the job of which nothing is left to run."""
    released = db.execute(
        "UPDATE tasks SET run_status = 'READY' WHERE job_id = ? AND run_status = 'PENDING' AND step_id IN ("
        f" SELECT step_id FROM steps WHERE job_id = ? AND NOT {_WAITS})",
        (job_id, job_id),
    ).rowcount
    if released:
        reopen(db, job_id)
    now = time.time()
    db.execute(
        "UPDATE steps SET ended_at = ? WHERE job_id = ? AND ended_at IS NULL AND NOT EXISTS ("
        f" SELECT 1 FROM tasks WHERE tasks.step_id = steps.step_id AND run_status NOT IN {ENDED})",
        (now, job_id),
    )
    # What is still pending now waits for a step that cannot succeed any more.
    db.execute(
        "UPDATE jobs SET ended_at = ? WHERE job_id = ? AND ended_at IS NULL AND NOT EXISTS ("
        f" SELECT 1 FROM tasks WHERE tasks.job_id = jobs.job_id AND run_status IN {TO_RUN})",
        (now, job_id),
    )


def hold_back(db: sqlite3.Connection, job_id: str) -> None:
    """Let tasks wait again that were ready, where a step before theirs is run (again)."""
    db.execute(
        "UPDATE tasks SET run_status = 'PENDING' WHERE job_id = ? AND run_status = 'READY' AND step_id IN ("
        f" SELECT step_id FROM steps WHERE job_id = ? AND {_WAITS})",
        (job_id, job_id),
    )


def reopen(db: sqlite3.Connection, job_id: str) -> None:
    """A job and its steps that had ended go on, where they have something to run."""
    db.execute(
        "UPDATE steps SET ended_at = NULL WHERE job_id = ? AND ended_at IS NOT NULL AND EXISTS ("
        f" SELECT 1 FROM tasks WHERE tasks.step_id = steps.step_id AND run_status NOT IN {ENDED})",
        (job_id,),
    )
    db.execute(
        "UPDATE jobs SET ended_at = NULL WHERE job_id = ? AND ended_at IS NOT NULL AND EXISTS ("
        f" SELECT 1 FROM tasks WHERE tasks.job_id = jobs.job_id AND run_status IN {TO_RUN})",
        (job_id,),
    )
