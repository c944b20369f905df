"""Lines of a terminal that are drawn over in place, and bars in them."""

from __future__ import annotations

import os
import re
import shutil
import sys
from typing import List, Sequence, Tuple

import click

from .output import display_width, is_terminal, styled

_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")
_RESET = "\x1b[0m"


def can_draw_in_place() -> bool:
    """Whether stdout is a terminal whose cursor can be moved."""
    return is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb"


class LiveBlock:
    """The lines below all that was printed before; each :meth:`show` puts others in their place.

    What else is printed comes after :meth:`end`, which leaves the lines as they are. Lines that are longer than the terminal
    is wide are cut, and no more of them are shown than it has room for.
    """

    def __init__(self) -> None:
        self._widths: List[int] = []

    def show(self, lines: Sequence[str]) -> None:
        """Draw the lines, which may be styled, in the place of the last ones."""
        columns, rows = shutil.get_terminal_size()
        shown = [cut(line, columns - 1) for line in lines[: rows - 1]]
        # A terminal that became narrower has wrapped what was drawn.
        up = sum(max(width - 1, 0) // columns + 1 for width in self._widths) - 1
        begin = "\r" if up <= 0 else f"\r\x1b[{up}A"
        click.echo(begin + "\n".join(f"{line}\x1b[K" for line in shown) + "\x1b[J", nl=False)
        self._widths = [display_width(click.unstyle(line)) for line in shown]

    def end(self) -> None:
        """Leave the lines as they are, and go to the line below."""
        if self._widths:
            click.echo()
            self._widths = []


def cut(line: str, columns: int) -> str:
    """As much of a line, which may be styled, as fits into so many columns."""
    kept: List[str] = []
    room = columns
    for part in _STYLE.split(line):
        if _STYLE.fullmatch(part):
            kept.append(part)
            continue
        for character in part:
            room -= display_width(character)
            if room < 0:
                return "".join(kept) + (_RESET if _STYLE.search(line) else "")
            kept.append(character)
    return "".join(kept)


def bar(length: int, parts: Sequence[Tuple[int, str]], total: int) -> str:
    """A bar of which parts are full, each in its colour.

    Args:
        length: How long it is.
        parts: What is full, from the left: a number and a colour.
        total: The number that fills the whole bar.
    """
    full, empty = _characters()
    drawn, upto, done = "", 0, 0
    for number, colour in parts:
        upto += number
        end = length * upto // total if total else 0
        drawn += styled(full * (end - done), fg=colour) if end > done else ""
        done = max(done, end)
    return drawn + empty * (length - done)


def _characters() -> Tuple[str, str]:
    try:
        "█░".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return "#", "."
    return "█", "░"
