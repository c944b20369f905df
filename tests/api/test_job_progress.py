"""How a job gets on."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest

from deadline.client.api.job_progress import JobProgress, TaskCounts, find_job_progress
from deadline.client.exceptions import DeadlineOperationError

from .loopback import Loopback, Refusal, pages

FARM, QUEUE, JOB, STEP = "farm-" + "1" * 32, "queue-" + "2" * 32, "job-" + "3" * 32, "step-" + "7" * 32
CREATED = {"createdAt": "2026-01-01T00:00:00Z", "createdBy": "me"}
COUNTS = {"SUCCEEDED": 6, "FAILED": 1, "RUNNING": 2, "ASSIGNED": 1, "PENDING": 0}


@pytest.fixture
def service(loopback: Loopback) -> Loopback:
    """A service with a job of one step."""
    common: Dict[str, Any] = {"name": "Render", "taskRunStatus": "RUNNING", "taskRunStatusCounts": COUNTS, **CREATED}
    lifecycle = {"lifecycleStatus": "CREATE_COMPLETE", "lifecycleStatusMessage": ""}
    loopback.operations.update(
        GetJob=lambda members: {"jobId": JOB, "priority": 1, **common, **lifecycle, "name": "A job"},
        ListSteps=pages("steps", [{"stepId": STEP, **common, "lifecycleStatus": "CREATE_COMPLETE"}]),
    )
    return loopback


def test_the_tasks_of_a_job_and_its_steps_are_counted(service: Loopback) -> None:
    progress = find_job_progress(FARM, QUEUE, JOB)
    assert progress.describe() == "RUNNING: 6 of 10 tasks succeeded, 3 workers running"
    assert (progress.tasks.total, progress.tasks.percent, progress.tasks.ended_otherwise) == (10, 70, 1)
    (step,) = progress.steps
    assert (step.name, step.status, step.tasks.describe()) == ("Render", "RUNNING", "3 running, 6 succeeded, 1 failed")
    document = json.loads(json.dumps(progress.to_dict()))
    assert (document["jobName"], document["percent"], document["steps"][0]["stepId"]) == ("A job", 70, STEP)


def test_a_job_that_is_known_is_not_asked_for(service: Loopback) -> None:
    progress = find_job_progress(FARM, QUEUE, JOB, job={"jobId": JOB, "taskRunStatus": "READY"})
    assert (progress.status, progress.job_name, len(progress.steps)) == ("READY", JOB, 1)
    assert service.asked("GetJob") == []


def test_steps_that_may_not_be_listed_are_left_out_and_jobs_are_not(service: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "You may not.", 403)

    service.operations["ListSteps"] = refuse
    assert find_job_progress(FARM, QUEUE, JOB).steps == ()
    service.operations["GetJob"] = refuse
    with pytest.raises(DeadlineOperationError, match=f"Failed to get job {JOB}: .*You may not"):
        find_job_progress(FARM, QUEUE, JOB)


def test_what_has_no_tasks_yet_has_made_no_progress() -> None:
    progress = JobProgress({"jobId": JOB, "lifecycleStatus": "CREATE_IN_PROGRESS"})
    assert progress.describe() == "CREATE_IN_PROGRESS: 0 of 0 tasks succeeded, 0 workers running"
    assert (progress.tasks.percent, progress.tasks.describe()) == (0, "no tasks")
    assert TaskCounts({"SCHEDULED": 1, "NOT_COMPATIBLE": 2}).describe() == "1 running, 2 not compatible"
