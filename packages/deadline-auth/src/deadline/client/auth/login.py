"""Logging in and out with the Deadline Cloud monitor.

The monitor is a program of its own, with a window. :func:`login` starts it and then asks the service every half second
whether it accepts the profile's credentials, until it does, the user gives up, or the monitor fails.

Profiles that were signed in through the AWS console (``aws login``) are renewed by the monitor too; botocore itself
renews their credentials, so that they need a login only when the session at the console has ended.

Each question is asked in a thread, with a session of its own: the programs that hand out credentials can hang, and
nothing may keep the user from giving up.
"""

from __future__ import annotations

import contextvars
import hashlib
import logging
import os
import queue
import threading
import time
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Callable, Dict, Optional

from botocore.config import Config

from deadline.client.config import get_setting
from deadline.client.config.editing import profiles_to_choose
from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError, DeadlineOperationTimedOut

from .credentials import (
    MISSING_DEPENDENCY_REMEDIATION,
    AuthenticationCheck,
    AwsAuthenticationStatus,
    AwsCredentialsSource,
    check_authentication,
    get_credentials_source,
)
from .monitor_process import MonitorProcess, monitor_profile_name
from .session import get_boto3_session, invalidate_boto3_session_cache, new_session
from .telemetry.decorators import record_function_latency_telemetry_event

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_QUESTIONS = 0.5
SECONDS_FOR_AN_ANSWER = 30
"""After this time a question is given up and asked again."""
SECONDS_TO_LOG_OUT = 60
_SECONDS_BETWEEN_CHECKS = 0.1
"""How often the caller is asked whether the user has given up."""

_ONE_ATTEMPT = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1})

_LABELS = {
    AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN: "Deadline Cloud monitor profile",
    AwsCredentialsSource.AWS_CONSOLE_LOGIN: "AWS Console sign-in profile",
}


class UnsupportedProfileTypeForLoginLogout(DeadlineOperationError):
    """The profile has credentials for which there is no login."""


class LoginCanceled(DeadlineOperationCanceled):
    """The user gave up logging in."""

    def __init__(self, message: str = "The login was canceled.") -> None:
        super().__init__(message)


def _source_for_telemetry(config: Optional[ConfigParser] = None) -> Dict[str, str]:
    return {"credentials_source": get_credentials_source(config).name}


@record_function_latency_telemetry_event(details_provider=_source_for_telemetry)
def login(
    on_pending_authorization: Optional[Callable[..., Any]],
    on_cancellation_check: Optional[Callable[[], Any]],
    config: Optional[ConfigParser] = None,
    from_gui: bool = False,
    *,
    timeout: Optional[float] = None,
) -> str:
    """Log the configured profile in, and return a message that says so.

    Args:
        on_pending_authorization: Called once the monitor was started, with ``credentials_source=``; the time to tell the
            user to go on there.
        on_cancellation_check: Called a few times a second; a true answer ends the login, and the monitor's process.
        config: A configuration to read from instead of the settings file.
        from_gui: Whether a window calls, for telemetry.
        timeout: The seconds after which to give up; without it the user decides.

    Raises:
        UnsupportedProfileTypeForLoginLogout: The profile is neither of the monitor nor of the AWS console.
        LoginCanceled: The user gave up.
        DeadlineOperationTimedOut: ``timeout`` has passed.
        DeadlineOperationError: The monitor cannot be started or failed, or a login cannot help.
    """
    source = get_credentials_source(config)
    _require_login(source, config)
    if source is AwsCredentialsSource.AWS_CONSOLE_LOGIN:
        _require_console_support()
    process = MonitorProcess(_monitor_path(source, config), "login", monitor_profile_name(config))
    try:
        if on_pending_authorization is not None:
            on_pending_authorization(credentials_source=source)
        _wait_for_login(process, _Patience(on_cancellation_check, timeout), config)
    except _NoUseWaiting as error:
        raise DeadlineOperationError(str(error)) from None
    except BaseException:
        process.kill()
        raise
    invalidate_boto3_session_cache()
    return f"{_LABELS[source]}: {monitor_profile_name(config)}"


