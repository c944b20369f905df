"""The one port of a farm: AWS Deadline Cloud's API, its AWS neighbours, and the farm's own doors.

Pages in a browser are kept out: whoever reaches the farm runs commands, and a page of anybody's reaches loopback. They are
known by the headers that browsers add and no AWS client does.
"""

from __future__ import annotations

import json
import logging
import socket
import threading
from typing import Any, Callable, Iterable, Mapping
from urllib.parse import parse_qs

from werkzeug.datastructures import EnvironHeaders
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local_farm.call_counts import CallCounts
from local_farm.doors import Doors
from local_farm.neighbours import WsgiApp, service_of
from local_farm.protocol.application import DeadlineApi

STOP_SECONDS = 0.05
"""How long it may take the server to notice that it is to stop."""

logger = logging.getLogger("local_farm.access")


class _Handler(WSGIRequestHandler):
    """Understands ``Expect: 100-continue``, with which uploads to S3 begin, and logs where the farm logs."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        logger.info("%s %s", self.requestline, code)


class FarmServer:
    """Serves in threads of its own until :meth:`stop`."""

    def __init__(
        self, host: str, port: int, api: DeadlineApi, doors: Doors, neighbours: WsgiApp, calls: CallCounts
    ) -> None:
        """Binds the address; raises :class:`OSError` when that is not free."""
        self._api = api
        self._doors = doors
        self._neighbours = neighbours
        self._calls = calls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Given a port, werkzeug would end the process where that is taken.
        with socket.create_server((host, port), family=family) as listener:
            self._server: BaseWSGIServer = make_server(
                host, port, self._application, threaded=True, request_handler=_Handler, fd=listener.fileno()
            )
        # Connections over which nothing comes must not hold up the end.
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self._server.block_on_close = False  # type: ignore[attr-defined]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(STOP_SECONDS,), name="local-farm-server", daemon=True
        )

    @property
    def port(self) -> int:
        """The port that is served."""
        return int(self._server.port)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _application(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("RAW_URI") or environ.get("REQUEST_URI") or environ["PATH_INFO"]
        path, _, query = str(path).partition("?")
        service = service_of(environ.get("HTTP_AUTHORIZATION", ""), query)
        is_deadline = service in ("deadline", None) and path.startswith("/2023-10-12/")
        is_door = path.startswith("/local-farm/")
        if not is_deadline and not is_door:
            self._calls.count(f"{service or 'unsigned'}:{environ['REQUEST_METHOD']}")
            return self._neighbours(environ, start_response)
        if "HTTP_ORIGIN" in environ or environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin"):
            return _answer(start_response, 403, _refusal("A local farm does not talk to pages in a browser."))
        body = _body(environ)
        if is_door:
            found = self._doors.answer(environ["REQUEST_METHOD"], path, body)
            return _answer(start_response, *(found or (404, _refusal(f"A local farm has nothing at {path}."))))
        return self._deadline(environ, start_response, path, query, body)

    def _deadline(
        self, environ: dict[str, Any], start_response: Callable[..., Any], path: str, query: str, body: bytes
    ) -> Iterable[bytes]:
        answer = self._api.answer(
            environ["REQUEST_METHOD"],
            path,
            parse_qs(query, keep_blank_values=True),
            EnvironHeaders(environ),
            body,
        )
        return _answer(start_response, answer.status, answer.body, answer.headers)


def _body(environ: dict[str, Any]) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = environ["wsgi.input"].read(length) if length else b""
    return body


def _refusal(message: str) -> bytes:
    return json.dumps({"message": message}).encode()


def _answer(
    start_response: Callable[..., Any], status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> Iterable[bytes]:
    headers = headers or {"Content-Type": "application/json"}
    start_response(f"{status} -", [*headers.items(), ("Content-Length", str(len(body)))])
    return [body]
