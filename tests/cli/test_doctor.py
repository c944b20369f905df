"""What ``deadline doctor`` prints, and how it ends."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

import pytest

NOWHERE = "0" * 32


def test_a_farm_that_works_is_a_line_for_each_check(farm: Any, deadline: Any) -> None:
    result = deadline("doctor", "--output", "verbose")

    assert result.code == 0
    *lines, empty, summary = result.out.splitlines()
    assert empty == ""
    assert re.fullmatch(r"\d+ ok\.", summary)
    assert all(re.match(r"ok       [a-z0-9-]+ +\S", line) for line in lines)
    # What was found begins in one column.
    assert len({re.match(r"ok +\S+ +", line).end() for line in lines}) == 1  # type: ignore[union-attr]
    assert any(farm.queue_id in line for line in lines)


def test_json_in_a_pipe_is_one_object_with_all_checks(farm: Any, deadline: Any) -> None:
    result = deadline("doctor")
    assert [check for check in result.json["checks"] if check["state"] != "ok"] == []
    assert (result.code, result.json["state"]) == (0, "ok")
    assert {"settings", "credentials", "endpoint-s3", "bucket-write", "python"} <= {
        check["name"] for check in result.json["checks"]
    }
    assert all(list(check) == ["name", "state", "found", "why", "nextStep"] for check in result.json["checks"])


def test_what_is_wrong_comes_with_the_reason_and_the_next_step(farm: Any, deadline: Any) -> None:
    result = deadline("doctor", "--queue-id", f"queue-{NOWHERE}", terminal=True)

    plain = re.sub(r"\x1b\[[0-9;]*m", "", result.out)
    assert (result.code, result.err) == (1, "")
    assert f"Failed to get queue queue-{NOWHERE}" in " ".join(plain.split())
    assert f"  {farm.queue_id}  Local queue" in plain
    assert "\nskipped  fleets             This needs queue, which did not succeed.\n" in plain
    assert max(len(line) for line in plain.splitlines() if line.startswith("         ")) < 100
    assert "\x1b[31m" in result.out


def test_on_a_terminal_what_was_found_is_wrapped_in_its_column(
    farm: Any, deadline: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", deadline("doctor", terminal=True).out)
    lines = plain.splitlines()
    number = next(number for number, line in enumerate(lines) if line.startswith("ok       environment "))
    assert re.match(r" {28}[A-Z]", lines[number + 1])
    assert " ".join(plain.split()).count("set are AWS_REGION, AWS_DEFAULT_REGION, ") == 1


def test_no_colours_where_they_are_not_wanted(deadline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in deadline("doctor", terminal=True).out


def test_a_settings_file_that_cannot_be_understood_is_the_first_error(deadline: Any, home: Path) -> None:
    (home / "settings").write_text("nothing of the kind", encoding="utf-8")
    result = deadline("doctor", "--profile", "studio")
    assert (result.code, result.err) == (1, "")
    assert [check["name"] for check in result.json["checks"] if check["state"] == "error"] == ["settings"]


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_a_time_limit_that_is_none_is_refused(seconds: str, deadline: Any) -> None:
    assert deadline("doctor", "--timeout", seconds).code == 2


def test_ctrl_c_stops_and_shows_what_is_known(farm: Any, running: Any, process: Any) -> None:
    running.faults.delay("GetFarm", seconds=60)
    try:
        doctor = process("doctor", "--output", "verbose", "--timeout", "60")
        while not doctor.stdout.readline().startswith("ok       authentication"):
            assert doctor.poll() is None
        doctor.send_signal(signal.SIGINT)
        out, err = doctor.communicate(timeout=30)
    finally:
        running.faults.clear()
    assert doctor.returncode == 130
    assert "skipped  farm               It was stopped before it ended." in out
    assert err.endswith("Stopped before all checks had ended.\n")
