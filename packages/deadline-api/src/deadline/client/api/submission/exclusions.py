"""Patterns of files that do not travel though they lie below an input directory.

A pattern is relative to the input directory and works as those of ``deadline manifest snapshot --exclude``: ``*``, ``?``
and ``[...]`` match within a name, ``**`` as a whole name any number of folders, and all that is in a folder is
``folder/**``. So ``*.tmp`` are files directly in the directory, and ``**/*.tmp`` those at any depth.
"""

from __future__ import annotations

import fnmatch
import os
import re
from typing import FrozenSet, Iterable, Pattern, Tuple, Union

from deadline.client.exceptions import DeadlineOperationError

_ANY_DEPTH = "**"

_Rest = Tuple[Union[str, Pattern[str]], ...]
"""What is left to be matched of a pattern: ``**``, or what a name has to match."""


class Exclusions:
    """What is left out in one folder, and in those below it."""

    def __init__(self, rests: FrozenSet[_Rest] = frozenset()) -> None:
        self._rests = rests

    @classmethod
    def of(cls, patterns: Iterable[str]) -> Exclusions:
        """What patterns leave out in an input directory.

        Raises:
            DeadlineOperationError: A pattern is absolute or leads out of the directory.
        """
        return cls(_reached(_compiled(pattern) for pattern in patterns))

    def __bool__(self) -> bool:
        return bool(self._rests)

    @property
    def everything(self) -> bool:
        """Whether nothing in the folder travels, so that it need not be looked into."""
        return (_ANY_DEPTH,) in self._rests

    def has_file(self, name: str) -> bool:
        """Whether a file of the folder is left out."""
        return () in self._after(name)

    def below(self, name: str) -> Exclusions:
        """What is left out in a folder of the folder."""
        return Exclusions(self._after(name)) if self._rests else self

    def _after(self, name: str) -> FrozenSet[_Rest]:
        name = os.path.normcase(name)
        left = []
        for rest in self._rests:
            if not rest:
                continue
            first = rest[0]
            if isinstance(first, str):
                left.append(rest)
            elif first.match(name):
                left.append(rest[1:])
        return _reached(left)


def _compiled(pattern: str) -> _Rest:
    drive, path = os.path.splitdrive(pattern)
    names = re.split(r"[/\\]" if os.sep == "\\" else "/", path)
    if drive or not names[0] or ".." in names:
        raise DeadlineOperationError(
            f"The exclude pattern {pattern!r} is not relative to an input directory. Write one such as **/*.tmp or "
            "cache/**."
        )
    return tuple(
        name if name == _ANY_DEPTH else re.compile(fnmatch.translate(os.path.normcase(name)))
        for name in names
        if name != "."
    )


def _reached(rests: Iterable[_Rest]) -> FrozenSet[_Rest]:
    """The rests together with those that follow when ``**`` stands for no folder."""
    reached = set()
    for rest in rests:
        reached.add(rest)
        while rest and isinstance(rest[0], str):
            rest = rest[1:]
            reached.add(rest)
    return frozenset(reached)
