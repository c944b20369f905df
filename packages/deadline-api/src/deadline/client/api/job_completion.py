"""Waiting until a job has come to an end, and which of its tasks failed."""

from __future__ import annotations

import random
import time
from configparser import ConfigParser
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional

from deadline.client.exceptions import DeadlineOperationError, DeadlineOperationTimedOut

from . import resources
from .errors import describe_service_error

FINAL_STATUSES = ("SUCCEEDED", "FAILED", "CANCELED", "SUSPENDED", "NOT_COMPATIBLE")
"""The values of a job's ``taskRunStatus`` from which it does not move on by itself."""

ARCHIVED = "ARCHIVED"
"""The status in which a job is reported that was archived before it came to an end."""

FIRST_PAUSE_SECONDS = 0.5
_NEVER_CREATED = ("CREATE_FAILED", "UPLOAD_FAILED")
_TRANSIENT_CODES = ("ThrottlingException", "TooManyRequestsException", "InternalServerException", "ServiceUnavailable")


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

    Raises:
        DeadlineOperationTimedOut: The job had not ended in time.
        DeadlineOperationError: The service refused, or could not create the job.
    """
    started = time.monotonic()
    pause = FIRST_PAUSE_SECONDS
    while True:
        job = _job(farm_id, queue_id, job_id, config)
        elapsed = time.monotonic() - started
        status = _status_of(job) if job is not None else ""
        if job is not None:
            if status_callback:
                status_callback(status, elapsed, timeout)
            if job_callback:
                job_callback(job, elapsed, timeout)
        if status in (*FINAL_STATUSES, ARCHIVED):
            failed = [] if status == "SUCCEEDED" else list_failed_tasks(farm_id, queue_id, job_id, config)
            return JobCompletionResult(status, failed, time.monotonic() - started)
        if timeout > 0 and elapsed >= timeout:
            raise DeadlineOperationTimedOut(
                f"Job {job_id} had not ended after {timeout} seconds; its status is {status or 'unknown'}."
            )
        time.sleep(min(pause, timeout - elapsed) if timeout > 0 else pause)
        # A little less than the double, each time another: jobs submitted together are not asked about together.
        pause = min(pause * random.uniform(1.8, 2.0), max(max_poll_interval, FIRST_PAUSE_SECONDS))


def list_failed_tasks(
    farm_id: str, queue_id: str, job_id: str, config: Optional[ConfigParser] = None
) -> List[FailedTask]:
    """The tasks of a job that failed.

    Raises:
        DeadlineOperationError: The service refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    ids: Dict[str, Any] = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
    try:
        return [
            FailedTask(
                step_id=step["stepId"],
                task_id=task["taskId"],
                step_name=step["name"],
                parameters=task.get("parameters", {}),
                session_id=session_of_action(task.get("latestSessionActionId")),
            )
            for step in resources.list_steps(**ids, config=config)["steps"]
            if step.get("taskRunStatusCounts", {}).get("FAILED", 0) > 0
            for task in resources.list_tasks(**ids, stepId=step["stepId"], config=config)["tasks"]
            if task.get("runStatus") == "FAILED"
        ]
    except (BotoCoreError, ClientError) as error:
        raise describe_service_error(f"list the failed tasks of job {job_id}", error, config=config) from error


def session_of_action(session_action_id: Optional[str]) -> Optional[str]:
    """The session to which a session action belongs: ``session-<x>`` of ``sessionaction-<x>-<n>``."""
    parts = (session_action_id or "").split("-")
    return f"session-{parts[1]}" if len(parts) == 3 and parts[0] == "sessionaction" else None


def _status_of(job: Dict[str, Any]) -> str:
    """The status of a job's tasks; raises where it will never have any."""
    lifecycle_status = job.get("lifecycleStatus")
    if lifecycle_status in _NEVER_CREATED:
        raise DeadlineOperationError(
            f"Job {job['jobId']} could not be created: {job.get('lifecycleStatusMessage') or lifecycle_status}"
        )
    status: str = job.get("taskRunStatus", "")
    return ARCHIVED if lifecycle_status == ARCHIVED and status not in FINAL_STATUSES else status


def _job(farm_id: str, queue_id: str, job_id: str, config: Optional[ConfigParser]) -> Optional[Dict[str, Any]]:
    """GetJob's answer, or ``None`` where the service had a passing problem."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return resources.get_job(farmId=farm_id, queueId=queue_id, jobId=job_id, config=config)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _TRANSIENT_CODES:
            return None
        cause: Exception = error
    except BotoCoreError as error:
        cause = error
    raise describe_service_error(
        f"get job {job_id}", cause, farm_id=farm_id, queue_id=queue_id, config=config
    ) from cause
