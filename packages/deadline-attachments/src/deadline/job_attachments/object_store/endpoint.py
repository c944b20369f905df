"""Where a store's server is: its address, and whether it is spoken to over TLS."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
import time
from typing import Any, Iterator, List, Optional, Tuple

TIMEOUT = 30.0
"""Seconds to wait for a connection, and then for each piece of an answer."""
ADDRESSES_FOR_SECONDS = 60
"""How long a looked-up name is believed: S3 answers with a few of its many addresses, and other ones a minute later."""

Address = Tuple[int, Any]


class Endpoint:
    """A server, by name and port; ``tls`` is the context to speak TLS with, ``None`` for plain HTTP.

    ``timeout`` is how long it may be silent, in seconds. Looking its name up takes as long as the system lets it.
    """

    def __init__(self, host: str, port: int, tls: Optional[ssl.SSLContext], timeout: float = TIMEOUT) -> None:
        self.host = host
        self.port = port
        self.tls = tls
        self.timeout = timeout
        self._lock = threading.Lock()
        self._addresses: Iterator[Address] = iter(())
        self._looked_up = float("-inf")

    def address(self) -> Address:
        """A family and socket address; each call the next of those the name has, so that connections spread.

        Raises :class:`OSError` where the name cannot be looked up.
        """
        with self._lock:
            if time.monotonic() - self._looked_up > ADDRESSES_FOR_SECONDS:
                self._addresses = itertools.cycle(self._look_up())
                self._looked_up = time.monotonic()
            return next(self._addresses)

    def wrapped(self, plain: socket.socket) -> socket.socket:
        """The socket that speaks TLS over ``plain`` if this endpoint does; the handshake is still to be done."""
        if self.tls is None:
            return plain
        return self.tls.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)

    def silent(self, timeout: Optional[float] = None) -> OSError:
        """The error for a server that said nothing for as long as it may."""
        return socket.timeout(f"{self.host} was silent for {self.timeout if timeout is None else timeout:g} seconds")

    def forget(self) -> None:
        """Look the name up again at the next connection: one of its addresses does not answer."""
        with self._lock:
            self._looked_up = float("-inf")

    def _look_up(self) -> List[Address]:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys((family, address) for family, _, _, _, address in found))
