"""What the status of a step or a job is, given those of its tasks: the one place where that is decided."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Mapping

STATUSES = (
    "PENDING",
    "READY",
    "RUNNING",
    "ASSIGNED",
    "STARTING",
    "SCHEDULED",
    "INTERRUPTING",
    "SUSPENDED",
    "CANCELED",
    "FAILED",
    "SUCCEEDED",
    "NOT_COMPATIBLE",
)

# The first of these that any task has is the status of the whole. While something runs or may run, that is what the
# whole does; once nothing does, the worst outcome counts; tasks that wait for ever because a step before them failed
# do not keep a job from having failed.
_WHILE_ACTIVE = ("RUNNING", "INTERRUPTING", "STARTING", "ASSIGNED", "SCHEDULED", "READY")
_AT_REST = ("FAILED", "CANCELED", "NOT_COMPATIBLE", "SUSPENDED", "PENDING", "SUCCEEDED")
_BY_WEIGHT = (*_WHILE_ACTIVE, *_AT_REST)

IN_PROGRESS = "('ASSIGNED', 'STARTING', 'SCHEDULED', 'RUNNING', 'INTERRUPTING')"
"""A worker holds the task."""

TO_RUN = "('READY', 'SUSPENDED', 'ASSIGNED', 'STARTING', 'SCHEDULED', 'RUNNING', 'INTERRUPTING')"
"""The task runs, or will as soon as it may; what is PENDING only follows."""

ENDED = "('SUCCEEDED', 'FAILED', 'CANCELED', 'NOT_COMPATIBLE')"
"""The task will not run unless somebody asks for it."""

CREATED_JOB = "('CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_SUCCEEDED', 'UPDATE_FAILED')"
"""Lifecycle of a job whose tasks exist and may run."""


@dataclass
class TaskTotals:
    """The tasks of a step or a job: how many have each status, and how often they were tried again."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    """Every status of the service is there."""
    retries: int = 0

    @property
    def status(self) -> str:
        """The status of the whole."""
        return status_of(self.counts)


def totals_of_jobs(db: sqlite3.Connection, job_ids: list[str]) -> dict[str, TaskTotals]:
    """The tasks of each job."""
    return _totals(db, "job_id", job_ids)


def totals_of_steps(db: sqlite3.Connection, step_ids: list[str]) -> dict[str, TaskTotals]:
    """The tasks of each step."""
    return _totals(db, "step_id", step_ids)


def status_of(counts: Mapping[str, int]) -> str:
    """The status of a step or a job whose tasks are counted."""
    return next((status for status in _BY_WEIGHT if counts.get(status)), "PENDING")


def status_in_sql(condition: str) -> str:
    """The same as an SQL expression, over the tasks for which ``condition`` holds; NULL without any."""
    cases = (
        f"WHEN EXISTS (SELECT 1 FROM tasks WHERE {condition} AND run_status = '{status}') THEN '{status}'"
        for status in _BY_WEIGHT
    )
    return f"CASE {' '.join(cases)} END"


def _totals(db: sqlite3.Connection, column: str, ids: list[str]) -> dict[str, TaskTotals]:
    result = {id_: TaskTotals() for id_ in ids}
    for start in range(0, len(ids), 500):
        batch = ids[start : start + 500]
        rows = db.execute(
            f"SELECT {column} AS id, run_status, count(*) AS number, sum(failure_retry_count) AS retries FROM tasks "
            f"WHERE {column} IN ({','.join('?' * len(batch))}) GROUP BY {column}, run_status",
            batch,
        )
        for row in rows:
            totals = result[row["id"]]
            totals.counts[row["run_status"]] = row["number"]
            totals.retries += row["retries"]
    return result
