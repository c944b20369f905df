"""Why a job failed: the first failure, with what it logged."""

from __future__ import annotations

import datetime
import json
from typing import Any, Dict

import pytest

from deadline.client import api
from deadline.client.api.job_failure import find_job_failure
from deadline.client.api.log_excerpts import excerpt, looks_like_error
from deadline.client.api.log_streams import LogEvent
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Farm, python_step
from .loopback import Loopback, Refusal, pages
from .queued_jobs import RUN, frames, new_job

RENDER = """
import sys
frame = int(sys.argv[1])
if frame == 2:
    print("Error: the texture wood.exr is missing")
    for number in range(40):
        print("line", number)
    print("giving up")
    sys.exit(3)
"""


def finished(farm: Farm, job_id: str) -> None:
    api.wait_for_job_completion(**farm.ids, job_id=job_id, max_poll_interval=1, timeout=60)


def test_the_first_failure_is_told_with_step_task_exit_code_and_log(farm: Farm) -> None:
    render = python_step(RENDER, "{{Task.Param.Frame}}", name="Render", parameterSpace=frames(3))
    job_id = new_job(farm, farm.queue_id, [{"name": "First", "script": RUN}, render], maxRetriesPerTask=0)
    finished(farm, job_id)

    failure = find_job_failure(**farm.ids, job_id=job_id)

    assert failure is not None
    assert (failure.job_name, failure.step_name, failure.failed_task_count) == ("A job", "Render", 1)
    assert failure.parameters == {"Frame": {"int": "2"}}
    assert (failure.action_kind, failure.exit_code) == ("taskRun", 3)
    assert failure.started_at is not None
    assert failure.ended_at is not None
    assert failure.started_at <= failure.ended_at
    assert str(failure.worker_id).startswith("worker-")
    assert failure.log_group == f"/aws/deadline/{farm.farm_id}/{farm.queue_id}"
    assert any("giving up" in event.message for event in failure.log.last_lines)
    assert len(failure.log.last_lines) == 30
    assert any("wood.exr is missing" in event.message for event in failure.log.error_lines)

    text = failure.describe()
    for part in (job_id, "Step: Render", "Task: Frame=2 (task-", "Exit code: 3", "giving up", "wood.exr is missing"):
        assert part in text
    assert len(text.splitlines()) < 60
    document = json.loads(json.dumps(failure.to_dict()))
    assert (document["stepName"], document["parameters"], document["exitCode"]) == ("Render", {"Frame": "2"}, 3)


def test_an_environment_that_cannot_be_entered_is_told_as_that(farm: Farm) -> None:
    enter = python_step("print('no licence server'); raise SystemExit(9)")["script"]["actions"]["onRun"]
    step = python_step("pass", name="Render", parameterSpace=frames(1))
    step["stepEnvironments"] = [{"name": "Licence", "script": {"actions": {"onEnter": enter}}}]
    job_id = new_job(farm, farm.queue_id, [step], maxRetriesPerTask=0)
    finished(farm, job_id)

    failure = find_job_failure(**farm.ids, job_id=job_id)

    assert failure is not None
    assert (failure.action_kind, failure.environment, failure.exit_code) == ("envEnter", "Licence", 9)
    assert failure.step_name == "Render"
    assert any("no licence server" in event.message for event in failure.log.last_lines)
    assert "Failed at: entering an environment" in failure.describe()


def test_a_job_that_has_not_failed_has_no_failure(farm: Farm) -> None:
    queue_id = farm.new_queue()
    job_id = new_job(farm, queue_id, [{"name": "Run", "script": RUN}])
    assert find_job_failure(farm.farm_id, queue_id, job_id) is None
    with pytest.raises(DeadlineOperationError, match="Recent jobs"):
        find_job_failure(farm.farm_id, queue_id, "job-" + "0" * 32)


FARM, QUEUE, JOB, STEP = "farm-" + "1" * 32, "queue-" + "2" * 32, "job-" + "3" * 32, "step-" + "7" * 32
SESSIONS = ["session-" + digit * 32 for digit in "456"]
CREATED = {"createdAt": "2026-01-01T00:00:00Z", "createdBy": "me"}


def minute(number: int) -> str:
    return f"2026-01-01T00:{number:02}:00Z"


def action(session: int, number: int, status: str, began: int, ended: int, task: int = 1) -> Dict[str, Any]:
    return {
        "sessionActionId": f"sessionaction-{SESSIONS[session][-32:]}-{number}",
        "status": status,
        "startedAt": minute(began),
        "endedAt": minute(ended),
        "definition": {"taskRun": {"stepId": STEP, "taskId": f"task-{'a' * 32}-{task}", "parameters": {}}},
    }


