"""From a job that CreateJob has just recorded to its steps and tasks.

A job begins as CREATE_IN_PROGRESS with the text of its template. :func:`expand_job` decodes it, writes the steps, the
dependencies between them and a task for every point of each step's parameter space in one transaction, and makes the
job CREATE_COMPLETE; or CREATE_FAILED with the reasons.
"""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from typing import Any

from openjd.model import ParameterValueType, Step, StepParameterSpace, StepParameterSpaceIterator, model_to_object

from local_farm import parameter_unions
from local_farm.job_templates import DecodedJob, TemplateError, decode_job
from local_farm.state.database import Database

CREATED_MESSAGE = "Job creation completed successfully"


def expand_job(database: Database, job_id: str) -> None:
    """Expand the job if it is waiting for it; a job that is not CREATE_IN_PROGRESS is left as it is."""
    with database.transaction() as db:
        row = _job_in_creation(db, job_id)
        if row is None:
            return
        environments = queue_environments(db, row["queue_id"])
    try:
        decoded = decode_row(row, environments)
    except TemplateError as error:
        fail_creation(database, job_id, f"Job creation failed: {error}")
        return
    with database.transaction() as db:
        # It may have been deleted or archived while it was decoded.
        row = _job_in_creation(db, job_id)
        if row is not None:
            _write_job(db, row, decoded)
            _write_steps(db, row, decoded)
            _end_creation(db, job_id, "CREATE_COMPLETE", CREATED_MESSAGE)


def fail_creation(database: Database, job_id: str, message: str) -> None:
    """Make a job CREATE_FAILED if it is still being created."""
    with database.transaction() as db:
        _end_creation(db, job_id, "CREATE_FAILED", message)


def decode_row(row: sqlite3.Row, environments: list[tuple[str, str]]) -> DecodedJob:
    """Decode the job in a row of table ``jobs``, with the environments that :func:`queue_environments` gave.

    Raises :class:`~local_farm.job_templates.TemplateError`.
    """
    doc = json.loads(row["doc"])
    return decode_job(
        template=doc["template"],
        template_type=doc["templateType"],
        parameters=doc.get("parameters") or {},
        queue_environments=environments,
    )


def queue_environments(db: sqlite3.Connection, queue_id: str) -> list[tuple[str, str]]:
    """Text and type of the environment templates of a queue, in the order in which sessions enter them."""
    rows = db.execute(
        "SELECT doc FROM resources WHERE kind = 'queueEnvironment' AND parent_id = ? ORDER BY created_at", (queue_id,)
    )
    docs = sorted((json.loads(row["doc"]) for row in rows), key=lambda doc: int(doc.get("priority", 0)))
    return [(doc["template"], doc["templateType"]) for doc in docs]


def _job_in_creation(db: sqlite3.Connection, job_id: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = db.execute(
        "SELECT * FROM jobs WHERE job_id = ? AND lifecycle_status = 'CREATE_IN_PROGRESS'", (job_id,)
    ).fetchone()
    return row


def _end_creation(db: sqlite3.Connection, job_id: str, status: str, message: str) -> None:
    db.execute(
        "UPDATE jobs SET lifecycle_status = ?, lifecycle_message = ?, updated_at = ?"
        " WHERE job_id = ? AND lifecycle_status = 'CREATE_IN_PROGRESS'",
        (status, message, time.time(), job_id),
    )


def _write_job(db: sqlite3.Connection, row: sqlite3.Row, decoded: DecodedJob) -> None:
    """Keep what the template says of the job itself: its name, its description, the defaults of its parameters."""
    doc = json.loads(row["doc"])
    doc["parameters"] = parameter_unions.to_unions(decoded.parameters)
    description = doc.get("descriptionOverride", decoded.job.description)
    if description:
        doc["description"] = description
    name = doc.get("nameOverride") or decoded.job.name
    db.execute("UPDATE jobs SET name = ?, doc = ? WHERE job_id = ?", (name, json.dumps(doc), row["job_id"]))


def _write_steps(db: sqlite3.Connection, row: sqlite3.Row, decoded: DecodedJob) -> None:
    job_id, now = row["job_id"], time.time()
    ids = {step.name: f"step-{uuid.uuid4().hex}" for step in decoded.job.steps}
    db.executemany(
        "INSERT INTO steps (step_id, job_id, position, name, created_at, doc) VALUES (?, ?, ?, ?, ?, ?)",
        (
            (ids[step.name], job_id, position, step.name, now, json.dumps(_step_doc(step)))
            for position, step in enumerate(decoded.job.steps)
        ),
    )
    for step in decoded.job.steps:
        depends_on = {ids[dependency.dependsOn] for dependency in step.dependencies or ()}
        db.executemany(
            "INSERT INTO step_dependencies (step_id, depends_on) VALUES (?, ?)",
            ((ids[step.name], other) for other in depends_on),
        )
        first_status = "PENDING" if depends_on else "READY"
        if row["target_status"] not in (None, "READY", "PENDING"):
            # The request, or somebody since, wants the job suspended, or does not want it any more.
            first_status = row["target_status"]
        _write_tasks(db, job_id, ids[step.name], step, first_status)


def _write_tasks(db: sqlite3.Connection, job_id: str, step_id: str, step: Step, status: str) -> None:
    """Write a task for every point of the step's parameter space; an id is that of the step with the position behind."""
    stem, now = step_id.replace("step-", "task-", 1), time.time()
    db.executemany(
        "INSERT INTO tasks (task_id, job_id, step_id, position, run_status, created_at, parameters)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (
                f"{stem}-{position}",
                job_id,
                step_id,
                position,
                status,
                now,
                json.dumps(parameter_unions.to_unions(parameters)),
            )
            for position, parameters in enumerate(StepParameterSpaceIterator(space=step.parameterSpace))
        ),
    )


def _step_doc(step: Step) -> dict[str, Any]:
    doc: dict[str, Any] = {}
    if step.description:
        doc["description"] = step.description
    if step.parameterSpace is not None:
        doc["parameterSpace"] = _parameter_space(step.parameterSpace)
    if step.hostRequirements is not None:
        requirements = model_to_object(model=step.hostRequirements)
        doc["requiredCapabilities"] = {
            "attributes": requirements.get("attributes", []),
            "amounts": [
                {member: value if member == "name" else float(value) for member, value in amount.items()}
                for amount in requirements.get("amounts", [])
            ],
        }
    return doc


def _parameter_space(space: StepParameterSpace) -> dict[str, Any]:
    parameters = []
    for name, definition in space.taskParameterDefinitions.items():
        parameter: dict[str, Any] = {"name": name, "type": ParameterValueType(definition.type.value).name}
        if definition.chunks is not None:
            chunks = definition.chunks
            parameter["chunks"] = {
                "defaultTaskCount": int(chunks.defaultTaskCount),
                "rangeConstraint": chunks.rangeConstraint.value,
            }
            if chunks.targetRuntimeSeconds is not None:
                parameter["chunks"]["targetRuntimeSeconds"] = int(chunks.targetRuntimeSeconds)
        parameters.append(parameter)
    doc: dict[str, Any] = {"parameters": parameters}
    if space.combination:
        doc["combination"] = str(space.combination)
    return doc
