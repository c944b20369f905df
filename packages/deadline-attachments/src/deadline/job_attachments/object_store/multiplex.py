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
import os
import selectors
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, Callable, Generic, Iterator, List, Optional, Tuple, TypeVar

from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from .connections import TIMEOUT
from .endpoint import Endpoint
from .port import Body
from .wire import Answer, AnswerReader

LONGEST_LOOK = 0.1
"""Seconds for which a look at the sockets may last: as long as a cancelled token goes unnoticed."""
SCRATCH = 64 * 1024

Item = TypeVar("Item")


@dataclass
class Request(Generic[Item]):
    """A request of a lane, and how often it was sent."""

    item: Item
    method: str
    head: Callable[[], bytes]
    """Makes the head, signed for the moment in which it is sent."""
    body: Optional[Body] = None
    attempts: int = 0


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
        self._connections: List[_Connection] = []
        self._idle: List[_Connection] = []
        self._under_way = 0
        self._later: List[Tuple[float, int, Request[Item]]] = []
        self._order = itertools.count()
        self._scratch = bytearray(SCRATCH)
        self._next_check = time.monotonic() + 1

    def run(self, requests: Iterator[Request[Item]]) -> Iterator[Tuple[Item, Answer]]:
        """Send all requests and yield each item with its accepted answer, in the order in which they come.

        Raises what ``verdict`` raises, and :class:`AssetSyncCancelledError` when the token was cancelled.
        """
        exhausted = False
        try:
            while True:
                self._cancel.raise_if_cancelled()
                exhausted = self._send_what_is_allowed(requests, exhausted)
                if exhausted and not self._under_way and not self._later:
                    return
                for key, _ in self._selector.select(self._time_to_look()):
                    yield from self._advance(key.data)
                self._give_up_on_silent_ones()
        finally:
            self._close()

    def _send_what_is_allowed(self, requests: Iterator[Request[Item]], exhausted: bool) -> bool:
        while self._budget.try_take(at_least_one=not self._under_way):
            request = self._due()
            if request is None and not exhausted:
                request = next(requests, None)
                exhausted = request is None
            if request is None:
                self._budget.withdraw()
                break
            self._under_way += 1
            self._start(request)
        return exhausted

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
                connection = _Connection(self._endpoint, self._selector)
            except OSError as error:
                self._failed(request, error)
                return
            self._connections.append(connection)
        self._on(connection, lambda: connection.start(request))

    def _advance(self, connection: _Connection) -> Iterator[Tuple[Item, Answer]]:
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
        self._budget.give_back(slowed=answer.status in (429, 503))
        if pause is not None:
            self._repeat(request, pause)
            return
        yield request.item, answer

    def _on(self, connection: _Connection, action: Callable[[], None]) -> None:
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
        if not self._later:
            return LONGEST_LOOK
        return min(LONGEST_LOOK, max(0.0, self._later[0][0] - time.monotonic()))

    def _give_up_on_silent_ones(self) -> None:
        now = time.monotonic()
        if now < self._next_check:
            return
        self._next_check = now + 1
        for connection in [each for each in self._connections if each.request and now - each.active > TIMEOUT]:
            request = connection.request
            self._drop(connection)
            assert request is not None
            self._failed(request, socket.timeout(f"The server was silent for {TIMEOUT} seconds"))

    def _drop(self, connection: _Connection) -> None:
        connection.close()
        self._connections.remove(connection)
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)

    def _close(self) -> None:
        for connection in self._connections:
            connection.close()
        self._selector.close()
        self._budget.withdraw(self._under_way)


class _Connection:
    """A socket that does not block, at some point of connecting, shaking hands, sending and receiving."""

    def __init__(self, endpoint: Endpoint, selector: selectors.BaseSelector) -> None:
        self.request: Optional[Request[Any]] = None
        self.answer: Optional[Answer] = None
        self.active = time.monotonic()
        self._endpoint = endpoint
        self._selector = selector
        self._reader: Optional[AnswerReader] = None
        self._out = memoryview(b"")
        self._connected = self._secure = False
        self._used = False
        family, address = endpoint.address()
        plain = socket.socket(family, socket.SOCK_STREAM)
        self._socket = plain
        try:
            plain.setblocking(False)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(BlockingIOError):
                plain.connect(address)
        except BaseException:
            plain.close()
            endpoint.forget()
            raise
        self._events = selectors.EVENT_WRITE
        selector.register(plain, self._events, self)

    @property
    def closed_while_idle(self) -> bool:
        """Whether the server had closed the connection before it could have read the request."""
        return self._used and (self._reader is None or not self._reader.begun)

    def start(self, request: Request[Any]) -> None:
        self.request, self.answer = request, None
        self.active = time.monotonic()
        self._reader = AnswerReader(request.method)
        head = request.head()
        self._out = memoryview(head if request.body is None else b"".join((head, request.body)))
        if self._connected and self._secure:
            self._send()

    def advance(self, scratch: bytearray) -> None:
        """Do what the socket allows now."""
        self.active = time.monotonic()
        try:
            if not self._connected:
                self._finish_connecting()
            if not self._secure:
                self._socket.do_handshake()  # type: ignore[attr-defined]
                self._secure = True
            if self._out:
                self._send()
            else:
                self._receive(scratch)
        except ssl.SSLWantWriteError:
            self._watch(selectors.EVENT_WRITE)
        except (ssl.SSLWantReadError, BlockingIOError):
            self._watch(selectors.EVENT_READ)

    def finish(self) -> Request[Any]:
        """Take the request away: its answer is complete."""
        request = self.request
        assert request is not None
        self.request = self.answer = None
        self._used = True
        return request

    def close(self) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._socket)
        self._socket.close()

    def _finish_connecting(self) -> None:
        failure = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if failure:
            self._endpoint.forget()
            raise OSError(failure, f"{self._endpoint.host} cannot be reached: {os.strerror(failure)}")
        self._connected = True
        if self._endpoint.tls is None:
            self._secure = True
            return
        self._selector.unregister(self._socket)
        self._socket = self._endpoint.wrapped(self._socket)
        self._events = selectors.EVENT_READ
        self._selector.register(self._socket, self._events, self)

    def _send(self) -> None:
        try:
            while self._out:
                self._out = self._out[self._socket.send(self._out) :]
        except ssl.SSLWantReadError:
            self._watch(selectors.EVENT_READ)
            return
        except (ssl.SSLWantWriteError, BlockingIOError):
            self._watch(selectors.EVENT_WRITE)
            return
        self._watch(selectors.EVENT_READ)

    def _receive(self, scratch: bytearray) -> None:
        reader = self._reader
        assert reader is not None
        while True:
            buffer = reader.buffer(scratch)
            count = self._socket.recv_into(buffer)
            if reader.received(count):
                self.answer = reader.answer
                return
            if self._endpoint.tls is None and count < len(buffer):
                # Nothing more is there now; TLS may hold more than the selector sees.
                return

    def _watch(self, events: int) -> None:
        if events != self._events:
            self._events = events
            self._selector.modify(self._socket, events, self)
