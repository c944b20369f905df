"""Tasks."""

from __future__ import annotations

from typing import Any

from local_farm.operations import targets
from local_farm.operations.context import Context
from local_farm.operations.jobs import job_row
from local_farm.operations.pages import page
from local_farm.state.jobs import describe_task, get_step_row, get_task_row


def get_task(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        return describe_task(get_task_row(db, parameters["stepId"], parameters["taskId"]))


def list_tasks(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        rows = db.execute("SELECT * FROM tasks WHERE step_id = ? ORDER BY position", (parameters["stepId"],)).fetchall()
    return page([describe_task(row) for row in rows], "tasks", parameters)


def update_task(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        job_row(db, parameters)
        get_task_row(db, parameters["stepId"], parameters["taskId"])
        targets.set_task_target(db, parameters["taskId"], parameters["targetRunStatus"])
    context.notify()
    return {}


OPERATIONS = {"GetTask": get_task, "ListTasks": list_tasks, "UpdateTask": update_task}
