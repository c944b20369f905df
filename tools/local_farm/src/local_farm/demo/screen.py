"""What the demo writes: lines that stay and, on a terminal, lines at the bottom that are redrawn in place.

Plain ANSI sequences do it, which every terminal of today understands. In a pipe nothing is redrawn and nothing is
coloured; ``NO_COLOR`` turns colours off everywhere (https://no-color.org).
"""

from __future__ import annotations

import os
import re
import shutil
import textwrap
import time
from dataclasses import dataclass
from typing import Callable, Sequence, TextIO

import click

INDENT = "    "

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_UP_AND_CLEAR = "\x1b[{}F\x1b[J"


@dataclass(frozen=True)
class Glyphs:
    """The characters of bars and marks."""

    done: str
    running: str
    rest: str
    failed: str
    good: str
    bad: str


UNICODE = Glyphs(done="█", running="▓", rest="░", failed="█", good="✓", bad="✗")
ASCII = Glyphs(done="#", running="+", rest=".", failed="!", good="ok", bad="failed")


class Screen:
    """Writes to ``stream``.

    Arguments:
        live: Whether lines can be redrawn; by default whether the stream is a terminal.
        width: Gives the number of columns.
    """

    def __init__(self, stream: TextIO, *, live: bool | None = None, width: Callable[[], int] | None = None) -> None:
        self._stream = stream
        self.live = (stream.isatty() and os.environ.get("TERM") != "dumb") if live is None else live
        self._coloured = self.live and not os.environ.get("NO_COLOR")
        self._width = width or (lambda: shutil.get_terminal_size().columns)
        self._drawn: list[str] = []
        self._last_plain = ""
        self._began = time.monotonic()
        self.glyphs = UNICODE if _can_write(stream, "".join(vars(UNICODE).values())) else ASCII

    @property
    def width(self) -> int:
        """The columns that a line can have without being broken."""
        # In the last column some terminals break the line already.
        return max(10, self._width() - 1)

    def style(self, text: str, **styles: str | bool) -> str:
        """The text in a style of :func:`click.style`, where there are colours."""
        return click.style(text, **styles) if self._coloured and styles else text  # type: ignore[arg-type]

    def say(self, text: str = "", **styles: str | bool) -> None:
        """Write lines that stay, indented; on a terminal long ones are broken between words."""
        lines = []
        for line in text.split("\n"):
            indent = INDENT + line[: len(line) - len(line.lstrip())]
            lines += self._broken(line.strip(), indent) if self.live else [INDENT + line]
        self._write("\n".join(self.style(line, **styles) if line.strip() else "" for line in lines) + "\n")

    def commands(self, commands: Sequence[tuple[str, str]]) -> None:
        """Write commands ready to be copied, each in one line, with remarks beside them where there is room."""
        longest = max(len(command) for command, _ in commands)
        remarks = max(len(remark) for _, remark in commands)
        room = not self.live or len(INDENT) + longest + len("  # ") + remarks <= self.width
        for command, remark in commands:
            beside = self.style(f"{'':<{longest - len(command)}}  # {remark}", dim=True) if remark and room else ""
            self._write(f"{INDENT}{command}{beside}\n")

    def title(self, text: str) -> None:
        """Write what everything below is about."""
        self._write(self.style(text, bold=True) + "\n")

    def stage(self, number: int, count: int, name: str, command: str) -> None:
        """Begin a stage; ``command`` is what a user would type for it, where that is one command."""
        self._began = time.monotonic()
        self._write("\n" + self.style(f"[{number}/{count}] {name}", bold=True, fg="cyan") + "\n")
        if command:
            self._write(self.style(f"{INDENT}$ {command}", dim=True) + "\n")

    def stage_done(self) -> None:
        """End a stage, and say how long it took."""
        self.say(f"{self.glyphs.good} {time.monotonic() - self._began:.1f} s", fg="green")

    def draw(self, lines: Sequence[str], plain: str) -> None:
        """Draw lines in the place of those drawn last; in a pipe write ``plain`` unless it was the last such line."""
        if not self.live:
            if plain != self._last_plain:
                self._last_plain = plain
                self._write(f"{INDENT}{plain}\n")
            return
        width = self.width
        drawn = [clipped(INDENT + line, width) for line in lines]
        if drawn != self._drawn:
            self._write("\n".join(drawn) + "\n")
            self._drawn = drawn

    def keep(self) -> None:
        """Let the lines drawn last stay."""
        self._drawn = []
        self._last_plain = ""

    def _broken(self, line: str, indent: str) -> list[str]:
        wrapper = textwrap.TextWrapper(
            self.width,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        return wrapper.wrap(line) or [""]

    def _write(self, text: str) -> None:
        erase = _UP_AND_CLEAR.format(len(self._drawn)) if self._drawn else ""
        self._drawn = []
        # One write for all of it, so that the terminal never shows half of it.
        click.echo(erase + text, file=self._stream, nl=False, color=self.live or None)


def clipped(line: str, width: int) -> str:
    """At most ``width`` columns of a line, with its colours."""
    parts, room = [], width
    for number, part in enumerate(re.split(f"({_ANSI.pattern})", line)):
        if number % 2 == 0:
            part = part[:room]
            room -= len(part)
        parts.append(part)
    return "".join(parts)


def _can_write(stream: TextIO, text: str) -> bool:
    try:
        text.encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
