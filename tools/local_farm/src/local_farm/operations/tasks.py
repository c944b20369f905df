"""Tasks."""

from __future__ import annotations

from typing import Any

from local_farm.operations import targets
from local_farm.operations.context import Context
from local_farm.operations.pages import page_of_rows
from local_farm.operations.steps import check_that_it_is_no_archive
from local_farm.state.jobs import describe_task, get_job_row, get_step_row, get_task_row


def get_task(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        get_job_row(db, parameters)
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        return describe_task(get_task_row(db, parameters["jobId"], parameters["stepId"], parameters["taskId"]))


def list_tasks(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        get_job_row(db, parameters)
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        return page_of_rows(
            db,
            "SELECT * FROM tasks WHERE step_id = ? ORDER BY position",
            (parameters["stepId"],),
            "tasks",
            parameters,
            lambda rows: [describe_task(row) for row in rows],
        )


def update_task(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        check_that_it_is_no_archive(get_job_row(db, parameters))
        get_step_row(db, parameters["jobId"], parameters["stepId"])
        get_task_row(db, parameters["jobId"], parameters["stepId"], parameters["taskId"])
        targets.set_task_target(db, parameters["jobId"], parameters["taskId"], parameters["targetRunStatus"])
    context.notify()
    return {}


OPERATIONS = {"GetTask": get_task, "ListTasks": list_tasks, "UpdateTask": update_task}
