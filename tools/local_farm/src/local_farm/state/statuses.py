"""What the status of a step or a job is, given those of its tasks: the one place where that is decided."""

from __future__ import annotations

import sqlite3
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


def counts_of_jobs(db: sqlite3.Connection, job_ids: list[str]) -> dict[str, dict[str, int]]:
    """How many tasks of each job have each status; every status of the service is there."""
    return _counts(db, "job_id", job_ids)


def counts_of_steps(db: sqlite3.Connection, step_ids: list[str]) -> dict[str, dict[str, int]]:
    """The same for steps."""
    return _counts(db, "step_id", step_ids)


def status_of(counts: Mapping[str, int]) -> str:
    """The status of a step or a job whose tasks are counted."""
    for status in (*_WHILE_ACTIVE, *_AT_REST):
        if counts.get(status):
            return status
    return "PENDING"


def _counts(db: sqlite3.Connection, column: str, ids: list[str]) -> dict[str, dict[str, int]]:
    result = {id_: dict.fromkeys(STATUSES, 0) for id_ in ids}
    for start in range(0, len(ids), 500):
        batch = ids[start : start + 500]
        rows = db.execute(
            f"SELECT {column} AS id, run_status, count(*) AS number FROM tasks "
            f"WHERE {column} IN ({','.join('?' * len(batch))}) GROUP BY {column}, run_status",
            batch,
        )
        for row in rows:
            result[row["id"]][row["run_status"]] = row["number"]
    return result
