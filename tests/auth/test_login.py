"""Logging in and out with a program that stands in for the Deadline Cloud monitor."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import botocore.compat
import pytest

from deadline.client.auth import credentials
from deadline.client.auth.credentials import AwsCredentialsSource
from deadline.client.auth.login import LoginCanceled, UnsupportedProfileTypeForLoginLogout, login, logout
from deadline.client.auth.session import get_boto3_client, get_boto3_session
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError, DeadlineOperationTimedOut

from .conftest import Service

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script with a #! line")

FARMS = "/2023-10-12/farms"
ARN = "arn:aws:sts::123456789012:assumed-role/Artist/me"
STAY = "while not (home / 'quit').exists():\n    time.sleep(0.01)\n"
"""Keeps the monitor running until the test is over."""

LET_IN = "(home / 'key').write_text('monitor-key')\n"
"""What the monitor does when the user has logged in."""


class Monitor:
    """A program that the test writes, and what it was called with."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / "deadline-cloud-monitor"
        self._script(self.path, STAY)
        self.credentials = home / "credential-process"
        self._script(
            self.credentials,
            "key = home / 'key'\n"
            "if not key.exists():\n"
            "    sys.exit('Log in first.')\n"
            "print(json.dumps({'Version': 1, 'AccessKeyId': key.read_text(), 'SecretAccessKey': 's'}))\n",
        )

    def does(self, body: str) -> None:
        self._script(self.path, body)

    def hands_out_credentials_by(self, body: str) -> None:
        self._script(self.credentials, body)

    @property
    def calls(self) -> list[list[str]]:
        log = self.home / f"{self.path.name}.log"
        return [json.loads(line)["argv"] for line in log.read_text().splitlines()] if log.exists() else []

    def is_running(self) -> bool:
        """Whether any process of the monitor is there."""
        for log in self.home.glob("*.log"):
            for line in log.read_text().splitlines():
                try:
                    os.kill(json.loads(line)["pid"], 0)
                except ProcessLookupError:
                    continue
                return True
        return False

    def _script(self, path: Path, body: str) -> None:
        path.write_text(
            f"#!{sys.executable} -IS\n"
            "import json, os, subprocess, sys, time\n"
            "from pathlib import Path\n"
            f"home = Path({str(self.home)!r})\n"
            f"with open(home / {f'{path.name}.log'!r}, 'a') as log:\n"
            "    log.write(json.dumps({'pid': os.getpid(), 'argv': sys.argv[1:]}) + '\\n')\n"
            f"{body}",
            encoding="utf-8",
        )
        path.chmod(0o700)


def wait_until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "what was waited for has not happened"
        time.sleep(0.01)


