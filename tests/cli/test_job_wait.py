"""Waiting for jobs, and what the exit codes say."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from .terminal import screen

NOWHERE = "0" * 32


@pytest.fixture
def suspended(farm: Any, deadline: Any, bundle: Any) -> str:
    """A job whose tasks wait to be resumed."""
    job_id: str = deadline("bundle", "submit", str(bundle), "--target-task-run-status", "SUSPENDED").out.split()[-1]
    return job_id


@pytest.fixture
def endless(farm: Any, deadline: Any, bundle: Any) -> Any:
    """A job that goes on until the test is over."""
    template = json.loads((bundle / "template.json").read_text(encoding="utf-8"))
    # It ends by itself should nobody end it.
    template["steps"][0]["script"]["actions"]["onRun"]["args"] = ["-c", "import time; time.sleep(100)"]
    (bundle / "template.json").write_text(json.dumps(template), encoding="utf-8")
    job_id = deadline("bundle", "submit", str(bundle)).out.split()[-1]
    yield job_id
    ids = {"farmId": farm.farm_id, "queueId": farm.queue_id, "jobId": job_id}
    farm.client.update_job(**ids, targetTaskRunStatus="CANCELED")


def test_a_job_that_succeeded_is_a_json_object_and_code_0(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("job", "wait", "--job-id", ended.frames)
    assert (result.code, result.err) == (0, "")
    elapsed = result.json.pop("elapsedTime")
    assert isinstance(elapsed, float)
    assert result.json == {
        "jobId": ended.frames,
        "jobName": "Two frames",
        "status": "SUCCEEDED",
        "elapsedTime": elapsed,
        "failedTasks": [],
    }
    assert result.out.startswith('{\n  "jobId"')


def test_a_job_that_failed_names_its_tasks_and_is_code_2(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("job", "wait", "--job-id", ended.failed)
    assert result.code == 2
    assert result.json["status"] == "FAILED"
    ((step_id, task_id),) = farm.tasks(ended.failed)
    (task,) = result.json["failedTasks"]
    assert (task["stepId"], task["taskId"], task["stepName"]) == (step_id, task_id, "Run")
    assert re.fullmatch("session-[0-9a-f]{32}", task["sessionId"])


def test_people_are_told_how_to_see_why_a_task_failed(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("job", "wait", "--job-id", ended.failed, "--output", "verbose")
    assert result.code == 2
    assert result.out.startswith(
        f"Waiting for the job to end: It fails\n{ended.failed}\nFAILED: 0 of 1 tasks succeeded"
    )
    session = re.search("deadline job logs --session-id (session-[0-9a-f]{32})", result.out)
    assert session
    assert f"sessionId: {session.group(1)}" in result.out
    assert f"deadline job why --job-id {ended.failed}\n" in result.out


def test_on_a_terminal_the_status_line_ends_before_the_result(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("job", "wait", "--job-id", ended.frames, terminal=True)
    assert result.code == 0
    heading, job_id, state, bar, ending, nothing = screen(result.out)
    assert (heading, job_id) == ("Waiting for the job to end: Two frames", ended.frames)
    assert re.fullmatch(r"SUCCEEDED: 2 of 2 tasks succeeded, 0 workers running, \d+ s", state)
    assert re.fullmatch(r"█{30}  100 %  2 succeeded", bar)
    assert re.fullmatch(r"SUCCEEDED after \d+\.\d seconds", ending)
    assert nothing == ""


def test_a_suspended_job_is_code_4(deadline: Any, suspended: str) -> None:
    result = deadline("job", "wait")
    assert (result.code, result.json["status"], result.json["jobId"]) == (4, "SUSPENDED", suspended)


def test_a_canceled_job_is_code_3(farm: Any, deadline: Any, suspended: str) -> None:
    ids = {"farmId": farm.farm_id, "queueId": farm.queue_id, "jobId": suspended}
    farm.client.update_job(**ids, targetTaskRunStatus="CANCELED")
    result = deadline("job", "wait")
    assert (result.code, result.json["status"]) == (3, "CANCELED")


def test_a_timeout_is_code_1(deadline: Any, endless: str) -> None:
    result = deadline("job", "wait", "--timeout", "1")
    assert result.code == 1
    assert result.json.pop("error").startswith(f"Job {endless} had not ended after 1 second")
    assert {**result.json, "error": ""} == {
        "error": "",
        "timeout": True,
        "jobId": endless,
        "jobName": "Nothing to do",
    }


def test_a_job_that_could_not_be_created_is_not_waited_for(farm: Any, deadline: Any, known: Any) -> None:
    job_id = farm.client.create_job(
        farmId=farm.farm_id, queueId=farm.queue_id, priority=50, templateType="JSON", template="{}"
    )["jobId"]
    result = deadline("job", "wait", "--job-id", job_id, "--timeout", "60")
    assert result.code == 2
    assert "could not be created" in result.json["error"]
    assert "timeout" not in result.json


def test_an_unknown_job_is_code_2_in_json_and_for_people(farm: Any, deadline: Any) -> None:
    as_json = deadline("job", "wait", "--job-id", f"job-{NOWHERE}")
    assert as_json.code == 2
    assert as_json.json["jobId"] == f"job-{NOWHERE}"
    assert "does not exist" in as_json.json["error"]

    for_people = deadline("job", "wait", "--job-id", f"job-{NOWHERE}", "--output", "verbose")
    assert (for_people.code, for_people.out) == (2, "")
    assert "does not exist" in for_people.err
