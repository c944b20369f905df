"""The client with which calls about a farm are made: in its region, whatever the region of the profile is."""

from __future__ import annotations

import contextlib
from configparser import ConfigParser
from typing import Any, Iterator, Optional

from deadline.client.auth.client_config import ADAPTIVE_RETRIES_CLIENT_CONFIG
from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_client, get_boto3_session, get_session_client

from .errors import describe_service_error

TRANSIENT_CODES = (
    "InternalServerErrorException",
    "InternalServerException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
)
"""Codes of errors that may be gone when a call is made again."""

ATTEMPTS_TO_CONNECT = 3
"""As many as other clients make."""


def deadline_client(
    farm_id: str, config: Optional[ConfigParser] = None, region: Optional[str] = None, *, patient: bool = False
) -> Any:
    """The Deadline Cloud client for a farm.

    Args:
        farm_id: The farm.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.
        patient: Whether bursts of calls will be made: such a client slows down by itself when the service asks for it,
            and tries more often.
    """
    region = resolve_region(config, region, farm_id)
    if not patient:
        return get_boto3_client("deadline", config=config, region=region)
    return patient_client(get_boto3_session(config=config), region)


def patient_client(session: Any, region: Optional[str]) -> Any:
    """The Deadline Cloud client of a session that has patience with a service which is there: where nobody is reached, the
    user hears of that as soon as from any other client.
    """
    client = get_session_client(session, "deadline", region, ADAPTIVE_RETRIES_CLIENT_CONFIG)
    event = f"needs-retry.{client.meta.service_model.service_id.hyphenize()}"
    client.meta.events.register_first(event, _give_up_connecting, unique_id=_give_up_connecting.__name__)
    return client


def _give_up_connecting(attempts: int, caught_exception: Optional[Exception], **members: Any) -> None:
    """Called by botocore before it decides whether to try once more."""
    from botocore.exceptions import ConnectionError as NotConnected

    if isinstance(caught_exception, NotConnected) and attempts >= ATTEMPTS_TO_CONNECT:
        raise caught_exception


@contextlib.contextmanager
def described_errors(action: str, **context: Any) -> Iterator[None]:
    """Raise errors of boto3 in the block as ones for people; see :func:`~.errors.describe_service_error`."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise describe_service_error(action, error, **context) from error


def error_code(error: Exception) -> str:
    """The service's code of an error of boto3, or an empty text."""
    code: str = getattr(error, "response", {}).get("Error", {}).get("Code", "")
    return code
