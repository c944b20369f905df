"""Pages of long answers."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Sequence

from local_farm.protocol.errors import ValidationError

PAGE = 100


def page(items: Sequence[dict[str, Any]], key: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The page of ``items`` that a request asks for, under ``key``, with the token of the next one if there is one.

    Raises :class:`ValidationError` for a token that no answer carried.
    """
    start = _offset_in(parameters.get("nextToken"))
    size = parameters.get("maxResults") or PAGE
    result: dict[str, Any] = {key: list(items[start : start + size])}
    if start + size < len(items):
        result["nextToken"] = base64.urlsafe_b64encode(f"offset:{start + size}".encode()).decode()
    return result


def _offset_in(token: str | None) -> int:
    if token is None:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token.encode()).decode().partition(":")
        if word == "offset":
            return int(number)
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise ValidationError("The nextToken is not one that this operation gave.", {"nextToken": "is not valid"})
