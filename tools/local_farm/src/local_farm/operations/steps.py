"""Steps."""

from __future__ import annotations

import sqlite3
from typing import Any

from local_farm.operations import targets
from local_farm.operations.context import Context
from local_farm.operations.pages import page, page_of_rows
from local_farm.protocol.errors import ConflictError
from local_farm.state.jobs import describe_steps, get_job_row, get_step_row
from local_farm.state.statuses import totals_of_steps


def get_step(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        get_job_row(db, parameters)
        return describe_steps(db, [get_step_row(db, parameters["jobId"], parameters["stepId"])])[0]


def list_steps(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        get_job_row(db, parameters)
        return page_of_rows(
            db,
            "SELECT * FROM steps WHERE job_id = ? ORDER BY position",
            (parameters["jobId"],),
            "steps",
            parameters,
            lambda rows: describe_steps(db, rows),
        )


def list_step_dependencies(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """The steps for which a step waits."""
    with context.database.transaction() as db:
        get_job_row(db, parameters)
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        needed = _related(db, "depends_on", "step_id", parameters["stepId"])
        totals = totals_of_steps(db, needed)
    dependencies = [{"stepId": step_id, "status": _resolution(totals[step_id].status)} for step_id in needed]
    return page(dependencies, "dependencies", parameters)


def list_step_consumers(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    """The steps that wait for a step; what this one is to them, it is to all of them."""
    with context.database.transaction() as db:
        get_job_row(db, parameters)
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        consumers = _related(db, "step_id", "depends_on", parameters["stepId"])
        status = totals_of_steps(db, [parameters["stepId"]])[parameters["stepId"]].status
    described = [{"stepId": step_id, "status": _resolution(status)} for step_id in consumers]
    return page(described, "consumers", parameters)


def update_step(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        check_that_it_is_no_archive(get_job_row(db, parameters))
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        targets.set_step_target(db, parameters["jobId"], parameters["stepId"], parameters["targetTaskRunStatus"])
        db.execute(
            "UPDATE steps SET doc = json_set(doc, '$.lifecycleStatus', 'UPDATE_SUCCEEDED') WHERE step_id = ?",
            (parameters["stepId"],),
        )
    context.notify()
    return {}


def check_that_it_is_no_archive(job: sqlite3.Row) -> None:
    """Raise :class:`ConflictError` for an archived job, whose steps and tasks cannot be changed any more."""
    if job["lifecycle_status"] == "ARCHIVED":
        raise ConflictError("The job is archived; it cannot be changed any more.", "job", job["job_id"])


def _related(db: sqlite3.Connection, wanted: str, known: str, step_id: str) -> list[str]:
    """The steps at the other end of a step's dependencies, in the order of the template."""
    rows = db.execute(
        f"SELECT d.{wanted} AS other FROM step_dependencies AS d JOIN steps ON steps.step_id = d.{wanted}"
        f" WHERE d.{known} = ? ORDER BY position",
        (step_id,),
    )
    return [row["other"] for row in rows]


def _resolution(status: str) -> str:
    return "RESOLVED" if status == "SUCCEEDED" else "UNRESOLVED"


OPERATIONS = {
    "GetStep": get_step,
    "ListSteps": list_steps,
    "ListStepDependencies": list_step_dependencies,
    "ListStepConsumers": list_step_consumers,
    "UpdateStep": update_step,
}
