"""Pages of long answers.

A token says where the next page begins, and for which request it was given: with another operation, or with other
parameters than those of the first page, it is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import sqlite3
from dataclasses import dataclass
from typing import Any, Callable, Sequence

from local_farm.protocol.errors import ValidationError

PAGE = 100


@dataclass(frozen=True)
class _Window:
    """Which part of a list a request asks for."""

    start: int
    size: int
    scope: str
    """What the request is about; the tokens of another one do not fit."""

    def answer(self, key: str, items: Sequence[dict[str, Any]], *, more: bool) -> dict[str, Any]:
        result: dict[str, Any] = {key: list(items)}
        if more:
            token = f"{self.start + self.size}.{self.scope}"
            result["nextToken"] = base64.urlsafe_b64encode(token.encode()).decode()
        return result


def page(items: Sequence[dict[str, Any]], key: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """The page of ``items`` that a request asks for, under ``key``, with the token of the next one if there is one.

    Raises :class:`ValidationError` for a token that no answer to this request carried.
    """
    window = _window(key, parameters)
    end = window.start + window.size
    return window.answer(key, items[window.start : end], more=end < len(items))


def page_of_rows(
    db: sqlite3.Connection,
    query: str,
    arguments: Sequence[Any],
    key: str,
    parameters: dict[str, Any],
    describe: Callable[[list[sqlite3.Row]], list[dict[str, Any]]],
) -> dict[str, Any]:
    """The same of a query that says its order; just the rows of the page are read and described."""
    window = _window(key, parameters)
    rows = db.execute(f"{query} LIMIT ? OFFSET ?", (*arguments, window.size + 1, window.start)).fetchall()
    return window.answer(key, describe(rows[: window.size]), more=len(rows) > window.size)


def _window(key: str, parameters: dict[str, Any]) -> _Window:
    about = {name: value for name, value in parameters.items() if name not in ("nextToken", "maxResults")}
    scope = hashlib.sha256(json.dumps([key, about], sort_keys=True).encode()).hexdigest()[:16]
    return _Window(_start(parameters.get("nextToken"), scope), parameters.get("maxResults") or PAGE, scope)


def _start(token: str | None, scope: str) -> int:
    if token is None:
        return 0
    try:
        number, _, given_for = base64.urlsafe_b64decode(token.encode()).decode().partition(".")
        if given_for == scope and number.isdigit():
            return int(number)
    except (binascii.Error, UnicodeError, ValueError):
        pass
    raise ValidationError("The nextToken is not one that this request gave.", {"nextToken": "is not valid"})
