"""How many lanes are open: threads that each have many small files in hand.

One lane is the cheapest while files are read and written at the speed of memory. On a network drive each file keeps its
lane waiting; then further lanes open, so that the waits overlap.
"""

from __future__ import annotations

import threading
import time

MOST_LANES = 8
SLOW = 0.0005
"""Seconds for a file from which storage counts as slow: from memory one takes a tenth of that."""
WINDOW = 32
"""Files whose times are averaged."""


class Lanes:
    """Opens up to ``most`` lanes as storage needs them."""

    def __init__(self, most: int = MOST_LANES) -> None:
        self.most = most
        self._open = 1
        self._entered = 0
        self._finished = False
        self._changed = threading.Condition()
        self._seconds = 0.0
        self._files = 0

    def enter(self) -> bool:
        """Wait, as a worker, until another lane is needed; ``False`` when none will be."""
        with self._changed:
            number = self._entered
            self._entered += 1
            self._changed.wait_for(lambda: self._finished or number < self._open)
            return not self._finished

    def finish(self) -> None:
        """There is nothing to do for further lanes."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def note(self, started: float, files: int = 1) -> None:
        """Files were read or written since ``started``, by ``time.perf_counter()``."""
        self._seconds += time.perf_counter() - started
        self._files += files
        if self._files < WINDOW:
            return
        slow = self._seconds / self._files > SLOW
        self._seconds, self._files = 0.0, 0
        if slow and self._open < self.most:
            with self._changed:
                self._open += 1
                self._changed.notify_all()
