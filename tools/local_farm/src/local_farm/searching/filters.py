"""Filter expressions as conditions of SQL."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Iterable

from local_farm.protocol.errors import ValidationError
from local_farm.searching.fields import NUMBER, TIME, Field, Searchable
from local_farm.searching.values import microseconds, microseconds_of

Condition = tuple[str, list[Any]]
"""An expression of SQL, and the values of its question marks."""

_COMPARISONS = {
    "EQUAL": "=",
    "GREATER_THAN_EQUAL_TO": ">=",
    "GREATER_THAN": ">",
    "LESS_THAN_EQUAL_TO": "<=",
    "LESS_THAN": "<",
}


def group_condition(kind: Searchable, group: dict[str, Any]) -> Condition:
    """The condition of ``filterExpressions`` or of a ``groupFilter``; raises :class:`ValidationError`."""
    conditions = [_condition(kind, expression) for expression in group["filters"]]
    word = f" {group['operator']} "
    return f"({word.join(sql for sql, _ in conditions)})", [value for _, values in conditions for value in values]


def _condition(kind: Searchable, expression: dict[str, Any]) -> Condition:
    ((name, terms),) = expression.items()
    if name == "groupFilter":
        return group_condition(kind, terms)
    if name == "searchTermFilter":
        arguments = [terms["searchTerm"], terms.get("matchType", "FUZZY_MATCH")]
        return f"search_term_matches(?, ?, {kind.text})", arguments
    if name == "parameterFilter":
        arguments = [terms["name"], terms["operator"], terms["value"]]
        return f"parameter_matches({kind.parameters}, ?, ?, ?)", arguments
    translate = {
        "stringFilter": _string_condition,
        "stringListFilter": _list_condition,
        "dateTimeFilter": _time_condition,
    }[name]
    return translate(kind.field(terms["name"]), terms)


def _string_condition(field: Field, terms: dict[str, Any]) -> Condition:
    _check_operator(terms, ("EQUAL", "NOT_EQUAL"))
    # What has no value is not equal to any: IS and IS NOT give an answer for NULL as well.
    return f"{_as_text(field, terms)} {'IS' if terms['operator'] == 'EQUAL' else 'IS NOT'} ?", [terms["value"]]


def _list_condition(field: Field, terms: dict[str, Any]) -> Condition:
    _check_operator(terms, ("ANY_EQUALS", "ALL_NOT_EQUALS"))
    among = f"COALESCE({_as_text(field, terms)} IN ({','.join('?' * len(terms['values']))}), FALSE)"
    return among if terms["operator"] == "ANY_EQUALS" else f"NOT {among}", list(terms["values"])


def _time_condition(field: Field, terms: dict[str, Any]) -> Condition:
    _check_operator(terms, _COMPARISONS)
    if field.kind != TIME:
        raise ValidationError(f"{terms['name']} is no time.", {"name": "takes no dateTimeFilter"})
    return f"microseconds({field.sql}) {_COMPARISONS[terms['operator']]} ?", [_moment(terms["dateTime"])]


def _as_text(field: Field, terms: dict[str, Any]) -> str:
    if field.kind == TIME:
        raise ValidationError(f"{terms['name']} is a time.", {"name": "takes a dateTimeFilter"})
    return f"CAST({field.sql} AS TEXT)" if field.kind == NUMBER else field.sql


def _check_operator(terms: dict[str, Any], allowed: Iterable[str]) -> None:
    if terms["operator"] not in allowed:
        raise ValidationError(
            f"The operator {terms['operator']} does not suit this filter.",
            {"operator": f"must be one of {', '.join(allowed)}"},
        )


def _moment(given: Any) -> int | None:
    if not isinstance(given, str):
        return microseconds(float(given))
    moment = datetime.fromisoformat(given.replace("Z", "+00:00"))
    # A time without a zone is UTC, as everywhere in the service.
    return microseconds_of(moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc))
