"""Comparisons that SQL does not have, as functions for SQLite."""

from __future__ import annotations

import json
import operator
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "EQUAL": operator.eq,
    "NOT_EQUAL": operator.ne,
    "GREATER_THAN_EQUAL_TO": operator.ge,
    "GREATER_THAN": operator.gt,
    "LESS_THAN_EQUAL_TO": operator.le,
    "LESS_THAN": operator.lt,
}


_EPOCH = datetime.fromtimestamp(0, timezone.utc)


def microseconds(seconds: float | None) -> int | None:
    """A time in whole microseconds, rounded as it is answered: what was answered is found by just that time."""
    return None if seconds is None else microseconds_of(datetime.fromtimestamp(seconds, timezone.utc))


def microseconds_of(moment: datetime) -> int:
    """The same of a time with a zone."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def search_term_matches(term: str, match_type: str, text: str) -> bool:
    """Whether the text contains the term, or just one of its words for a ``FUZZY_MATCH``; capitals do not count."""
    found_in = text.casefold()
    if match_type == "CONTAINS":
        return term.casefold() in found_in
    return any(word in found_in for word in term.casefold().split() or [term.casefold()])


def parameter_value(parameters: str | None, name: str) -> Any:
    """The value of a parameter: a number for INT and FLOAT, else text; ``None`` where there is none."""
    value = _member(parameters, name)
    return json.dumps(value) if isinstance(value, list) else value


def parameter_matches(parameters: str | None, name: str, comparison: str, wanted: str) -> bool:
    """Whether a parameter compares with a value as wanted, by number where it is one; without the parameter never.

    ``ANY_EQUALS`` and ``ALL_NOT_EQUALS`` look at the items of a list.
    """
    value = _member(parameters, name)
    if value is None:
        return False
    if comparison in ("ANY_EQUALS", "ALL_NOT_EQUALS"):
        items = value if isinstance(value, list) else [value]
        found = any(str(item) == wanted for item in items)
        return found if comparison == "ANY_EQUALS" else not found
    compare = _COMPARISONS[comparison]
    if isinstance(value, (int, float)):
        try:
            return compare(value, float(wanted))
        except ValueError:
            return comparison == "NOT_EQUAL"
    return compare(json.dumps(value) if isinstance(value, list) else value, wanted)


def _member(parameters: str | None, name: str) -> Any:
    union = (json.loads(parameters) if parameters else {}).get(name)
    if not union:
        return None
    ((kind, value),) = union.items()
    if kind not in ("int", "float"):
        return value
    number = float(value)
    return int(number) if number.is_integer() else number