@pytest.fixture
def service(loopback: Loopback) -> Loopback:
    """A service with a job that is still being tried again."""
    by_session = {
        SESSIONS[0]: [action(0, 0, "SUCCEEDED", 0, 5)],
        SESSIONS[1]: [action(1, 0, "SUCCEEDED", 1, 2), action(1, 1, "FAILED", 2, 9, task=2)],
        SESSIONS[2]: [action(2, 0, "FAILED", 3, 4, task=3)],
    }
    every = {item["sessionActionId"]: item for actions in by_session.values() for item in actions}
    ran = {"fleetId": "fleet-" + "5" * 32, "workerId": "worker-" + "6" * 32, "lifecycleStatus": "ENDED"}
    counts = {"RUNNING": 3}

    def get_action(members: Dict[str, Any]) -> Dict[str, Any]:
        found = every[members["sessionActionId"]]
        session_id = "session-" + found["sessionActionId"].split("-")[1]
        return {**found, "sessionId": session_id, "processExitCode": -9, "progressMessage": "It was killed."}

    loopback.operations.update(
        GetJob=lambda members: {
            "jobId": JOB,
            "name": "A job",
            "taskRunStatus": "RUNNING",
            "taskRunStatusCounts": counts,
            "lifecycleStatus": "CREATE_COMPLETE",
            "lifecycleStatusMessage": "",
            "priority": 1,
            **CREATED,
        },
        ListSteps=pages(
            "steps",
            [
                {
                    "stepId": STEP,
                    "name": "Render",
                    "taskRunStatus": "RUNNING",
                    "taskRunStatusCounts": counts,
                    "lifecycleStatus": "CREATE_COMPLETE",
                    **CREATED,
                }
            ],
        ),
        ListSessions=pages(
            "sessions",
            [{"sessionId": name, "startedAt": minute(number), **ran} for number, name in enumerate(SESSIONS)],
        ),
        ListSessionActions=lambda members: {"sessionActions": by_session[members["sessionId"]]},
        GetSessionAction=get_action,
        GetSession=lambda members: {
            "sessionId": members["sessionId"],
            "startedAt": minute(0),
            "log": {"logDriver": "awslogs"},
            "hostProperties": {"hostName": "render-7"},
            **ran,
        },
        GetLogEvents=lambda members: {"events": [], "nextForwardToken": "f/0", "nextBackwardToken": "b/0"},
    )
    return loopback


def test_a_job_that_is_tried_again_tells_of_the_run_that_failed_first(service: Loopback) -> None:
    failure = find_job_failure(FARM, QUEUE, JOB)
    assert failure is not None
    assert failure.session_id == SESSIONS[2]
    assert failure.task_id == f"task-{'a' * 32}-3"
    assert failure.exit_code_meaning == "ended by signal 9 (kill)"
    assert "log of worker worker-666" in "".join(failure.hints)
    assert "Worker: render-7 (worker-666" in failure.describe()
    assert "Message: It was killed." in failure.describe()


def test_a_log_that_may_not_be_read_does_not_hide_the_failure(service: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "You may not read logs.")

    service.operations["GetLogEvents"] = refuse
    failure = find_job_failure(FARM, QUEUE, JOB)
    assert failure is not None
    assert "You may not read logs" in str(failure.log_problem)
    assert "The log could not be read:" in failure.describe()


def test_only_what_the_action_logged_is_looked_at(service: Loopback) -> None:
    find_job_failure(FARM, QUEUE, JOB)
    request = service.asked("GetLogEvents")[0]
    began = datetime.datetime(2026, 1, 1, 0, 3, tzinfo=datetime.timezone.utc).timestamp() * 1000
    assert (request["startTime"], request["endTime"]) == (began, began + 60_001)
    assert request["logStreamName"] == SESSIONS[2]


def test_a_job_that_could_not_be_created_says_why(service: Loopback) -> None:
    job = service.operations["GetJob"]({})
    service.operations["GetJob"] = lambda members: {
        **job,
        "lifecycleStatus": "CREATE_FAILED",
        "lifecycleStatusMessage": "The template has no steps.",
    }
    failure = find_job_failure(FARM, QUEUE, JOB)
    assert failure is not None
    assert "Message: The template has no steps." in failure.describe()
    assert failure.step_name is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Traceback (most recent call last):", True),
        ("FileNotFoundError: [Errno 2]", True),
        ("Fatal: could not open scene", True),
        ("/bin/sh: maya: command not found", True),
        ("openjd_fail: out of memory", True),
        ("Rendering finished with 0 errors", False),
        ("no errors", False),
        ("Saved terror.exr", False),
        ("frame 7 of 100", False),
    ],
)
def test_lines_that_speak_of_a_problem_are_known(line: str, expected: bool) -> None:
    assert looks_like_error(line) is expected


def test_an_excerpt_has_the_end_and_the_first_problems_before() -> None:
    texts = ["Error: one", "fine", "Error: two", "Error: one", "Error: three", "a", "b"]
    events = [LogEvent(datetime.datetime.now(datetime.timezone.utc), text) for text in texts]
    found = excerpt(events, last=2, errors=2)
    assert [event.message for event in found.last_lines] == ["a", "b"]
    assert [event.message for event in found.error_lines] == ["Error: one", "Error: two"]
    assert excerpt(events, last=100, errors=2).error_lines == ()
    assert excerpt([], last=2, errors=2).last_lines == ()
