"""Why a job failed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest


def test_people_are_told_what_failed_where_and_what_it_logged(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("job", "why", "--job-id", ended.failed, "--output", "verbose")

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Job It fails ({ended.failed}) is FAILED.\n  Step: Run\n")
    assert "\n  Exit code: 3\n" in result.out
    assert "\nThe last lines:\n" in result.out
    assert "\n  it does not work\n" in result.out
    assert f"deadline job requeue-tasks --job-id {ended.failed} \\\n  --run-status FAILED\n" in result.out
    action = re.search(r"--session-action-id (\S+) --limit 10000", result.out)
    assert action
    logs = deadline("job", "logs", "--job-id", ended.failed, "--session-action-id", action[1]).json
    assert "it does not work" in [event["message"] for event in logs["events"]]


def test_in_a_pipe_it_is_a_json_object(farm: Any, deadline: Any, ended: Any) -> None:
    document = deadline("job", "why", "--job-id", ended.failed).json
    assert (document["failed"], document["jobId"], document["exitCode"]) == (True, ended.failed, 3)
    assert (document["stepName"], document["actionKind"]) == ("Run", "taskRun")
    assert "it does not work" in document["lastLines"]
    assert document["logProblem"] is None


def test_so_many_of_the_last_lines_are_shown_as_are_asked_for(farm: Any, deadline: Any, ended: Any) -> None:
    assert len(deadline("job", "why", "--job-id", ended.failed, "--lines", "2").json["lastLines"]) == 2
    assert deadline("job", "why", "--job-id", ended.failed, "--lines", "0").code == 2


def test_on_a_terminal_it_is_a_screenful(farm: Any, deadline: Any, ended: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINES", "24")
    result = deadline("job", "why", "--job-id", ended.failed, terminal=True)
    assert len(result.out.splitlines()) <= 24
    assert "\x1b[31m" in result.out

    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in deadline("job", "why", "--job-id", ended.failed, terminal=True).out


def test_a_job_of_which_nothing_failed_is_no_error(farm: Any, deadline: Any, ended: Any) -> None:
    for_people = deadline("job", "why", "--job-id", ended.frames, "--output", "verbose")
    assert (for_people.code, for_people.err) == (0, "")
    assert for_people.out.startswith(f"Nothing of job Two frames ({ended.frames}) has failed.\nSUCCEEDED: 2 of 2 ")
    as_json = deadline("job", "why", "--job-id", ended.frames).json
    assert (as_json["failed"], as_json["taskRunStatus"]) == (False, "SUCCEEDED")


def test_a_job_that_could_not_be_created_is_explained(farm: Any, deadline: Any) -> None:
    job_id = farm.client.create_job(
        farmId=farm.farm_id, queueId=farm.queue_id, priority=50, templateType="JSON", template="{}"
    )["jobId"]
    # Refused as soon as the farm has looked at the template.
    deadline("job", "wait", "--job-id", job_id, "--timeout", "60")
    result = deadline("job", "why", "--job-id", job_id, "--output", "verbose")
    assert result.code == 0
    assert re.match(rf"Job .* \({job_id}\) is CREATE_FAILED\.\n  Message: .", result.out)


def test_a_log_that_may_not_be_read_takes_nothing_away_from_the_rest(
    farm: Any, fresh_clients: None, deadline: Any, ended: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    result = deadline("job", "why", "--job-id", ended.failed, "--output", "verbose")
    assert result.code == 0
    assert "\n  Exit code: 3\n" in result.out
    assert "The log could not be read:" in result.out


def test_a_process_that_was_killed_leads_to_the_log_of_the_worker(farm: Any, deadline: Any, bundle: Any) -> None:
    template = json.loads((bundle / "template.json").read_text(encoding="utf-8"))
    killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    template["steps"][0]["script"]["actions"]["onRun"]["args"] = ["-c", killed]
    (bundle / "template.json").write_text(json.dumps(template), encoding="utf-8")
    deadline("bundle", "submit", str(bundle), "--max-retries-per-task", "0")
    assert deadline("job", "wait", "--max-poll-interval", "1").code == 2

    result = deadline("job", "why", "--output", "verbose")

    assert "ended by signal 9 (kill)" in result.out
    session_id = deadline("job", "why").json["sessionId"]
    assert f"  --session-id {session_id} --worker\n" in result.out


def test_it_can_be_read_by_programs_whatever_was_logged(farm: Any, deadline: Any, ended: Any) -> None:
    printed = deadline("job", "why", "--job-id", ended.failed, "--output", "JSON").out
    assert printed.isascii()
    assert json.loads(printed)["failedTaskCount"] == 1
