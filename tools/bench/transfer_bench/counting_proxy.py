"""A proxy on loopback that writes down each request on its way to the S3 server: what it was, and when it came."""

from __future__ import annotations

import contextlib
import http.client
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Iterator
from urllib.parse import urlsplit

from .loopback import serving

_NOT_PASSED_ON = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect"}


@dataclass(frozen=True)
class Request:
    """A request; ``at`` in seconds of :func:`time.monotonic`, which all processes of the machine share."""

    at: float
    method: str
    target: str


@dataclass(frozen=True)
class Proxy:
    """Where it listens, and what came."""

    url: str
    requests: list[Request] = field(default_factory=list)


@contextlib.contextmanager
def counting_proxy(upstream: str) -> Iterator[Proxy]:
    """Run a proxy before the plain HTTP endpoint ``upstream``."""
    parts = urlsplit(upstream)
    assert parts.hostname is not None
    assert parts.port is not None
    requests: list[Request] = []
    settings = {"address": (parts.hostname, parts.port), "requests": requests}
    with serving(type("Handler", (_Handler,), settings)) as url:
        yield Proxy(url, requests)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer is one packet, sent at once.
    wbufsize = 65536
    disable_nagle_algorithm = True
    address: tuple[str, int]
    requests: list[Request]

    def setup(self) -> None:
        super().setup()
        self._upstream = http.client.HTTPConnection(*self.address, timeout=60)

    def finish(self) -> None:
        self._upstream.close()
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        # A client that is done, or was told to stop, hangs up as it likes.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def handle_expect_100(self) -> bool:
        answer = super().handle_expect_100()
        self.wfile.flush()
        return answer

    def _forward(self) -> None:
        self.requests.append(Request(time.monotonic(), self.command, self.path))
        body = self._body()
        try:
            self._upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in _NOT_PASSED_ON:
                    self._upstream.putheader(name, value)
            self._upstream.putheader("Content-Length", str(len(body)))
            self._upstream.endheaders(body)
            response = self._upstream.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException):
            self._upstream.close()
            self.send_error(502)
            return
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in _NOT_PASSED_ON:
                self.send_header(name, value)
        length = response.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        if length is not None and response.status not in (204, 304):
            self.send_header("Content-Length", length)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _forward

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return bytes(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        pass
