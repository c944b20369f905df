"""What jobs logged."""

from __future__ import annotations

import datetime
import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

NOWHERE = "0" * 32


def rendered(logs: Any) -> list[str]:
    return [event["message"] for event in logs["events"] if event["message"].startswith("rendered frame")]


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


@pytest.fixture
def logs(farm: Any, deadline: Any, ended: Any) -> Any:
    """The logs of the job that wrote frames, as JSON; further arguments may be given."""
    return lambda *arguments: deadline("job", "logs", "--job-id", ended.frames, "--limit", "1000", *arguments)


def session_actions(farm: Any, ended: Any, logs: Any) -> list[str]:
    """The actions of the session whose log is shown, in which tasks ran."""
    session_id = logs().json["logStream"]
    ids = {"farmId": farm.farm_id, "queueId": farm.queue_id, "jobId": ended.frames, "sessionId": session_id}
    actions = farm.client.list_session_actions(**ids)["sessionActions"]
    return [action["sessionActionId"] for action in actions if "taskRun" in action["definition"]]


def test_logs_are_a_json_object_with_what_was_printed(farm: Any, ended: Any, logs: Any) -> None:
    result = logs()
    assert (result.code, result.err) == (0, "")
    document = result.json
    members = ["jobId", "jobName", "events", "count", "nextToken", "previousToken", "logGroup", "logStream"]
    assert list(document) == members
    assert (document["jobId"], document["jobName"]) == (ended.frames, "Two frames")
    assert document["logGroup"] == f"/aws/deadline/{farm.farm_id}/{farm.queue_id}"
    assert document["count"] == len(document["events"])
    assert set(rendered(document)) <= {"rendered frame 1", "rendered frame 2"}
    assert rendered(document)
    assert all(list(event) == ["timestamp", "message", "ingestionTime", "eventId"] for event in document["events"])


