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
    farm_id: str,
    queue_id: str,
    job_id: str,
    deadline_client: Any,
    continue_callback: Callable[[], bool],
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Tuple[bool, str]:
    """Wait until a job is created or its creation has failed, five minutes at most.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        deadline_client: The Deadline Cloud client.
        continue_callback: Says whether to go on waiting; asked several times a second.
        timeout_seconds: How long to wait at most.

    Returns:
        Whether the job was created, and what the service says about it.

    Raises:
        CreateJobWaiterCanceled: ``continue_callback`` said no; the service goes on all the same.
        DeadlineOperationTimedOut: The service had not decided in time.
        Both errors name the job, in their message and as ``job_id``.
    """
    end = time.monotonic() + timeout_seconds

    def wait(seconds: float) -> None:
        if not _wait(seconds, continue_callback):
            raise CreateJobWaiterCanceled(
                f"The service has accepted job {job_id} and goes on with it; only the waiting was canceled. Look at it "
                f"with: deadline job get --job-id {job_id}",
                job_id=job_id,
            )

    pause = FIRST_PAUSE_SECONDS
    wait(pause)
    while time.monotonic() < end:
        job = deadline_client.get_job(farmId=farm_id, queueId=queue_id, jobId=job_id)
        status = job.get("lifecycleStatus") or job.get("state", "")
        message = job.get("lifecycleStatusMessage", "")
        if status == "CREATE_FAILED":
            return False, message
        if status != "CREATE_IN_PROGRESS":
            return True, message
        wait(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    raise DeadlineOperationTimedOut(
        f"The service accepted job {job_id} but had not created its tasks after {timeout_seconds:g} seconds. Look at it "
        f"later with: deadline job get --job-id {job_id}",
        job_id=job_id,
    )


def _wait(seconds: float, continue_callback: Callable[[], bool]) -> bool:
    """Wait, and say whether to go on."""
    end = time.monotonic() + seconds
    while True:
        if not continue_callback():
            return False
        remaining = end - time.monotonic()
        if remaining <= 0:
            return True
        time.sleep(min(remaining, _LONGEST_SLEEP_SECONDS))
