"""Jobs, steps and tasks as the service describes them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from local_farm.protocol.errors import NotFoundError
from local_farm.state.ids import CALLER
from local_farm.state.statuses import counts_of_jobs, counts_of_steps, status_of

_WITHOUT_TASKS = ("CREATE_IN_PROGRESS", "CREATE_FAILED")


def get_job(db: sqlite3.Connection, queue_id: str, job_id: str) -> dict[str, Any]:
    """A job with all of its members; raises :class:`NotFoundError`."""
    row = db.execute("SELECT * FROM jobs WHERE job_id = ? AND queue_id = ?", (job_id, queue_id)).fetchone()
    if row is None:
        raise NotFoundError("job", job_id)
    return describe_jobs(db, [row])[0]


def describe_jobs(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Jobs with all of their members; what an answer does not have is left out when it is shaped."""
    counts = counts_of_jobs(db, [row["job_id"] for row in rows])
    jobs = []
    for row in rows:
        job = json.loads(row["doc"])
        job.update(
            jobId=row["job_id"],
            queueId=row["queue_id"],
            name=row["name"],
            priority=row["priority"],
            lifecycleStatus=row["lifecycle_status"],
            lifecycleStatusMessage=row["lifecycle_message"],
            targetTaskRunStatus=row["target_status"],
            createdAt=row["created_at"],
            createdBy=CALLER,
            startedAt=row["started_at"],
            endedAt=row["ended_at"],
            updatedAt=row["updated_at"],
            jobParameters=job.get("parameters"),
        )
        if row["lifecycle_status"] not in _WITHOUT_TASKS:
            job["taskRunStatusCounts"] = counts[row["job_id"]]
            job["taskRunStatus"] = status_of(counts[row["job_id"]])
        jobs.append(job)
    return jobs


def describe_steps(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Steps with all of their members."""
    counts = counts_of_steps(db, [row["step_id"] for row in rows])
    return [
        {
            **json.loads(row["doc"]),
            "stepId": row["step_id"],
            "name": row["name"],
            "lifecycleStatus": "CREATE_COMPLETE",
            "taskRunStatus": status_of(counts[row["step_id"]]),
            "taskRunStatusCounts": counts[row["step_id"]],
            "targetTaskRunStatus": row["target_status"],
            "createdAt": row["created_at"],
            "createdBy": CALLER,
            "startedAt": row["started_at"],
            "endedAt": row["ended_at"],
            "dependencyCounts": _dependency_counts(db, row["step_id"]),
        }
        for row in rows
    ]


def describe_task(row: sqlite3.Row) -> dict[str, Any]:
    """A task with all of its members."""
    return {
        "taskId": row["task_id"],
        "createdAt": row["created_at"],
        "createdBy": CALLER,
        "runStatus": row["run_status"],
        "targetRunStatus": row["target_status"],
        "failureRetryCount": row["failure_retry_count"],
        "startedAt": row["started_at"],
        "endedAt": row["ended_at"],
        "latestSessionActionId": row["latest_session_action_id"],
        "parameters": json.loads(row["parameters"]),
    }


def get_step_row(db: sqlite3.Connection, job_id: str, step_id: str) -> sqlite3.Row:
    """A step's row; raises :class:`NotFoundError`."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM steps WHERE step_id = ? AND job_id = ?", (step_id, job_id)
    ).fetchone()
    if row is None:
        raise NotFoundError("step", step_id)
    return row


def get_task_row(db: sqlite3.Connection, step_id: str, task_id: str) -> sqlite3.Row:
    """A task's row; raises :class:`NotFoundError`."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM tasks WHERE task_id = ? AND step_id = ?", (task_id, step_id)
    ).fetchone()
    if row is None:
        raise NotFoundError("task", task_id)
    return row


def _dependency_counts(db: sqlite3.Connection, step_id: str) -> dict[str, int]:
    needed = [row[0] for row in db.execute("SELECT depends_on FROM step_dependencies WHERE step_id = ?", (step_id,))]
    consumers = db.execute("SELECT count(*) FROM step_dependencies WHERE depends_on = ?", (step_id,)).fetchone()[0]
    done = sum(status_of(counts) == "SUCCEEDED" for counts in counts_of_steps(db, needed).values())
    return {
        "dependenciesResolved": done,
        "dependenciesUnresolved": len(needed) - done,
        "consumersResolved": 0,
        "consumersUnresolved": consumers,
    }
