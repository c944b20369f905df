"""Steps."""

from __future__ import annotations

from typing import Any

from local_farm.operations import targets
from local_farm.operations.context import Context
from local_farm.operations.jobs import job_row
from local_farm.operations.pages import page
from local_farm.state.jobs import describe_steps, get_step_row
from local_farm.state.statuses import counts_of_steps, status_of


def get_step(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        return describe_steps(db, [get_step_row(db, parameters["jobId"], parameters["stepId"])])[0]


def list_steps(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        rows = db.execute("SELECT * FROM steps WHERE job_id = ? ORDER BY position", (parameters["jobId"],)).fetchall()
        return page(describe_steps(db, rows), "steps", parameters)


def list_step_dependencies(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        rows = db.execute(
            "SELECT depends_on FROM step_dependencies WHERE step_id = ? ORDER BY depends_on", (parameters["stepId"],)
        ).fetchall()
        counts = counts_of_steps(db, [row["depends_on"] for row in rows])
    dependencies = [
        {"stepId": step_id, "status": "RESOLVED" if status_of(count) == "SUCCEEDED" else "UNRESOLVED"}
        for step_id, count in counts.items()
    ]
    return page(dependencies, "dependencies", parameters)


def update_step(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        targets.set_step_target(db, parameters["stepId"], parameters["targetTaskRunStatus"])
    context.notify()
    return {}


OPERATIONS = {
    "GetStep": get_step,
    "ListSteps": list_steps,
    "ListStepDependencies": list_step_dependencies,
    "UpdateStep": update_step,
}
