"""Creating a job, and waiting until the service has worked out its steps and tasks."""

from __future__ import annotations

import time
from typing import Any, Callable, Mapping, Tuple

from deadline.client.exceptions import CreateJobWaiterCanceled, DeadlineOperationError, DeadlineOperationTimedOut

TIMEOUT_SECONDS = 300
FIRST_PAUSE_SECONDS = 0.3
LONGEST_PAUSE_SECONDS = 5.0
_LONGEST_SLEEP_SECONDS = 0.2


def create_job(deadline: Any, arguments: Mapping[str, Any]) -> str:
    """Call CreateJob and return the id of the job.

    Raises:
        botocore.exceptions.ClientError: The service refused.
        DeadlineOperationError: The service named no job.
    """
    job_id = deadline.create_job(**arguments).get("jobId")
    if not job_id:
        raise DeadlineOperationError("The service accepted the job but named no job id. Look at the queue's jobs.")
    return str(job_id)


def wait_for_create_job_to_complete(
    farm_id: str, queue_id: str, job_id: str, deadline_client: Any, continue_callback: Callable[[], bool]
) -> Tuple[bool, str]:
    """Wait until a job is created or its creation has failed, five minutes at most.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        deadline_client: The Deadline Cloud client.
        continue_callback: Says whether to go on waiting; asked several times a second.

    Returns:
        Whether the job was created, and what the service says about it.

    Raises:
        CreateJobWaiterCanceled: ``continue_callback`` said no.
        DeadlineOperationTimedOut: The service had not decided in time.
    """
    end = time.monotonic() + TIMEOUT_SECONDS
    pause = FIRST_PAUSE_SECONDS
    _wait(pause, continue_callback)
    while time.monotonic() < end:
        job = deadline_client.get_job(farmId=farm_id, queueId=queue_id, jobId=job_id)
        status = job.get("lifecycleStatus") or job.get("state", "")
        message = job.get("lifecycleStatusMessage", "")
        if status == "CREATE_FAILED":
            return False, message
        if status != "CREATE_IN_PROGRESS":
            return True, message
        _wait(pause, continue_callback)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    raise DeadlineOperationTimedOut(
        f"The service accepted job {job_id} but had not created its tasks after {TIMEOUT_SECONDS} seconds. Look at it "
        f"later with: deadline job get --job-id {job_id}"
    )


def _wait(seconds: float, continue_callback: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while True:
        if not continue_callback():
            raise CreateJobWaiterCanceled
        remaining = end - time.monotonic()
        if remaining <= 0:
            return
        time.sleep(min(remaining, _LONGEST_SLEEP_SECONDS))
