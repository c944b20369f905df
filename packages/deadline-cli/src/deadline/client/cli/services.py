"""Errors of AWS calls, in the words of :mod:`deadline.client.api.errors`."""

from __future__ import annotations

import contextlib
from configparser import ConfigParser
from typing import Iterator, Optional


@contextlib.contextmanager
def service_errors(
    action: str,
    config: ConfigParser,
    *,
    farm_id: Optional[str] = None,
    queue_id: Optional[str] = None,
    fleet_id: Optional[str] = None,
) -> Iterator[None]:
    """Raise errors of boto3 as ones that say what failed (``action``), why, and what there is instead."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        from deadline.client.api.errors import describe_service_error

        raise describe_service_error(
            action, error, farm_id=farm_id, queue_id=queue_id, fleet_id=fleet_id, config=config
        ) from error
