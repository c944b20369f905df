"""Waiting for a job: with a service that has problems, and callers that lose patience."""

from __future__ import annotations

import threading
from typing import Any, Dict

import pytest

from deadline.client import api
from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError

from .loopback import Loopback, Refusal

FARM, QUEUE, JOB = "farm-" + "1" * 32, "queue-" + "2" * 32, "job-" + "3" * 32
IDS = {"farm_id": FARM, "queue_id": QUEUE, "job_id": JOB}


def job(status: str) -> Dict[str, Any]:
    return {
        "jobId": JOB,
        "name": "A job",
        "taskRunStatus": status,
        "priority": 1,
        "lifecycleStatus": "CREATE_COMPLETE",
        "lifecycleStatusMessage": "",
        "createdAt": "2026-01-01T00:00:00Z",
        "createdBy": "me",
    }


def test_a_passing_problem_of_the_service_does_not_end_the_waiting(loopback: Loopback) -> None:
    answers = ["ThrottlingException", "InternalServerErrorException", "RUNNING", "SUCCEEDED"]

    def get_job(members: Dict[str, Any]) -> Dict[str, Any]:
        answer = answers.pop(0)
        if answer.endswith("Exception"):
            raise Refusal(answer, "Try later.", 500 if answer.startswith("Internal") else 429)
        return job(answer)

    loopback.operations["GetJob"] = get_job
    seen = []
    result = api.wait_for_job_completion(
        **IDS, max_poll_interval=0, status_callback=lambda status, elapsed, timeout: seen.append(status)
    )
    assert (result.status, result.failed_tasks) == ("SUCCEEDED", [])
    assert seen == ["RUNNING", "SUCCEEDED"]


def test_whoever_waits_can_stop_at_once_and_the_job_goes_on(loopback: Loopback) -> None:
    loopback.operations["GetJob"] = lambda members: job("RUNNING")
    enough = threading.Event()
    with pytest.raises(DeadlineOperationCanceled, match="its status is RUNNING, and it goes on"):
        api.wait_for_job_completion(
            **IDS,
            job_callback=lambda answer, elapsed, timeout: enough.set(),
            continue_callback=lambda: not enough.is_set(),
        )
    assert [name for name, _ in loopback.requests] == ["GetJob"]


def test_an_error_that_does_not_pass_ends_it(loopback: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "You may not.", 403)

    loopback.operations["GetJob"] = refuse
    with pytest.raises(DeadlineOperationError, match=f"Failed to get job {JOB}: .*You may not"):
        api.wait_for_job_completion(**IDS)


def test_waiting_asks_in_the_region_that_is_named(loopback: Loopback) -> None:
    loopback.operations["GetJob"] = lambda members: job("SUCCEEDED")
    assert api.wait_for_job_completion(**IDS, region="eu-west-1").status == "SUCCEEDED"