@record_function_latency_telemetry_event(details_provider=_source_for_telemetry)
def logout(config: Optional[ConfigParser] = None, from_gui: bool = False) -> str:
    """Log the configured profile out, and return what the monitor says or a message that says so.

    Raises:
        UnsupportedProfileTypeForLoginLogout: The profile is neither of the monitor nor of the AWS console.
        DeadlineOperationError: The monitor cannot be started or failed, or the session of the AWS console cannot be
            removed.
    """
    source = get_credentials_source(config)
    _require_login(source, config)
    try:
        if source is AwsCredentialsSource.AWS_CONSOLE_LOGIN:
            return _log_out_of_console(config)
        return _run_monitor_logout(_monitor_path(source, config), monitor_profile_name(config))
    finally:
        invalidate_boto3_session_cache()


class _NoUseWaiting(Exception):
    """The login cannot succeed, although the monitor may."""


class _Patience:
    """How long the user waits: until they give up or time is over."""

    def __init__(self, on_cancellation_check: Optional[Callable[[], Any]], timeout: Optional[float]) -> None:
        self._is_canceled = on_cancellation_check
        self._timeout = timeout
        self._end = None if timeout is None else time.monotonic() + timeout

    def check(self, last: Optional[AuthenticationCheck] = None) -> None:
        """Raise where waiting is over."""
        if self._is_canceled is not None and self._is_canceled():
            raise LoginCanceled
        if self._end is not None and time.monotonic() > self._end:
            reason = f" The last answer of AWS was: {last.error}" if last is not None and last.error else ""
            raise DeadlineOperationTimedOut(
                f"Nobody logged in with the Deadline Cloud monitor within {self._timeout:g} seconds. Try again, and go on "
                f"in the window of the monitor.{reason}"
            )

    def pause(self, seconds: float, last: Optional[AuthenticationCheck]) -> None:
        """Wait, and raise as soon as waiting is over."""
        end = time.monotonic() + seconds
        while True:
            self.check(last)
            left = end - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, _SECONDS_BETWEEN_CHECKS))


def _wait_for_login(process: MonitorProcess, patience: _Patience, config: Optional[ConfigParser]) -> None:
    last: Optional[AuthenticationCheck] = None
    while True:
        # Before the question, whose answer then shows what the process has left.
        exit_code = process.exit_code()
        last = _ask(config, patience, last) or last
        if last is not None:
            if last.status is AwsAuthenticationStatus.AUTHENTICATED:
                return
            if last.status is AwsAuthenticationStatus.MISSING_DEPENDENCY:
                raise _NoUseWaiting(MISSING_DEPENDENCY_REMEDIATION)
        # A monitor that ended well has brought its running window forward.
        if exit_code:
            raise DeadlineOperationError(
                f"The Deadline Cloud monitor failed to log in with the profile {monitor_profile_name(config)} (exit code "
                f"{exit_code}):\n{process.output().strip() or 'It said nothing about why.'}"
            )
        patience.pause(SECONDS_BETWEEN_QUESTIONS, last)


def _ask(
    config: Optional[ConfigParser], patience: _Patience, last: Optional[AuthenticationCheck]
) -> Optional[AuthenticationCheck]:
    """Whether the service accepts the credentials as they are now; ``None`` where no answer came in time."""
    answers: queue.SimpleQueue[AuthenticationCheck] = queue.SimpleQueue()

    def ask() -> None:
        try:
            check = check_authentication(config, session=new_session(config), client_config=_ONE_ATTEMPT)
        except Exception as error:  # the profile cannot be read just now, perhaps since the monitor writes it
            check = AuthenticationCheck(AwsAuthenticationStatus.CONFIGURATION_ERROR, error)
        answers.put(check)

    context = contextvars.copy_context()  # with the names for the user agent
    threading.Thread(target=context.run, args=(ask,), name="deadline-login", daemon=True).start()
    end = time.monotonic() + SECONDS_FOR_AN_ANSWER
    while time.monotonic() < end:
        try:
            return answers.get(timeout=_SECONDS_BETWEEN_CHECKS)
        except queue.Empty:
            patience.check(last)
    return None


