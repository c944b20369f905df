"""A bell that is never missed: who waits learns of every ring since the last time it looked."""

from __future__ import annotations

import threading


class Wake:
    """Wakes threads that wait for work. Rings between two waits are not lost, and many rings are one."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rings = 0

    def ring(self) -> None:
        """Wake everyone who waits, and let everyone who does not yet wait return at once from its next wait."""
        with self._condition:
            self._rings += 1
            self._condition.notify_all()

    @property
    def seen(self) -> int:
        """What to give :meth:`wait`; read it *before* looking for work."""
        with self._condition:
            return self._rings

    def wait(self, seen: int) -> None:
        """Return once it has rung since ``seen`` was read."""
        with self._condition:
            self._condition.wait_for(lambda: self._rings != seen)
