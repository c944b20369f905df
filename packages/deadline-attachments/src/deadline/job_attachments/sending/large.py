"""Large files: a few threads read them and check their content, many send what was read.

Files of up to one part go whole, larger ones as multipart uploads, which appear only once all of their bytes have been
read and found to have the right hash. Bytes between reading and sending are bounded by a budget.
"""

from __future__ import annotations

import contextlib
import io
import threading
from dataclasses import dataclass, field
from typing import Callable, Dict, Iterator, Sequence, Union

from .._engine.budget import ByteBudget, RequestBudget
from .._engine.cancel import CancelToken
from .._engine.events import EventSink, Sent, Skipped
from .._engine.pipeline import Chain, Stage
from ..asset_manifests.hash_algorithms import HashAlgorithm, hash_data, new_hasher
from ..exceptions import AssetSyncError, JobAttachmentsS3ClientError
from ..object_store import ObjectStore
from .file import FileToSend, changed, unreadable

PART_SIZE = 8 * 1024 * 1024
MAX_PARTS = 10_000
ASK_FROM = 1024 * 1024
"""Files from this size are asked about before they are read: sending them for nothing costs more than the question."""
BYTES = 64 * 1024 * 1024
READERS = 2
SENDERS = 16


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


class LargeFiles:
    """The chain that sends large files."""

    def __init__(
        self,
        store: ObjectStore,
        hash_algorithm: HashAlgorithm,
        budget: RequestBudget,
        cancel: CancelToken,
        events: EventSink,
        on_present: Callable[[Sequence[str]], None],
    ) -> None:
        self._store = store
        self._hash_algorithm = hash_algorithm
        self._requests = budget
        self._cancel = cancel
        self._events = events
        self._on_present = on_present
        self._bytes = ByteBudget(BYTES)
        self._open: Dict[str, _Multipart] = {}

    def chain(self, files: Sequence[FileToSend]) -> Chain:
        """The chain for ``files``; nothing comes out of it."""
        senders = min(SENDERS, self._requests.most)
        return Chain(
            files,
            [
                Stage("read", READERS, self._read, queue_size=4),
                Stage("send", senders, self._send, queue_size=senders),
            ],
        )

    def stop(self) -> None:
        """Let nobody wait for room in memory."""
        self._bytes.close()

    def abort_unfinished(self) -> None:
        """Drop the parts of files that were not completed: they would cost storage and serve nobody."""
        for upload in self._open.values():
            with contextlib.suppress(AssetSyncError, JobAttachmentsS3ClientError):
                self._store.abort_multipart(upload.file.key, upload.upload_id)

    def _read(self, file: FileToSend) -> Iterator[_Piece]:
        if file.size >= ASK_FROM and self._store.head(file.key) is not None:
            self._events(Skipped(file.path, file.size))
            self._on_present([file.key])
            return
        try:
            if file.size <= PART_SIZE:
                yield from self._read_whole(file)
            else:
                yield from self._read_parts(file)
        except OSError as error:
            raise unreadable(file, error) from error

    def _read_whole(self, file: FileToSend) -> Iterator[_Piece]:
        if not self._bytes.take(file.size):
            return
        body = bytearray(file.size + 1)
        with open(file.path, "rb", buffering=0) as source:
            count = _fill(source, memoryview(body))
        del body[count:]
        if count != file.size or hash_data(body, self._hash_algorithm) != file.hash:
            raise changed(file)
        yield _Whole(file, body)

    def _read_parts(self, file: FileToSend) -> Iterator[_Piece]:
        size = max(PART_SIZE, -(-file.size // MAX_PARTS))
        upload = _Multipart(file, self._store.create_multipart(file.key))
        self._open[upload.upload_id] = upload
        hasher = new_hasher(self._hash_algorithm)
        number = total = 0
        with open(file.path, "rb", buffering=0) as source:
            # A file that grows is not read for ever: what is past its size tells enough.
            while total <= file.size and self._bytes.take(size):
                body = bytearray(size)
                count = _fill(source, memoryview(body))
                if not count:
                    self._bytes.give_back(size)
                    break
                del body[count:]
                self._bytes.give_back(size - count)
                hasher.update(body)
                total += count
                number += 1
                yield _Part(upload, number, body)
        if self._cancel.cancelled:
            return
        if hasher.hexdigest() != file.hash:
            raise changed(file)
        if upload.all_read(number):
            yield _Complete(upload)

    def _send(self, piece: _Piece) -> Iterator[None]:
        if not self._requests.take():
            return
        try:
            if isinstance(piece, _Whole):
                self._send_whole(piece)
            elif isinstance(piece, _Part):
                self._send_part(piece)
            else:
                self._complete(piece.upload)
        finally:
            self._requests.give_back()
        yield from ()

    def _send_whole(self, piece: _Whole) -> None:
        file = piece.file
        try:
            created = self._store.put(file.key, piece.body, if_absent=True)
        finally:
            self._bytes.give_back(file.size)
        self._events(Sent(file.path, file.size, True) if created else Skipped(file.path, file.size))
        self._on_present([file.key])

    def _send_part(self, piece: _Part) -> None:
        upload = piece.upload
        try:
            tag = self._store.put_part(upload.file.key, upload.upload_id, piece.number, piece.body)
        finally:
            self._bytes.give_back(len(piece.body))
        last = upload.sent(piece.number, tag)
        self._events(Sent(upload.file.path, len(piece.body), False))
        if last:
            self._complete(upload)

    def _complete(self, upload: _Multipart) -> None:
        tags = [upload.tags[number] for number in sorted(upload.tags)]
        if self._store.complete_multipart(upload.file.key, upload.upload_id, tags, if_absent=True):
            del self._open[upload.upload_id]
        self._events(Sent(upload.file.path, 0, True))
        self._on_present([upload.file.key])


def _fill(source: io.FileIO, view: memoryview) -> int:
    """Read until ``view`` is full or the file ends; the number of bytes."""
    filled = 0
    while filled < len(view):
        count = source.readinto(view[filled:])
        if not count:
            break
        filled += count
    return filled
