"""Jobs: creating and describing."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page_of_rows
from local_farm.protocol.errors import NotFoundError, ValidationError
from local_farm.state import resources
from local_farm.state.ids import new_id
from local_farm.state.jobs import describe_jobs, get_job_row

_DOC = (
    "template",
    "templateType",
    "parameters",
    "attachments",
    "storageProfileId",
    "maxWorkerCount",
    "sourceJobId",
    "nameOverride",
    "descriptionOverride",
    "clientToken",
)
_OF_SOURCE = ("template", "templateType", "parameters", "attachments", "storageProfileId")
"""What a job takes from the job that it is made after, unless its request has it."""
DEFAULT_LIMITS = {"maxFailedTasksCount": 100, "maxRetriesPerTask": 5}


def create_job(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """Record a job; its template becomes steps and tasks in the background, as at the service."""
    farm_id, queue_id = parameters["farmId"], parameters["queueId"]
    job_id = new_id("job")
    with context.database.transaction() as db:
        queue = resources.get(db, "queue", queue_id, farm_id)
        made = _made_with(db, queue_id, parameters.get("clientToken"))
        if made is not None:
            return {"jobId": made}
        doc = {name: parameters[name] for name in _DOC if name in parameters}
        if "sourceJobId" in doc and "template" not in doc:
            doc = {**_taken_from(db, parameters, doc["sourceJobId"]), **doc}
        _check(doc, queue)
        doc.update({name: parameters.get(name, default) for name, default in DEFAULT_LIMITS.items()})
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
                json.dumps(doc),
            ),
        )
    context.notify()
    return {"jobId": job_id}


def get_job(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        return describe_jobs(db, [get_job_row(db, parameters)])[0]


def list_jobs(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "queue", parameters["queueId"], parameters["farmId"])
        return page_of_rows(
            db,
            "SELECT * FROM jobs WHERE queue_id = ? ORDER BY created_at DESC, job_id",
            (parameters["queueId"],),
            "jobs",
            parameters,
            lambda rows: describe_jobs(db, rows),
        )


def _made_with(db: sqlite3.Connection, queue_id: str, token: str | None) -> str | None:
    """The job that an earlier request with the same client token made: a request that is sent again makes no second."""
    if token is None:
        return None
    row = db.execute(
        "SELECT job_id FROM jobs WHERE queue_id = ? AND json_extract(doc, '$.clientToken') = ?", (queue_id, token)
    ).fetchone()
    return row["job_id"] if row else None


def _taken_from(db: sqlite3.Connection, parameters: dict[str, Any], job_id: str) -> dict[str, Any]:
    source = json.loads(get_job_row(db, {**parameters, "jobId": job_id})["doc"])
    return {name: source[name] for name in _OF_SOURCE if name in source}


def _check(doc: dict[str, Any], queue: dict[str, Any]) -> None:
    """Raise for what can be seen to be wrong without looking into the template."""
    for name in ("template", "templateType"):
        if name not in doc:
            raise ValidationError(f"A job needs a {name}.", {name: "is required"})
    if "attachments" in doc and "jobAttachmentSettings" not in queue:
        raise ValidationError("The queue has no job attachment settings.", {"attachments": "cannot be used"})
    profile_id = doc.get("storageProfileId")
    if profile_id is not None and profile_id not in queue.get("allowedStorageProfileIds", []):
        raise NotFoundError("storage-profile", profile_id)


OPERATIONS = {"CreateJob": create_job, "GetJob": get_job, "ListJobs": list_jobs}
