"""Waiting until a job has come to an end, and which of its tasks failed."""

from __future__ import annotations

import random
import time
from configparser import ConfigParser
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Mapping, Optional

from deadline.client.exceptions import (
    DeadlineOperationCanceled,
    DeadlineOperationError,
    DeadlineOperationTimedOut,
)

from .errors import describe_service_error
from .paging import call_paginated_list_api
from .pauses import pause
from .service_client import TRANSIENT_CODES, deadline_client, described_errors, error_code

FINAL_STATUSES = ("SUCCEEDED", "FAILED", "CANCELED", "SUSPENDED", "NOT_COMPATIBLE")
"""The values of a job's ``taskRunStatus`` from which it does not move on by itself."""

ARCHIVED = "ARCHIVED"
"""The status in which a job is reported that was archived before it came to an end."""

FIRST_PAUSE_SECONDS = 0.5
_NEVER_CREATED = ("CREATE_FAILED", "UPLOAD_FAILED")


@dataclass
class FailedTask:
    """A task that failed; ``session_id`` is the session of its last run, where there was one."""

    step_id: str
    task_id: str
    step_name: str
    parameters: Dict[str, Any] = field(default_factory=dict)
    session_id: Optional[str] = None


@dataclass
class JobCompletionResult:
    """How a job ended; ``elapsed_time`` in seconds is how long that was waited for."""

    status: str
    failed_tasks: List[FailedTask]
    elapsed_time: float


def wait_for_job_completion(
    farm_id: str,
    queue_id: str,
    job_id: str,
    max_poll_interval: int = 120,
    timeout: int = 0,
    config: Optional[ConfigParser] = None,
    status_callback: Optional[Callable[[str, float, int], None]] = None,
    job_callback: Optional[Callable[[Dict[str, Any], float, int], None]] = None,
    *,
    continue_callback: Optional[Callable[[], bool]] = None,
    region: Optional[str] = None,
) -> JobCompletionResult:
    """Wait until a job has ended.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        max_poll_interval: The longest pause between two looks at the job, in seconds. It begins with half a second and
            doubles.
        timeout: How many seconds to wait at most; 0 waits for ever.
        config: A configuration to read from instead of the settings file.
        status_callback: Gets the job's ``taskRunStatus``, the seconds waited and ``timeout`` at each look.
        job_callback: Gets the answer of GetJob, the seconds waited and ``timeout`` at each look.
        continue_callback: Says whether to go on waiting; asked several times a second.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationTimedOut: The job had not ended in time.
        DeadlineOperationCanceled: ``continue_callback`` said no; the job goes on.
        DeadlineOperationError: The service refused, or could not create the job.
    """
    go_on = continue_callback or (lambda: True)
    started = time.monotonic()
    interval = FIRST_PAUSE_SECONDS
    problem = ""
    while True:
        job: Optional[Dict[str, Any]] = None
        try:
            job = _job(farm_id, queue_id, job_id, config, region)
        except _PassingProblem as error:
            problem = str(error)
        elapsed = time.monotonic() - started
        status = _status_of(job) if job is not None else ""
        if job is not None:
            if status_callback:
                status_callback(status, elapsed, timeout)
            if job_callback:
                job_callback(job, elapsed, timeout)
        if status in (*FINAL_STATUSES, ARCHIVED):
            failed = [] if status == "SUCCEEDED" else list_failed_tasks(farm_id, queue_id, job_id, config, region)
            return JobCompletionResult(status, failed, time.monotonic() - started)
        if timeout > 0 and elapsed >= timeout:
            raise DeadlineOperationTimedOut(_why_not_ended(job_id, timeout, status, problem))
        if not pause(min(interval, timeout - elapsed) if timeout > 0 else interval, go_on):
            raise DeadlineOperationCanceled(
                f"Waiting for job {job_id} was canceled; its status is {status or 'unknown'}, and it goes on."
            )
        # A little less than the double, each time another: jobs submitted together are not asked about together.
        interval = min(interval * random.uniform(1.8, 2.0), max(max_poll_interval, FIRST_PAUSE_SECONDS))


def list_failed_tasks(
    farm_id: str,
    queue_id: str,
    job_id: str,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> List[FailedTask]:
    """The tasks of a job that failed.

    Raises:
        DeadlineOperationError: The service refused.
    """
    ids: Dict[str, Any] = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
    with described_errors(f"list the failed tasks of job {job_id}", config=config, region=region):
        client = deadline_client(farm_id, config, region)
        return [
            FailedTask(
                step_id=step["stepId"],
                task_id=task["taskId"],
                step_name=step["name"],
                parameters=task.get("parameters", {}),
                session_id=session_of_action(task.get("latestSessionActionId")),
            )
            for step in call_paginated_list_api(client.list_steps, "steps", **ids)["steps"]
            if step.get("taskRunStatusCounts", {}).get("FAILED", 0) > 0
            for task in call_paginated_list_api(client.list_tasks, "tasks", **ids, stepId=step["stepId"])["tasks"]
            if task.get("runStatus") == "FAILED"
        ]


def session_of_action(session_action_id: Optional[str]) -> Optional[str]:
    """The session to which a session action belongs: ``session-<x>`` of ``sessionaction-<x>-<n>``."""
    parts = (session_action_id or "").split("-")
    return f"session-{parts[1]}" if len(parts) == 3 and parts[0] == "sessionaction" else None


def has_ended(job: Mapping[str, Any]) -> bool:
    """Whether a job, an answer of GetJob, does not move on by itself."""
    over = job.get("lifecycleStatus") in (*_NEVER_CREATED, ARCHIVED)
    return over or job.get("taskRunStatus") in FINAL_STATUSES


def _status_of(job: Dict[str, Any]) -> str:
    """The status of a job's tasks; raises where it will never have any."""
    lifecycle_status = job.get("lifecycleStatus")
    if lifecycle_status in _NEVER_CREATED:
        raise DeadlineOperationError(
            f"Job {job['jobId']} could not be created: {job.get('lifecycleStatusMessage') or lifecycle_status}"
        )
    status: str = job.get("taskRunStatus", "")
    return ARCHIVED if lifecycle_status == ARCHIVED and status not in FINAL_STATUSES else status


class _PassingProblem(Exception):
    """The service may answer when it is asked again; the message says why it did not."""


def _why_not_ended(job_id: str, timeout: int, status: str, problem: str) -> str:
    if not status and problem:
        return f"Job {job_id} had not ended after {timeout} seconds, as far as is known. {problem}"
    return (
        f"Job {job_id} had not ended after {timeout} seconds; its status is {status or 'unknown'}.\n"
        "It goes on. Wait for it again, or allow more time."
    )


def _job(
    farm_id: str, queue_id: str, job_id: str, config: Optional[ConfigParser], region: Optional[str]
) -> Dict[str, Any]:
    """GetJob's answer. Raises :class:`_PassingProblem` where asking again may help."""
    from botocore.exceptions import ClientError

    ids = {"farm_id": farm_id, "queue_id": queue_id, "job_id": job_id}
    with described_errors(f"get job {job_id}", **ids, config=config, region=region):
        try:
            answer: Dict[str, Any] = deadline_client(farm_id, config, region).get_job(
                farmId=farm_id, queueId=queue_id, jobId=job_id
            )
        except ClientError as error:
            if error_code(error) not in TRANSIENT_CODES:
                raise
            raise _PassingProblem(
                str(describe_service_error(f"get job {job_id}", error, **ids, config=config))
            ) from error
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
