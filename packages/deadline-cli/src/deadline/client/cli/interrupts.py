"""Ctrl-C: the first press asks a transfer to stop cleanly, the second ends the program at once.

>>> with stopping_on_ctrl_c() as interrupt:  # doctest: +SKIP
...     transfer(on_progress=lambda report: interrupt.go_on())

The second press gives what is under way a second to clean up. Outside of such blocks Ctrl-C raises :class:`KeyboardInterrupt`, which ends the program with the same exit code.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from typing import Any, Iterator, Optional

from .errors import INTERRUPTED, Interrupted

_STDERR = 2
_SECONDS_TO_CLEAN_UP = 1.0


class Interrupt:
    """Whether Ctrl-C was pressed."""

    def __init__(self) -> None:
        self._pressed = False
        self._questions = 0
        self._leaving: Optional[threading.Timer] = None

    def go_on(self) -> bool:
        """Whether to go on: the answer for progress callbacks."""
        return not self._pressed

    @contextlib.contextmanager
    def at_once(self) -> Iterator[None]:
        """Within the block, the first press ends the program too: nobody looks while a question is open."""
        self._questions += 1
        try:
            yield
        finally:
            self._questions -= 1

    def _handle(self, number: int, frame: Any) -> None:
        if self._pressed or self._questions:
            if self._leaving is None:
                # Threads that wait for the network would be waited for.
                self._leaving = threading.Timer(_SECONDS_TO_CLEAN_UP, _leave)
                self._leaving.daemon = True
                self._leaving.start()
            raise KeyboardInterrupt
        self._pressed = True
        # A signal may come in the middle of a print, in which another one is not allowed.
        with contextlib.suppress(OSError):
            os.write(_STDERR, b"\nStopping. Press Ctrl-C again to stop at once.\n")


@contextlib.contextmanager
def stopping_on_ctrl_c() -> Iterator[Interrupt]:
    """Within the block, the first Ctrl-C makes :meth:`Interrupt.go_on` say no.

    Raises:
        Interrupted: Ctrl-C was pressed and the block raised an error, which is taken for its consequence.
    """
    interrupt = Interrupt()
    in_main_thread = threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGINT, interrupt._handle) if in_main_thread else None
    try:
        yield interrupt
    except Exception as error:
        if interrupt._pressed:
            raise Interrupted(str(error)) from error
        raise
    finally:
        if interrupt._leaving is not None:
            interrupt._leaving.cancel()
        if in_main_thread:
            signal.signal(signal.SIGINT, previous)


def _leave() -> None:
    """End the process as it is."""
    with contextlib.suppress(OSError):
        os.write(_STDERR, b"\nInterrupted.\n")
    os._exit(INTERRUPTED)
