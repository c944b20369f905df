"""Whether a value fits a job parameter, and the value as its type has it.

:class:`TypeError` says that a value is of the wrong kind, :class:`ValueError` that it is not allowed; both name the
parameter, the value and what was expected.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import Any, Callable, Dict, List, Mapping, Optional

from ._range_expr import MAXIMUM_INTEGER, MINIMUM_INTEGER, parse_int_range_expr
from .parameter_types import MAXIMUM_INNER_ITEMS, MAXIMUM_STRING_LENGTH, PARAMETER_TYPES, JobParameter

_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII)
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


def validate_job_parameter_value(job_parameter: JobParameter, value: Any) -> Any:
    """``value`` converted to the type of the parameter.

    Text is taken for numbers, booleans and (as JSON) lists; the items of a list are not converted but for booleans.

    Raises:
        TypeError: The value is of the wrong kind.
        ValueError: The value does not meet a constraint of the parameter.
    """
    name, type_name = job_parameter.get("name", ""), job_parameter.get("type", "")
    if type_name not in PARAMETER_TYPES:
        raise TypeError(f"Parameter {name!r} has the type {type_name!r}, which is not a type of job parameters.")
    try:
        if type_name.startswith("LIST"):
            return _list_value(type_name, job_parameter, value)
        converted = _SCALARS[type_name](value)
        _check_constraints(type_name, job_parameter, converted)
    except (TypeError, ValueError) as error:
        raise type(error)(f"The value {value!r} of parameter {name!r} does not fit: {error}.") from None
    return converted


def to_number(type_name: str, value: Any) -> Decimal:
    """A bound or value of a numeric type as an exact number; text is understood as in templates."""
    converted = _SCALARS[type_name](value)
    return Decimal(converted if type_name == "INT" else repr(converted))


def _string(value: Any) -> str:
    if isinstance(value, bool):
        raise TypeError("expected text; in YAML, words such as yes and off are text in quotes only")
    if not isinstance(value, str):
        raise TypeError("expected text")
    return value


def _path(value: Any) -> str:
    if len(_string(value)) > MAXIMUM_STRING_LENGTH:
        raise ValueError(f"a path has at most {MAXIMUM_STRING_LENGTH} characters")
    return str(value)


def _int(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]+\s*", value, re.ASCII):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        if isinstance(value, (str, float)):
            raise ValueError("expected a whole number")
        raise TypeError("expected a whole number")
    if not MINIMUM_INTEGER <= value <= MAXIMUM_INTEGER:
        raise ValueError("a whole number has at most 64 bits")
    return value


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise TypeError("expected a number")
    # Python would read 1_000 too.
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError("expected a number")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError("expected a number that is not as large") from None
    if not math.isfinite(number):
        raise ValueError("expected a finite number")
    return number


def _bool(value: Any) -> bool:
    word = value.lower() if isinstance(value, str) else value
    if word in _TRUE or (isinstance(word, (int, float)) and word == 1):
        return True
    if word in _FALSE or (isinstance(word, (int, float)) and word == 0):
        return False
    if isinstance(value, (str, int, float)):
        raise ValueError("expected true or false")
    raise TypeError("expected true or false")


def _range(value: Any) -> str:
    parse_int_range_expr(_string(value))
    return str(value)


_SCALARS: Dict[str, Callable[[Any], Any]] = {
    "STRING": _string,
    "PATH": _path,
    "INT": _int,
    "FLOAT": _float,
    "BOOL": _bool,
    "RANGE_EXPR": _range,
}


def _check_constraints(type_name: str, constraints: Mapping[str, Any], value: Any) -> None:
    """Raise :class:`ValueError` unless a converted scalar meets the constraints of a parameter, or of a list's items."""
    if type_name in ("STRING", "PATH"):
        _check_length(constraints, len(value), "characters")
        pattern = constraints.get("allowedPattern")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise ValueError(f"it does not match allowedPattern {pattern!r}")
    if type_name in ("INT", "FLOAT"):
        _check_bounds(type_name, constraints, to_number(type_name, value))
    allowed = constraints.get("allowedValues")
    if allowed is not None:
        choices = [_SCALARS[type_name](choice) for choice in allowed]
        if value not in choices:
            raise ValueError(f"expected one of {', '.join(map(repr, allowed))}")


def _check_length(constraints: Mapping[str, Any], length: int, unit: str) -> None:
    minimum, maximum = constraints.get("minLength"), constraints.get("maxLength")
    if minimum is not None and length < minimum:
        raise ValueError(f"it has {length} {unit}, fewer than minLength {minimum}")
    if maximum is not None and length > maximum:
        raise ValueError(f"it has {length} {unit}, more than maxLength {maximum}")


def _check_bounds(type_name: str, constraints: Mapping[str, Any], number: Decimal) -> None:
    minimum, maximum = constraints.get("minValue"), constraints.get("maxValue")
    if minimum is not None and number < to_number(type_name, minimum):
        raise ValueError(f"it is below minValue {minimum}")
    if maximum is not None and number > to_number(type_name, maximum):
        raise ValueError(f"it is above maxValue {maximum}")


def _list_value(type_name: str, job_parameter: JobParameter, value: Any) -> List[Any]:
    items = _items(value)
    type_ = PARAMETER_TYPES[type_name]
    if len(items) > type_.maximum_items:
        raise ValueError(f"it has {len(items)} items; at most {type_.maximum_items} are allowed")
    _check_length(job_parameter, len(items), "items")
    constraints: Mapping[str, Any] = job_parameter.get("item") or {}
    return [_item(type_.item, constraints, item, f"item {number}") for number, item in enumerate(items, 1)]


def _items(value: Any) -> List[Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            raise ValueError(f"expected a list, or JSON text of one ({error})") from None
    if not isinstance(value, list):
        raise TypeError("expected a list")
    return value


def _item(type_name: Optional[str], constraints: Mapping[str, Any], item: Any, place: str) -> Any:
    try:
        if type_name == "LIST[INT]":
            return _inner_list(constraints, item)
        assert type_name is not None
        if type_name in ("INT", "FLOAT") and (isinstance(item, bool) or not isinstance(item, (int, float))):
            raise TypeError("expected a number")
        if type_name == "INT" and not isinstance(item, int):
            raise TypeError("expected a whole number")
        if type_name == "STRING" and len(_string(item)) > MAXIMUM_STRING_LENGTH:
            raise ValueError(f"it has more than {MAXIMUM_STRING_LENGTH} characters")
        converted = _SCALARS[type_name](item)
        _check_constraints(type_name, constraints, converted)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{place}: {error}") from None
    return converted


def _inner_list(constraints: Mapping[str, Any], items: Any) -> List[int]:
    if not isinstance(items, list):
        raise TypeError("expected a list of whole numbers")
    if len(items) > MAXIMUM_INNER_ITEMS:
        raise ValueError(f"it has {len(items)} items; at most {MAXIMUM_INNER_ITEMS} are allowed")
    _check_length(constraints, len(items), "items")
    inner: Mapping[str, Any] = constraints.get("item") or {}
    return [_item("INT", inner, item, f"item {number}") for number, item in enumerate(items, 1)]
