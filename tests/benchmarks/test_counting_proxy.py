"""The proxy counts each request and changes none."""

from __future__ import annotations

import http.client
import time
from http.server import BaseHTTPRequestHandler
from typing import Any, Iterator
from urllib.parse import urlsplit

import pytest
from transfer_bench.counting_proxy import Proxy, counting_proxy
from transfer_bench.loopback import serving


class _Echo(BaseHTTPRequestHandler):
    """Answers with what it got."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("X-Host", self.headers["Host"])
        self.send_header("X-Authorization", self.headers.get("Authorization", ""))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "1234")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        pass


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with serving(_Echo) as upstream, counting_proxy(upstream) as proxy:
        yield proxy


@pytest.fixture
def connection(proxy: Proxy) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(proxy.url).netloc, timeout=20)
    yield connection
    connection.close()


def test_requests_of_a_kept_connection_are_counted_one_by_one(proxy: Proxy, connection: Any) -> None:
    before = time.monotonic()
    for number in range(3):
        connection.request("PUT", f"/bucket/{number}?part=1", b"content")
        assert connection.getresponse().read() == b"content"
    assert [(request.method, request.target) for request in proxy.requests] == [
        ("PUT", f"/bucket/{number}?part=1") for number in range(3)
    ]
    times = [before, *(request.at for request in proxy.requests), time.monotonic()]
    assert times == sorted(times)


def test_what_a_signature_covers_passes_unchanged(proxy: Proxy, connection: Any) -> None:
    connection.request("PUT", "/k", b"", {"Authorization": "signed", "Host": "bucket.example"})
    response = connection.getresponse()
    response.read()
    assert (response.headers["X-Host"], response.headers["X-Authorization"]) == ("bucket.example", "signed")


def test_a_body_in_chunks_arrives_whole(proxy: Proxy, connection: Any) -> None:
    connection.request("PUT", "/k", iter([b"some ", b"content"]), encode_chunked=True)
    assert connection.getresponse().read() == b"some content"


def test_the_answer_to_head_keeps_its_status_and_length(proxy: Proxy, connection: Any) -> None:
    connection.request("HEAD", "/k")
    response = connection.getresponse()
    response.read()
    assert (response.status, response.headers["Content-Length"]) == (404, "1234")


def test_a_client_that_waits_for_leave_to_send_gets_it(proxy: Proxy, connection: Any) -> None:
    connection.putrequest("PUT", "/k")
    connection.putheader("Expect", "100-continue")
    connection.putheader("Content-Length", "7")
    connection.endheaders()
    assert connection.sock.recv(100).startswith(b"HTTP/1.1 100")
    connection.send(b"content")
    assert connection.getresponse().read() == b"content"
    assert len(proxy.requests) == 1
