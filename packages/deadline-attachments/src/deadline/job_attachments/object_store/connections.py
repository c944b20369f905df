"""Keep-alive connections to one server, lent to one thread at a time; for requests with large bodies."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from typing import List, Optional, Set

from .endpoint import Endpoint
from .port import Body
from .wire import Answer, AnswerReader

TIMEOUT = 30
"""Seconds to wait for a connection, and then for each piece of an answer."""
_KERNEL_TIMEOUT = struct.pack("ll", TIMEOUT, 0) if sys.platform in ("linux", "darwin") else None
"""The time-out as the kernel takes it. Python's own makes a socket that does not block, and asks before every call
whether it would."""
ONE_PACKET = 64 * 1024
"""Bodies up to this size are sent together with the head."""


class Connections:
    """Up to ``limit`` connections that are kept for the next request.

    A connection that the server closed while it was idle is replaced and the request sent once more, since the server
    cannot have read it; any other error of the network is raised as it is (an :class:`OSError`).
    """

    def __init__(self, endpoint: Endpoint, limit: int) -> None:
        self.endpoint = endpoint
        self._idle: List[_Connection] = []
        self._lent: Set[_Connection] = set()
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(limit)
        self._closed = False
        self._interrupted = threading.Event()

    @property
    def interrupted(self) -> bool:
        """Whether :meth:`interrupt` was called: no request will be answered any more."""
        return self._interrupted.is_set()

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than until the interruption."""
        self._interrupted.wait(seconds)

    def request(self, method: str, head: bytes, body: Optional[Body], into: Optional[memoryview] = None) -> Answer:
        """Send a request and read its answer completely; ``into`` as of :class:`.wire.AnswerReader`."""
        with self._slots:
            if self.interrupted:
                raise ConnectionAbortedError("The transfer was interrupted")
            connection = self._borrow()
            try:
                answer = connection.exchange(method, head, body, into)
            except _Idle:
                connection.close()
                connection = self._renew(connection)
                answer = self._exchange(connection, method, head, body, into)
            except BaseException:
                self._drop(connection)
                raise
            self._give_back(connection, answer)
            return answer

    def interrupt(self) -> None:
        """Break off the requests that are under way; whoever made them gets an :class:`OSError`."""
        self._interrupted.set()
        with self._lock:
            lent = list(self._lent)
        for connection in lent:
            connection.interrupt()
        self.close()

    def close(self) -> None:
        """Close all connections; those that are lent close when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _exchange(
        self, connection: _Connection, method: str, head: bytes, body: Optional[Body], into: Optional[memoryview]
    ) -> Answer:
        try:
            return connection.exchange(method, head, body, into)
        except BaseException:
            self._drop(connection)
            raise

    def _borrow(self) -> _Connection:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
            if connection is not None:
                self._lent.add(connection)
                return connection
        return self._open()

    def _open(self) -> _Connection:
        connection = _Connection(self.endpoint)
        with self._lock:
            self._lent.add(connection)
        return connection

    def _renew(self, old: _Connection) -> _Connection:
        with self._lock:
            self._lent.discard(old)
        return self._open()

    def _drop(self, connection: _Connection) -> None:
        connection.close()
        with self._lock:
            self._lent.discard(connection)

    def _give_back(self, connection: _Connection, answer: Answer) -> None:
        with self._lock:
            self._lent.discard(connection)
            if not self._closed and not answer.will_close:
                self._idle.append(connection)
                return
        connection.close()


class _Idle(Exception):
    """The server had closed a connection that was kept for this request."""


class _Connection:
    def __init__(self, endpoint: Endpoint) -> None:
        self._used = False
        self._waits_for_all = False
        self._scratch = bytearray(ONE_PACKET)
        family, address = endpoint.address()
        plain = socket.socket(family, socket.SOCK_STREAM)
        self._socket = plain
        try:
            plain.settimeout(TIMEOUT)
            plain.connect(address)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket = endpoint.wrapped(plain)
            if self._socket is not plain:
                self._socket.do_handshake()  # type: ignore[attr-defined]
            elif _KERNEL_TIMEOUT is not None:
                plain.settimeout(None)
                for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                    plain.setsockopt(socket.SOL_SOCKET, option, _KERNEL_TIMEOUT)
                self._waits_for_all = True
        except BaseException:
            self._socket.close()
            endpoint.forget()
            raise

    def exchange(self, method: str, head: bytes, body: Optional[Body], into: Optional[memoryview]) -> Answer:
        used, self._used = self._used, True
        reader = AnswerReader(method, into)
        broken: Optional[ConnectionError] = None
        try:
            self._send(head, body)
        except ConnectionError as error:
            # A server that refuses a large body says so and closes, without reading to the end: hear what it says.
            broken = error
        try:
            while not reader.received(self._receive_into(reader.buffer(self._scratch))):
                pass
        except ConnectionError as error:
            if used and not reader.begun:
                raise _Idle from error
            raise broken or error from None
        assert reader.answer is not None
        return reader.answer

    def _send(self, head: bytes, body: Optional[Body]) -> None:
        if body is not None and len(body) <= ONE_PACKET:
            self._socket.sendall(b"".join((head, body)))
            return
        self._socket.sendall(head)
        if body is not None:
            self._socket.sendall(body)

    def _receive_into(self, buffer: memoryview) -> int:
        if self._waits_for_all and len(buffer) > ONE_PACKET:
            # The kernel fills the whole of a long body in one go, instead of waking this thread for every packet.
            return self._socket.recv_into(buffer, len(buffer), socket.MSG_WAITALL)
        return self._socket.recv_into(buffer)

    def interrupt(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it is closed already

    def close(self) -> None:
        self._socket.close()
