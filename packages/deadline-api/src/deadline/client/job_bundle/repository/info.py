"""What is known about a job bundle without unpacking or submitting it: its name, its steps, its parameters.

The bundle may be anybody's, so that everything is cut to a size that can be shown, and nothing that it says can steer a
terminal.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath
from typing import Any, Dict, List, Mapping, Optional

from .names import without_archive_suffix

MAXIMUM_NAME_LENGTH = 512
MAXIMUM_DESCRIPTION_LENGTH = 2048
MAXIMUM_PARAMETER_NAME_LENGTH = 512
MAXIMUM_VALUE_LENGTH = 1024
MAXIMUM_PARAMETERS = 200
MAXIMUM_STEPS = 500

DISPLAY_VALUE = "_display_value"
"""The key under which a parameter has the text of its value, for people; keys with an underscore are for windows."""

_MAXIMUM_PARTS = 2000
"""The values, at all levels, of which a parameter's definition may consist."""
_MAXIMUM_DEPTH = 8
_LONGEST_NUMBER = 1024
"""Bits of a whole number that is shown as one."""
# Everything that has no picture, but for line breaks and tabs.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class BundleInfo:
    """What is known about a bundle.

    Attributes:
        path: Where it is: a path, or an ``s3://`` address.
        name: The name of its jobs.
        description: Its description.
        step_names: The names of its steps.
        parameters: The definitions of its job parameters, or just their ``name`` and ``type``; each with the text of
            its value under :data:`DISPLAY_VALUE` where it has one.
        total_steps: How many steps there are, where not all are named.
        total_parameters: How many parameters there are, where not all are named.
        size_bytes: The bytes of its archive, where it has one.
    """

    path: str
    name: str
    description: str = ""
    step_names: List[str] = field(default_factory=list)
    parameters: List[Dict[str, Any]] = field(default_factory=list)
    total_steps: Optional[int] = None
    total_parameters: Optional[int] = None
    size_bytes: Optional[int] = None

    def to_dict(self) -> Dict[str, Any]:
        """For programs: ``name``, ``description``, ``steps``, ``parameters`` and ``sizeBytes``."""
        return {
            "name": self.name,
            "description": self.description,
            "steps": list(self.step_names),
            "parameters": [
                {key: value for key, value in parameter.items() if not str(key).startswith("_")}
                for parameter in self.parameters
            ],
            "sizeBytes": self.size_bytes,
        }

    def format_text(self) -> str:
        """For people: some lines."""
        lines = [f"Name: {self.name}"]
        if self.description:
            lines.append(f"Description: {self.description}")
        if self.step_names:
            lines += ["Steps:", *(f"  - {name}" for name in self.step_names), *_more(self.step_names, self.total_steps)]
        if self.parameters:
            lines += ["Parameters:", *map(_line, self.parameters), *_more(self.parameters, self.total_parameters)]
        return "\n".join(lines)


def extract_bundle_info(template: Any, path: str, parameter_values: Any = None) -> BundleInfo:
    """What a bundle's template says. Never raises, whatever the template is.

    Args:
        template: The content of the template.
        path: Where the bundle is; its last part is the name of a bundle that has none.
        parameter_values: The content of the bundle's ``parameter_values`` file, or the list in it.
    """
    template = template if isinstance(template, Mapping) else {}
    steps = _list(template.get("steps"))
    definitions = [item for item in _list(template.get("parameterDefinitions")) if isinstance(item, Mapping)]
    values = _values(parameter_values)
    return BundleInfo(
        path=path,
        name=_text(template.get("name"), MAXIMUM_NAME_LENGTH) or name_in_path(path) or path,
        description=_text(template.get("description"), MAXIMUM_DESCRIPTION_LENGTH, lines=True),
        step_names=[_text(_name(step), MAXIMUM_NAME_LENGTH) for step in steps[:MAXIMUM_STEPS]],
        parameters=[_parameter(item, values) for item in definitions[:MAXIMUM_PARAMETERS]],
        total_steps=len(steps) if len(steps) > MAXIMUM_STEPS else None,
        total_parameters=len(definitions) if len(definitions) > MAXIMUM_PARAMETERS else None,
    )


def name_in_path(path: str) -> str:
    """The name that a bundle has by its path or address."""
    parts = PurePosixPath(path) if path.startswith("s3://") else PurePath(path)
    return without_archive_suffix(printable(parts.name))


def printable(text: str) -> str:
    """The text without characters that would steer a terminal, line breaks included."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _parameter(definition: Mapping[Any, Any], values: Mapping[str, Any]) -> Dict[str, Any]:
    budget = _Budget()
    parameter: Dict[str, Any] = budget.copy(definition)
    given_name = definition.get("name")
    parameter["name"] = _text(given_name, MAXIMUM_PARAMETER_NAME_LENGTH)
    parameter["type"] = _text(definition.get("type"), MAXIMUM_PARAMETER_NAME_LENGTH)
    if isinstance(given_name, str) and given_name in values:
        parameter["value"] = budget.copy(values[given_name])
    parameter.pop(DISPLAY_VALUE, None)
    shown = parameter.get("value", parameter.get("default"))
    if shown is not None:
        parameter[DISPLAY_VALUE] = _text(_as_text(shown), MAXIMUM_VALUE_LENGTH)
    return parameter


class _Budget:
    """Copies values, which may refer to each other in circles or be far larger than their text, up to a number of parts."""

    def __init__(self) -> None:
        self._left = _MAXIMUM_PARTS

    def copy(self, value: Any, depth: int = 0) -> Any:
        self._left -= 1
        if self._left < 0 or depth > _MAXIMUM_DEPTH:
            return None
        if isinstance(value, Mapping):
            return {str(_scalar(key)): self.copy(item, depth + 1) for key, item in self._some(value.items())}
        if isinstance(value, (list, tuple)):
            return [self.copy(item, depth + 1) for item in self._some(value)]
        return _scalar(value)

    def _some(self, items: Any) -> Any:
        for item in items:
            if self._left <= 0:
                return
            yield item


def _scalar(value: Any) -> Any:
    """A value that JSON has; others as text."""
    if isinstance(value, int):
        # Python refuses to write very long numbers in decimal digits.
        return value if value.bit_length() <= _LONGEST_NUMBER else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, str) else str(value)


def _values(parameter_values: Any) -> Dict[str, Any]:
    if isinstance(parameter_values, Mapping):
        parameter_values = parameter_values.get("parameterValues")
    return {
        entry["name"]: entry["value"]
        for entry in _list(parameter_values)
        if isinstance(entry, Mapping) and isinstance(entry.get("name"), str) and "value" in entry
    }


def _list(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


def _name(step: Any) -> Any:
    return step.get("name") if isinstance(step, Mapping) else None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _text(value: Any, longest: int, *, lines: bool = False) -> str:
    """A text that can be shown, on one line unless it may have several."""
    if not isinstance(value, str):
        return "" if value is None or isinstance(value, (Mapping, list)) else str(_scalar(value))[:longest]
    if lines:
        return _CONTROL.sub(" ", value[:longest]).strip()
    return printable(value[:longest])


def _line(parameter: Mapping[str, Any]) -> str:
    value = f" = {parameter[DISPLAY_VALUE]}" if parameter.get(DISPLAY_VALUE) else ""
    return f"  {parameter['name']} ({parameter['type']}){value}"


def _more(shown: List[Any], total: Optional[int]) -> List[str]:
    return [f"  ... and {total - len(shown)} more"] if total is not None else []
