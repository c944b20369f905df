"""A connection that does not block, for :mod:`.multiplex`."""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, Callable, Generic, Optional

from .endpoint import Endpoint
from .port import Body, Item
from .wire import Answer, AnswerReader


@dataclass
class Request(Generic[Item]):
    """A request of a lane, and how often it was sent."""

    item: Item
    method: str
    head: Callable[[], bytes]
    """Makes the head, signed for the moment in which it is sent."""
    body: Optional[Body] = None
    attempts: int = 0
    size: int = 0
    """The bytes that go or come, for the bandwidth."""
    most: Optional[int] = None
    """As of :class:`.wire.AnswerReader`."""


class NonBlockingConnection:
    """A socket that does not block, at some point of connecting, shaking hands, sending and receiving."""

    def __init__(self, endpoint: Endpoint, selector: selectors.BaseSelector) -> None:
        self.request: Optional[Request[Any]] = None
        self.answer: Optional[Answer] = None
        self.active = time.monotonic()
        self.closed = False
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
        self._reader = AnswerReader(request.method, most=request.most)
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
        self.closed = True
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
