"""What becomes of tasks when somebody says what they should be.

A task that no worker holds takes its new status at once; one that a worker holds keeps the target until the worker lets
go of it.

PENDING runs tasks again: they start anew as soon as the steps before them have succeeded, and what was ready behind
them waits. READY does the same, but where a whole job or step has suspended tasks it lets just those go on. Of a whole job or
step, CANCELED, SUSPENDED and FAILED leave the tasks alone that have ended already; SUCCEEDED takes along
those that failed or were canceled.
"""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

from local_farm.state.progress import hold_back, reopen, settle_job
from local_farm.state.statuses import IN_PROGRESS

_RUN_AGAIN = ("PENDING", "READY")
_ENDS = ("SUCCEEDED", "FAILED", "CANCELED")
_MAY_STILL_RUN = "('READY', 'PENDING', 'SUSPENDED')"
_NOT_SUCCEEDED = "('READY', 'PENDING', 'SUSPENDED', 'FAILED', 'CANCELED', 'NOT_COMPATIBLE')"


@dataclass(frozen=True)
class _Scope:
    """The tasks that are meant: those of a job, of a step, or one."""

    job_id: str
    column: str
    value: str

    @property
    def whole(self) -> bool:
        return self.column != "task_id"


def set_job_target(db: sqlite3.Connection, job_id: str, target: str) -> None:
    """Give all tasks of a job a target."""
    _set_target(db, _Scope(job_id, "job_id", job_id), target)
    db.execute("UPDATE steps SET target_status = NULL WHERE job_id = ?", (job_id,))
    db.execute("UPDATE jobs SET target_status = ? WHERE job_id = ?", (target, job_id))


def set_step_target(db: sqlite3.Connection, job_id: str, step_id: str, target: str) -> None:
    """Give all tasks of a step a target."""
    _set_target(db, _Scope(job_id, "step_id", step_id), target)
    db.execute("UPDATE steps SET target_status = ? WHERE step_id = ?", (target, step_id))


def set_task_target(db: sqlite3.Connection, job_id: str, task_id: str, target: str) -> None:
    """Give a task a target."""
    _set_target(db, _Scope(job_id, "task_id", task_id), target)


def _set_target(db: sqlite3.Connection, scope: _Scope, target: str) -> None:
    if target in _RUN_AGAIN:
        _run_again(db, scope, target)
    else:
        _stop(db, scope, target)
    settle_job(db, scope.job_id)


def _run_again(db: sqlite3.Connection, scope: _Scope, target: str) -> None:
    which, value = f"{scope.column} = ?", (scope.value,)
    # What a worker holds goes on, or runs again where it is being interrupted.
    db.execute(f"UPDATE tasks SET target_status = NULL WHERE {which} AND run_status IN {IN_PROGRESS}", value)
    suspended = f"{which} AND run_status = 'SUSPENDED'"
    if target == "READY" and scope.whole and db.execute(f"SELECT 1 FROM tasks WHERE {suspended}", value).fetchone():
        which = suspended
    db.execute(
        "UPDATE tasks SET run_status = 'PENDING', target_status = NULL, failure_retry_count = 0, started_at = NULL,"
        f" ended_at = NULL WHERE {which} AND run_status NOT IN {IN_PROGRESS}",
        value,
    )
    # Whatever somebody wanted of the whole before, a part of it runs now.
    steps = "SELECT step_id FROM tasks WHERE " + f"{scope.column} = ?"
    db.execute(f"UPDATE steps SET target_status = NULL WHERE step_id IN ({steps})", value)
    db.execute("UPDATE jobs SET target_status = NULL WHERE job_id = ?", (scope.job_id,))
    hold_back(db, scope.job_id)
    reopen(db, scope.job_id)


def _stop(db: sqlite3.Connection, scope: _Scope, target: str) -> None:
    which, value = f"{scope.column} = ?", scope.value
    db.execute(
        f"UPDATE tasks SET target_status = ? WHERE {which} AND run_status IN {IN_PROGRESS}",
        (target, value),
    )
    if not scope.whole:
        affected = f"run_status NOT IN {IN_PROGRESS}"
    else:
        affected = f"run_status IN {_NOT_SUCCEEDED if target == 'SUCCEEDED' else _MAY_STILL_RUN}"
    db.execute(
        f"UPDATE tasks SET run_status = ?, target_status = NULL, ended_at = ? WHERE {which} AND {affected}",
        (target, time.time() if target in _ENDS else None, value),
    )
    hold_back(db, scope.job_id)
    reopen(db, scope.job_id)
