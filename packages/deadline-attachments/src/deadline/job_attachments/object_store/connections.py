"""Keep-alive connections to one server, lent to one thread at a time."""

from __future__ import annotations

import http.client
import ssl
import threading
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional

from .port import Body

CONNECT_TIMEOUT = 30
"""Seconds to wait for a connection, and then for each piece of an answer."""


@dataclass(frozen=True)
class Answer:
    """What the server said; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections:
    """Up to ``limit`` connections that are kept for the next request.

    A connection that the server closed while it was idle is replaced and the request sent once more, since the server
    cannot have read it; any other error of the network is raised as it is (:class:`OSError` or
    :class:`http.client.HTTPException`).
    """

    def __init__(self, host: str, port: int, tls: Optional[ssl.SSLContext], limit: int) -> None:
        self._host = host
        self._port = port
        self._tls = tls
        self._idle: List[http.client.HTTPConnection] = []
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(limit)
        self._closed = False

    def request(self, method: str, target: str, headers: Mapping[str, str], body: Optional[Body]) -> Answer:
        """Send a request and read its answer completely."""
        with self._slots:
            connection, reused = self._borrow()
            try:
                try:
                    answer = _exchange(connection, method, target, headers, body)
                except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                    if not reused:
                        raise
                    connection.close()
                    connection = self._connect()
                    answer = _exchange(connection, method, target, headers, body)
            except BaseException:
                connection.close()
                raise
            self._give_back(connection, answer)
            return answer

    def close(self) -> None:
        """Close all connections; those that are lent close when they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _borrow(self) -> tuple[http.client.HTTPConnection, bool]:
        with self._lock:
            if self._idle:
                return self._idle.pop(), True
        return self._connect(), False

    def _connect(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=CONNECT_TIMEOUT, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_TIMEOUT)

    def _give_back(self, connection: http.client.HTTPConnection, answer: Answer) -> None:
        with self._lock:
            if not self._closed and answer.headers.get("connection", "").lower() != "close":
                self._idle.append(connection)
                return
        connection.close()


def _exchange(
    connection: http.client.HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: Optional[Body]
) -> Answer:
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    # One packet for a small request: head and body together.
    connection.endheaders(bytes(body) if body is not None and len(body) <= 65536 else None)
    if body is not None and len(body) > 65536:
        connection.send(body)
    response = connection.getresponse()
    content = response.read()
    received: Dict[str, str] = {name.lower(): value for name, value in response.getheaders()}
    if response.will_close:
        received["connection"] = "close"
    return Answer(response.status, received, content)
