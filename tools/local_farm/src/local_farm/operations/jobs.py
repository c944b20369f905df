"""Jobs: creating, describing, changing."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from local_farm.operations import targets
from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.protocol.errors import NotFoundError, ValidationError
from local_farm.state import resources
from local_farm.state.ids import new_id
from local_farm.state.jobs import describe_jobs
from local_farm.state.jobs import get_job as read_job

_DOC = (
    "template",
    "templateType",
    "parameters",
    "attachments",
    "storageProfileId",
    "maxWorkerCount",
    "sourceJobId",
    "description",
)
_LIMITS = ("maxFailedTasksCount", "maxRetriesPerTask", "maxWorkerCount", "description")
DEFAULT_LIMITS = {"maxFailedTasksCount": 100, "maxRetriesPerTask": 5}


def create_job(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Record a job; its template becomes steps and tasks in the background, as at the service."""
    farm_id, queue_id = parameters["farmId"], parameters["queueId"]
    if "template" not in parameters:
        raise ValidationError("A job needs a template.", {"template": "is required"})
    job_id = new_id("job")
    doc = {name: parameters[name] for name in _DOC if name in parameters}
    doc.update({name: parameters.get(name, default) for name, default in DEFAULT_LIMITS.items()})
    token = parameters.get("clientToken")
    with context.database.transaction() as db:
        queue = resources.get(db, "queue", queue_id, farm_id)
        if "attachments" in parameters and "jobAttachmentSettings" not in queue:
            raise ValidationError("The queue has no job attachment settings.", {"attachments": "cannot be used"})
        made = _made_with(db, queue_id, token)
        if made is not None:
            return {"jobId": made}
        db.execute(
            "INSERT INTO jobs (job_id, farm_id, queue_id, name, priority, lifecycle_status, lifecycle_message, "
            "target_status, created_at, doc) VALUES (?, ?, ?, ?, ?, 'CREATE_IN_PROGRESS', ?, ?, ?, ?)",
            (
                job_id,
                farm_id,
                queue_id,
                parameters.get("nameOverride", job_id),
                parameters["priority"],
                "The job is being created.",
                parameters.get("targetTaskRunStatus"),
                time.time(),
                json.dumps({**doc, "clientToken": token, "nameOverride": parameters.get("nameOverride")}),
            ),
        )
    context.notify()
    return {"jobId": job_id}


def get_job(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        return read_job(db, parameters["queueId"], parameters["jobId"])


def list_jobs(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        rows = db.execute(
            "SELECT * FROM jobs WHERE queue_id = ? ORDER BY created_at DESC, job_id", (parameters["queueId"],)
        ).fetchall()
        return page(describe_jobs(db, rows), "jobs", parameters)


def update_job(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Change a job's name, priority, limits or lifecycle, or say what its tasks should become."""
    job_id = parameters["jobId"]
    with context.database.transaction() as db:
        read_job(db, parameters["queueId"], job_id)
        row = db.execute("SELECT * FROM jobs WHERE job_id = ?", (job_id,)).fetchone()
        doc = {**json.loads(row["doc"]), **{name: parameters[name] for name in _LIMITS if name in parameters}}
        db.execute(
            "UPDATE jobs SET name = ?, priority = ?, lifecycle_status = ?, doc = ?, updated_at = ? WHERE job_id = ?",
            (
                parameters.get("name", row["name"]),
                parameters.get("priority", row["priority"]),
                parameters.get("lifecycleStatus", row["lifecycle_status"]),
                json.dumps(doc),
                time.time(),
                job_id,
            ),
        )
        if "targetTaskRunStatus" in parameters:
            targets.set_job_target(db, job_id, parameters["targetTaskRunStatus"])
    context.notify()
    return {}


def _made_with(db: sqlite3.Connection, queue_id: str, token: str | None) -> str | None:
    """The job that an earlier request with the same client token made: a request that is sent again makes no second."""
    if token is None:
        return None
    row = db.execute(
        "SELECT job_id FROM jobs WHERE queue_id = ? AND json_extract(doc, '$.clientToken') = ?", (queue_id, token)
    ).fetchone()
    return row["job_id"] if row else None


def job_row(db: sqlite3.Connection, parameters: dict[str, Any]) -> sqlite3.Row:
    """The row of the job that a request names; raises :class:`NotFoundError`."""
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM jobs WHERE job_id = ? AND queue_id = ? AND farm_id = ?",
        (parameters["jobId"], parameters["queueId"], parameters["farmId"]),
    ).fetchone()
    if row is None:
        raise NotFoundError("job", parameters["jobId"])
    return row


OPERATIONS = {"CreateJob": create_job, "GetJob": get_job, "ListJobs": list_jobs, "UpdateJob": update_job}