def _require_login(source: AwsCredentialsSource, config: Optional[ConfigParser]) -> None:
    if source in _LABELS:
        return
    profile = monitor_profile_name(config)
    why = (
        f"it does not exist. {profiles_to_choose(profile)}".rstrip()
        if source is AwsCredentialsSource.NOT_VALID
        else "only profiles that the Deadline Cloud monitor or `aws login` made have one."
    )
    raise UnsupportedProfileTypeForLoginLogout(
        f"There is no login for the AWS profile {profile}: {why} Choose another one with `--profile`, or for good with "
        "`deadline config set defaults.aws_profile_name <name>`."
    )


def _require_console_support() -> None:
    import botocore.compat

    # Older versions of botocore, which know nothing of it, have no such name.
    if getattr(botocore.compat, "EC", True) is None:
        raise DeadlineOperationError(MISSING_DEPENDENCY_REMEDIATION)


def _monitor_path(source: AwsCredentialsSource, config: Optional[ConfigParser]) -> str:
    path = get_setting("deadline-cloud-monitor.path", config)
    if path:
        return path
    profile = monitor_profile_name(config)
    if source is AwsCredentialsSource.AWS_CONSOLE_LOGIN:
        raise DeadlineOperationError(
            f"No Deadline Cloud monitor is known that could log in with the profile {profile}. Either install the monitor "
            f"and create the profile in it by signing in to the AWS console, or run: aws login --profile {profile}"
        )
    raise DeadlineOperationError(
        f"No Deadline Cloud monitor is known that could log in or out with the profile {profile}. Install the monitor and "
        "start it once, which tells this client where it is, or set its path with `deadline config set "
        "deadline-cloud-monitor.path <path>`."
    )


def _run_monitor_logout(path: str, profile: str) -> str:
    process = MonitorProcess(path, "logout", profile)
    try:
        exit_code = process.wait(SECONDS_TO_LOG_OUT)
    finally:
        process.kill()
    output = process.output()
    if exit_code is None:
        raise DeadlineOperationTimedOut(
            f"The Deadline Cloud monitor did not log out the profile {profile} within {SECONDS_TO_LOG_OUT} seconds. Try "
            f"again, or log out in the monitor itself.\n{output}".rstrip()
        )
    if exit_code:
        raise DeadlineOperationError(
            f"The Deadline Cloud monitor failed to log out the profile {profile} (exit code {exit_code}):\n"
            f"{output.strip() or 'It said nothing about why.'}"
        )
    return output


def _log_out_of_console(config: Optional[ConfigParser]) -> str:
    profile = monitor_profile_name(config)
    session: Any = get_boto3_session(config=config)
    token = _console_token(session._session.get_scoped_config()["login_session"])
    try:
        os.unlink(token)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise DeadlineOperationError(
            f"The profile {profile} was not logged out: {token} could not be removed: {error.strerror or error}. Remove "
            "it by hand, or run `aws logout`."
        ) from error
    path = get_setting("deadline-cloud-monitor.path", config)
    if path:
        # Else the monitor would take the user for logged in, and the next login would do nothing.
        try:
            _run_monitor_logout(path, profile)
        except DeadlineOperationError as error:
            logger.warning("%s", error)
    return f"Logged out of the AWS Console sign-in profile: {profile}"


def _console_token(login_session: str) -> Path:
    """Where botocore keeps the token of a session at the AWS console."""
    folder = os.environ.get("AWS_LOGIN_CACHE_DIRECTORY")
    cache = os.path.expandvars(folder) if folder else os.path.join("~", ".aws", "login", "cache")
    return Path(os.path.expanduser(cache), f"{hashlib.sha256(login_session.encode()).hexdigest()}.json")
