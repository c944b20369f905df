"""Jobs, steps and tasks as the service describes them."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from local_farm.protocol.errors import NotFoundError
from local_farm.state.ids import CALLER
from local_farm.state.statuses import TaskTotals, totals_of_jobs, totals_of_steps

_WITHOUT_TASKS = ("CREATE_IN_PROGRESS", "CREATE_FAILED")


def get_job(db: sqlite3.Connection, queue_id: str, job_id: str) -> dict[str, Any]:
    """A job with all of its members; raises :class:`NotFoundError`."""
    row = db.execute("SELECT * FROM jobs WHERE job_id = ? AND queue_id = ?", (job_id, queue_id)).fetchone()
    if row is None:
        raise NotFoundError("job", job_id)
    return describe_jobs(db, [row])[0]


def get_job_row(db: sqlite3.Connection, parameters: dict[str, Any]) -> sqlite3.Row:
    """The row of the job that a request names by farm, queue and job; raises :class:`NotFoundError`."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM jobs WHERE job_id = ? AND queue_id = ? AND farm_id = ?",
        (parameters["jobId"], parameters["queueId"], parameters["farmId"]),
    ).fetchone()
    if row is None:
        raise NotFoundError("job", parameters["jobId"])
    return row


def describe_jobs(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Jobs with all of their members; what an answer does not have is left out when it is shaped."""
    totals = totals_of_jobs(db, [row["job_id"] for row in rows])
    jobs = []
    for row in rows:
        job = {"createdBy": CALLER, **json.loads(row["doc"])}
        job.update(
            jobId=row["job_id"],
            queueId=row["queue_id"],
            name=row["name"],
            priority=row["priority"],
            lifecycleStatus=row["lifecycle_status"],
            lifecycleStatusMessage=row["lifecycle_message"],
            targetTaskRunStatus=row["target_status"],
            createdAt=row["created_at"],
            startedAt=row["started_at"],
            endedAt=row["ended_at"],
            updatedAt=row["updated_at"],
            updatedBy=CALLER if row["updated_at"] is not None else None,
            jobParameters=job.get("parameters"),
        )
        if row["lifecycle_status"] not in _WITHOUT_TASKS:
            job.update(_described_tasks(totals[row["job_id"]]))
        jobs.append(job)
    return jobs


def describe_steps(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Steps with all of their members."""
    totals = totals_of_steps(db, [row["step_id"] for row in rows])
    return [
        {
            "lifecycleStatus": "CREATE_COMPLETE",
            **json.loads(row["doc"]),
            **_described_tasks(totals[row["step_id"]]),
            "stepId": row["step_id"],
            "jobId": row["job_id"],
            "name": row["name"],
            "targetTaskRunStatus": row["target_status"],
            "createdAt": row["created_at"],
            "createdBy": CALLER,
            "startedAt": row["started_at"],
            "endedAt": row["ended_at"],
            "dependencyCounts": _dependency_counts(db, row["step_id"], totals[row["step_id"]]),
        }
        for row in rows
    ]


def describe_task(row: sqlite3.Row) -> dict[str, Any]:
    """A task with all of its members."""
    return {
        "taskId": row["task_id"],
        "stepId": row["step_id"],
        "jobId": row["job_id"],
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


def get_task_row(db: sqlite3.Connection, job_id: str, step_id: str, task_id: str) -> sqlite3.Row:
    """A task's row; raises :class:`NotFoundError`."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM tasks WHERE task_id = ? AND step_id = ? AND job_id = ?", (task_id, step_id, job_id)
    ).fetchone()
    if row is None:
        raise NotFoundError("task", task_id)
    return row


def _described_tasks(totals: TaskTotals) -> dict[str, Any]:
    return {
        "taskRunStatus": totals.status,
        "taskRunStatusCounts": totals.counts,
        "taskFailureRetryCount": totals.retries,
    }


def _dependency_counts(db: sqlite3.Connection, step_id: str, totals: TaskTotals) -> dict[str, int]:
    needed = [row[0] for row in db.execute("SELECT depends_on FROM step_dependencies WHERE step_id = ?", (step_id,))]
    consumers = db.execute("SELECT count(*) FROM step_dependencies WHERE depends_on = ?", (step_id,)).fetchone()[0]
    done = sum(others.status == "SUCCEEDED" for others in totals_of_steps(db, needed).values())
    # What this step is to its consumers, it is to all of them.
    resolved = consumers if totals.status == "SUCCEEDED" else 0
    return {
        "dependenciesResolved": done,
        "dependenciesUnresolved": len(needed) - done,
        "consumersResolved": resolved,
        "consumersUnresolved": consumers - resolved,
    }
