"""HTTP/1.1 as bytes: putting an answer together from what arrives. Nothing here touches a network.

``http.client`` costs about 0.2 ms of processor time an exchange, most of it in parsing headers as if they were mail; for
ten thousand small objects that is what an upload spends. An S3 answer needs its status, three headers and its body.
"""

from __future__ import annotations

import functools
from typing import Any, Dict, Optional, Union

from .port import Write

MAX_HEAD = 128 * 1024
"""Bytes of an answer's head; a longer one is no answer of S3's."""
LONG_BODY = 64 * 1024
"""Bodies from this size are received where they will stay, without a copy."""


class AnswerError(ConnectionError):
    """What came over a connection is no complete HTTP answer; the request may be sent again."""


class Answer:
    """What the server said."""

    def __init__(self, status: int, head: bytes, body: Union[bytes, bytearray], cut: bool = False) -> None:
        """``cut`` when the body is longer than what was asked for, and was not received."""
        self.status = status
        self.body = body
        self._head = head
        self._cut = cut

    @functools.cached_property
    def headers(self) -> Dict[str, str]:
        """The headers, with names in lower case."""
        headers = {}
        for line in self._head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            headers[name.strip().lower().decode("latin-1")] = value.strip().decode("latin-1")
        return headers

    @property
    def will_close(self) -> bool:
        """Whether the connection cannot be used for another request."""
        return self._cut or self._head[:8] != b"HTTP/1.1" or b"close" in _header(self._head.lower(), b"connection")


class AnswerReader:
    """Puts one answer together.

    >>> reader = AnswerReader("GET")
    >>> data = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nhi"
    >>> reader.buffer(bytearray(100))[: len(data)] = data
    >>> reader.received(len(data))
    True
    >>> reader.answer.status, bytes(reader.answer.body)
    (200, b'hi')
    """

    def __init__(self, method: str, most: Optional[int] = None, write: Optional[Write] = None) -> None:
        """Of an answer that announces more than ``most`` bytes, where that is given, the body is left out: whoever asked
        for a small object must not run out of memory because somebody put a huge one in its place.

        The body of a successful answer of just ``most`` bytes is handed to ``write``, where that is given, as it comes:
        in pieces as long as the scratch memory, so that they stay where they are in a file.
        """
        self.answer: Optional[Answer] = None
        self._most = most
        self._write = write
        self._to_write: Optional[int] = None
        self._without_body = method == "HEAD"
        self._data = bytearray()
        self._scratch = memoryview(b"")
        self._head = b""
        self._status = 0
        self._length: Optional[int] = None
        self._chunked = False
        self._body: Optional[memoryview] = None
        """Where bytes of the body go; what is passed on to ``write`` goes through the scratch memory."""
        self._filled = 0
        self._position = 0
        self._decoded = bytearray()

    @property
    def begun(self) -> bool:
        """Whether any byte has arrived."""
        return bool(self._data or self._head)

    def buffer(self, scratch: bytearray) -> memoryview:
        """Where the next bytes belong; ``scratch`` is used where the answer has no better place for them."""
        if self._body is not None:
            return self._body[self._filled :]
        self._scratch = memoryview(scratch)
        return self._scratch

    @property
    def knows_what_comes(self) -> bool:
        """Whether the buffer is to be filled to its end."""
        return self._body is not None

    def received(self, count: int) -> bool:
        """Take note of ``count`` bytes in the last buffer, 0 when the server closed; whether the answer is complete."""
        if not count:
            return self._ended()
        if self._body is not None:
            self._filled += count
            if self._filled < len(self._body):
                return False
            return self._complete(self._body.obj) if self._to_write is None else self._pass_on()
        self._data += self._scratch[:count]
        if not self._head and not self._read_head():
            return False
        return self._read_body()

    def _read_head(self) -> bool:
        while True:
            end = self._data.find(b"\r\n\r\n")
            if end < 0:
                if len(self._data) > MAX_HEAD:
                    raise AnswerError("The server's answer has no end of its head.")
                return False
            head = bytes(self._data[:end])
            del self._data[: end + 4]
            if not head.startswith(b"HTTP/1.") or not head[9:12].isdigit():
                raise AnswerError("The server's answer is not HTTP.")
            status = int(head[9:12])
            # 1xx announce the answer that follows.
            if status >= 200:
                break
        lower = head.lower()
        self._head, self._status = head, status
        self._chunked = b"chunked" in _header(lower, b"transfer-encoding")
        length = _header(lower, b"content-length")
        if self._without_body or status in (204, 304):
            self._chunked, self._length = False, 0
        elif length and not self._chunked:
            if not length.isdigit():
                raise AnswerError("The server's answer has no usable length.")
            self._length = int(length)
        return True

    def _read_body(self) -> bool:
        if self._chunked:
            return self._read_chunks()
        if self._length is None:
            return False  # until the server closes
        if self._most is not None and self._length > self._most and self._status in (200, 206):
            self.answer = Answer(self._status, self._head, b"", cut=True)
            return True
        if self._write is not None and self._length and self._length == self._most and self._status in (200, 206):
            return self._begin_to_write()
        if len(self._data) >= self._length:
            return self._complete(self._data[: self._length])
        if self._length >= LONG_BODY:
            self._body = memoryview(bytearray(self._length))
            self._filled = len(self._data)
            self._body[: self._filled] = self._data
            self._data.clear()
        return False

    def _begin_to_write(self) -> bool:
        """Let the scratch memory take the body from now on, beginning with what came with the head."""
        assert self._length is not None
        self._to_write = self._length
        # It came through that memory, behind the head, and so has room in it.
        self._filled = min(len(self._data), self._length)
        self._scratch[: self._filled] = self._data[: self._filled]
        self._data.clear()
        self._body = self._scratch[: self._length]
        return self._filled == len(self._body) and self._pass_on()

    def _pass_on(self) -> bool:
        """Hand on a full scratch memory; whether the body is complete."""
        assert self._write is not None
        assert self._body is not None
        assert self._to_write is not None
        self._write(self._body)
        self._to_write -= self._filled
        self._filled = 0
        self._body = self._scratch[: self._to_write]
        return not self._to_write and self._complete(b"")

    def _read_chunks(self) -> bool:
        while True:
            end = self._data.find(b"\r\n", self._position)
            if end < 0:
                return False
            try:
                size = int(bytes(self._data[self._position : end]).partition(b";")[0], 16)
            except ValueError as error:
                raise AnswerError("The server's answer has a chunk without a length.") from error
            if not size:
                # Trailers may follow; an empty line ends them.
                if self._data.find(b"\r\n\r\n", end) < 0 and self._data[end : end + 4] != b"\r\n\r\n":
                    return False
                return self._complete(self._decoded)
            if len(self._data) < end + 2 + size + 2:
                return False
            self._decoded += self._data[end + 2 : end + 2 + size]
            self._position = end + 2 + size + 2

    def _ended(self) -> bool:
        if self._head and self._length is None and not self._chunked:
            return self._complete(self._data)
        raise AnswerError("The server closed the connection before its answer was complete.")

    def _complete(self, body: Any) -> bool:
        self.answer = Answer(self._status, self._head, body)
        return True


def _header(lower_head: bytes, name: bytes) -> bytes:
    """The value of a header in a head in lower case, or nothing."""
    start = lower_head.find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    start += len(name) + 3
    end = lower_head.find(b"\r\n", start)
    return lower_head[start : end if end >= 0 else len(lower_head)].strip()
