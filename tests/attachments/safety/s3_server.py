"""S3 in memory, on loopback, that keeps what it was asked and fails as a test wants.

As much of S3 as the transfer engine uses: objects with ranges and conditional writes, uploads in parts, listings. Every
request is noted in ``log`` as it arrives, and ``fault`` may be a function that looks at it and says what goes wrong with
it; see :class:`Fault`. Nothing counts as stored of a body that did not come to its end.

>>> with S3Server() as server:
...     server.objects["key"] = b"content"
...     list(server.objects)
['key']
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple
from urllib.parse import parse_qsl, unquote, urlsplit

from .s3_bucket import Answer, Asked, Bucket, Upload, error_of

BUCKET = "bucket"
PIECE = 64 * 1024
RECEIVED_AHEAD = 256 * 1024
LONGEST_SKEW = timedelta(minutes=15)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a request; by default nothing."""

    status: int = 0
    """Read the request and answer with this error instead of doing what it asks for..."""
    code: str = "InternalError"
    """...and with this code."""
    page: Optional[bytes] = None
    """Answer with status 200 and this, as a proxy does that wants somebody to sign in."""
    reset_after: Optional[int] = None
    """Break the connection after so many bytes of the body, of the request or else of the answer."""
    lose_answer: bool = False
    """Do what is asked for, and break the connection instead of answering."""
    truncate_to: Optional[int] = None
    """Send so many bytes of the answer's body, and close the connection."""
    corrupt: bool = False
    """Turn a bit in the middle of the answer's body."""
    stall_after: Optional[int] = None
    """Say and read nothing more after so many bytes of the body, until the server closes."""
    hang_up: bool = False
    """Close the connection after the answer, without having said so."""
    bytes_a_second: Optional[float] = None
    """Read and send as slowly as that."""
    at_arrival: Optional[Callable[[], None]] = None
    in_body: Optional[Callable[[], None]] = None
    when_done: Optional[Callable[[], None]] = None
    """Called when the request arrives, in the middle of the body, and between the deed and the answer."""


class S3Server:
    """The server of one bucket."""

    def __init__(self, tls: Optional[ssl.SSLContext] = None) -> None:
        """``tls`` lets it speak TLS."""
        self.bucket = Bucket()
        self.log: List[Asked] = []
        self.fault: Callable[[Asked], Optional[Fault]] = lambda asked: None
        self.accepted_keys: Optional[Set[str]] = None
        """Access keys; requests that are signed with others are told that their token has expired."""
        self.skew = timedelta(0)
        """How far its clock is ahead."""
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.closing = threading.Event()
        self._numbers = itertools.count(1)
        self._connections: Set[socket.socket] = set()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.s3, self._server.tls = self, tls
        self.port: int = self._server.server_address[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="s3-server"
        )
        self._thread.start()

    def __enter__(self) -> S3Server:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End all connections and wait for their threads."""
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        with self.lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    @property
    def objects(self) -> Dict[str, bytes]:
        """What is stored, by key."""
        return self.bucket.objects

    @property
    def uploads(self) -> Dict[str, Upload]:
        """What was begun in parts and not finished, by id."""
        return self.bucket.uploads

    def reset_all(self) -> None:
        """End all connections at once, as a server does that is restarted."""
        with self.lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.shutdown(socket.SHUT_RDWR)

    def now(self) -> datetime:
        """The time by its clock."""
        return datetime.now(timezone.utc) + self.skew

    def asked(self, *operations: str) -> List[Asked]:
        """The requests so far, of the given operations, or all."""
        with self.lock:
            return [asked for asked in self.log if not operations or asked.operation in operations]

    def wait_until(self, condition: Callable[[], bool], limit: float = 30) -> None:
        """Wait for something that requests bring about; an error when that takes too long."""
        with self.changed:
            assert self.changed.wait_for(condition, limit), "the server waited in vain"

    @property
    def idle(self) -> bool:
        """Whether nobody is connected."""
        return not self._connections

    def forget(self) -> None:
        """Begin a new log."""
        with self.lock:
            self.log.clear()

    def note(self, asked: Asked) -> None:
        with self.changed:
            self.log.append(asked)
            self.changed.notify_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    request_queue_size = 256
    s3: S3Server
    tls: Optional[ssl.SSLContext]

    def server_bind(self) -> None:
        # Little comes ahead of what is read, so that a slow reader is felt at the other end.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED_AHEAD)
        super().server_bind()

    def get_request(self) -> Tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self.tls is not None:
            # The handshake is made by the connection's own thread, at its first read.
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that break off are what the tests are about; anything else shows as a failed test."""


