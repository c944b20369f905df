"""A stand-in for AWS services on loopback, for answers that no healthy farm gives.

A test registers functions by the name of an operation (``SearchJobs``); they get the members of the request and return
those of the answer, or raise :class:`Refusal`. Requests are read, and answers written, as the service's own model says.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, Iterator, List, Pattern, Tuple
from urllib.parse import parse_qsl, unquote

import botocore.session

from deadline.client.auth.service_model import add_bundled_service_model

Operation = Callable[[Dict[str, Any]], Dict[str, Any]]


@functools.lru_cache(maxsize=None)
def _routes() -> List[Tuple[str, Pattern[str], str]]:
    """Method and path of each operation of Deadline Cloud."""
    session = botocore.session.Session()
    add_bundled_service_model(session)
    model = session.get_service_model("deadline")
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        routes.append((http["method"], re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", http["requestUri"])), name))
    return routes


class Refusal(Exception):
    """An error that the service answers with."""

    def __init__(self, code: str, message: str = "no", status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code, self.status, self.members = code, status, {"message": message, **members}


class Loopback:
    """The stand-in; it remembers what it was asked."""

    def __init__(self) -> None:
        self.operations: Dict[str, Operation] = {}
        self.requests: List[Tuple[str, Dict[str, Any]]] = []
        self.access_keys: List[str] = []
        """The key that each request was signed with."""

    def asked(self, operation: str) -> List[Dict[str, Any]]:
        """The requests of an operation, in their order."""
        return [members for name, members in list(self.requests) if name == operation]

    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        """Answer a request."""
        name, members = self._read(request, body)
        self.requests.append((name, members))
        signed = re.search("Credential=([^/]+)/", request.headers.get("Authorization", ""))
        self.access_keys.append(signed[1] if signed else "")
        headers = {"Content-Type": "application/json"}
        try:
            status, document = 200, self.operations[name](members)
        except Refusal as refusal:
            status, document = refusal.status, refusal.members
            headers["x-amzn-ErrorType"] = refusal.code
            document = {**document, "__type": refusal.code}
        except KeyError:
            status, document = 404, {"__type": "UnknownOperationException", "message": f"{name} is not expected"}
        content = json.dumps(document, default=_as_text).encode()
        request.send_response(status)
        for header, value in {**headers, "Content-Length": str(len(content))}.items():
            request.send_header(header, value)
        request.end_headers()
        request.wfile.write(content)

    def _read(self, request: BaseHTTPRequestHandler, body: bytes) -> Tuple[str, Dict[str, Any]]:
        document = json.loads(body) if body.startswith(b"{") else {}
        target = request.headers.get("X-Amz-Target")
        if target:
            return target.rpartition(".")[2], document
        path, _, query = request.path.partition("?")
        for method, pattern, name in _routes():
            match = pattern.fullmatch(path)
            if match and method == request.command:
                ids = {key: unquote(value) for key, value in match.groupdict().items()}
                return name, {**dict(parse_qsl(query)), **ids, **document}
        return path, document


@contextlib.contextmanager
def loopback_service() -> Iterator[Tuple[Loopback, str]]:
    """A stand-in that runs, and its address."""
    service = Loopback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            service.answer(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        do_GET = do_POST = do_PATCH = do_PUT = _answer

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pages(key: str, items: List[Dict[str, Any]]) -> Operation:
    """An operation that lists everything on one page."""
    return lambda members: {key: items}


def _as_text(value: Any) -> str:
    if isinstance(value, datetime.datetime):
        return value.isoformat().replace("+00:00", "Z")
    raise TypeError(f"{value!r} is no value of an answer")
