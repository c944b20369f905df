"""The parameters of a task in words, ``Frame=7, Camera=left``, and the unions in which the service gives such things."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional, Tuple


def parameter_values(parameters: Optional[Mapping[str, Mapping[str, Any]]]) -> Mapping[str, str]:
    """The values of a task's parameters, which the service gives by type: ``{"Frame": {"int": "7"}}``."""
    return {name: str(next(iter(value.values()), "")) for name, value in (parameters or {}).items()}


def only_member(union: Mapping[str, Dict[str, Any]]) -> Tuple[str, Dict[str, Any]]:
    """Name and value of the one member of a union; an empty name where the service means one that is not known yet."""
    return next(iter(union.items()), ("", {}))


def describe_parameters(parameters: Optional[Mapping[str, Mapping[str, Any]]], separator: str = ", ") -> str:
    """The parameters of a task on one line; empty where it has none."""
    return separator.join(f"{name}={value}" for name, value in parameter_values(parameters).items())
