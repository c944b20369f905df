"""The properties of a job: priority, limits, and whether it begins at once."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict, Mapping, Optional

from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle.parameter_types import APP_PARAMETER_PREFIX

from .request import SubmissionRequest

DEFAULT_PRIORITY = 50
TARGET_STATUSES = ("READY", "SUSPENDED")


def job_properties(
    request: SubmissionRequest,
    given: Mapping[str, Any],
    hook_priority: Optional[int] = None,
    config: Optional[ConfigParser] = None,
) -> Dict[str, Any]:
    """The properties as CreateJob takes them: what the caller says, else hooks, else the bundle, else the settings.

    Args:
        request: What the caller asks for.
        given: The values of parameters that begin with ``deadline:``, by the rest of their names; those of the caller
            go before those of hooks, and these before those of the bundle.
        hook_priority: The priority that a pre-submission hook wants.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: A value is none of its property.
    """
    failures = int(get_setting("settings.max_failed_tasks_count", config))
    retries = int(get_setting("settings.max_retries_per_task", config))
    properties = {
        "priority": _integer(_priority(request, given, hook_priority), "priority", 0, DEFAULT_PRIORITY),
        "maxFailedTasksCount": _chosen(request.max_failed_tasks_count, given, "maxFailedTasksCount", 0, failures),
        "maxRetriesPerTask": _chosen(request.max_retries_per_task, given, "maxRetriesPerTask", 0, retries),
        "maxWorkerCount": _chosen(request.max_worker_count, given, "maxWorkerCount", -1, None),
        "targetTaskRunStatus": _target_status(request, given),
    }
    return {name: value for name, value in properties.items() if value is not None}


def _priority(request: SubmissionRequest, given: Mapping[str, Any], hook_priority: Optional[int]) -> Any:
    if request.priority is not None:
        return request.priority
    name = f"{APP_PARAMETER_PREFIX}priority"
    says_caller = any(item["name"] == name and item["value"] is not None for item in request.job_parameters)
    return given.get("priority") if says_caller or hook_priority is None else hook_priority


def _chosen(
    asked: Optional[int], given: Mapping[str, Any], name: str, minimum: int, default: Optional[int]
) -> Optional[int]:
    return _integer(given.get(name) if asked is None else asked, name, minimum, default)


def _integer(value: Any, name: str, minimum: int, default: Optional[int]) -> Optional[int]:
    if value is None:
        return default
    try:
        number = int(str(value))
    except ValueError:
        number = minimum - 1
    if number < minimum or isinstance(value, bool):
        raise DeadlineOperationError(f"{name} is {value!r}, but has to be a whole number of {minimum} or more.")
    return number


def _target_status(request: SubmissionRequest, given: Mapping[str, Any]) -> Optional[str]:
    target = request.target_task_run_status or given.get("targetTaskRunStatus")
    if target is not None and target not in TARGET_STATUSES:
        raise DeadlineOperationError(
            f"targetTaskRunStatus is {target!r}, but has to be {' or '.join(TARGET_STATUSES)}."
        )
    return target
