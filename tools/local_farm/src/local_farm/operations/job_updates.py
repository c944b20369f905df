"""Changing a job: its name, its priority, its limits, its lifecycle, and what its tasks should become."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from local_farm.operations import targets
from local_farm.operations.context import Context
from local_farm.protocol.errors import ConflictError
from local_farm.state import resources
from local_farm.state.jobs import get_job_row
from local_farm.state.statuses import totals_of_jobs

_LIMITS = ("maxFailedTasksCount", "maxRetriesPerTask", "maxWorkerCount", "description")
_CAN_BE_ARCHIVED = ("SUCCEEDED", "FAILED", "CANCELED", "SUSPENDED", "NOT_COMPATIBLE")
UPDATED_MESSAGE = "Job update completed successfully"


def update_job(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        job = get_job_row(db, parameters)
        if job["lifecycle_status"] == "ARCHIVED":
            raise ConflictError("The job is archived; it cannot be changed any more.", "job", job["job_id"])
        if "lifecycleStatus" in parameters:
            _check_that_it_rests(db, job)
        doc = {**json.loads(job["doc"]), **{name: parameters[name] for name in _LIMITS if name in parameters}}
        db.execute(
            "UPDATE jobs SET name = ?, priority = ?, lifecycle_status = ?, doc = ?, updated_at = ? WHERE job_id = ?",
            (
                parameters.get("name", job["name"]),
                parameters.get("priority", job["priority"]),
                parameters.get("lifecycleStatus", job["lifecycle_status"]),
                json.dumps(doc),
                time.time(),
                job["job_id"],
            ),
        )
        if "targetTaskRunStatus" in parameters:
            _set_target(db, job, parameters["targetTaskRunStatus"])
    context.notify()
    return {}


def _set_target(db: sqlite3.Connection, job: sqlite3.Row, target: str) -> None:
    job_id = job["job_id"]
    if job["lifecycle_status"] == "CREATE_FAILED":
        raise ConflictError("The job could not be created; it has no tasks.", "job", job_id)
    if job["lifecycle_status"] == "CREATE_IN_PROGRESS":
        # Its tasks will have it from the start.
        db.execute("UPDATE jobs SET target_status = ? WHERE job_id = ?", (target, job_id))
        return
    targets.set_job_target(db, job_id, target)
    db.execute(
        "UPDATE jobs SET lifecycle_status = 'UPDATE_SUCCEEDED', lifecycle_message = ?"
        " WHERE job_id = ? AND lifecycle_status <> 'ARCHIVED'",
        (UPDATED_MESSAGE, job_id),
    )


def _check_that_it_rests(db: sqlite3.Connection, job: sqlite3.Row) -> None:
    """Only a job of which nothing is left to run can be archived."""
    if job["lifecycle_status"] == "CREATE_FAILED":
        return
    status = totals_of_jobs(db, [job["job_id"]])[job["job_id"]].status
    if job["lifecycle_status"] == "CREATE_IN_PROGRESS" or status not in _CAN_BE_ARCHIVED:
        raise ConflictError(
            f"The job cannot be archived while it is {status}; cancel or suspend it first.", "job", job["job_id"]
        )


OPERATIONS = {"UpdateJob": update_job}
