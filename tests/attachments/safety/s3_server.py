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
import hashlib
import itertools
import os
import socket
import ssl
import struct
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, Iterator, List, Optional, Set, Tuple
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

BUCKET = "bucket"
PIECE = 64 * 1024
RECEIVED_AHEAD = 256 * 1024
PAGE = 1000
LONGEST_SKEW = timedelta(minutes=15)


@dataclass
class Asked:
    """A request, and what became of it."""

    number: int
    method: str
    key: str
    query: Dict[str, str]
    headers: Dict[str, str]
    length: int
    access_key: str
    at: float
    """When it arrived, by the monotonic clock."""
    received: int = 0
    """Bytes of the body that came."""
    stored: bool = False
    status: int = 0
    """Of the answer, as soon as it is given."""

    @property
    def part(self) -> int:
        """The number of the part that is sent or fetched, from 1; 0 for whole objects."""
        return int(self.query.get("partNumber", 0))

    @property
    def operation(self) -> str:
        """What is asked for, in the words of S3's interface."""
        if self.method == "PUT":
            return "UploadPart" if self.part else "PutObject"
        if self.method == "POST":
            return "CreateMultipartUpload" if "uploads" in self.query else "CompleteMultipartUpload"
        if self.method == "DELETE":
            return "AbortMultipartUpload"
        if self.method == "GET" and not self.key:
            return "ListObjectsV2"
        if self.method == "GET" and "uploadId" in self.query:
            return "ListParts"
        return "GetObject" if self.method == "GET" else "HeadObject"


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


@dataclass
class Upload:
    """An object that is sent in parts."""

    key: str
    parts: Dict[int, bytes] = field(default_factory=dict)


class S3Server:
    """The server; ``objects`` by key, ``uploads`` by id."""

    def __init__(self, tls: Optional[ssl.SSLContext] = None) -> None:
        """``tls`` lets it speak TLS."""
        self.objects: Dict[str, bytes] = {}
        self.uploads: Dict[str, Upload] = {}
        self.log: List[Asked] = []
        self.fault: Callable[[Asked], Optional[Fault]] = lambda asked: None
        self.accepted_keys: Optional[Set[str]] = None
        """Access keys; requests that are signed with others are told that their token has expired."""
        self.skew = timedelta(0)
        """How far its clock is ahead."""
        self.removes_objects = False
        """Whether it says of objects that it will remove them some day."""
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


def etag_of(body: bytes) -> str:
    """As S3 makes it."""
    return hashlib.md5(body).hexdigest()


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
            self._answer(asked, Fault(), refusal[0], _error(*refusal))
            return
        status, more, answer = (200, {}, fault.page) if fault.page is not None else self._do(asked, body)
        with s3.changed:
            s3.changed.notify_all()
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

    def _do(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        if not asked.key and asked.method == "POST":
            return 200, {}, _IDENTITY
        with self.server.s3.lock:
            answer: Tuple[int, Dict[str, str], bytes] = getattr(self, f"_{asked.operation}")(asked, body)
            return answer

    def _PutObject(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        return self._store(asked, body)

    def _store(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        objects = self.server.s3.objects
        if asked.headers.get("if-none-match") == "*" and asked.key in objects:
            return 412, {}, _error(412, "PreconditionFailed")
        objects[asked.key] = body
        asked.stored = True
        return 200, {"ETag": f'"{etag_of(body)}"'}, b""

    def _UploadPart(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        upload = self.server.s3.uploads.get(asked.query["uploadId"])
        if upload is None:
            return _NO_UPLOAD
        upload.parts[asked.part] = body
        asked.stored = True
        return 200, {"ETag": f'"{etag_of(body)}"'}, b""

    def _CreateMultipartUpload(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        upload_id = f"upload-{asked.number}"
        self.server.s3.uploads[upload_id] = Upload(asked.key)
        return 200, {}, f"<R><UploadId>{upload_id}</UploadId></R>".encode()

    def _CompleteMultipartUpload(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        upload_id = asked.query["uploadId"]
        upload = self.server.s3.uploads.get(upload_id)
        if upload is None:
            return _NO_UPLOAD
        named = [
            (int(part.findtext("{*}PartNumber") or 0), (part.findtext("{*}ETag") or "").strip('"'))
            for part in ElementTree.fromstring(body).iter("{http://s3.amazonaws.com/doc/2006-03-01/}Part")
        ]
        if any(number not in upload.parts or etag_of(upload.parts[number]) != tag for number, tag in named):
            return 400, {}, _error(400, "InvalidPart")
        status, _, answer = self._store(asked, b"".join(upload.parts[number] for number, _ in named))
        if status == 200:
            del self.server.s3.uploads[upload_id]
            answer = b"<CompleteMultipartUploadResult/>"
        return status, {}, answer

    def _AbortMultipartUpload(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        gone = self.server.s3.uploads.pop(asked.query["uploadId"], None) is None
        return _NO_UPLOAD if gone else (204, {}, b"")

    def _ListParts(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        upload = self.server.s3.uploads.get(asked.query["uploadId"])
        if upload is None:
            return _NO_UPLOAD
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag_of(part)}&quot;</ETag></Part>"
            for number, part in sorted(upload.parts.items())
        )
        return 200, {}, f"<R>{parts}<IsTruncated>false</IsTruncated></R>".encode()

    def _ListObjectsV2(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        after = asked.query.get("continuation-token") or asked.query.get("start-after", "")
        prefix = asked.query.get("prefix", "")
        keys = sorted(key for key in self.server.s3.objects if key.startswith(prefix) and key > after)
        page = keys[:PAGE]
        stamp = "2023-11-14T22:13:20.000Z"
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{stamp}</LastModified><ETag>&quot;tag&quot;</ETag>"
            f"<Size>{len(self.server.s3.objects[key])}</Size></Contents>"
            for key in page
        )
        more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if len(keys) > len(page) else ""
        return 200, {}, f"<R>{entries}{more}</R>".encode()

    def _GetObject(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        found = self.server.s3.objects.get(asked.key)
        if found is None:
            return 404, {}, _error(404, "NoSuchKey")
        described = self._description(found)
        if "range" not in asked.headers:
            return 200, described, found
        first, _, last = asked.headers["range"].partition("=")[2].partition("-")
        if int(first) >= len(found):
            return 416, {}, _error(416, "InvalidRange")
        piece = found[int(first) : int(last) + 1 if last else None]
        described["Content-Range"] = f"bytes {first}-{int(first) + len(piece) - 1}/{len(found)}"
        return 206, described, piece

    def _HeadObject(self, asked: Asked, body: bytes) -> Tuple[int, Dict[str, str], bytes]:
        found = self.server.s3.objects.get(asked.key)
        if found is None:
            return 404, {}, b""
        return 200, {"Content-Length": str(len(found)), **self._description(found)}, b""

    def _description(self, body: bytes) -> Dict[str, str]:
        # A tag of the whole would cost more than sending it, and nobody looks at it.
        described = {"ETag": f'"{len(body)}"', "Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT"}
        if self.server.s3.removes_objects:
            described["x-amz-expiration"] = 'expiry-date="Fri, 14 Nov 2025 00:00:00 GMT", rule-id="monthly"'
        return described


def _error(status: int, code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>As the test wants it ({status}).</Message></Error>".encode()


_NO_UPLOAD: Tuple[int, Dict[str, str], bytes] = (404, {}, _error(404, "NoSuchUpload"))
_IDENTITY = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/test</Arn><UserId>id</UserId>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
