"""Whether the definition of a job parameter is well formed, and how two definitions differ.

:class:`TypeError` says that a field is of the wrong kind, :class:`ValueError` that its value is not allowed.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Dict, List, Mapping, Sequence, Tuple, cast

from .parameter_types import MAXIMUM_INNER_ITEMS, MAXIMUM_STRING_LENGTH, PARAMETER_TYPES, JobParameter
from .parameter_values import to_number, validate_job_parameter_value
from .user_interface import validate_user_interface_spec

DATA_FLOWS = ("NONE", "IN", "OUT", "INOUT")
OBJECT_TYPES = ("FILE", "DIRECTORY")

_BOUNDS = ("minValue", "maxValue")
_LENGTHS = ("minLength", "maxLength")
_COMPARED_FIELDS = ("name", "type", *_BOUNDS, *_LENGTHS, "dataFlow", "objectType")
_ITEM_FIELDS: Dict[str, Tuple[str, ...]] = {
    "STRING": ("allowedValues", *_LENGTHS),
    "PATH": ("allowedValues", *_LENGTHS),
    "INT": ("allowedValues", *_BOUNDS),
    "FLOAT": ("allowedValues", *_BOUNDS),
    "BOOL": (),
    "LIST[INT]": (*_LENGTHS, "item"),
}


def validate_job_parameter(
    input: Any,  # noqa: A002 - a keyword of the existing contract
    *,
    type_required: bool = False,
    default_required: bool = False,
) -> JobParameter:
    """The same object, once it is known to be a well-formed job parameter. Fields that are not known are left alone.

    Args:
        input: A mapping with ``name`` and any other fields of a definition; ``value`` is not looked at.
        type_required: Whether ``type`` has to be there.
        default_required: Whether ``default`` has to be there.

    Raises:
        TypeError: A field is of the wrong kind.
        ValueError: A field is missing or not allowed, or the constraints contradict each other or the default.
    """
    if not isinstance(input, dict):
        raise TypeError(f"A job parameter is a mapping, not {input!r}.")
    name = input.get("name")
    if name is None:
        raise ValueError(f"A job parameter has no name: {input!r}.")
    if not isinstance(name, str):
        raise TypeError(f"The name of a job parameter is text, not {name!r}.")
    if not name:
        raise ValueError("The name of a job parameter must not be empty.")
    parameter = cast("JobParameter", input)
    try:
        _check_presence(input, type_required, default_required)
        _check_fields(input)
        if "type" in input:
            _check_for_type(input, input["type"])
            if "default" in input:
                _check_default(parameter)
    except (TypeError, ValueError) as error:
        raise type(error)(f"Parameter {name!r}: {error}") from None
    return parameter


def parameter_definition_difference(
    lhs: Mapping[str, Any], rhs: Mapping[str, Any], *, ignore_missing: bool = False
) -> List[str]:
    """The fields in which two definitions differ, but for what may: ``default``, ``description``, ``userInterface``.

    Args:
        lhs: A definition.
        rhs: Another definition.
        ignore_missing: Whether a field that only one of them has is no difference.
    """
    fields = [field for field in _COMPARED_FIELDS if lhs.get(field) != rhs.get(field)]
    if _as_set(lhs.get("allowedValues")) != _as_set(rhs.get("allowedValues")):
        fields.append("allowedValues")
    if _items_differ(lhs.get("item"), rhs.get("item")):
        fields.append("item")
    if ignore_missing:
        fields = [field for field in fields if field in lhs and field in rhs]
    return fields


def _items_differ(lhs: Any, rhs: Any) -> bool:
    """Whether two ``item`` definitions differ; a missing one is an empty one."""
    lhs, rhs = dict(lhs or {}), dict(rhs or {})
    if _as_set(lhs.pop("allowedValues", None)) != _as_set(rhs.pop("allowedValues", None)):
        return True
    inner = lhs.pop("item", None), rhs.pop("item", None)
    return lhs != rhs or (inner != (None, None) and _items_differ(*inner))


def _as_set(values: Any) -> Any:
    # Values may be lists, which a set cannot hold; and 1 and 1.0 are one number.
    whole = (int(value) if isinstance(value, float) and value.is_integer() else value for value in values or ())
    return None if values is None else set(map(repr, whole))


def _check_presence(fields: Mapping[str, Any], type_required: bool, default_required: bool) -> None:
    for field, required in (("type", type_required), ("default", default_required)):
        if required and field not in fields:
            raise ValueError(f"it has no {field}.")
        if field in fields and fields[field] is None:
            raise ValueError(f"its {field} must not be null.")
    if "type" in fields and not isinstance(fields["type"], str):
        raise TypeError(f"its type {fields['type']!r} is not text.")
    if "type" in fields and fields["type"] not in PARAMETER_TYPES:
        raise ValueError(f"its type {fields['type']!r} is not one of {', '.join(PARAMETER_TYPES)}.")


def _check_default(parameter: JobParameter) -> None:
    default = parameter["default"]
    if parameter["type"].startswith("LIST") and not isinstance(default, list):
        raise TypeError(f"its default {default!r} is not a list.")
    try:
        validate_job_parameter_value(parameter, default)
    except (TypeError, ValueError) as error:
        raise type(error)(f"its default is not allowed. {error}") from None


def _check_fields(fields: Mapping[str, Any]) -> None:
    """Check each field for itself."""
    if not isinstance(fields.get("description", ""), str):
        raise TypeError("its description is not text.")
    if not isinstance(fields.get("allowedValues", []), list):
        raise TypeError("its allowedValues are not a list.")
    for field, choices in (("dataFlow", DATA_FLOWS), ("objectType", OBJECT_TYPES)):
        if field in fields and fields[field] not in choices:
            raise ValueError(f"its {field} {fields[field]!r} is not one of {', '.join(choices)}.")
    for field in _LENGTHS:
        _check_count(field, fields.get(field, 0))
    for field in _BOUNDS:
        if field in fields:
            _number(field, "FLOAT", fields[field])
    if "allowedPattern" in fields:
        _check_pattern(fields["allowedPattern"])
    if "userInterface" in fields:
        validate_user_interface_spec(fields["userInterface"], parameter_name=str(fields["name"]))


def _number(field: str, type_name: str, value: Any) -> Decimal:
    try:
        return to_number(type_name, value)
    except (TypeError, ValueError) as error:
        raise type(error)(f"its {field} {value!r} is not allowed: {error}.") from None


def _check_pattern(pattern: Any) -> None:
    if not isinstance(pattern, str):
        raise TypeError(f"its allowedPattern {pattern!r} is not text.")
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"its allowedPattern {pattern!r} is not a regular expression: {error}.") from None


def _check_count(field: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"its {field} {value!r} is not a whole number.")
    if value < 0:
        raise ValueError(f"its {field} must not be negative.")


def _check_for_type(fields: Mapping[str, Any], type_name: str) -> None:
    """Check the fields against the type and each other."""
    type_ = PARAMETER_TYPES[type_name]
    for field in _forbidden_fields(type_name):
        if field in fields:
            raise ValueError(f"a parameter of type {type_name} has no {field}.")
    if type_.item:
        _check_order(fields, _LENGTHS, type_.maximum_items)
        if "item" in fields:
            _check_item(fields["item"], type_.item)
    elif type_name == "PATH":
        _check_constraints("PATH", fields, MAXIMUM_STRING_LENGTH)
    else:
        _check_constraints(type_name, fields)


def _forbidden_fields(type_name: str) -> Sequence[str]:
    type_ = PARAMETER_TYPES[type_name]
    if type_.item:
        paths = () if type_.is_path else ("objectType", "dataFlow")
        return ("allowedValues", *_BOUNDS, *paths, *(("item",) if type_.item == "BOOL" else ()))
    if type_name == "BOOL":
        return ("allowedValues", *_LENGTHS, *_BOUNDS, "item")
    if type_name == "RANGE_EXPR":
        return ("allowedValues", *_BOUNDS, "item")
    return ("item",)


def _check_item(item: Any, type_name: str) -> None:
    if not isinstance(item, dict):
        raise TypeError(f"its item {item!r} is not a mapping.")
    for field in item:
        if field not in _ITEM_FIELDS[type_name]:
            raise ValueError(f"items of type {type_name} have no {field}.")
    for field in _LENGTHS:
        _check_count(field, item.get(field, 0))
    if "allowedValues" in item and (not isinstance(item["allowedValues"], list) or not item["allowedValues"]):
        raise ValueError("the allowedValues of its items are not a list with at least one value.")
    if type_name == "LIST[INT]":
        _check_order(item, _LENGTHS, MAXIMUM_INNER_ITEMS)
        if "item" in item:
            _check_item(item["item"], "INT")
        return
    for field in _BOUNDS:
        if field in item and (isinstance(item[field], bool) or not isinstance(item[field], (int, float))):
            raise TypeError(f"the {field} {item[field]!r} of its items is not a number.")
    _check_constraints(type_name, item, MAXIMUM_STRING_LENGTH)


def _check_constraints(type_name: str, fields: Mapping[str, Any], longest: int | None = None) -> None:
    """Raise where no value at all could meet the constraints, or an allowed value does not meet the others."""
    _check_order(fields, _LENGTHS, longest)
    if type_name in ("INT", "FLOAT"):
        bounds = {field: _number(field, type_name, fields[field]) for field in _BOUNDS if field in fields}
        _check_order(bounds, _BOUNDS)
    others = {field: fields[field] for field in (*_LENGTHS, *_BOUNDS) if field in fields}
    for value in fields.get("allowedValues", []):
        validate_job_parameter_value(
            cast("JobParameter", {"name": "allowedValues", "type": type_name, **others}), value
        )


def _check_order(fields: Mapping[str, Any], names: Tuple[str, str], cap: int | None = None) -> None:
    minimum, maximum = (fields.get(name) for name in names)
    if maximum is None or (cap is not None and maximum > cap):
        maximum = cap if maximum is None or cap is None else min(cap, maximum)
    if minimum is not None and maximum is not None and minimum > maximum:
        raise ValueError(f"its {names[0]} {minimum} is above {names[1]} {maximum}, so that no value fits.")
