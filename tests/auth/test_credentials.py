from __future__ import annotations

import importlib.util
import logging
from pathlib import Path

import botocore.credentials
import pytest
from botocore.exceptions import ProfileNotFound

from deadline.client.auth.credentials import (
    AwsAuthenticationStatus,
    AwsCredentialsSource,
    check_authentication,
    check_authentication_status,
    check_deadline_api_available,
    get_credentials_source,
    get_monitor_id,
    get_user_and_identity_store_id,
)
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Service

KEYS = "aws_access_key_id=k\naws_secret_access_key=s\nregion=us-west-2\n"
PROFILES = f"""\
[profile monitor]
{KEYS}monitor_id=monitor-1
user_id=user-1
identity_store_id=store-1
[profile half-monitor]
{KEYS}monitor_id=monitor-1
[profile console]
{KEYS}login_session=arn:aws:sts::123456789012:assumed-role/x
[profile plain]
{KEYS}
"""
FARMS = "/2023-10-12/farms"
DENIED = {"__type": "AccessDeniedException", "message": "no"}


@pytest.fixture(autouse=True)
def profiles(aws_config: Path) -> None:
    aws_config.write_text(PROFILES, encoding="utf-8")


@pytest.mark.parametrize(
    ("profile", "source"),
    [
        ("monitor", AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN),
        ("console", AwsCredentialsSource.AWS_CONSOLE_LOGIN),
        ("plain", AwsCredentialsSource.HOST_PROVIDED),
        ("(default)", AwsCredentialsSource.HOST_PROVIDED),
        ("nobody", AwsCredentialsSource.NOT_VALID),
    ],
)
def test_the_source_of_credentials_is_told_by_the_profile(profile: str, source: AwsCredentialsSource) -> None:
    set_setting("defaults.aws_profile_name", profile)

    assert get_credentials_source() is source


def test_a_monitor_profile_says_whose_it_is() -> None:
    assert get_user_and_identity_store_id() == (None, None)
    assert get_monitor_id() is None
    set_setting("defaults.aws_profile_name", "monitor")

    assert get_user_and_identity_store_id() == ("user-1", "store-1")
    assert get_monitor_id() == "monitor-1"


def test_a_monitor_profile_without_a_user_asks_to_log_in_f_14() -> None:
    set_setting("defaults.aws_profile_name", "half-monitor")

    with pytest.raises(DeadlineOperationError, match=r"half-monitor.*user_id.*deadline auth login"):
        get_user_and_identity_store_id()


def test_a_profile_that_does_not_exist_has_no_identity() -> None:
    set_setting("defaults.aws_profile_name", "nobody")

    with pytest.raises(ProfileNotFound):
        get_user_and_identity_store_id()


def test_credentials_that_the_service_accepts_are_authenticated(service: Service) -> None:
    service.answers_with(FARMS, 200, {"farms": []})

    assert check_authentication_status() is AwsAuthenticationStatus.AUTHENTICATED
    with pytest.warns(DeprecationWarning, match="check_authentication_status"):
        assert check_deadline_api_available() is True


def test_a_user_of_the_monitor_is_named_in_the_question(service: Service) -> None:
    service.answers_with(FARMS, 200, {"farms": []})
    set_setting("defaults.aws_profile_name", "monitor")

    assert check_authentication_status() is AwsAuthenticationStatus.AUTHENTICATED
    assert "principalId=user-1" in service.requests[0].path


@pytest.mark.parametrize(
    ("profile", "status"),
    [
        ("monitor", AwsAuthenticationStatus.NEEDS_LOGIN),
        ("half-monitor", AwsAuthenticationStatus.NEEDS_LOGIN),
        ("plain", AwsAuthenticationStatus.CONFIGURATION_ERROR),
        ("nobody", AwsAuthenticationStatus.CONFIGURATION_ERROR),
    ],
)
def test_refused_credentials_need_a_login_where_one_exists(
    profile: str, status: AwsAuthenticationStatus, service: Service
) -> None:
    service.answers_with(FARMS, 403, DENIED)
    set_setting("defaults.aws_profile_name", profile)

    check = check_authentication()

    assert check.status is status
    assert check.error is not None


@pytest.mark.skipif(
    not hasattr(botocore.credentials, "LoginProvider"), reason="this botocore knows no console profiles"
)
def test_a_console_profile_without_its_library_is_told_to_install_it_instead_of_logging_in() -> None:
    set_setting("defaults.aws_profile_name", "console")
    has_library = importlib.util.find_spec("awscrt") is not None

    expected = AwsAuthenticationStatus.NEEDS_LOGIN if has_library else AwsAuthenticationStatus.MISSING_DEPENDENCY
    assert check_authentication_status() is expected


def test_a_service_out_of_reach_is_not_cured_by_a_login_f_15(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "http://127.0.0.1:9")
    set_setting("defaults.aws_profile_name", "monitor")

    assert check_authentication_status() is AwsAuthenticationStatus.CONFIGURATION_ERROR


def test_why_credentials_were_not_accepted_is_logged_f_15(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    service.answers_with(FARMS, 403, DENIED)
    set_setting("defaults.aws_profile_name", "monitor")

    with caplog.at_level(logging.INFO):
        check_authentication()

    assert "NEEDS_LOGIN" in caplog.text
    assert "AccessDeniedException" in caplog.text


def test_a_program_for_credentials_that_is_gone_is_a_status(aws_config: Path) -> None:
    aws_config.write_text(
        "[profile monitor]\nregion=us-west-2\nmonitor_id=monitor-1\nuser_id=user-1\nidentity_store_id=store-1\n"
        "credential_process=/nowhere/monitor get-credentials\n",
        encoding="utf-8",
    )
    set_setting("defaults.aws_profile_name", "monitor")

    check = check_authentication()

    assert check.status is AwsAuthenticationStatus.NEEDS_LOGIN
    assert isinstance(check.error, OSError)


def test_an_aws_configuration_that_cannot_be_read_is_a_status(aws_config: Path) -> None:
    aws_config.write_text("nonsense\n", encoding="utf-8")

    assert check_authentication().status is AwsAuthenticationStatus.CONFIGURATION_ERROR
