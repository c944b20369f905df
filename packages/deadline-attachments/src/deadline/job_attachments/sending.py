"""Sending files to the store under the hashes of their contents.

Two stages: a few threads read files and check that the content still has the hash that it is sent under; many threads
send what was read. Files of up to one part go whole, larger ones as multipart uploads, which appear only once all of
their bytes have been read and found to have the right hash. Bytes between the stages are bounded by a budget.
"""

from __future__ import annotations

import contextlib
import io
import threading
from dataclasses import dataclass, field
from typing import Callable, Dict, Iterable, Iterator, List, Sequence, Union

from ._engine.budget import ByteBudget
from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Sent, Skipped, ignore
from ._engine.pipeline import Pipeline, Stage
from .asset_manifests.hash_algorithms import HashAlgorithm, hash_data, new_hasher
from .exceptions import AssetSyncError, JobAttachmentsS3ClientError
from .object_store import ObjectStore

PART_SIZE = 8 * 1024 * 1024
MAX_PARTS = 10_000
ASK_FROM = 1024 * 1024
"""Files from this size are asked about before they are read: sending them for nothing costs more than the question."""
BUDGET = 64 * 1024 * 1024
READERS = 2
SENDERS = 16


@dataclass(frozen=True)
class FileToSend:
    """A local file whose content has ``hash`` and goes to ``key``."""

    path: str
    key: str
    hash: str
    size: int


@dataclass(frozen=True)
class _Whole:
    file: FileToSend
    body: bytearray


@dataclass
class _Multipart:
    """A large file on its way: the tags of the parts that are sent, and how many there will be once that is known."""

    file: FileToSend
    upload_id: str
    tags: Dict[int, str] = field(default_factory=dict)
    parts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def sent(self, number: int, tag: str) -> bool:
        """Note a part; whether it was the last one missing."""
        with self.lock:
            self.tags[number] = tag
            return len(self.tags) == self.parts

    def all_read(self, parts: int) -> bool:
        """Note that the file was read and has its hash; whether all parts are sent already."""
        with self.lock:
            self.parts = parts
            return len(self.tags) == parts


@dataclass(frozen=True)
class _Part:
    upload: _Multipart
    number: int
    body: bytearray


@dataclass(frozen=True)
class _Complete:
    upload: _Multipart


_Piece = Union[_Whole, _Part, _Complete]


