"""Errors of AWS calls, in the words of :mod:`deadline.client.api.errors`."""

from __future__ import annotations

import contextlib
from configparser import ConfigParser
from typing import Iterator, Optional


@contextlib.contextmanager
def service_errors(action: str, config: ConfigParser, **asked_about: Optional[str]) -> Iterator[None]:
    """Raise errors of boto3 as ones that say what failed (``action``), why, and what there is instead.

    ``asked_about`` are ids such as ``farm_id``, as of :func:`~deadline.client.api.errors.describe_service_error`.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        from deadline.client.api.errors import describe_service_error

        raise describe_service_error(action, error, config=config, **asked_about) from error
