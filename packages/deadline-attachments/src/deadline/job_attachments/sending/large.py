"""Large files: a few threads read them and check their content, many send what was read.

Files of up to one part go whole, larger ones as multipart uploads, which appear only once all of their bytes have been
read and found to have the right hash. Bytes between reading and sending are bounded by a budget.

Of files above 64 MiB a journal keeps which parts S3 has, so that a run that is killed or canceled is gone on with: the
next one reads the file again, for its hash, but sends only the parts that are missing.
"""

from __future__ import annotations

import contextlib
import io
import threading
from dataclasses import dataclass, field
from typing import Callable, Dict, Iterator, Mapping, Optional, Sequence, Union

from .._engine.budget import ByteBudget, RequestBudget
from .._engine.cancel import CancelToken
from .._engine.events import EventSink, Resumed, Sent, Skipped
from .._engine.pipeline import Chain, Stage
from ..asset_manifests.hash_algorithms import HashAlgorithm, hash_data, new_hasher
from ..caches.upload_journal import SentPart, UploadJournal
from ..exceptions import AssetSyncError, JobAttachmentsS3ClientError
from ..object_store import ObjectStore
from .file import FileToSend, changed, unreadable

PART_SIZE = 8 * 1024 * 1024
MAX_PARTS = 10_000
ASK_FROM = 1024 * 1024
"""Files from this size are asked about before they are read: sending them for nothing costs more than the question."""
RESUMED_FROM = 64 * 1024 * 1024
BYTES = 64 * 1024 * 1024
READERS = 2
SENDERS = 16


@dataclass
class _Whole:
    file: FileToSend
    body: bytearray


@dataclass
class _Multipart:
    """A large file on its way: the tags of the parts that are sent, and how many there will be once that is known."""

    file: FileToSend
    upload_id: str
    part_size: int
    known: Mapping[int, SentPart]
    """Parts that an earlier run had sent."""
    journaled: bool
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


@dataclass
class _Part:
    upload: _Multipart
    number: int
    body: bytearray
    hash: str


@dataclass
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
        journal: Optional[UploadJournal] = None,
    ) -> None:
        self._store = store
        self._hash_algorithm = hash_algorithm
        self._requests = budget
        self._cancel = cancel
        self._events = events
        self._on_present = on_present
        self._journal = journal
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
        """Drop the parts of files that were not completed and that no later run can go on with."""
        for upload in [upload for upload in self._open.values() if not upload.journaled]:
            self._abort(upload.file.key, upload.upload_id)

    def abort_abandoned(self) -> None:
        """Drop the parts of files that earlier runs left and that nobody came back for."""
        if self._journal is None:
            return
        prefix = f"{self._store.bucket}/"
        for s3_key, upload_id in self._journal.abandoned(prefix):
            self._abort(s3_key[len(prefix) :], upload_id)
            self._journal.forget(s3_key)

    def _abort(self, key: str, upload_id: str) -> None:
        with contextlib.suppress(AssetSyncError, JobAttachmentsS3ClientError):
            self._store.abort_multipart(key, upload_id)

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
        upload = self._begin(file)
        hasher = new_hasher(self._hash_algorithm)
        number = total = 0
        with open(file.path, "rb", buffering=0) as source:
            # A file that grows is not read for ever: what is past its size tells enough.
            while total <= file.size and self._bytes.take(upload.part_size):
                body = bytearray(upload.part_size)
                count = _fill(source, memoryview(body))
                del body[count:]
                self._bytes.give_back(upload.part_size - count)
                if not count:
                    break
                hasher.update(body)
                total += count
                number += 1
                part = _Part(upload, number, body, hash_data(body, self._hash_algorithm) if upload.journaled else "")
                del body
                known = upload.known.get(number)
                if known is None or known.hash != part.hash:
                    yield part
                    continue
                self._bytes.give_back(count)
                upload.sent(number, known.tag)
                self._events(Resumed(file.path, count))
        if self._cancel.cancelled:
            return
        if hasher.hexdigest() != file.hash:
            self._give_up(upload)
            raise changed(file)
        if upload.all_read(number):
            yield _Complete(upload)

    def _begin(self, file: FileToSend) -> _Multipart:
        """A new upload, or the one that an earlier run began."""
        size = max(PART_SIZE, -(-file.size // MAX_PARTS))
        journal = self._journal if file.size > RESUMED_FROM else None
        upload = self._resume(file, size, journal) if journal is not None else None
        if upload is None:
            upload = _Multipart(file, self._store.create_multipart(file.key), size, {}, journal is not None)
            if journal is not None:
                journal.begin(self._name(file), upload.upload_id, size)
        self._open[upload.upload_id] = upload
        return upload

    def _resume(self, file: FileToSend, part_size: int, journal: UploadJournal) -> Optional[_Multipart]:
        begun = journal.unfinished(self._name(file))
        if begun is None or begun.part_size != part_size:
            return None
        tags = self._store.list_parts(file.key, begun.upload_id)
        if tags is None:
            return None
        known = {number: part for number, part in begun.parts.items() if tags.get(number) == part.tag}
        return _Multipart(file, begun.upload_id, part_size, known, True)

    def _give_up(self, upload: _Multipart) -> None:
        """Drop the upload of a file that changed: its parts are of no use to anybody."""
        self._open.pop(upload.upload_id, None)
        self._abort(upload.file.key, upload.upload_id)
        if upload.journaled and self._journal is not None:
            self._journal.forget(self._name(upload.file))

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
            # The thread holds on to the piece until it gets another one; the bytes must not last as long.
            piece.body = bytearray()
            self._bytes.give_back(file.size)
        self._events(Sent(file.path, file.size, True) if created else Skipped(file.path, file.size))
        self._on_present([file.key])

    def _send_part(self, piece: _Part) -> None:
        upload = piece.upload
        size = len(piece.body)
        try:
            tag = self._store.put_part(upload.file.key, upload.upload_id, piece.number, piece.body)
        finally:
            piece.body = bytearray()
            self._bytes.give_back(size)
        if upload.journaled and self._journal is not None:
            self._journal.sent(self._name(upload.file), upload.upload_id, piece.number, SentPart(piece.hash, tag))
        last = upload.sent(piece.number, tag)
        self._events(Sent(upload.file.path, size, False))
        if last:
            self._complete(upload)

    def _complete(self, upload: _Multipart) -> None:
        tags = [upload.tags[number] for number in sorted(upload.tags)]
        if self._store.complete_multipart(upload.file.key, upload.upload_id, tags, if_absent=True):
            del self._open[upload.upload_id]
        elif upload.journaled:
            self._give_up(upload)
        if upload.journaled and self._journal is not None:
            self._journal.forget(self._name(upload.file))
        self._events(Sent(upload.file.path, 0, True))
        self._on_present([upload.file.key])

    def _name(self, file: FileToSend) -> str:
        return f"{self._store.bucket}/{file.key}"


def _fill(source: io.FileIO, view: memoryview) -> int:
    """Read until ``view`` is full or the file ends; the number of bytes."""
    filled = 0
    while filled < len(view):
        count = source.readinto(view[filled:])
        if not count:
            break
        filled += count
    return filled