def test_times_have_microseconds_and_the_offset_that_was_asked_for(logs: Any) -> None:
    in_utc = [event["timestamp"] for event in logs().json["events"]]
    local = [event["timestamp"] for event in logs("--timestamp-format", "LOCAL").json["events"]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", text) for text in in_utc)
    assert [moment(text) for text in local] == [moment(text) for text in in_utc]


def test_relative_times_count_from_the_beginning_of_the_session(logs: Any) -> None:
    events = logs("--timestamp-format", "relative").json["events"]
    assert all(re.fullmatch(r"-?0:\d\d:\d\d(\.\d{6})?", event["timestamp"]) for event in events)
    assert events[-1]["timestamp"].startswith("0:0")


def test_the_old_name_of_the_timestamp_format_still_works_and_says_so(logs: Any) -> None:
    for_people = logs("--timezone", "local", "--output", "verbose")
    assert "--timezone is deprecated" in for_people.err
    assert logs("--timezone", "utc").json == logs().json

    both = logs("--timezone", "utc", "--timestamp-format", "utc")
    assert (both.code, both.out) == (1, "")


def test_a_limit_takes_the_last_lines_and_the_token_before_leads_to_older_ones(
    farm: Any, deadline: Any, ended: Any, logs: Any
) -> None:
    everything = [event["message"] for event in logs().json["events"]]
    last = deadline("job", "logs", "--job-id", ended.frames, "--limit", "3").json
    assert [event["message"] for event in last["events"]] == everything[-3:]

    arguments = ("--limit", "3", "--next-token", last["previousToken"])
    before = deadline("job", "logs", "--job-id", ended.frames, *arguments).json
    assert [event["message"] for event in before["events"]] == everything[-6:-3]


def test_only_lines_between_two_times_are_shown(logs: Any) -> None:
    times = sorted({event["timestamp"] for event in logs().json["events"]})
    middle = len(times) // 2
    shown = logs("--start-time", times[1], "--end-time", times[middle].replace("+00:00", "Z")).json["events"]
    # The service leaves out what was logged at the end itself; moto, which answers here, does not.
    assert {event["timestamp"] for event in shown} - {times[middle]} == set(times[1:middle])


def test_a_time_that_is_none_is_a_usage_error(logs: Any) -> None:
    result = logs("--start-time", "yesterday")
    assert (result.code, result.out) == (2, "")
    assert "'yesterday' is no time" in result.err


def test_an_action_of_a_session_has_its_own_lines_and_times(farm: Any, ended: Any, logs: Any) -> None:
    action, *_ = session_actions(farm, ended, logs)

    document = logs("--session-action-id", action, "--timestamp-format", "relative").json
    assert len(rendered(document)) == 1
    assert document["count"] < logs().json["count"]
    assert document["events"][-1]["timestamp"].startswith("0:0")

    for_people = logs("--session-action-id", action, "--output", "verbose").out
    assert f"Session action: {action}\nStarted: " in for_people
    assert re.search(r"\nDuration: 0:\d\d:\d\d", for_people)


def test_an_action_that_does_not_fit_is_explained(farm: Any, ended: Any, logs: Any) -> None:
    action, *_ = session_actions(farm, ended, logs)
    for arguments, reason in [
        (("--session-action-id", "action-7"), "'action-7' is no id of a session action"),
        (("--session-action-id", action, "--session-id", f"session-{NOWHERE}"), f"not to session-{NOWHERE}"),
        (("--session-action-id", f"sessionaction-{NOWHERE}-0"), "Failed to get session action"),
        (("--session-action-id", action, "--end-time", "2000-01-01"), "and not between"),
    ]:
        result = logs(*arguments)
        assert (result.code, result.out) == (1, "")
        assert reason in result.err


def test_people_see_a_header_the_lines_and_their_number(farm: Any, ended: Any, logs: Any) -> None:
    result = logs("--output", "verbose")
    assert result.out.startswith(f"Job: Two frames ({ended.frames})\nSession: session-")
    assert re.search(r"\n\[\d{4}-\d\d-\d\dT[0-9:.]+\+00:00\] rendered frame [12]\n", result.out)
    assert re.search(r"\n\n\d+ lines\.\n$", result.out)


def test_people_are_told_how_to_see_older_lines(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("job", "logs", "--job-id", ended.frames, "--limit", "1", "--output", "verbose")
    assert "\n1 line.\n" in result.out
    assert "--next-token" in result.out


def test_a_named_session_is_shown_and_an_unknown_one_is_an_error(farm: Any, deadline: Any, ended: Any) -> None:
    failed = deadline("job", "logs", "--job-id", ended.failed).json
    named = deadline("job", "logs", "--job-id", ended.failed, "--session-id", failed["logStream"]).json
    assert named["events"] == failed["events"]
    assert "it does not work" in [event["message"] for event in named["events"]]

    unknown = deadline("job", "logs", "--job-id", ended.failed, "--session-id", f"session-{NOWHERE}")
    assert (unknown.code, unknown.out) == (1, "")
    assert f"Failed to get session session-{NOWHERE}" in unknown.err


def test_a_job_without_sessions_has_no_log(farm: Any, deadline: Any, bundle: Any) -> None:
    deadline("bundle", "submit", str(bundle), "--target-task-run-status", "SUSPENDED")
    result = deadline("job", "logs")
    assert (result.code, result.out) == (1, "")
    assert "has no sessions yet" in result.err


def test_a_query_that_fails_is_a_json_object(
    farm: Any, fresh_clients: None, deadline: Any, ended: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDWATCH_LOGS", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    result = deadline("job", "logs", "--job-id", ended.frames)
    assert result.code == 1
    assert "Could not connect" in result.json["error"]


def test_the_worker_of_a_session_has_a_log_too(farm: Any, ended: Any, logs: Any) -> None:
    document = logs("--worker").json
    assert document["logGroup"] == f"/aws/deadline/{farm.farm_id}/{farm.fleet_id}"
    assert document["logStream"] == document["workerId"]
    assert document["fleetId"] == farm.fleet_id
    assert document["events"]
    assert rendered(document) == []

    for_people = logs("--worker", "--output", "verbose").out
    assert f"\nWorker: {document['workerId']}\nLog group: " in for_people


def test_following_a_job_that_has_ended_shows_its_last_session_and_ends(farm: Any, ended: Any, logs: Any) -> None:
    last = logs().json
    followed = logs("--follow")
    assert (followed.code, followed.err) == (0, "")
    assert [record["message"] for record in followed.records] == [event["message"] for event in last["events"]]
    assert {record["sessionId"] for record in followed.records} == {last["logStream"]}
    assert list(followed.records[0]) == ["sessionId", "timestamp", "message", "ingestionTime", "eventId"]

    for_people = logs("-f", "--output", "verbose", "--timestamp-format", "relative").out
    assert for_people.startswith(f"Job: Two frames ({ended.frames})\n\nSession: {last['logStream']} on worker-")
    assert re.search(r"\n\[0:\d\d:\d\d(\.\d{6})?\] rendered frame [12]\n", for_people)
    assert for_people.endswith("\n\nThe job has ended: SUCCEEDED\n")


def test_following_begins_with_the_last_lines_and_with_a_session_that_is_named(
    farm: Any, deadline: Any, ended: Any, logs: Any
) -> None:
    everything = logs().json
    arguments = ("job", "logs", "--follow", "--job-id", ended.frames, "--session-id", everything["logStream"])
    messages = [record["message"] for record in deadline(*arguments, "--limit", "3").records]
    assert messages == [event["message"] for event in everything["events"]][-3:]
    assert deadline(*arguments, "--output", "verbose").out.endswith("\n\nThe session has ended.\n")


def test_following_a_job_that_never_ran_ends_without_lines(queued: Any, deadline: Any) -> None:
    job_id = queued.new(targetTaskRunStatus="SUSPENDED")
    result = deadline("job", "logs", "--follow", "--job-id", job_id, "--output", "verbose")
    assert result.code == 0
    assert "It has not begun yet" in result.out
    assert result.out.endswith("There are no lines.\n\nThe job has ended: SUSPENDED\n")
    assert deadline("job", "logs", "--follow", "--job-id", job_id).out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--worker",),
        ("--next-token", "f/1"),
        ("--end-time", "2030-01-01"),
        ("--session-action-id", f"sessionaction-{NOWHERE}-0"),
    ],
    ids=lambda value: value[0],
)
def test_what_is_about_a_log_as_it_is_does_not_go_with_following(arguments: tuple[str, ...], logs: Any) -> None:
    result = logs("--follow", *arguments)
    assert (result.code, result.out) == (2, "")
    assert f"does not go with {arguments[0]}." in result.err


def test_following_what_does_not_exist_is_an_error(farm: Any, ended: Any, logs: Any) -> None:
    arguments = ("--follow", "--session-id", f"session-{NOWHERE}")
    as_json = logs(*arguments)
    assert as_json.code == 1
    assert f"session-{NOWHERE}" in as_json.json["error"]
    for_people = logs(*arguments, "--output", "verbose")
    assert for_people.code == 1
    assert f"Failed to follow the log of session session-{NOWHERE}" in for_people.err


def test_following_bears_a_passing_problem(farm: Any, ended: Any, logs: Any, faults: Any) -> None:
    faults.fail("ListSessions", times=2)
    assert rendered({"events": logs("--follow").records})


@pytest.mark.skipif(sys.platform == "win32", reason="processes on Windows get no SIGINT from others")
def test_a_running_job_is_followed_until_ctrl_c(
    farm: Any, deadline: Any, process: Any, bundle: Path, tmp_path: Path
) -> None:
    code = (
        "import pathlib, sys, time\nprint('the first words', flush=True)\n"
        "while not pathlib.Path(sys.argv[1]).exists(): time.sleep(0.02)\n"
        "print('the second words', flush=True)\ntime.sleep(100)"
    )
    template = json.loads((bundle / "template.json").read_text(encoding="utf-8"))
    template["steps"][0]["script"]["actions"]["onRun"]["args"] = ["-c", code, str(tmp_path / "go")]
    (bundle / "template.json").write_text(json.dumps(template), encoding="utf-8")
    job_id = deadline("bundle", "submit", str(bundle)).out.split()[-1]
    try:
        one = process("job", "logs", "--follow", "--output", "verbose")
        seen = ""
        while "the first words" not in seen:
            seen = one.stdout.readline()
            assert seen
        (tmp_path / "go").touch()
        while "the second words" not in seen:
            seen = one.stdout.readline()
            assert seen
        one.send_signal(signal.SIGINT)
        out, err = one.communicate(timeout=60)
        job = farm.job(job_id)
    finally:
        ids = {"farmId": farm.farm_id, "queueId": farm.queue_id, "jobId": job_id}
        farm.client.update_job(**ids, targetTaskRunStatus="CANCELED")
    assert (one.returncode, out) == (130, "")
    assert err.endswith(f"Stopped following job {job_id}; the job goes on.\n")
    assert "Traceback" not in err
    assert job["taskRunStatus"] == "RUNNING"
