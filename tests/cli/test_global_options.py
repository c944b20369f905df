"""Options before the name of the command: logging, and where output goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def test_redirected_output_goes_to_a_file_and_nowhere_else(deadline: Any, tmp_path: Path) -> None:
    file = tmp_path / "out.txt"

    result = deadline("--redirect-output", str(file), "config", "get", "settings.log_level", terminal=True)

    assert (result.code, result.out, result.err) == (0, "", "")
    assert file.read_text(encoding="utf-8") == "WARNING\n"


def test_errors_are_redirected_too(deadline: Any, tmp_path: Path) -> None:
    file = tmp_path / "out.txt"

    wrong_value = deadline("--redirect-output", str(file), "config", "get", "nothing.such")
    wrong_usage = deadline("--redirect-output", str(file), "config", "get")

    assert [(result.code, result.out, result.err) for result in (wrong_value, wrong_usage)] == [
        (1, "", ""),
        (2, "", ""),
    ]
    text = file.read_text(encoding="utf-8")
    assert "no setting named 'nothing.such'" in text
    assert "Missing argument" in text


def test_a_redirect_file_is_appended_to_or_replaced(deadline: Any, tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    get = ("config", "get", "settings.log_level")

    deadline("--redirect-output", str(file), *get)
    deadline("--redirect-output", str(file), *get)
    assert file.read_text(encoding="utf-8") == "WARNING\n" * 2

    deadline("--redirect-output", str(file), "--redirect-mode", "REPLACE", *get)
    assert file.read_text(encoding="utf-8") == "WARNING\n"


def test_a_redirect_file_that_cannot_be_written_is_a_usage_error(deadline: Any, tmp_path: Path) -> None:
    result = deadline("--redirect-output", str(tmp_path), "config", "show")
    assert result.code == 2
    assert f"{tmp_path} cannot be written" in result.err


def test_what_is_redirected_is_json_even_where_stdout_is_a_terminal(deadline: Any, tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    deadline("--redirect-output", str(file), "config", "show", terminal=True)
    assert file.read_text(encoding="utf-8").startswith('{"settings.config_file_path": ')


def test_debug_logging_says_so_on_stderr(deadline: Any) -> None:
    result = deadline("--log-level", "debug", "config", "get", "settings.log_level")
    assert result.out == "WARNING\n"
    assert result.err == "DEBUG:deadline.client.cli.app:Debug logging is on\n"


def test_a_log_level_that_another_program_has_stored_wrongly_is_told_and_passed_over(deadline: Any, home: Path) -> None:
    (home / "settings").write_text("[settings]\nlog_level = LOUD\n", encoding="utf-8")
    result = deadline("config", "get", "settings.auto_accept")
    assert (result.code, result.out) == (0, "false\n")
    assert "LOUD" in result.err
    assert "WARNING is used" in result.err


def test_names_of_files_that_are_no_text_can_be_printed(process: Any) -> None:
    one = process("config", "get", "a.\udcff\u20ac")
    out, err = one.communicate(timeout=60)
    assert (one.returncode, out) == (1, "")
    assert "no setting named" in err
    assert "Traceback" not in err


def test_a_reader_that_has_seen_enough_causes_no_complaint(process: Any) -> None:
    one = process("config", "show", "--output", "verbose")
    one.stdout.close()
    one.stdout = None
    _, err = one.communicate(timeout=60)
    assert one.returncode == 1
    assert err == ""


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_without_a_console_output_goes_to_the_file_or_nowhere(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.txt"
    for options in (["--redirect-output", str(file)], []):
        # As a program that Windows starts without a console: there is no stdin, stdout or stderr at all.
        command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", sys.executable, "-m", "deadline", *options]
        done = [
            subprocess.run([*command, *words], env=dict(os.environ), check=False, timeout=60).returncode
            for words in (("config", "get", "settings.log_level"), ("config", "get", "nothing.such"), ("farm",))
        ]
        assert done == [0, 1, 2]
    written = file.read_text(encoding="utf-8")
    assert written.startswith("WARNING\n")
    assert "no setting named 'nothing.such'" in written
    assert "deadline farm list" in written
    assert "Traceback" not in written


def test_options_may_stand_after_arguments_and_values_after_an_equals_sign(deadline: Any) -> None:
    deadline("config", "set", "settings.log_level", "INFO")
    for arguments in (
        ("config", "get", "settings.log_level", "--output", "json"),
        ("config", "get", "--output=JSON", "settings.log_level"),
        ("config", "get", "--output=json", "--", "settings.log_level"),
    ):
        assert deadline(*arguments).json == {"settings.log_level": "INFO"}
    abbreviated = deadline("config", "get", "settings.log_level", "--out", "json")
    assert (abbreviated.code, abbreviated.out) == (2, "")
