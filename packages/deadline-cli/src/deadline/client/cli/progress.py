"""Progress bars for hashing and transfers."""

from __future__ import annotations

import contextlib
import re
import shutil
import sys
import threading
import time
from typing import Any, Callable, Iterator, List, Optional, Sequence, Tuple

import click

from .interrupts import Interrupt
from .live import can_draw_in_place

_LONGEST_BAR = 30
_SHORTEST_BAR = 10
_SECONDS_BEFORE_AN_ESTIMATE = 1.0
_RATE = re.compile(r"^(.*) \((?:Hashing speed|Transfer rate): (.*)\)$")


class TransferBar:
    """A bar that follows the reports of one phase, with how much is done, how fast, and how long it will take.

    In a pipe, and on a terminal that cannot draw in place, it is just its label on a line. It goes forward only, and is left as it is at 100 % or by :meth:`end`; what is reported after that is not shown.
    """

    def __init__(self, label: str, interrupt: Interrupt) -> None:
        self._label = label
        self._interrupt = interrupt
        self._lock = threading.Lock()
        self._percent = -1
        self._length = _LONGEST_BAR
        self._ended = False
        self._began: Optional[Tuple[float, float]] = None
        """When the first report came, and its progress: what was there before says nothing about the speed."""

    def __call__(self, report: Any) -> bool:
        """Take a report (``ProgressReportMetadata``), and say whether to go on."""
        with self._lock:
            if not self._ended:
                begins = self._percent < 0
                self._percent = max(self._percent, min(int(report.progress), 100))
                counts, *rate = _details_in(report)
                left = self._time_left(float(report.progress))
                self._show([", ".join((counts, *rate, *left)), ", ".join((counts, *left)), counts], begins)
                if self._percent == 100:
                    self._end()
        return self._interrupt.go_on()

    def _time_left(self, progress: float) -> List[str]:
        """How long the rest takes at the pace so far, where that can be told yet."""
        now = time.monotonic()
        self._began = self._began or (now, progress)
        elapsed, done = now - self._began[0], progress - self._began[1]
        if elapsed < _SECONDS_BEFORE_AN_ESTIMATE or done <= 0 or progress >= 100:
            return []
        minutes, seconds = divmod(round(elapsed / done * (100 - progress)), 60)
        hours, minutes = divmod(minutes, 60)
        return [f"{hours}:{minutes:02}:{seconds:02} left" if hours else f"{minutes}:{seconds:02} left"]

    def end(self) -> None:
        """Leave the bar as it is, and go to the next line."""
        with self._lock:
            if self._percent >= 0 and not self._ended:
                self._end()

    def _show(self, details: Sequence[str], begins: bool) -> None:
        if can_draw_in_place():
            click.echo(f"\r{self._line(details, shutil.get_terminal_size().columns - 1)}\x1b[K", nl=False)
        elif begins:
            click.echo(self._label)

    def _line(self, choices: Sequence[str], columns: int) -> str:
        """The bar with as many details as there is room for: a line that wrapped could not be drawn over."""
        fixed = len(self._label) + len("    100%  ")
        fitting = (choice for choice in choices if fixed + _SHORTEST_BAR + len(choice) <= columns)
        details = next(fitting, choices[-1])
        # It may become shorter, and not longer again: it would flicker with the length of the details.
        self._length = max(min(self._length, columns - fixed - len(details)), 0)
        full, empty = _bar_characters()
        done = self._length * self._percent // 100
        bar = full * done + empty * (self._length - done)
        return f"{self._label}  {bar}  {self._percent:3}%  {details}"[:columns]

    def _end(self) -> None:
        self._ended = True
        if can_draw_in_place():
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


def _details_in(report: Any) -> List[str]:
    """What a report's message counts, and the rate where it tells one: ``1.2 GB / 3.4 GB of 56 files``, ``78 MB/s``."""
    message = str(report.progressMessage)
    verb = f"{report.status.verb_in_message} "
    message = message[len(verb) :] if message.startswith(verb) else message
    with_rate = _RATE.match(message)
    return [*with_rate.groups()] if with_rate else [message]
