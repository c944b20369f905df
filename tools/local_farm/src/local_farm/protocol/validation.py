"""Whether parameters fit the model: required members, types, enumerations, lengths, ranges and patterns."""

from __future__ import annotations

import functools
import re
from datetime import datetime
from typing import Any, Iterator

from botocore.model import OperationModel

from local_farm.protocol.errors import ValidationError

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (int, float, str),
    "list": (list,),
    "map": (dict,),
    "structure": (dict,),
}


def validate(operation: OperationModel, parameters: dict[str, Any]) -> None:
    """Raise :class:`ValidationError`, naming every member at fault, unless ``parameters`` fit the operation's input."""
    if operation.input_shape is None:
        return
    problems = dict(_structure(operation.input_shape, parameters, ""))
    if problems:
        count = len(problems)
        details = "; ".join(f"{name}: {text}" for name, text in problems.items())
        raise ValidationError(
            f"{count} validation error{'s' if count > 1 else ''} detected in {operation.name}: {details}", problems
        )


def _structure(shape: Any, value: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{path}{name}", "is required"
    if shape.is_tagged_union and len(value) != 1:
        yield path.rstrip("."), f"takes exactly one of {', '.join(shape.members)}"
    for name, member in shape.members.items():
        if value.get(name) is not None:
            yield from _any(member, value[name], f"{path}{name}")


def _any(shape: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    kind = shape.type_name
    if not _is_of(kind, value):
        yield path, f"must be of type {kind}"
        return
    if kind == "structure":
        yield from _structure(shape, value, f"{path}.")
    elif kind == "list":
        yield from _bounds(shape, len(value), path, "items")
        for number, item in enumerate(value):
            yield from _any(shape.member, item, f"{path}[{number}]")
    elif kind == "map":
        yield from _bounds(shape, len(value), path, "entries")
        for key, item in value.items():
            yield from _any(shape.value, item, f"{path}.{key}")
    elif kind == "string":
        yield from _string(shape, value, path)
    elif kind == "timestamp":
        yield from _timestamp(value, path)
    elif kind != "boolean":
        yield from _bounds(shape, value, path, "")


def _is_of(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES.get(kind, (object,)))


def _string(shape: Any, value: str, path: str) -> Iterator[tuple[str, str]]:
    yield from _bounds(shape, len(value), path, "characters")
    if shape.enum and value not in shape.enum:
        yield path, f"must be one of {', '.join(shape.enum)}"
    pattern = _pattern(shape.metadata.get("pattern", ""))
    if pattern is not None and not pattern.fullmatch(value):
        yield path, f"must match {shape.metadata['pattern']}"


def _bounds(shape: Any, size: float, path: str, unit: str) -> Iterator[tuple[str, str]]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and size < low) or (high is not None and size > high):
        yield path, f"must have {low} to {high} {unit}" if unit else f"must be {low} to {high}"


def _timestamp(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value.replace("Z", "+00:00"))
        except ValueError:
            yield path, "must be a time such as 2026-01-31T12:00:00Z"


@functools.lru_cache(maxsize=None)
def _pattern(text: str) -> re.Pattern[str] | None:
    """A pattern of the model; one in a dialect that Python does not read is left to the service."""
    try:
        return re.compile(text) if text else None
    except re.error:
        return None
