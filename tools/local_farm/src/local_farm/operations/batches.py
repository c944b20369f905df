"""Several resources in one request: what the operation for one of them answers, or why it refuses, for each."""

from __future__ import annotations

from typing import Any, Callable, Sequence

from local_farm.operations.context import Context
from local_farm.operations.job_updates import update_job
from local_farm.operations.jobs import get_job
from local_farm.operations.sessions import get_session, get_session_action
from local_farm.operations.steps import get_step
from local_farm.operations.tasks import get_task, update_task
from local_farm.operations.workers import get_worker
from local_farm.protocol.errors import ServiceError

Operation = Callable[[Context, dict[str, Any]], dict[str, Any]]

_JOB = ("farmId", "queueId", "jobId")


def _getting(name: str, get: Operation, key: str, *more: str) -> Operation:
    """The batch of an operation that gets one resource of a job, which its ids in ``more`` name."""
    return _batch(name, get, "identifiers", (*_JOB, *more), key)


def _updating(name: str, update: Operation, key: str, *more: str) -> Operation:
    """The batch of an operation that changes one resource of a job."""
    return _batch(name, update, key, (*_JOB, *more), None)


def _batch(name: str, single: Operation, items: str, ids: Sequence[str], key: str | None) -> Operation:
    """The batch of an operation called ``name``: it answers what was found under ``key``, and the errors."""

    def batch(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
        found, errors = [], []
        for item in parameters[items]:
            try:
                context.strike(name)
                found.append({**single(context, item), **item})
            except ServiceError as error:
                errors.append({**{id_: item[id_] for id_ in ids}, "code": error.code, "message": str(error)})
        return {"errors": errors} if key is None else {key: found, "errors": errors}

    return batch


OPERATIONS = {
    "BatchGetJob": _getting("GetJob", get_job, "jobs"),
    "BatchGetStep": _getting("GetStep", get_step, "steps", "stepId"),
    "BatchGetTask": _getting("GetTask", get_task, "tasks", "stepId", "taskId"),
    "BatchGetSession": _getting("GetSession", get_session, "sessions", "sessionId"),
    "BatchGetSessionAction": _getting("GetSessionAction", get_session_action, "sessionActions", "sessionActionId"),
    "BatchGetWorker": _batch("GetWorker", get_worker, "identifiers", ("farmId", "fleetId", "workerId"), "workers"),
    "BatchUpdateJob": _updating("UpdateJob", update_job, "jobs"),
    "BatchUpdateTask": _updating("UpdateTask", update_task, "tasks", "stepId", "taskId"),
}
