"""Printing results: YAML for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from typing import Any, Mapping, Optional, Sequence

import click


def wants_json(output: Optional[str]) -> bool:
    """Whether to print JSON: as asked, else where stdout is no terminal."""
    if output is not None:
        return output.lower() == "json"
    return not is_terminal(sys.stdout)


def is_terminal(stream: Any) -> bool:
    """Whether somebody looks at, or types into, a stream; it may be missing in programs without a console."""
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):
        return False


def print_yaml(value: Any) -> None:
    """Print a result as YAML, followed by an empty line."""
    from deadline.client.job_bundle import deadline_yaml_dump

    click.echo(deadline_yaml_dump(value))


def print_json(value: Any, *, indent: Optional[int] = None) -> None:
    """Print a result as JSON, on one line unless ``indent`` says otherwise."""
    click.echo(json.dumps(value, indent=indent, default=str))


def only(members: Sequence[str], items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The items with just these members, in this order; missing ones are left out."""
    return [{name: item[name] for name in members if name in item} for item in items]


def without_metadata(response: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of the service without what describes the answer itself."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}
