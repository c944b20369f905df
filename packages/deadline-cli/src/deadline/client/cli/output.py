"""Printing results: tables and YAML for people, JSON for programs.

Colours are for terminals alone, and not where the variable NO_COLOR is set (https://no-color.org).
"""

from __future__ import annotations

import datetime
import json
import os
import re
import sys
import unicodedata
from typing import Any, List, Mapping, Optional, Sequence

import click

_COLOURS = {
    **dict.fromkeys(("ACTIVE", "AUTHENTICATED", "READY", "RUNNING", "SUCCEEDED", "STARTED"), "green"),
    **dict.fromkeys(("FAILED", "NOT_RESPONDING", "NOT_COMPATIBLE", "CREATE_FAILED", "UPDATE_FAILED"), "red"),
    **dict.fromkeys(
        ("CANCELED", "CONFIGURATION_ERROR", "MISSING_DEPENDENCY", "NEEDS_LOGIN", "STOPPED", "SUSPENDED"), "yellow"
    ),
}
"""Words of the service for the state of something."""

_KEY_OF_YAML = re.compile(r"^((?:- |  )*)([A-Za-z_][\w.-]*):(?=\s|$)")
_TEXT_OF_YAML = re.compile(r"(?:^|[:-] )[|>][+-]?\d?$")
_LAST_COLUMNS = ("displayName", "name")
_GAP = "  "


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


def styled(text: str, **style: Any) -> str:
    """The text in a style of :func:`click.style`, unless no colours are wanted; in a pipe it is printed without."""
    return click.style(text, **style) if colours_are_wanted() else text


def colours_are_wanted() -> bool:
    """Whether the user's environment allows colours; in a pipe none are printed all the same."""
    return not (os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb")


def styled_state(word: str) -> str:
    """A state of the service, such as ``SUCCEEDED``, in the colour that tells whether it is a good one."""
    colour = _COLOURS.get(word)
    return styled(word, fg=colour) if colour else word


def print_yaml(value: Any) -> None:
    """Print a result as YAML, followed by an empty line."""
    from deadline.client.job_bundle import deadline_yaml_dump

    text: str = deadline_yaml_dump(value) or ""
    click.echo("\n".join(_with_coloured_keys(text.split("\n"))) if is_terminal(sys.stdout) else text)


def print_json(value: Any, *, indent: Optional[int] = None) -> None:
    """Print a result as JSON, on one line unless ``indent`` says otherwise; times are ISO 8601."""
    click.echo(json.dumps(value, indent=indent, default=_as_json))


def print_details(value: Any, output: Optional[str]) -> None:
    """Print a resource: as JSON where that is asked for, else as YAML."""
    if output is not None and output.lower() == "json":
        print_json(value, indent=2)
    else:
        print_yaml(value)


def print_listing(
    answer: Mapping[str, Any], key: str, members: Sequence[str], output: Optional[str], *, heading: str = ""
) -> None:
    """Print a list of resources: as asked, else as a table on a terminal and as YAML in a pipe.

    Args:
        answer: The answer of the service, which is printed whole as JSON.
        key: Its member with the list, such as ``farms``.
        members: The members of each resource that YAML and tables show.
        output: ``table``, ``verbose`` (YAML), ``json`` or none of them.
        heading: A line above YAML and tables.
    """
    form = output.lower() if output is not None else "table" if is_terminal(sys.stdout) else "verbose"
    if form == "json":
        print_json(without_metadata(answer), indent=2)
        return
    if heading:
        click.echo(f"{heading}\n")
    items = only(members, answer[key])
    if form == "verbose":
        print_yaml(items)
    elif items:
        print_table(items, members)
    else:
        click.echo(f"There are no {key}.")


def print_table(items: Sequence[Mapping[str, Any]], members: Sequence[str]) -> None:
    """Print resources in columns that are headed by their members; names, which may be long, come last."""
    columns = [member for member in members if member not in _LAST_COLUMNS]
    columns += [member for member in members if member in _LAST_COLUMNS]
    rows = [[_cell(item.get(column)) for column in columns] for item in items]
    widths = [max(display_width(text) for text in column) for column in zip(columns, *rows)]
    click.echo(styled(_row(columns, columns, widths), bold=True))
    for row in rows:
        click.echo(_row(row, [styled_state(text) for text in row], widths))


def only(members: Sequence[str], items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The items with just these members, in this order; missing ones are left out."""
    return [{name: item[name] for name in members if name in item} for item in items]


def without_metadata(response: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of the service without what describes the answer itself."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def printable(text: str) -> str:
    """The text on one line, without characters that would steer the terminal: names are chosen by others."""
    return "".join(
        # Python takes all spaces but one for not printable, such as the wide one of Chinese and Japanese.
        character if character.isprintable() or unicodedata.category(character) == "Zs" else " "
        for character in text
    )


def shell_word(text: str) -> str:
    """A text as one word of a command to copy, in quotes where they are needed."""
    import shlex
    import subprocess

    text = printable(text)
    return subprocess.list2cmdline([text]) if os.name == "nt" else shlex.quote(text)


def display_width(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _row(plain: Sequence[str], shown: Sequence[str], widths: Sequence[int]) -> str:
    """A line of a table: the texts as they are ``shown``, in columns for what they are without colours."""
    cells = [text + " " * (width - display_width(bare)) for bare, text, width in zip(plain, shown, widths)]
    return _GAP.join(cells).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    return printable(str(value))


def _as_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, (datetime.datetime, datetime.date)) else str(value)


def _with_coloured_keys(lines: Sequence[str]) -> List[str]:
    coloured = []
    text_begins_at: Optional[int] = None
    for line in lines:
        key = _KEY_OF_YAML.match(line)
        indent = len(line) - len(line.lstrip(" "))
        if text_begins_at is not None and (not line or indent >= text_begins_at):
            coloured.append(line)  # a text of several lines, whatever it looks like
            continue
        text_begins_at = (len(key[1]) if key else indent) + 1 if _TEXT_OF_YAML.search(line) else None
        coloured.append(f"{key[1]}{styled(key[2], fg='cyan')}{line[key.end(2) :]}" if key else line)
    return coloured
