"""Where the credentials of the configured profile come from, and whether the service accepts them.

The *source* is told by keys of the profile in the AWS configuration file: profiles of the Deadline Cloud monitor have a
``monitor_id``, profiles signed in through the AWS console a ``login_session``. The *status* takes a call of the service.
"""

from __future__ import annotations

import logging
import warnings
from configparser import ConfigParser
from dataclasses import dataclass
from enum import Enum
from typing import Any, Dict, Optional

import boto3
from botocore.config import Config
from botocore.exceptions import (
    ConnectionError as ServiceConnectionError,
    HTTPClientError,
    MissingDependencyException,
    ProfileNotFound,
)

from deadline.client.exceptions import DeadlineOperationError

from .regions import resolve_region
from .session import get_boto3_session, get_session_client, modified_logging_level, profile_name

logger = logging.getLogger(__name__)

MISSING_DEPENDENCY_REMEDIATION = (
    "The Python package awscrt, which this kind of AWS profile needs, is missing or does not work. Logging in again "
    "does not help. Install it with: pip install 'deadline[console]'"
)


class AwsCredentialsSource(Enum):
    """Where credentials come from. The values are part of the programming interface."""

    NOT_VALID = 0
    HOST_PROVIDED = 2
    DEADLINE_CLOUD_MONITOR_LOGIN = 3
    AWS_CONSOLE_LOGIN = 4


class AwsAuthenticationStatus(Enum):
    """Whether the service accepts the credentials. The values are part of the programming interface."""

    CONFIGURATION_ERROR = 1
    AUTHENTICATED = 2
    NEEDS_LOGIN = 3
    MISSING_DEPENDENCY = 4


@dataclass(frozen=True)
class AuthenticationCheck:
    """The status, and the error that led to it where it is not ``AUTHENTICATED``."""

    status: AwsAuthenticationStatus
    error: Optional[Exception] = None


def get_credentials_source(config: ConfigParser | None = None) -> AwsCredentialsSource:
    """Where the credentials of the configured profile come from."""
    try:
        profile = _profile_keys(config)
    except ProfileNotFound:
        return AwsCredentialsSource.NOT_VALID
    if "monitor_id" in profile:
        return AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN
    if "login_session" in profile:
        return AwsCredentialsSource.AWS_CONSOLE_LOGIN
    return AwsCredentialsSource.HOST_PROVIDED


def get_user_and_identity_store_id(config: ConfigParser | None = None) -> tuple[str, str] | tuple[None, None]:
    """The user and the identity store of a monitor profile; two ``None`` for other profiles.

    Raises:
        botocore.exceptions.ProfileNotFound: There is no such profile.
        DeadlineOperationError: The monitor profile does not say whose it is.
    """
    return _identity(_profile_keys(config), config)


def _identity(profile: Dict[str, str], config: ConfigParser | None) -> tuple[str, str] | tuple[None, None]:
    if "monitor_id" not in profile:
        return None, None
    try:
        return profile["user_id"], profile["identity_store_id"]
    except KeyError as missing:
        raise DeadlineOperationError(
            f"The AWS profile {profile_name(config) or 'default'} of the Deadline Cloud monitor has no {missing}, as if "
            "nobody had logged in. Log in with: deadline auth login"
        ) from None


def get_monitor_id(config: ConfigParser | None = None) -> str | None:
    """The monitor of a monitor profile; ``None`` for other profiles.

    Raises:
        botocore.exceptions.ProfileNotFound: There is no such profile.
    """
    return _profile_keys(config).get("monitor_id")


def check_authentication(
    config: ConfigParser | None = None, *, session: boto3.Session | None = None, client_config: Config | None = None
) -> AuthenticationCheck:
    """Make one call of the service, and say whether it accepts the credentials and if not, why.

    Args:
        config: A configuration to read from instead of the settings file.
        session: The session whose credentials to try, instead of that of the configured profile.
        client_config: Options for the call, such as limits of time.
    """
    try:
        # botocore logs the failures of credential processes at length.
        with modified_logging_level(logging.getLogger("botocore.credentials"), logging.ERROR):
            _list_one_farm(config, session or get_boto3_session(config=config), client_config)
    except MissingDependencyException as error:
        logger.error(MISSING_DEPENDENCY_REMEDIATION)
        return AuthenticationCheck(AwsAuthenticationStatus.MISSING_DEPENDENCY, error)
    except Exception as error:  # a profile can name any program to ask for credentials, and this can fail in any way
        status = _status_after(error, config)
        logger.info("The credentials were not accepted (%s): %s", status.name, error)
        return AuthenticationCheck(status, error)
    return AuthenticationCheck(AwsAuthenticationStatus.AUTHENTICATED)


def check_authentication_status(config: ConfigParser | None = None) -> AwsAuthenticationStatus:
    """The status alone of :func:`check_authentication`."""
    return check_authentication(config).status


def check_deadline_api_available(config: ConfigParser | None = None) -> bool:
    """Whether the service accepts the credentials. Deprecated: use :func:`check_authentication_status`."""
    warnings.warn(
        "check_deadline_api_available is deprecated; use check_authentication_status.", DeprecationWarning, stacklevel=2
    )
    return check_authentication_status(config) is AwsAuthenticationStatus.AUTHENTICATED


def _list_one_farm(config: ConfigParser | None, session: boto3.Session, client_config: Config | None) -> None:
    arguments: Dict[str, Any] = {"maxResults": 1}
    user_id, _ = _identity(_profile_keys(config, session), config)
    if user_id:
        # Users of the monitor may list the farms of which they are members, and no others.
        arguments["principalId"] = user_id
    client = get_session_client(session, "deadline", resolve_region(config), client_config)
    client.list_farms(**arguments)


def _status_after(error: Exception, config: ConfigParser | None) -> AwsAuthenticationStatus:
    if isinstance(error, (ServiceConnectionError, HTTPClientError)):
        # The service was not reached: no login changes that.
        return AwsAuthenticationStatus.CONFIGURATION_ERROR
    try:
        source = get_credentials_source(config)
    except Exception:  # the profile cannot even be read, as the error at hand says already
        return AwsAuthenticationStatus.CONFIGURATION_ERROR
    if source in (AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN, AwsCredentialsSource.AWS_CONSOLE_LOGIN):
        return AwsAuthenticationStatus.NEEDS_LOGIN
    return AwsAuthenticationStatus.CONFIGURATION_ERROR


def _profile_keys(config: ConfigParser | None, session: Any = None) -> Dict[str, str]:
    """The keys of the configured profile in the AWS configuration file."""
    session = session or get_boto3_session(config=config)
    return dict(session._session.get_scoped_config())
