"""Why something failed and what to do next, from whatever was raised."""

from __future__ import annotations

from typing import Tuple

from botocore import exceptions

from deadline.client.exceptions import DeadlineOperationError

from ..advice import advice_on
from ..connection_failures import explain_connection


def explain(error: Exception) -> Tuple[str, str]:
    """A line that says why, and what to do next; the second may be empty and may have several lines."""
    if isinstance(error, DeadlineOperationError):
        why, _, next_step = str(error).partition("\n")
        return why, next_step
    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):
        return explain_connection(error)
    if isinstance(error, (exceptions.BotoCoreError, exceptions.ClientError)):
        return " ".join(str(error).split()), " ".join(advice_on(error))
    if isinstance(error, OSError):
        where = f": {error.filename}" if error.filename else ""
        return f"{error.strerror or error}{where}", ""
    return f"{type(error).__name__}: {error}", "This may be a mistake in the client. Please report it."
