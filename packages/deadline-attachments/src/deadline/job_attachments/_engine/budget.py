"""Bounds on what is under way at once, shared by small objects and the parts of large ones: bytes, and requests."""

from __future__ import annotations

import threading
import time
from typing import Optional

from .bandwidth import Bandwidth


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


class RequestBudget:
    """How many requests may be under way at once; the store itself decides, by how it answers.

    The budget begins with ``first`` and looks at how many requests a second come back. While more requests under way
    bring more answers it grows, up to ``most``; where they only wait longer it goes back. An answer that asks for fewer
    requests halves it.
    """

    WINDOW = 0.25
    """Seconds over which answers are counted, at least."""
    SMALLEST = 4
    GAIN = 1.05
    """How many times the answers of before make a step worth keeping."""

    def __init__(self, most: int, first: int = 16, bandwidth: Optional[Bandwidth] = None) -> None:
        """``bandwidth`` caps the bytes a second of all requests together."""
        self.most = most if bandwidth is None else bandwidth.connections(most)
        self.limit = min(first, self.most)
        self.bandwidth = bandwidth
        self._under_way = 0
        self._closed = False
        self._changed = threading.Condition()
        self._answers = 0
        self._since = time.monotonic()
        self._rate = 0.0
        self._grew = False
        self._slowed_at = float("-inf")

    def try_take(self, *, at_least_one: bool = False) -> bool:
        """Whether another request may be sent now; ``at_least_one`` grants it to somebody who has none under way."""
        with self._changed:
            if self._under_way >= self.limit and not at_least_one:
                return False
            self._under_way += 1
            return True

    def take(self) -> bool:
        """Wait until another request may be sent; ``False``, with nothing taken, when the budget was closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._under_way < self.limit)
            if self._closed:
                return False
            self._under_way += 1
            return True

    def give_back(self, *, slowed: bool = False) -> None:
        """A request has its answer; ``slowed`` when that asks for fewer requests."""
        with self._changed:
            self._under_way -= 1
            self._answers += 1
            now = time.monotonic()
            if slowed:
                self._halve(now)
            elif now - self._since >= self.WINDOW and self._answers >= 2 * self.limit:
                self._adapt(now)
            self._changed.notify()

    def slow_down(self) -> None:
        """An answer asks for fewer requests, and the one that it came to is not at its end."""
        with self._changed:
            self._halve(time.monotonic())

    def withdraw(self, count: int = 1) -> None:
        """Give back what was taken for requests that were not sent, or whose answers nobody waits for."""
        with self._changed:
            self._under_way -= count
            self._changed.notify_all()

    @property
    def closed(self) -> bool:
        """Whether the operation is over."""
        return self._closed

    def close(self) -> None:
        """Let nobody wait any longer: the operation is over."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _halve(self, now: float) -> None:
        # Requests that were under way together are refused together: they are one reason, not many.
        if now - self._slowed_at > 1:
            self._slowed_at = now
            self.limit = self._shrunk(self.limit // 2)
            self._begin_window(now, 0.0, False)

    def _adapt(self, now: float) -> None:
        rate = self._answers / (now - self._since)
        if self._grew and rate < self._rate * self.GAIN:
            # The step brought nothing; the next window tries again, in case the store was busy with something else.
            self.limit = self._shrunk(int(self.limit / 1.5))
            self._begin_window(now, rate, False)
        elif self.limit < self.most and now - self._slowed_at > 5:
            self.limit = min(self.most, int(self.limit * 1.5) + 1)
            self._begin_window(now, rate, True)
        else:
            self._begin_window(now, rate, False)

    def _shrunk(self, limit: int) -> int:
        return max(limit, min(self.SMALLEST, self.most))

    def _begin_window(self, now: float, rate: float, grew: bool) -> None:
        self._answers, self._since, self._rate, self._grew = 0, now, rate, grew
