"""Values of job parameters as a command line gives them: ``Frames=1-10``, ``{"Frames": "1-10"}``, ``file://values.yaml``."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping

from deadline.client.exceptions import DeadlineOperationError

FILE_PREFIX = "file://"

# Names with a colon are properties of the job, such as deadline:priority.
_NAME_AND_VALUE = re.compile(r"\s*((?:[A-Za-z][A-Za-z0-9_]*:)?[A-Za-z_][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)


def parse_parameter_arguments(arguments: Iterable[str]) -> List[Dict[str, Any]]:
    """The values in arguments, as mappings of ``name`` and ``value``; of one name the last counts.

    Args:
        arguments: ``Name=Value``, a JSON object from names to values, or ``file://`` and the path of a JSON or YAML file
            with such an object, or with the ``parameterValues`` of a job bundle.

    Raises:
        DeadlineOperationError: An argument has none of the forms, or its file cannot be read.
    """
    values: Dict[str, Any] = {}
    for argument in arguments:
        values.update(_values_in(argument))
    return [{"name": name, "value": value} for name, value in values.items()]


def _values_in(argument: str) -> Mapping[str, Any]:
    if argument.startswith(FILE_PREFIX):
        return _values_in_file(argument[len(FILE_PREFIX) :])
    if argument.lstrip().startswith("{"):
        try:
            content: Dict[str, Any] = json.loads(argument)
        except ValueError as error:
            raise DeadlineOperationError(f"{argument} is not a JSON object: {error}") from error
        return content
    match = _NAME_AND_VALUE.fullmatch(argument)
    if not match:
        raise DeadlineOperationError(
            f"{argument!r} does not give a parameter a value. Write Name=Value, a JSON object, or file:// and the path of "
            "a JSON or YAML file."
        )
    return {match.group(1): match.group(2)}


def _values_in_file(name: str) -> Mapping[str, Any]:
    from ._yaml import load_yaml

    path = Path(name).expanduser()
    try:
        text = path.read_text(encoding="utf-8-sig")
        # YAML includes JSON, but for details such as tabs.
        content = json.loads(text) if path.suffix.lower() == ".json" else load_yaml(text)
    except OSError as error:
        raise DeadlineOperationError(
            f"The parameter values in {path} cannot be read: {error.strerror or error}."
        ) from error
    except UnicodeDecodeError as error:
        raise DeadlineOperationError(f"{path} is not UTF-8 text. Save it again as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise DeadlineOperationError(f"{path} is neither JSON nor YAML: {error}") from error
    if isinstance(content, dict) and isinstance(content.get("parameterValues"), list):
        content = _values_of_entries(content["parameterValues"], path)
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise DeadlineOperationError(f"{path} has no mapping from names of parameters to their values.")
    return content


def _values_of_entries(entries: List[Any], path: Path) -> Any:
    """The values in the entries of a bundle's ``parameterValues``, or ``None`` where they are none."""
    if not all(isinstance(entry, dict) and {"name", "value"} <= set(entry) for entry in entries):
        return None
    values = {}
    for entry in entries:
        if entry["name"] in values:
            raise DeadlineOperationError(f"{path} gives the parameter {entry['name']!r} a value twice.")
        values[entry["name"]] = entry["value"]
    return values
