"""Buckets of the bench's own server, made and emptied without any of the clients that are measured."""

from __future__ import annotations

import contextlib
import http.client
import itertools
from pathlib import Path
from typing import IO, Iterator, Mapping, Optional, Union
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from .errors import BenchError, RunFailed

FIRST = ".first"
"""An object that each bucket begins with: it makes the server set up the bucket's volumes before the clock runs."""
_NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class Buckets:
    """Speaks S3 without signatures to a server that lets anybody in."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._numbers = itertools.count(1)

    @contextlib.contextmanager
    def fresh(self) -> Iterator[str]:
        """An empty bucket; it and everything in it are gone afterwards."""
        name = f"bench-{next(self._numbers)}"
        self.create(name)
        try:
            yield name
        finally:
            self.request("DELETE", f"/{name}")

    def create(self, name: str) -> None:
        """Make a bucket that is ready for objects."""
        self.request("PUT", f"/{name}")
        self.request("PUT", f"/{name}/{FIRST}", b"1")

    def upload(self, folder: Path, bucket: str, prefix: str) -> None:
        """Store the files of ``folder`` under their relative paths below ``prefix``."""
        with contextlib.closing(self._connection()) as connection:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                target = quote(f"/{bucket}/{prefix}/{path.relative_to(folder).as_posix()}")
                with path.open("rb") as stream:
                    _ask(connection, "PUT", target, stream, {"Content-Length": str(path.stat().st_size)})

    def count(self, bucket: str) -> int:
        """How many objects a bucket has, the first one not counted."""
        count, query = -1, {"list-type": "2"}
        while True:
            page = ElementTree.fromstring(self.request("GET", f"/{bucket}?{urlencode(query)}"))  # noqa: S314 (ours)
            count += len(page.findall(f"{_NAMESPACE}Contents"))
            token = page.findtext(f"{_NAMESPACE}NextContinuationToken")
            if not token:
                return count
            query["continuation-token"] = token

    def expect(self, bucket: str, count: int) -> None:
        """Raise :class:`RunFailed` unless the bucket has ``count`` objects."""
        found = self.count(bucket)
        if found != count:
            raise RunFailed(f"stored {found} objects where {count} were expected")

    def request(self, method: str, target: str, body: Optional[bytes] = None) -> bytes:
        """The answer's body; raises :class:`BenchError` unless the server is content."""
        with contextlib.closing(self._connection()) as connection:
            return _ask(connection, method, target, body, {})

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(*self._address, timeout=60)


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: Union[bytes, IO[bytes], None],
    headers: Mapping[str, str],
) -> bytes:
    about = f"{method} {target} failed on the S3 server of the bench"
    try:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        answer = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise BenchError(f"{about}: {error!r}") from error
    if response.status >= 300:
        raise BenchError(f"{about}: status {response.status}")
    return answer
