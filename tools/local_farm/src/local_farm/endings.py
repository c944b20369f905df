"""Signals that end a program, noted down instead of raised.

An exception in the middle of anything would leave half of it behind: a folder without an owner, a thread that nobody
knows of. What starts and stops farms therefore looks at an :class:`Ending` where it is safe to end.
"""

from __future__ import annotations

import contextlib
import signal
import time
from types import FrameType
from typing import Iterator

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_SLICE = 0.1
"""Seconds after which a wait looks again."""


class Ended(Exception):
    """Somebody wants the program to end."""


class Ending:
    """Whether somebody wants the program to end."""

    def __init__(self) -> None:
        # A plain number: the locks of an Event might be held by the very thread that the handler interrupts.
        self._number = 0

    @property
    def asked(self) -> bool:
        """Whether to end."""
        return self._number != 0

    @property
    def by_terminal(self) -> bool:
        """Whether it was Ctrl-C, which every process in the foreground of the terminal gets."""
        return self._number == signal.SIGINT

    def check(self) -> None:
        """Raise :class:`Ended` when somebody wants to end."""
        if self.asked:
            raise Ended

    def wait(self, seconds: float) -> bool:
        """Wait that long or until somebody wants to end; whether somebody does."""
        give_up_at = time.monotonic() + seconds
        # Signals do not shorten a sleep, and are not even noticed in longer waits on Windows.
        while not self.asked and (remaining := give_up_at - time.monotonic()) > 0:
            time.sleep(min(remaining, _SLICE))
        return self.asked

    def note(self, number: int, _frame: FrameType | None = None) -> None:
        """The signal handler; the first signal counts."""
        self._number = self._number or number


@contextlib.contextmanager
def ending_noted() -> Iterator[Ending]:
    """Within the block, which the main thread runs, Ctrl-C and the like are noted in the :class:`Ending`."""
    ending = Ending()
    previous = {}
    try:
        for number in _numbers():
            previous[number] = signal.signal(number, ending.note)
        yield ending
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def ignore_from_here() -> None:
    """Let the program come to its own end, with its own exit code: there is nothing left that could be ended."""
    for number in _numbers():
        signal.signal(number, signal.SIG_IGN)


def _numbers() -> Iterator[signal.Signals]:
    for name in _NAMES:
        number = getattr(signal, name, None)
        # `nohup` lets a program outlive its terminal.
        if number is not None and not (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            yield number
