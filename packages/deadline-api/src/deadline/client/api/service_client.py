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
    return get_session_client(get_boto3_session(config=config), "deadline", region, ADAPTIVE_RETRIES_CLIENT_CONFIG)


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