class Sender:
    """Sends files to one store; used for one call of :meth:`send`."""

    def __init__(
        self,
        store: ObjectStore,
        hash_algorithm: HashAlgorithm,
        cancel: CancelToken,
        events: EventSink = ignore,
        *,
        senders: int = SENDERS,
    ) -> None:
        self._store = store
        self._hash_algorithm = hash_algorithm
        self._cancel = cancel
        self._events = events
        self._senders = senders
        self._budget = ByteBudget(BUDGET)
        self._open: Dict[str, _Multipart] = {}

    def send(self, files: Iterable[FileToSend], on_present: Callable[[Sequence[str]], None]) -> None:
        """Send ``files``, of which no two have the same key; tell ``on_present`` the keys proven to be there.

        Raises:
            AssetSyncError: A file changed since it was hashed, or cannot be read, or S3 failed; named.
            AssetSyncCancelledError: The token was cancelled; what was sent completely stays.
        """
        stages = [
            Stage("read", READERS, self._read, queue_size=4),
            Stage("send", self._senders, self._send, queue_size=self._senders),
        ]
        present: List[str] = []
        try:
            with Pipeline(stages, self._cancel, on_stop=self._budget.close) as pipeline:
                for key in pipeline.run(files):
                    present.append(key)
                    if len(present) >= 1000:
                        on_present(present)
                        present = []
        finally:
            on_present(present)
            self._abort_unfinished()

    def _read(self, file: FileToSend) -> Iterator[_Piece]:
        if file.size >= ASK_FROM and self._store.head(file.key) is not None:
            yield _Whole(file, bytearray())
            return
        try:
            if file.size <= PART_SIZE:
                yield from self._read_whole(file)
            else:
                yield from self._read_parts(file)
        except OSError as error:
            raise AssetSyncError(
                f"{file.path} could not be read for its upload: {error.strerror or error}. "
                "Nothing was stored for it; put the file back and submit again."
            ) from error

    def _read_whole(self, file: FileToSend) -> Iterator[_Piece]:
        if not self._budget.take(file.size):
            return
        body = bytearray(file.size + 1)
        with open(file.path, "rb", buffering=0) as source:
            count = _fill(source, memoryview(body))
        del body[count:]
        if count != file.size or hash_data(body, self._hash_algorithm) != file.hash:
            raise _changed(file)
        yield _Whole(file, body)

    def _read_parts(self, file: FileToSend) -> Iterator[_Piece]:
        size = max(PART_SIZE, -(-file.size // MAX_PARTS))
        upload = _Multipart(file, self._store.create_multipart(file.key))
        self._open[upload.upload_id] = upload
        hasher = new_hasher(self._hash_algorithm)
        number = total = 0
        with open(file.path, "rb", buffering=0) as source:
            # A file that grows is not read for ever: what is past its size tells enough.
            while total <= file.size and self._budget.take(size):
                body = bytearray(size)
                count = _fill(source, memoryview(body))
                if not count:
                    self._budget.give_back(size)
                    break
                del body[count:]
                self._budget.give_back(size - count)
                hasher.update(body)
                total += count
                number += 1
                yield _Part(upload, number, body)
        if self._cancel.cancelled:
            return
        if hasher.hexdigest() != file.hash:
            raise _changed(file)
        if upload.all_read(number):
            yield _Complete(upload)

    def _send(self, piece: _Piece) -> Iterator[str]:
        if isinstance(piece, _Whole):
            yield self._send_whole(piece)
        elif isinstance(piece, _Part):
            try:
                tag = self._store.put_part(piece.upload.file.key, piece.upload.upload_id, piece.number, piece.body)
            finally:
                self._budget.give_back(len(piece.body))
            last = piece.upload.sent(piece.number, tag)
            self._events(Sent(piece.upload.file.path, len(piece.body), False))
            if last:
                yield self._complete(piece.upload)
        else:
            yield self._complete(piece.upload)

    def _send_whole(self, piece: _Whole) -> str:
        file = piece.file
        if file.size and not piece.body:
            self._events(Skipped(file.path, file.size))
            return file.key
        try:
            created = self._store.put(file.key, piece.body, if_absent=True)
        finally:
            self._budget.give_back(file.size)
        self._events(Sent(file.path, file.size, True) if created else Skipped(file.path, file.size))
        return file.key

    def _complete(self, upload: _Multipart) -> str:
        tags = [upload.tags[number] for number in sorted(upload.tags)]
        if self._store.complete_multipart(upload.file.key, upload.upload_id, tags, if_absent=True):
            del self._open[upload.upload_id]
        self._events(Sent(upload.file.path, 0, True))
        return upload.file.key

    def _abort_unfinished(self) -> None:
        """Drop the parts of files that were not completed: they would cost storage and serve nobody."""
        for upload in self._open.values():
            with contextlib.suppress(AssetSyncError, JobAttachmentsS3ClientError):
                self._store.abort_multipart(upload.file.key, upload.upload_id)


def _fill(source: io.FileIO, view: memoryview) -> int:
    """Read until ``view`` is full or the file ends; the number of bytes."""
    filled = 0
    while filled < len(view):
        count = source.readinto(view[filled:])
        if not count:
            break
        filled += count
    return filled


def _changed(file: FileToSend) -> AssetSyncError:
    return AssetSyncError(
        f"{file.path} changed after it was hashed, so its content does not fit the job's manifest any more. "
        "Nothing was stored for it; wait until the file is complete, then submit again."
    )
