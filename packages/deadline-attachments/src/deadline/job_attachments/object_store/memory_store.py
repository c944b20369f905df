"""An object store in memory, which counts what it is asked; for tests."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import replace
from datetime import datetime, timezone
from typing import Dict, Iterator, Mapping, Optional, Sequence, Tuple

from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from . import errors
from .port import Body, Content, Item, ObjectInfo, Small, Write, too_short


class MemoryObjectStore:
    """A bucket in memory; ``requests`` counts the calls by name, ``expires`` when it removes objects some day."""

    def __init__(self, bucket: str = "bucket") -> None:
        self.bucket = bucket
        self.requests: Counter[str] = Counter()
        self.expires = False
        self._objects: Dict[str, Tuple[bytes, ObjectInfo]] = {}
        self._uploads: Dict[str, Dict[int, bytes]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> MemoryObjectStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def obey(self, budget: RequestBudget) -> None:
        """Nothing takes long."""

    def interrupt(self) -> None:
        """Nothing takes long."""

    def close(self) -> None:
        """There is nothing to close."""

    def put(
        self, key: str, body: Body, *, if_absent: bool = False, metadata: Optional[Mapping[str, str]] = None
    ) -> bool:
        with self._lock:
            self.requests["put"] += 1
            return self._store(key, bytes(body), if_absent, metadata or {})

    def get(self, key: str, *, offset: int = 0, length: Optional[int] = None) -> Optional[Tuple[Content, ObjectInfo]]:
        with self._lock:
            self.requests["get"] += 1
            if key not in self._objects:
                return None
            body, info = self._objects[key]
        return body[offset : None if length is None else offset + length], info

    def get_range(self, key: str, offset: int, length: int, write: Write) -> bool:
        got = self.get(key, offset=offset, length=length)
        if got is None:
            return False
        if len(got[0]) != length:
            raise too_short(self.bucket, key)
        write(memoryview(got[0]))
        return True

    def head(self, key: str) -> Optional[ObjectInfo]:
        with self._lock:
            self.requests["head"] += 1
            return replace(self._objects[key][1], expires=self.expires) if key in self._objects else None

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[ObjectInfo]:
        with self._lock:
            self.requests["list"] += 1
            found = [info for key, (_, info) in self._objects.items() if key.startswith(prefix) and key > start_after]
        for info in sorted(found, key=lambda info: info.key):
            yield ObjectInfo(info.key, info.size, info.last_modified, info.etag)

    def put_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, bool]]:
        for small in objects:
            cancel.raise_if_cancelled()
            yield small.item, self.put(small.key, small.body, if_absent=True)

    def get_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, Optional[Content]]]:
        for small in objects:
            cancel.raise_if_cancelled()
            got = self.get(small.key)
            yield small.item, None if got is None else got[0]

    def create_multipart(self, key: str) -> str:
        with self._lock:
            self.requests["create_multipart"] += 1
            upload_id = f"upload-{len(self._uploads)}-{key}"
            self._uploads[upload_id] = {}
            return upload_id

    def put_part(self, key: str, upload_id: str, number: int, body: Body) -> str:
        with self._lock:
            self.requests["put_part"] += 1
            self._parts_of(key, upload_id)[number] = bytes(body)
            return _etag(bytes(body))

    def list_parts(self, key: str, upload_id: str) -> Optional[Dict[int, str]]:
        with self._lock:
            self.requests["list_parts"] += 1
            parts = self._uploads.get(upload_id)
            return None if parts is None else {number: _etag(body) for number, body in parts.items()}

    def complete_multipart(self, key: str, upload_id: str, tags: Sequence[str], *, if_absent: bool = False) -> bool:
        with self._lock:
            self.requests["complete_multipart"] += 1
            parts = self._parts_of(key, upload_id)
            if [_etag(parts[number]) for number in sorted(parts)] != list(tags):
                raise errors.refused(errors.UPLOADING, 400, self.bucket, key, "InvalidPart", "")
            del self._uploads[upload_id]
            return self._store(key, b"".join(parts[number] for number in sorted(parts)), if_absent, {})

    def abort_multipart(self, key: str, upload_id: str) -> None:
        with self._lock:
            self.requests["abort_multipart"] += 1
            self._uploads.pop(upload_id, None)

    @property
    def unfinished_uploads(self) -> int:
        """How many objects were begun in parts and neither completed nor given up."""
        return len(self._uploads)

    def delete(self, key: str) -> None:
        """Remove an object, as a bucket's lifecycle does."""
        with self._lock:
            self._objects.pop(key, None)

    def _store(self, key: str, body: bytes, if_absent: bool, metadata: Mapping[str, str]) -> bool:
        if if_absent and key in self._objects:
            return False
        info = ObjectInfo(key, len(body), datetime.now(timezone.utc), _etag(body), dict(metadata))
        self._objects[key] = (body, info)
        return True

    def _parts_of(self, key: str, upload_id: str) -> Dict[int, bytes]:
        if upload_id not in self._uploads:
            raise errors.refused(errors.UPLOADING, 404, self.bucket, key, "NoSuchUpload", "")
        return self._uploads[upload_id]


def _etag(body: bytes) -> str:
    return hashlib.md5(body).hexdigest()  # noqa: S324 (a tag, as S3 makes it)
