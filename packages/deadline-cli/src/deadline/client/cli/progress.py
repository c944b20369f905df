"""Progress bars for hashing and transfers."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
from typing import Any, Callable, Iterator

import click

from .interrupts import Interrupt
from .output import is_terminal

_LONGEST_BAR = 30
_SHORTEST_BAR = 10


class TransferBar:
    """A bar that follows the reports of one phase; in a pipe, just its label on a line.

    It goes forward only, and is left as it is at 100 % or by :meth:`end`; what is reported after that is not shown.
    """

    def __init__(self, label: str, interrupt: Interrupt) -> None:
        self._label = label
        self._interrupt = interrupt
        self._lock = threading.Lock()
        self._percent = -1
        self._length = _LONGEST_BAR
        self._ended = False

    def __call__(self, report: Any) -> bool:
        """Take a report (``ProgressReportMetadata``), and say whether to go on."""
        with self._lock:
            if not self._ended:
                begins = self._percent < 0
                self._percent = max(self._percent, min(int(report.progress), 100))
                self._show(_details_in(report), begins)
                if self._percent == 100:
                    self._end()
        return self._interrupt.go_on()

    def end(self) -> None:
        """Leave the bar as it is, and go to the next line."""
        with self._lock:
            if self._percent >= 0 and not self._ended:
                self._end()

    def _show(self, details: str, begins: bool) -> None:
        if is_terminal(sys.stdout):
            click.echo(f"\r{self._line(details, shutil.get_terminal_size().columns - 1)}\x1b[K", nl=False)
        elif begins:
            click.echo(self._label)

    def _line(self, details: str, columns: int) -> str:
        """The bar with as many details as there is room for: a line that wrapped could not be drawn over."""
        fixed = len(self._label) + len("    100%  ")
        if fixed + _SHORTEST_BAR + len(details) > columns:
            details = details.partition(" (")[0]
        # It may become shorter, and not longer again: it would flicker with the length of the details.
        self._length = max(min(self._length, columns - fixed - len(details)), 0)
        full, empty = _bar_characters()
        done = self._length * self._percent // 100
        bar = full * done + empty * (self._length - done)
        return f"{self._label}  {bar}  {self._percent:3}%  {details}"[:columns]

    def _end(self) -> None:
        self._ended = True
        if is_terminal(sys.stdout):
            click.echo()


@contextlib.contextmanager
def transfer_progress(label: str, interrupt: Interrupt, *, shown: bool = True) -> Iterator[Callable[[Any], bool]]:
    """What gets the reports of a transfer for the time of a block, and answers whether to go on: a bar, if one is shown."""
    if not shown:
        yield lambda report: interrupt.go_on()
        return
    bar = TransferBar(label, interrupt)
    try:
        yield bar
    finally:
        bar.end()


def _bar_characters() -> tuple[str, str]:
    try:
        "█░".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return "#", "."
    return "█", "░"


def _details_in(report: Any) -> str:
    """The numbers of a report's message: ``1.2 GB / 3.4 GB of 56 files (Transfer rate: 78 MB/s)``."""
    message = str(report.progressMessage)
    verb = f"{report.status.verb_in_message} "
    return message[len(verb) :] if message.startswith(verb) else message
