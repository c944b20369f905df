"""Keep-alive connections to one server, lent to one thread at a time; for requests with large bodies."""

from __future__ import annotations

import socket
import struct
import sys
import threading
from typing import Callable, List, Optional, Set

from .._engine.bandwidth import PIECE, Bandwidth
from .endpoint import Endpoint
from .port import Body, Write
from .wire import Answer, AnswerReader

ONE_PACKET = 64 * 1024
"""Bodies up to this size are sent together with the head."""
RECEIVED_AT_ONCE = 128 * 1024
CAPPED_BUFFER = 128 * 1024
"""Bytes that the kernel may receive ahead of a reader whose bandwidth is capped."""

Pace = Callable[[int], None]
"""Waits until a number of bytes may go, or have come."""


class Connections:
    """Up to ``limit`` connections that are kept for the next request.

    A connection that the server closed while it was idle is replaced and the request sent once more, since the server
    cannot have read it; any other error of the network is raised as it is (an :class:`OSError`).
    """

    def __init__(self, endpoint: Endpoint, limit: int, timeout: Optional[float] = None) -> None:
        """``timeout`` is in place of the endpoint's, in seconds."""
        self.endpoint = endpoint
        self.bandwidth: Optional[Bandwidth] = None
        self._timeout = endpoint.timeout if timeout is None else timeout
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

    def request(
        self,
        method: str,
        head: bytes,
        body: Optional[Body],
        most: Optional[int] = None,
        write: Optional[Write] = None,
    ) -> Answer:
        """Send a request and read its answer completely; ``most`` and ``write`` as of :class:`.wire.AnswerReader`."""
        with self._slots:
            connection = self._borrow()
            try:
                answer = self._exchange(connection, method, head, body, most, write)
            except _Idle:
                connection = self._lend(_Connection(self.endpoint, self._timeout))
                answer = self._exchange(connection, method, head, body, most, write)
            self._give_back(connection, answer)
            return answer

    def interrupt(self) -> None:
        """Break off the requests that are under way; whoever made them gets an :class:`OSError`."""
        with self._lock:
            self._interrupted.set()
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
        self,
        connection: _Connection,
        method: str,
        head: bytes,
        body: Optional[Body],
        most: Optional[int],
        write: Optional[Write],
    ) -> Answer:
        pace = self._pace if self.bandwidth is not None else None
        try:
            connection.open(pace is not None)
            return connection.exchange(AnswerReader(method, most, write), head, body, pace)
        except BaseException:
            self._drop(connection)
            raise

    def _borrow(self) -> _Connection:
        with self._lock:
            kept = self._idle.pop() if self._idle else None
        return self._lend(kept or _Connection(self.endpoint, self._timeout))

    def _lend(self, connection: _Connection) -> _Connection:
        with self._lock:
            # Under the lock, so that an interruption either sees the connection or is seen here.
            if not self.interrupted:
                self._lent.add(connection)
                return connection
        connection.close()
        raise _interrupted()

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

    def _pace(self, count: int) -> None:
        assert self.bandwidth is not None
        if self._interrupted.wait(self.bandwidth.take(count)):
            raise _interrupted()


class _Idle(Exception):
    """The server had closed a connection that was kept for this request."""


class _Connection:
    """A socket, made at once and connected by :meth:`open`, so that connecting can be interrupted too."""

    def __init__(self, endpoint: Endpoint, timeout: float) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._socket: Optional[socket.socket] = None
        self._interrupted = False
        self._used = False
        self._waits_for_all = False
        self._scratch = bytearray(RECEIVED_AT_ONCE)

    def open(self, capped: bool) -> None:
        """Connect, unless that is done; ``capped`` when bytes are to come no faster than they are read."""
        if self._socket is not None:
            return
        family, address = self._endpoint.address()
        plain = socket.socket(family, socket.SOCK_STREAM)
        self._set_socket(plain)
        try:
            plain.settimeout(self._timeout)
            if capped:
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CAPPED_BUFFER)
            plain.connect(address)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            secure = self._endpoint.wrapped(plain)
            if secure is not plain:
                self._set_socket(secure)
                secure.do_handshake()  # type: ignore[attr-defined]
            else:
                self._waits_for_all = _set_kernel_timeout(plain, self._timeout)
        except OSError as error:
            self._endpoint.forget()
            self._raise_silence(error)
            raise

    def exchange(self, reader: AnswerReader, head: bytes, body: Optional[Body], pace: Optional[Pace]) -> Answer:
        used, self._used = self._used, True
        broken: Optional[ConnectionError] = None
        try:
            try:
                self._send(head, body, pace)
            except ConnectionError as error:
                # A server that refuses a large body says so and closes, without reading to the end: hear what it says.
                broken = error
            self._receive(reader, pace)
        except ConnectionError as error:
            if used and not reader.begun:
                raise _Idle from error
            raise broken or error from None
        except OSError as error:
            self._raise_silence(error)
            raise
        assert reader.answer is not None
        return reader.answer

    def _send(self, head: bytes, body: Optional[Body], pace: Optional[Pace]) -> None:
        connected = self._connected()
        if body is None:
            connected.sendall(head)
        elif pace is not None:
            view = memoryview(body)
            connected.sendall(head)
            for start in range(0, len(view), PIECE):
                piece = view[start : start + PIECE]
                pace(len(piece))
                connected.sendall(piece)
        elif len(body) <= ONE_PACKET:
            connected.sendall(b"".join((head, body)))
        else:
            connected.sendall(head)
            connected.sendall(body)

    def _receive(self, reader: AnswerReader, pace: Optional[Pace]) -> None:
        connected = self._connected()
        while True:
            buffer = reader.buffer(self._scratch)
            if pace is not None:
                count = connected.recv_into(buffer[:PIECE])
                pace(count)
            elif self._waits_for_all and reader.knows_what_comes:
                # The kernel fills the whole buffer in one go, instead of waking this thread for every packet.
                count = connected.recv_into(buffer, len(buffer), socket.MSG_WAITALL)
            else:
                count = connected.recv_into(buffer)
            if reader.received(count):
                return

    def interrupt(self) -> None:
        self._interrupted = True
        if self._socket is not None:
            try:
                # Not the method of TLS sockets, which goes on in plain text with what is still to be sent.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()

    def _set_socket(self, made: socket.socket) -> None:
        self._socket = made
        # After that, so that an interruption sees the socket or is seen here.
        if self._interrupted:
            raise _interrupted()

    def _connected(self) -> socket.socket:
        assert self._socket is not None
        return self._socket

    def _raise_silence(self, error: OSError) -> None:
        """Raise an error that says what ``error`` means, where it is the end of the patience."""
        if isinstance(error, (BlockingIOError, socket.timeout)):
            raise self._endpoint.silent(self._timeout) from error


def _interrupted() -> ConnectionAbortedError:
    return ConnectionAbortedError("The transfer was interrupted")


def _set_kernel_timeout(plain: socket.socket, seconds: float) -> bool:
    """Let the kernel keep the time: Python's own way makes a socket that does not block, and asks before every call
    whether it would. Whether that is possible here."""
    if sys.platform not in ("linux", "darwin"):
        return False
    plain.settimeout(None)
    packed = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))
    for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
        plain.setsockopt(socket.SOL_SOCKET, option, packed)
    return True
