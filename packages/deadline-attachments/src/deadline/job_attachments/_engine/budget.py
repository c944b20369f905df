"""A bound on how many bytes are in memory at once, shared by small objects and the parts of large ones."""

from __future__ import annotations

import threading


class ByteBudget:
    """Bytes that may be held at one time; who takes more than is left waits until others give back.

    A single demand above the limit is granted when nothing else is held, so that it is slow rather than stuck.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._held = 0
        self._closed = False
        self._changed = threading.Condition()

    def take(self, count: int) -> bool:
        """Wait for ``count`` bytes and hold them; ``False``, with nothing held, when the budget was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._held == 0 or self._held + count <= self.limit)
            if self._closed:
                return False
            self._held += count
            return True

    def give_back(self, count: int) -> None:
        """Return what :meth:`take` granted."""
        with self._changed:
            self._held -= count
            self._changed.notify_all()

    def close(self) -> None:
        """Let nobody wait any longer: the operation is over."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
