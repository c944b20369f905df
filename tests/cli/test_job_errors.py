"""What the commands for jobs say when the service does not do as they ask."""

from __future__ import annotations

from typing import Any

import pytest

NOWHERE = f"job-{'0' * 32}"

COMMANDS: list[tuple[str, ...]] = [
    ("get",),
    ("cancel", "--yes"),
    ("suspend", "--yes"),
    ("resume", "--yes"),
    ("archive", "--yes"),
    ("update", "--priority", "80", "--yes"),
    ("requeue-tasks", "--yes"),
    ("why",),
    ("logs",),
    ("logs", "--follow"),
    ("trace-schedule",),
]
"""Those that end with exit code 1 and a sentence on stderr; waiting and watching have codes of their own."""

WAITING: list[tuple[str, ...]] = [("wait",), ("watch", "--output", "json")]


@pytest.mark.parametrize("output", [(), ("--output", "json")], ids=["plain", "json"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_an_unknown_job_is_answered_with_those_there_are(
    arguments: tuple[str, ...], output: tuple[str, ...], queued: Any, deadline: Any
) -> None:
    job_id = queued.new(name="Turntable", targetTaskRunStatus="SUSPENDED")
    result = deadline("job", *arguments, "--job-id", NOWHERE, *output)
    assert (result.code, result.out) == (1, "")
    assert NOWHERE in result.err
    assert f"Recent jobs of queue {queued.queue_id}:\n  {job_id}  Turntable\n" in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("arguments", WAITING, ids=" ".join)
def test_an_unknown_job_is_not_waited_for(arguments: tuple[str, ...], queued: Any, deadline: Any) -> None:
    result = deadline("job", *arguments, "--job-id", NOWHERE)
    assert result.code == 2
    assert f"Recent jobs of queue {queued.queue_id}:" in result.json["error"]
    assert result.json["jobId"] == NOWHERE


@pytest.mark.parametrize("arguments", [*COMMANDS, *WAITING], ids=" ".join)
def test_an_id_that_is_almost_right_finds_the_job(arguments: tuple[str, ...], queued: Any, deadline: Any) -> None:
    job_id = queued.new(name="Meant", targetTaskRunStatus="SUSPENDED")
    for _ in range(3):
        queued.new(name="Not meant", targetTaskRunStatus="SUSPENDED")
    almost = job_id[:-1] + ("0" if job_id[-1] != "0" else "1")
    result = deadline("job", *arguments, "--job-id", almost)
    assert result.code in (1, 2)
    said = result.err or result.json["error"]
    heading = f"Recent jobs of queue {queued.queue_id}:\n"
    assert said[said.index(heading) + len(heading) :].startswith(f"  {job_id}  Meant\n")


@pytest.mark.parametrize("arguments", [*COMMANDS, *WAITING], ids=" ".join)
def test_who_may_not_see_the_job_is_told_so(
    arguments: tuple[str, ...], queued: Any, deadline: Any, faults: Any
) -> None:
    faults.deny("GetJob", message="You may not.")
    result = deadline("job", *arguments, "--job-id", NOWHERE)
    assert result.code == (2 if arguments in WAITING else 1)
    said = result.err or result.json["error"]
    assert "AccessDeniedException" in said
    assert "You may not." in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "arguments",
    [("cancel", "--yes"), ("suspend", "--yes"), ("update", "--priority", "80", "--yes"), ("resume", "--yes")],
    ids=" ".join,
)
def test_who_may_not_change_the_job_is_told_so_and_it_stays_as_it_is(
    arguments: tuple[str, ...], queued: Any, deadline: Any, faults: Any
) -> None:
    # A job that is as it should be already is not changed at all.
    job_id = queued.new(**({"targetTaskRunStatus": "SUSPENDED"} if arguments[0] == "resume" else {}))
    before = queued.get(job_id)
    faults.deny("UpdateJob")
    result = deadline("job", *arguments, "--job-id", job_id)
    assert result.code == 1
    assert f"job {job_id}: An error occurred (AccessDeniedException)" in result.err
    assert "Traceback" not in result.err
    after = queued.get(job_id)
    assert [after[name] for name in ("taskRunStatus", "priority")] == [
        before[name] for name in ("taskRunStatus", "priority")
    ]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [("GetJob", ("why",)), ("UpdateJob", ("suspend", "--yes"))],
    ids=["GetJob", "UpdateJob"],
)
def test_a_moment_of_throttling_is_waited_out(
    operation: str, arguments: tuple[str, ...], queued: Any, deadline: Any, faults: Any
) -> None:
    job_id = queued.new()
    faults.throttle(operation, times=1)
    assert deadline("job", *arguments, "--job-id", job_id).code == 0


@pytest.mark.parametrize("arguments", [("get",), ("cancel", "--yes"), ("logs", "--follow")], ids=" ".join)
def test_throttling_without_end_says_to_wait(
    arguments: tuple[str, ...],
    queued: Any,
    fresh_clients: None,
    deadline: Any,
    faults: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    faults.throttle("GetJob", times=None)
    result = deadline("job", *arguments, "--job-id", NOWHERE)
    assert (result.code, result.out) == (1, "")
    assert "ThrottlingException" in result.err
    assert "Wait a minute and try again." in result.err


def test_a_search_that_fails_is_explained(farm: Any, deadline: Any, faults: Any) -> None:
    faults.deny("SearchJobs", times=1)
    result = deadline("job", "get", "Turntable")
    assert (result.code, result.out) == (1, "")
    assert f"Failed to search queue {farm.queue_id} for jobs: " in result.err
