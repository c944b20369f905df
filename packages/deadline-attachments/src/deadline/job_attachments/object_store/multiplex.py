"""Many small requests at once on one thread.

A thread for each request in flight spends more on waiting for the interpreter's lock than on its request: 10,000 PUTs of
8 KiB took 5.7 CPU seconds from 16 threads and 0.9 from one thread that watches 8 to 32 sockets. So small objects travel in
*lanes*: a thread that draws requests from an iterator, keeps as many under way as its budget allows, and yields the
answers as they come. Reading the next body and using the last answer happen on that same thread, between two looks at
the sockets.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import selectors
import time
from typing import Any, Callable, Generic, Iterator, List, Optional, Tuple

from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from ..exceptions import AssetSyncCancelledError
from .endpoint import Endpoint
from .nonblocking import NonBlockingConnection, Request
from .port import Item
from .retry import THROTTLED
from .wire import Answer

LONGEST_LOOK = 0.1
"""Seconds for which a look at the sockets may last: as long as a cancelled token goes unnoticed."""
SCRATCH = 64 * 1024

Verdict = Callable[["Request[Any]", Optional[Answer], Optional[Exception]], Optional[float]]
"""Looks at the answer to a request, or at the error that it got instead: ``None`` accepts the answer, a number is the
pause in seconds after which the request is sent again; errors that end the lane are raised."""


class Lane(Generic[Item]):
    """One thread's requests to one server; used for one call of :meth:`run`."""

    def __init__(self, endpoint: Endpoint, budget: RequestBudget, cancel: CancelToken, verdict: Verdict) -> None:
        self._endpoint = endpoint
        self._budget = budget
        self._cancel = cancel
        self._verdict = verdict
        self._selector = selectors.DefaultSelector()
        self._connections: List[NonBlockingConnection] = []
        self._idle: List[NonBlockingConnection] = []
        self._under_way = 0
        self._later: List[Tuple[float, int, Request[Item]]] = []
        self._order = itertools.count()
        self._scratch = bytearray(SCRATCH)
        self._check_every = min(1.0, endpoint.timeout / 4)
        self._next_check = time.monotonic() + self._check_every

    def run(self, requests: Iterator[Request[Item]]) -> Iterator[Tuple[Item, Answer]]:
        """Send all requests and yield each item with its accepted answer, in the order in which they come.

        Raises what ``verdict`` raises, and :class:`AssetSyncCancelledError` when the token was cancelled or the budget
        closed.
        """
        exhausted = False
        try:
            while True:
                self._raise_if_over()
                exhausted = self._send_what_is_allowed(requests, exhausted)
                if exhausted and not self._under_way and not self._later:
                    return
                for key, _ in self._selector.select(self._time_to_look()):
                    yield from self._advance(key.data)
                self._give_up_on_silent_ones()
        finally:
            self._close()

    def _raise_if_over(self) -> None:
        self._cancel.raise_if_cancelled()
        if self._budget.closed:
            raise AssetSyncCancelledError("The operation has ended.")

    def _send_what_is_allowed(self, requests: Iterator[Request[Item]], exhausted: bool) -> bool:
        while not self._wait_for_bandwidth() and self._budget.try_take(at_least_one=not self._under_way):
            request = self._due()
            # While many wait to be sent again, others would only wait with them, and hold on to their bodies.
            if request is None and not exhausted and len(self._later) < self._budget.limit:
                request = next(requests, None)
                exhausted = request is None
            if request is None:
                self._budget.withdraw()
                break
            if self._budget.bandwidth is not None:
                self._budget.bandwidth.take(request.size)
            self._under_way += 1
            self._start(request)
        return exhausted

    def _wait_for_bandwidth(self) -> float:
        """Seconds until bytes may go again."""
        return self._budget.bandwidth.delay() if self._budget.bandwidth is not None else 0.0

    def _due(self) -> Optional[Request[Item]]:
        """A request whose pause is over."""
        if self._later and self._later[0][0] <= time.monotonic():
            return heapq.heappop(self._later)[2]
        return None

    def _start(self, request: Request[Item]) -> None:
        request.attempts += 1
        if self._idle:
            connection = self._idle.pop()
        else:
            try:
                connection = NonBlockingConnection(self._endpoint, self._selector)
            except OSError as error:
                self._failed(request, error)
                return
            self._connections.append(connection)
        self._on(connection, lambda: connection.start(request))

    def _advance(self, connection: NonBlockingConnection) -> Iterator[Tuple[Item, Answer]]:
        if connection.closed:
            # It was ready in the same look in which another one's failure ended it.
            return
        if connection.request is None:
            # The server closed an idle connection, or said something that nobody asked for.
            self._drop(connection)
            return
        self._on(connection, lambda: connection.advance(self._scratch))
        answer = connection.answer
        if answer is None:
            return
        request = connection.finish()
        if answer.will_close:
            self._drop(connection)
        else:
            self._idle.append(connection)
        pause = self._verdict(request, answer, None)
        self._under_way -= 1
        self._budget.give_back(slowed=answer.status in THROTTLED)
        if pause is not None:
            self._repeat(request, pause)
            return
        yield request.item, answer

    def _on(self, connection: NonBlockingConnection, action: Callable[[], None]) -> None:
        try:
            action()
        except OSError as error:
            request, closed_while_idle = connection.request, connection.closed_while_idle
            self._drop(connection)
            assert request is not None
            if closed_while_idle:
                # The server cannot have read it: this was no attempt.
                request.attempts -= 1
                self._start(request)
            else:
                self._failed(request, error)

    def _failed(self, request: Request[Item], error: OSError) -> None:
        pause = self._verdict(request, None, error)
        self._under_way -= 1
        self._budget.give_back()
        self._repeat(request, pause or 0)

    def _repeat(self, request: Request[Item], pause: float) -> None:
        heapq.heappush(self._later, (time.monotonic() + pause, next(self._order), request))

    def _time_to_look(self) -> float:
        wait = self._wait_for_bandwidth() or LONGEST_LOOK
        if self._later:
            wait = min(wait, self._later[0][0] - time.monotonic())
        return min(LONGEST_LOOK, max(0.0, wait))

    def _give_up_on_silent_ones(self) -> None:
        now = time.monotonic()
        if now < self._next_check:
            return
        self._next_check = now + self._check_every
        for connection in [
            each for each in self._connections if each.request and now - each.active > self._endpoint.timeout
        ]:
            request = connection.request
            self._drop(connection)
            assert request is not None
            self._failed(request, self._endpoint.silent())

    def _drop(self, connection: NonBlockingConnection) -> None:
        connection.close()
        self._connections.remove(connection)
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)

    def _close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._selector.close()
        self._budget.withdraw(self._under_way)
