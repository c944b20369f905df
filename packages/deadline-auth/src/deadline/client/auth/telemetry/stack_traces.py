"""Where an error arose, fit to be sent: files, lines, functions and classes of exceptions.

No messages, no lines of source and no values, since they can hold names and secrets of the user. Of files that belong to
no library only the bare name stays.
"""

from __future__ import annotations

import importlib.util
import os
import re
import traceback
from functools import lru_cache
from typing import FrozenSet, List, Set

_PACKAGES = ("deadline", "openjd", "boto3", "botocore")
_LIBRARY_FOLDER = re.compile(r"^(lib|lib64|python\d+(\.\d+)?|python\d\d+)$", re.IGNORECASE)
_CAUSE = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"


def sanitize_exception(exc: BaseException) -> str:
    """The traceback of an exception and of those that led to it, as Python prints them but for what it must not tell."""
    return _chain(exc, set())


def qualified_name(exc: BaseException) -> str:
    """The name of an exception's class, with its module where that is not the built-in one."""
    kind = type(exc)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _chain(exc: BaseException, seen: Set[int]) -> str:
    seen.add(id(exc))
    parts: List[str] = []
    if exc.__cause__ is not None and id(exc.__cause__) not in seen:
        parts += [_chain(exc.__cause__, seen), f"\n{_CAUSE}\n\n"]
    elif exc.__context__ is not None and not exc.__suppress_context__ and id(exc.__context__) not in seen:
        parts += [_chain(exc.__context__, seen), f"\n{_CONTEXT}\n\n"]
    parts.append("Traceback (most recent call last):\n")
    for frame, line in traceback.walk_tb(exc.__traceback__):
        code = frame.f_code
        parts.append(f'  File "{_file(code.co_filename)}", line {line}, in {code.co_name}\n')
    parts.append(f"{qualified_name(exc)}\n")
    return "".join(parts)


def _file(name: str) -> str:
    if name.startswith("<"):
        return name
    parts = name.replace("\\", "/").split("/")
    # From the right: the innermost folder that is a library counts.
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] in _PACKAGES and _normal("/".join(parts[: index + 1])) in _folders(parts[index]):
            return "/".join(parts[index:])
    for index in range(len(parts) - 2, 0, -1):
        if parts[index] in ("site-packages", "dist-packages") and _LIBRARY_FOLDER.match(parts[index - 1]):
            return "/".join(parts[index + 1 :])
    return parts[-1]


@lru_cache(maxsize=None)
def _folders(package: str) -> FrozenSet[str]:
    """Where a package is installed; a namespace package can be in several folders."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return frozenset()
    return frozenset(_normal(os.path.realpath(folder)) for folder in (spec and spec.submodule_search_locations) or ())


def _normal(path: str) -> str:
    return os.path.normcase(path).replace("\\", "/")
