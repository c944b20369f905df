"""What the workers of a job did with their time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture
def trace(farm: Any, deadline: Any, ended: Any) -> Any:
    """The schedule of the job that wrote frames; further arguments may be given."""
    return lambda *arguments, **how: deadline("job", "trace-schedule", "--job-id", ended.frames, *arguments, **how)


def test_the_summary_counts_and_times_what_was_done(trace: Any) -> None:
    result = trace()
    assert (result.code, result.err) == (0, "")
    summary = dict(line.split(": ", 1) for line in result.out.splitlines())
    assert summary["Task runs"] == "2"
    assert summary["Sessions"] in ("1", "2")
    assert summary["Task run duration"].startswith("0:0")
    assert summary["Task run duration"].endswith("%)")
    assert "Overhead per session action" in summary


def test_verbose_prints_the_job_and_its_sessions(trace: Any, ended: Any) -> None:
    printed = trace("-v").out
    document = yaml.safe_load(printed.partition("\n")[2].split("\n\nJob duration: ")[0])
    assert document["job"]["jobId"] == ended.frames
    actions = [action for session in document["sessions"] for action in session["actions"]]
    runs = [action for action in actions if "taskRun" in action["definition"]]
    assert [session["index"] for session in document["sessions"]] == list(range(len(document["sessions"])))
    assert {run["step"]["name"] for run in runs} == {"Run"}
    assert sorted(run["task"]["parameters"]["Frame"]["int"] for run in runs) == ["1", "2"]
    assert "Task runs: 2" in printed


def test_a_trace_is_written_for_chrome(trace: Any, ended: Any, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    result = trace("--trace-format", "CHROME", "--trace-file", str(file))
    assert result.code == 0
    assert str(file) in result.out
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["otherData"]["jobId"] == ended.frames
    names = [event["name"] for event in document["traceEvents"] if event.get("cat") == "taskRun"]
    assert sorted(names) == ["Frame=1", "Frame=2"]
    assert [path.name for path in tmp_path.iterdir()] == ["trace.json"]


def test_as_json_it_is_one_object(trace: Any, ended: Any) -> None:
    document = trace("--output", "json").json
    assert (document["jobId"], document["jobName"], document["taskRunCount"]) == (ended.frames, "Two frames", 2)
    assert document["sessionDuration"] >= document["taskRunDuration"] > 0
    assert {session["stepName"] for session in document["sessions"]} == {"Run"}


def test_on_a_terminal_the_progress_leaves_no_trace(trace: Any) -> None:
    result = trace(terminal=True)
    assert "Fetching sessions" in result.err
    assert result.err.endswith("\r\x1b[K")
    assert "Fetching" not in result.out


def test_a_job_that_has_not_begun_has_no_schedule(queued: Any, deadline: Any) -> None:
    result = deadline("job", "trace-schedule", "--job-id", queued.new())
    assert (result.code, result.out) == (1, "")
    assert "has not begun to run" in result.err


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("--trace-file", "trace.json"), 1, "--trace-format chrome"),
        (("--trace-format", "svg"), 2, "'chrome'"),
        (("--trace-format", "chrome", "--trace-file", "no/such/folder/trace.json"), 1, "no/such/folder/trace.json"),
    ],
    ids=["no format", "unknown format", "no folder"],
)
def test_bad_input_is_refused(arguments: tuple[str, ...], code: int, reason: str, trace: Any) -> None:
    result = trace(*arguments)
    assert (result.code, result.out) == (code, "")
    assert reason in result.err


def test_items_that_the_service_keeps_back_are_told_on_stderr(trace: Any, faults: Any) -> None:
    faults.deny("GetTask")
    result = trace("--output", "json")
    assert result.code == 0
    assert result.json["taskRunCount"] == 2
    assert "AccessDeniedException" in result.err