@pytest.fixture
def monitor(tmp_path: Path, aws_config: Path, service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    """A monitor that hangs, its profiles, and a service that knows the credentials which it hands out."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    home = tmp_path / "monitor"
    home.mkdir()
    monitor = Monitor(home)
    keys = (
        f"region=us-west-2\nmonitor_id=monitor-1\nuser_id=user-1\nidentity_store_id=store-1\n"
        f"credential_process={monitor.credentials}\n"
    )
    aws_config.write_text(
        f"[profile studio]\n{keys}[default]\n{keys}[profile console]\nregion=us-west-2\nlogin_session={ARN}\n"
        "[profile plain]\nregion=us-west-2\n",
        encoding="utf-8",
    )
    set_setting("deadline-cloud-monitor.path", str(monitor.path))
    set_setting("defaults.aws_profile_name", "studio")

    def answer(request: Any) -> tuple[int, Any]:
        if "Credential=monitor-key/" in request.headers["Authorization"]:
            return 200, {"farms": []}
        return 403, {"__type": "AccessDeniedException", "message": "who are you"}

    service.answers[FARMS] = answer
    yield monitor
    (home / "quit").touch()
    wait_until(lambda: not monitor.is_running())
    ours = ("deadline-login", "deadline-monitor-output")
    wait_until(lambda: not [thread for thread in threading.enumerate() if thread.name in ours])


def test_login_waits_until_the_service_accepts_the_credentials(monitor: Monitor) -> None:
    monitor.does(f"time.sleep(0.2)\n{LET_IN}{STAY}")
    pending: list[AwsCredentialsSource] = []

    message = login(lambda *, credentials_source: pending.append(credentials_source), None)

    assert message == "Deadline Cloud monitor profile: studio"
    assert pending == [AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN]
    assert monitor.calls == [["login", "--profile", "studio"]]
    assert monitor.is_running()


def test_login_makes_clients_use_the_new_credentials(monitor: Monitor, service: Service) -> None:
    (monitor.home / "key").write_text("old-key")
    assert credentials.check_authentication_status() is credentials.AwsAuthenticationStatus.NEEDS_LOGIN
    monitor.does(LET_IN + STAY)

    login(None, None)

    get_boto3_client("deadline").list_farms()
    assert "Credential=monitor-key/" in service.requests[-1].headers["Authorization"]


def test_a_launcher_that_ends_well_has_brought_the_monitor_forward(monitor: Monitor) -> None:
    monitor.does(
        f"body = {('import time, pathlib; home = pathlib.Path(' + repr(str(monitor.home)) + '); time.sleep(0.3); ' + LET_IN)!r}\n"
        "subprocess.Popen([sys.executable, '-c', body])\n"
    )

    assert login(None, lambda: False) == "Deadline Cloud monitor profile: studio"


@pytest.mark.parametrize("name", ["(default)", "default", ""])
def test_the_default_profile_goes_by_its_aws_name_f_18(name: str, monitor: Monitor) -> None:
    set_setting("defaults.aws_profile_name", name)
    monitor.does(LET_IN)

    assert login(None, None).endswith(": default")
    logout()

    assert monitor.calls == [["login", "--profile", "default"], ["logout", "--profile", "default"]]


@pytest.mark.parametrize("profile", ["studio", "console"])
def test_login_without_a_known_monitor_says_how_to_get_one_f_16(
    profile: str, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(botocore.compat, "EC", object(), raising=False)
    set_setting("deadline-cloud-monitor.path", "")
    set_setting("defaults.aws_profile_name", profile)

    with pytest.raises(DeadlineOperationError, match=f"profile {profile}.*[Ii]nstall the monitor") as raised:
        login(None, None)

    assert ("aws login --profile console" in str(raised.value)) is (profile == "console")


def test_logout_without_a_known_monitor_says_how_to_get_one_f_16(monitor: Monitor) -> None:
    set_setting("deadline-cloud-monitor.path", "")

    with pytest.raises(DeadlineOperationError, match="Install the monitor"):
        logout()


@pytest.mark.parametrize("action", [lambda: login(None, None), logout])
def test_a_monitor_that_is_gone_is_named_with_its_path(action: Callable[[], Any], monitor: Monitor) -> None:
    monitor.path.unlink()

    with pytest.raises(DeadlineOperationError, match=r"studio.*No such file.*again") as raised:
        action()

    assert str(monitor.path) in str(raised.value)


def test_a_monitor_that_fails_ends_the_login_with_what_it_said(monitor: Monitor) -> None:
    monitor.does("print('The studio is closed.')\nprint('secret', file=sys.stderr)\nsys.exit(3)\n")

    with pytest.raises(DeadlineOperationError, match=r"studio \(exit code 3\):\nThe studio is closed\.$"):
        login(None, lambda: False)


def test_a_chatty_monitor_does_not_block_and_its_last_words_are_kept_f_17(monitor: Monitor) -> None:
    chatter = "for _ in range(20000):\n    print('chatter ' * 10)\n"
    monitor.does(f"{chatter}print('Last words.')\nsys.exit(1)\n")

    with pytest.raises(DeadlineOperationError, match=r"Last words\.$") as raised:
        login(None, None)

    assert len(str(raised.value)) < 20_000
    monitor.does(chatter + LET_IN)
    assert login(None, None) == "Deadline Cloud monitor profile: studio"


def test_canceling_ends_the_login_and_the_monitor_f_17(monitor: Monitor) -> None:
    with pytest.raises(LoginCanceled) as raised:
        login(None, lambda: bool(monitor.calls))

    assert isinstance(raised.value, DeadlineOperationCanceled)
    assert not monitor.is_running()


def test_canceling_needs_no_answer_from_a_program_that_hangs_f_17(monitor: Monitor) -> None:
    monitor.hands_out_credentials_by(STAY)
    asked = monitor.home / f"{monitor.credentials.name}.log"

    with pytest.raises(LoginCanceled):
        login(None, asked.exists)

    assert not (monitor.home / "quit").exists()


def test_other_sessions_serve_while_a_program_that_hands_out_credentials_hangs_f_17(monitor: Monitor) -> None:
    monitor.hands_out_credentials_by(STAY)
    asked = monitor.home / f"{monitor.credentials.name}.log"
    question = threading.Thread(target=credentials.check_authentication, name="deadline-login")
    question.start()
    wait_until(asked.exists)

    set_setting("defaults.aws_profile_name", "plain")

    assert get_boto3_client("deadline").meta.region_name == "us-west-2"
    assert question.is_alive()


def test_a_login_can_have_a_limit_of_time_f_17(monitor: Monitor) -> None:
    with pytest.raises(DeadlineOperationTimedOut, match=r"within 0\.6 seconds.*Log in first"):
        login(None, None, timeout=0.6)

    assert not monitor.is_running()


def test_ctrl_c_ends_the_monitor_too(monitor: Monitor) -> None:
    def interrupt(credentials_source: AwsCredentialsSource) -> None:
        wait_until(lambda: monitor.calls)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        login(interrupt, None)

    assert not monitor.is_running()


@pytest.mark.parametrize(
    ("profile", "said"), [("plain", "no login for the AWS profile plain"), ("nobody", "not exist")]
)
@pytest.mark.parametrize("action", [lambda: login(None, None), logout])
def test_other_profiles_have_no_login(profile: str, said: str, action: Callable[[], Any], monitor: Monitor) -> None:
    set_setting("defaults.aws_profile_name", profile)

    with pytest.raises(UnsupportedProfileTypeForLoginLogout, match=said):
        action()

    assert monitor.calls == []


def test_a_console_profile_without_its_library_is_told_to_install_it(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(botocore.compat, "EC", None, raising=False)
    set_setting("defaults.aws_profile_name", "console")

    with pytest.raises(DeadlineOperationError, match=r"deadline\[console\]"):
        login(None, None)

    assert monitor.calls == []


def test_logout_returns_what_the_monitor_says_and_forgets_sessions(monitor: Monitor) -> None:
    session = get_boto3_session()
    monitor.does("print('Good bye.')\n")

    assert logout() == "Good bye.\n"

    assert monitor.calls == [["logout", "--profile", "studio"]]
    assert get_boto3_session() is not session


def test_a_monitor_that_fails_to_log_out_is_an_error(monitor: Monitor) -> None:
    monitor.does("print('No.')\nsys.exit(4)\n")

    with pytest.raises(DeadlineOperationError, match=r"studio \(exit code 4\):\nNo\.$"):
        logout()


def test_a_logout_that_hangs_is_given_up_f_17(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deadline.client.auth.login.SECONDS_TO_LOG_OUT", 0.3)

    with pytest.raises(DeadlineOperationTimedOut, match="studio"):
        logout()

    assert not monitor.is_running()


@pytest.fixture
def console_token(tmp_path: Path, monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The token of the console profile, which is the configured one."""
    monkeypatch.setenv("AWS_LOGIN_CACHE_DIRECTORY", str(tmp_path / "login-cache"))
    set_setting("defaults.aws_profile_name", "console")
    token = tmp_path / "login-cache" / f"{hashlib.sha256(ARN.encode()).hexdigest()}.json"
    token.parent.mkdir()
    token.write_text("{}", encoding="utf-8")
    return token


def test_logout_of_the_console_removes_the_token_and_tells_the_monitor(monitor: Monitor, console_token: Path) -> None:
    monitor.does("")

    assert logout() == "Logged out of the AWS Console sign-in profile: console"

    assert not console_token.exists()
    assert monitor.calls == [["logout", "--profile", "console"]]
    assert logout().endswith("console")  # without a token too


@pytest.mark.parametrize("body", ["sys.exit(1)\n", None])
def test_a_monitor_that_fails_does_not_keep_the_console_from_logging_out(
    body: str | None, monitor: Monitor, console_token: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if body is None:
        monitor.path.unlink()
    else:
        monitor.does(body)

    with caplog.at_level(logging.WARNING):
        assert logout().endswith("console")

    assert not console_token.exists()
    assert "console" in caplog.text


def test_a_token_that_cannot_be_removed_is_an_error(monitor: Monitor, console_token: Path) -> None:
    console_token.unlink()
    console_token.mkdir()

    with pytest.raises(DeadlineOperationError, match="was not logged out") as raised:
        logout()

    assert str(console_token) in str(raised.value)
    assert monitor.calls == []
