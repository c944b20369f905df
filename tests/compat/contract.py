"""The names that programs of others take from the library, as tables.

A table is a text file. Its lines are a module with a colon, and below it, indented, the names that are taken from that module,
each with the ways in which it is called: ``2`` for two positional arguments (of a method ``self`` is one), then keywords. A
name that nobody calls is only looked up. ``#`` begins a remark.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from pathlib import Path
from typing import Any, List, Tuple

Line = Tuple[str, str, Tuple[str, ...]]


def read_table(name: str) -> List[Line]:
    """Module, name and calls of each line of a table; a module that is only imported has the name ``""``."""
    lines: List[Line] = []
    module = ""
    for text in Path(__file__).with_name(name).read_text(encoding="utf-8").splitlines():
        if not text.strip() or text.startswith("#"):
            continue
        if not text.startswith(" "):
            module = text.rstrip(":")
            lines.append((module, "", ()))
            continue
        taken, *calls = (part.strip() for part in text.split("|"))
        lines.append((module, taken, tuple(calls)))
    return lines


def check(module: str, name: str, calls: Tuple[str, ...]) -> None:
    """Raise where a name is missing or does not take the arguments."""
    value = find(module, name) if name else importlib.import_module(module)
    for call in calls:
        count, *keywords = call.split()
        arguments, named = range(int(count)), dict.fromkeys(keywords)
        if inspect.isclass(value) and issubclass(value, Exception):
            # Those that take what every exception takes have no signature to look at.
            value(*arguments, **named)
        else:
            inspect.signature(value).bind(*arguments, **named)


def find(module: str, name: str) -> Any:
    """What a name stands for; a field of a value or an attribute of its instances stands for itself."""
    value = importlib.import_module(module)
    for part in name.split("."):
        if inspect.isclass(value) and not hasattr(value, part):
            fields = {
                *(field.name for field in (dataclasses.fields(value) if dataclasses.is_dataclass(value) else ())),
                *inspect.signature(value).parameters,
            }
            if part not in fields:
                raise AttributeError(f"{module}.{name}")
            return part
        value = getattr(value, part)
    return value
