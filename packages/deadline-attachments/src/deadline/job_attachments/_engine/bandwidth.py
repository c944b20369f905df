"""A cap on bytes a second, shared by everybody who sends or receives during one operation.

Bytes are taken in pieces, in the order in which they are asked for; who takes a piece is told how long to wait before it
goes. In any span of time no more goes than the rate allows for the span and for :data:`CREDIT` seconds, and one piece.
"""

from __future__ import annotations

import threading
import time
from typing import Callable

PIECE = 64 * 1024
"""Bytes that go at once, at the most, of bodies that are longer."""
CREDIT = 0.1
"""Seconds whose bytes may be caught up with, because nobody is woken to the very moment."""


class Bandwidth:
    """At most ``rate`` bytes a second.

    >>> cap = Bandwidth(1000, clock=lambda: 0.0)
    >>> cap.take(500), cap.take(500)
    (0.0, 0.4)
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Raises :class:`ValueError` for a rate that lets nothing through."""
        if not rate > 0:
            raise ValueError(f"A bandwidth is a number of bytes a second above 0, not {rate}.")
        self.rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._free_at = clock() - CREDIT
        """When the bytes taken so far have gone, at the rate."""

    def take(self, count: int) -> float:
        """Take ``count`` bytes; the seconds to wait before they may go."""
        with self._lock:
            now = self._clock()
            begin = max(self._free_at, now - CREDIT)
            self._free_at = begin + count / self.rate
            return max(0.0, begin - now)

    def delay(self) -> float:
        """The seconds that bytes taken now would have to wait."""
        with self._lock:
            return max(0.0, self._free_at - self._clock())

    def connections(self, most: int) -> int:
        """How many of ``most`` connections get a piece each second; servers end those that are silent for long."""
        return max(1, min(most, int(self.rate / PIECE)))
