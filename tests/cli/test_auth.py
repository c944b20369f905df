"""How the command line says who one is, and logs in and out with a program that stands in for the monitor."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from .monitor import Monitor

posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script with a #! line")


def test_status_is_a_json_object_in_a_pipe(farm: Any, deadline: Any) -> None:
    result = deadline("auth", "status")
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") == 1
    assert result.json == {
        "profile_name": "(default)",
        "source": "HOST_PROVIDED",
        "status": "AUTHENTICATED",
        "api_availability": True,
    }


def test_status_is_four_lines_for_people(farm: Any, deadline: Any) -> None:
    assert deadline("auth", "status", "--output", "VERBOSE").out == (
        "     Profile Name: (default)\n"
        "           Source: HOST_PROVIDED\n"
        "           Status: AUTHENTICATED\n"
        " API Availability: True\n"
    )


def test_status_on_a_terminal_is_for_people_unless_json_is_asked_for(farm: Any, deadline: Any) -> None:
    assert "Profile Name: (default)" in deadline("auth", "status", terminal=True).out
    assert deadline("auth", "status", "--output", "json", terminal=True).json["status"] == "AUTHENTICATED"


def test_status_without_credentials_says_why_and_succeeds(deadline: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    result = deadline("auth", "status")
    assert result.code == 0
    assert result.json["status"] == "CONFIGURATION_ERROR"
    assert result.json["api_availability"] is False
    assert "credentials" in result.err


def test_status_of_a_profile_that_does_not_exist_names_it(deadline: Any) -> None:
    result = deadline("auth", "status", "--profile", "nobody")
    assert result.json == {
        "profile_name": "nobody",
        "source": "NOT_VALID",
        "status": "CONFIGURATION_ERROR",
        "api_availability": False,
    }
    assert "(nobody) could not be found" in result.err


@pytest.fixture
def monitor(farm: Any, fresh_clients: None, home: Path, deadline: Any, monkeypatch: pytest.MonkeyPatch) -> Monitor:
    """A monitor, and its profile ``studio``."""
    monitor = Monitor(home)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(monitor.write_profiles()))
    assert deadline("config", "set", "deadline-cloud-monitor.path", str(monitor.program)).code == 0
    assert deadline("config", "set", "defaults.aws_profile_name", "studio").code == 0
    return monitor


@posix_only
def test_login_waits_for_the_monitor_and_says_so(monitor: Monitor, deadline: Any) -> None:
    assert deadline("auth", "status").json["status"] == "NEEDS_LOGIN"
    monitor.does(f"time.sleep(0.2)\n{monitor.LET_IN}")

    result = deadline("auth", "login")

    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "Logging in with the AWS profile studio\n"
        "The Deadline Cloud monitor opens. Log in there, then come back here.\n"
        "\nLogged in. Deadline Cloud monitor profile: studio\n\n"
    )
    assert deadline("auth", "status").json["status"] == "AUTHENTICATED"


@posix_only
def test_a_login_that_fails_tells_what_the_monitor_said(monitor: Monitor, deadline: Any) -> None:
    monitor.does("print('The studio is closed.')\nsys.exit(3)\n")
    result = deadline("auth", "login")
    assert result.code == 1
    assert "The studio is closed." in result.err
    assert "Logged in" not in result.out


@posix_only
@pytest.mark.parametrize("command", ["login", "logout"])
def test_there_is_no_login_for_other_profiles(command: str, monitor: Monitor, deadline: Any) -> None:
    result = deadline("auth", command, "--profile", "plain")
    assert result.code == 1
    assert result.out == ""
    assert "no login for the AWS profile plain" in result.err


@posix_only
@pytest.mark.parametrize("command", ["login", "logout"])
def test_a_misspelt_profile_is_told_which_one_may_be_meant_and_nothing_else(
    command: str, monitor: Monitor, deadline: Any
) -> None:
    result = deadline("auth", command, "--profile", "studoi")
    assert (result.code, result.out) == (1, "")
    assert "studoi: it does not exist. Did you mean 'studio'?" in result.err


@posix_only
@pytest.mark.parametrize(("said", "printed"), [("Good bye.", "Good bye.\n"), ("", "Logged out.\n")])
def test_logout_prints_what_the_monitor_says(said: str, printed: str, monitor: Monitor, deadline: Any) -> None:
    monitor.does(f"print({said!r})\n")
    result = deadline("auth", "logout")
    assert (result.code, result.out, result.err) == (0, printed, "")


@posix_only
def test_ctrl_c_ends_a_login_and_its_monitor(monitor: Monitor, process: Any) -> None:
    monitor.does("(home / 'pid').write_text(str(os.getpid()))\ntime.sleep(60)\n")
    running = process("auth", "login")
    limit = time.monotonic() + 30
    while not (monitor.home / "pid").exists() or not (monitor.home / "pid").read_text():
        assert time.monotonic() < limit
        time.sleep(0.01)

    running.send_signal(signal.SIGINT)

    _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Interrupted." in err
    with pytest.raises(ProcessLookupError):
        os.kill(int((monitor.home / "pid").read_text()), 0)