class _Broken(Exception):
    """The connection is to end here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        with self.server.s3.lock:
            self.server.s3._connections.add(self.connection)

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        with self.server.s3.changed:
            self.server.s3._connections.discard(self.connection)
            self.server.s3.changed.notify_all()

    def handle(self) -> None:
        with contextlib.suppress(_Broken, OSError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return None

    def date_time_string(self, timestamp: Optional[float] = None) -> str:
        return format_datetime(self.server.s3.now(), usegmt=True)

    def _serve(self) -> None:
        s3 = self.server.s3
        url = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        with s3.lock:
            number = next(s3._numbers)
        asked = Asked(
            number,
            self.command,
            unquote(url.path)[len(BUCKET) + 2 :],
            dict(parse_qsl(url.query, keep_blank_values=True)),
            headers,
            int(headers.get("content-length", 0)),
            headers.get("authorization", "").partition("Credential=")[2].partition("/")[0],
            time.monotonic(),
        )
        s3.note(asked)
        fault = s3.fault(asked) or Fault()
        if fault.at_arrival is not None:
            fault.at_arrival()
        body = self._read_body(asked, fault)
        refusal = (fault.status, fault.code) if fault.status else self._refusal(asked)
        if refusal is not None:
            self._answer(asked, Fault(), refusal[0], error_of(*refusal))
            return
        status, more, answer = self._do(asked, body) if fault.page is None else (200, {}, fault.page)
        if fault.when_done is not None:
            fault.when_done()
        if fault.lose_answer:
            self._break()
        self._answer(asked, fault, status, answer, more)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _serve

    def _read_body(self, asked: Asked, fault: Fault) -> bytes:
        pieces = []
        for position, count in self._pieces(asked.length, fault, receiving=True):
            piece = self.rfile.read(count)
            with self.server.s3.changed:
                asked.received = position + len(piece)
                self.server.s3.changed.notify_all()
            if len(piece) < count:
                raise _Broken
            pieces.append(piece)
        return b"".join(pieces)

    def _pieces(self, length: int, fault: Fault, *, receiving: bool) -> Iterator[Tuple[int, int]]:
        """The positions and sizes of the pieces of a body, and what happens between them."""
        size = PIECE if fault.bytes_a_second is None else max(1, min(PIECE, int(fault.bytes_a_second / 20)))
        stops = {fault.reset_after, fault.stall_after, None if receiving else fault.truncate_to, length // 2}
        ends = sorted({*range(size, length, size), length, *(stop for stop in stops if stop and stop < length)})
        begun = time.monotonic()
        position = 0
        for end in [*ends, length]:
            if length and position == length // 2 and fault.in_body is not None:
                fault.in_body()
            if length and position == fault.reset_after:
                self._break()
            if length and position == fault.stall_after:
                self.server.s3.closing.wait()
                raise _Broken
            if position == fault.truncate_to and not receiving:
                raise _Broken
            if end == position:
                return
            if fault.bytes_a_second is not None:
                wait = begun + end / fault.bytes_a_second - time.monotonic()
                if wait > 0 and self.server.s3.closing.wait(wait):
                    raise _Broken
            yield position, end - position
            position = end

    def _break(self) -> None:
        """End the connection at once, with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
        raise _Broken

    def _refusal(self, asked: Asked) -> Optional[Tuple[int, str]]:
        s3 = self.server.s3
        if s3.accepted_keys is not None and asked.access_key not in s3.accepted_keys:
            return 400, "ExpiredToken"
        signed = asked.headers.get("x-amz-date")
        if signed:
            at = datetime.strptime(signed, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
            if abs(at - s3.now()) > LONGEST_SKEW:
                return 403, "RequestTimeTooSkewed"
        return None

    def _answer(
        self, asked: Asked, fault: Fault, status: int, body: bytes, more: Optional[Dict[str, str]] = None
    ) -> None:
        if fault.corrupt and body:
            middle = len(body) // 2
            body = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
        with self.server.s3.changed:
            asked.status = status
            self.server.s3.changed.notify_all()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.flush()
        for position, count in self._pieces(len(body), Fault() if asked.length else fault, receiving=False):
            self.wfile.write(body[position : position + count])
            self.wfile.flush()
        if fault.hang_up:
            raise _Broken

    def _do(self, asked: Asked, body: bytes) -> Answer:
        s3 = self.server.s3
        with s3.changed:
            answer = s3.bucket.do(asked, body)
            s3.changed.notify_all()
        return answer
