"""Looking on as a job runs: the display on a terminal, lines in a pipe, JSON for programs."""

from __future__ import annotations

import re
import threading
from typing import Any, Iterator

import pytest

from .queued_jobs import RUN, frames
from .terminal import screen

NOWHERE = "0" * 32


@pytest.fixture
def course(running: Any) -> Iterator[Any]:
    """``course(*steps)`` calls each of the steps when a command has looked at the job since the one before."""
    threads: list[threading.Thread] = []
    over = threading.Event()

    def looks() -> int:
        count: int = running.calls.counts().get("ListSteps", 0)
        return count

    def run(*steps: Any) -> None:
        for step in steps:
            before = looks()
            while looks() == before:
                if over.wait(0.02):
                    return
            step()

    def start(*steps: Any) -> None:
        threads.append(threading.Thread(target=run, args=steps))
        threads[-1].start()

    yield start
    over.set()
    for thread in threads:
        thread.join()


def test_lines_tell_each_change_of_the_job_and_its_steps(queued: Any, deadline: Any, course: Any) -> None:
    job_id = queued.new(name="Turntable")
    course(
        lambda: queued.mark(job_id, "Render", "SUCCEEDED", "SUCCEEDED"),
        lambda: queued.mark(job_id, "Encode", "CANCELED"),
        lambda: queued.mark(job_id, "Render", "SUCCEEDED", "SUCCEEDED", "FAILED"),
    )

    result = deadline("job", "watch", "--job-id", job_id, "--max-poll-interval", "0", "--timeout", "60")

    assert (result.code, result.err) == (2, "")
    lines = result.out.splitlines()
    assert lines[:5] == [
        "Turntable",
        job_id,
        "READY: 0 of 4 tasks succeeded, 0 workers running",
        "  Render: READY, 3 ready",
        "  Encode: PENDING, 1 pending",
    ]
    assert "  Encode: CANCELED, 1 canceled" in lines
    assert lines.count("  Encode: PENDING, 1 pending") == 1
    assert re.search(r"\nFAILED after \d+\.\d seconds\n\nFailed tasks \(1\):\n", result.out)
    assert f"deadline job why --job-id {job_id}" in result.out
    assert "\x1b" not in result.out


def test_on_a_terminal_the_display_changes_in_place(queued: Any, deadline: Any, course: Any) -> None:
    job_id = queued.new(name="Turntable")
    course(
        lambda: queued.mark(job_id, "Render", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"),
        lambda: queued.mark(job_id, "Encode", "CANCELED"),
    )

    arguments = ("--job-id", job_id, "--max-poll-interval", "0", "--timeout", "60")
    result = deadline("job", "watch", *arguments, terminal=True)

    assert (result.code, result.err) == (3, "")
    lines = screen(result.out)
    assert lines[:2] == ["Turntable", job_id]
    assert re.fullmatch(r"CANCELED: 3 of 4 tasks succeeded, 0 workers running, \d+ s, \d+ s left", lines[2])
    assert re.fullmatch(r"█{30}  100 %  3 succeeded, 1 canceled", lines[3])
    assert re.fullmatch(r"  Render  █{30}  100 %  3 succeeded", lines[4])
    assert re.fullmatch(r"  Encode  █{30}  100 %  1 canceled", lines[5])
    assert re.fullmatch(r"CANCELED after \d+\.\d seconds", lines[6])
    assert lines[7:] == [""]
    # It was another one before.
    assert "   0 %  3 ready" in result.out


def test_the_display_leaves_out_what_the_terminal_has_no_room_for(
    queued: Any, deadline: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINES", "10")
    steps = [{"name": f"Step {number} " + "x" * 50, "script": RUN} for number in range(12)]
    job_id = queued.new(steps=steps, name="N" * 120, targetTaskRunStatus="SUSPENDED")

    result = deadline("job", "watch", "--job-id", job_id, terminal=True)

    assert result.code == 4
    lines = screen(result.out)
    assert max(map(len, lines)) <= 100
    assert len([line for line in lines if line.startswith("  Step ")]) == 5
    assert "  ... and 7 more steps" in lines


def test_a_terminal_that_cannot_move_its_cursor_gets_lines(
    farm: Any, deadline: Any, ended: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    result = deadline("job", "watch", "--job-id", ended.frames, terminal=True)
    assert result.code == 0
    assert "\nSUCCEEDED: 2 of 2 tasks succeeded, 0 workers running\nSUCCEEDED after " in result.out
    assert "\x1b" not in result.out


def test_without_permission_to_list_steps_the_job_is_watched_all_the_same(
    queued: Any, deadline: Any, faults: Any
) -> None:
    job_id = queued.new(targetTaskRunStatus="SUSPENDED")
    faults.deny("ListSteps", times=1)
    result = deadline("job", "watch", "--job-id", job_id)
    assert result.code == 4
    assert "SUSPENDED: 0 of 4 tasks succeeded" in result.out
    assert "Render" not in result.out


def test_as_json_each_change_is_a_line(queued: Any, deadline: Any, course: Any) -> None:
    job_id = queued.new(name="Turntable", steps=[{"name": "Render", "script": RUN, "parameterSpace": frames(2)}])
    course(lambda: queued.mark(job_id, "Render", "SUCCEEDED", "SUCCEEDED"))

    arguments = ("--job-id", job_id, "--max-poll-interval", "0", "--timeout", "60", "--output", "json")
    result = deadline("job", "watch", *arguments)

    assert (result.code, result.err) == (0, "")
    first, *_, last = result.records
    assert {**first, "elapsedTime": 0, "taskRunStatusCounts": {}, "steps": []} == {
        "messageType": "progress",
        "jobId": job_id,
        "jobName": "Turntable",
        "taskRunStatus": "READY",
        "lifecycleStatus": "CREATE_COMPLETE",
        "taskRunStatusCounts": {},
        "percent": 0,
        "steps": [],
        "elapsedTime": 0,
    }
    assert first["steps"][0]["name"] == "Render"
    assert {**last, "elapsedTime": 0} == {
        "messageType": "result",
        "jobId": job_id,
        "jobName": "Turntable",
        "status": "SUCCEEDED",
        "elapsedTime": 0,
        "failedTasks": [],
    }
    assert {record["messageType"] for record in result.records[:-1]} == {"progress"}


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (("--job-id", f"job-{NOWHERE}"), 2, "does not exist"),
        (("--timeout", "1"), 1, "had not ended after 1 second"),
    ],
    ids=["unknown", "timeout"],
)
def test_as_json_errors_are_lines_too(
    arguments: tuple[str, ...], code: int, error: str, queued: Any, deadline: Any
) -> None:
    deadline("config", "set", "defaults.job_id", queued.new())
    result = deadline("job", "watch", *arguments, "--output", "json")
    assert result.code == code
    assert result.records[-1]["messageType"] == "error"
    assert error in result.records[-1]["error"]
    for_people = deadline("job", "watch", *arguments, terminal=True)
    assert for_people.code == code
    assert error in for_people.err
