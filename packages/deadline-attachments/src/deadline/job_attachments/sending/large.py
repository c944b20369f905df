"""Large files: a few threads read them and check their content, many send what was read.

Files of up to one part go whole, larger ones as uploads in parts (see :mod:`.multipart`), which appear only once all of
their bytes have been read and found to have the right hash. Bytes between reading and sending are bounded by a budget.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Callable, Iterator, Optional, Sequence, Union

from .._engine.budget import ByteBudget, RequestBudget
from .._engine.buffers import Buffers
from .._engine.cancel import CancelToken
from .._engine.events import EventSink, Resumed, Sent, Skipped
from .._engine.pipeline import Chain, Stage
from ..asset_manifests.hash_algorithms import HashAlgorithm, new_hasher
from ..caches.upload_journal import SentPart, UploadJournal
from ..exceptions import JobAttachmentsS3ClientError
from ..object_store import ObjectStore
from ..regular_files import open_regular
from .file import FileToSend, changed, unreadable
from .multipart import PART_SIZE, Multipart, Multiparts

ASK_FROM = 1024 * 1024
"""Files from this size are asked about before they are read: sending them for nothing costs more than the question."""
BYTES = 64 * 1024 * 1024
READ_AT_ONCE = 512 * 1024
"""Bytes that are read and hashed in turns: few enough to be in the processor's cache still when they are hashed."""
READERS = 2
SENDERS = 16


@dataclass
class _Whole:
    file: FileToSend
    body: memoryview


@dataclass
class _Part:
    upload: Multipart
    number: int
    body: memoryview
    hash: str


@dataclass
class _Complete:
    upload: Multipart


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
        self._multiparts = Multiparts(store, journal)
        self._bytes = ByteBudget(BYTES)
        self._buffers = Buffers(PART_SIZE)

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
        """As of :class:`.multipart.Multiparts`."""
        self._multiparts.abort_unfinished()

    def abort_abandoned(self) -> None:
        """As of :class:`.multipart.Multiparts`."""
        self._multiparts.abort_abandoned()

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
        # Memory of the size of a part is used again and again; for much smaller files it would be too much.
        body = self._lend(PART_SIZE if file.size > PART_SIZE // 2 else file.size)
        if body is None:
            return
        hasher = new_hasher(self._hash_algorithm)
        with open(file.path, "rb", buffering=0, opener=open_regular) as source:
            count = _fill(source, body[: file.size], [hasher])
            grown = source.read(1)
        if grown or count != file.size or hasher.hexdigest() != file.hash:
            raise changed(file)
        yield _Whole(file, body[:count])

    def _read_parts(self, file: FileToSend) -> Iterator[_Piece]:
        upload = self._multiparts.begin(file)
        hasher = new_hasher(self._hash_algorithm)
        number = total = 0
        with open(file.path, "rb", buffering=0, opener=open_regular) as source:
            # A file that grows is not read for ever: what is past its size tells enough.
            while total <= file.size:
                body = self._lend(upload.part_size)
                if body is None:
                    # The operation is over; what was sent of this file is for the next one.
                    return
                of_part = new_hasher(self._hash_algorithm) if upload.journaled else None
                count = _fill(source, body, [hasher, of_part] if of_part else [hasher])
                if not count:
                    self._give_back(body)
                    break
                total += count
                number += 1
                part = _Part(upload, number, body[:count], of_part.hexdigest() if of_part else "")
                tag = upload.tag_of(number, part.body, part.hash)
                if tag is None:
                    del body
                    yield part
                    continue
                self._give_back(body)
                upload.sent(number, tag)
                self._events(Resumed(file.path, count))
        if hasher.hexdigest() != file.hash:
            self._multiparts.give_up(upload)
            raise changed(file)
        if upload.all_read(number):
            yield _Complete(upload)

    def _lend(self, size: int) -> Optional[memoryview]:
        """Memory for bytes on their way; ``None`` when the operation is over."""
        if not self._bytes.take(size):
            return None
        return memoryview(self._buffers.lend(size))

    def _give_back(self, body: memoryview) -> None:
        buffer: Any = body.obj
        self._buffers.give_back(buffer)
        self._bytes.give_back(len(buffer))

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
            self._give_back(piece.body)
            # The thread holds on to the piece until it gets another one; memory that is not kept must not last as long.
            piece.body = memoryview(b"")
        self._events(Sent(file.path, file.size, True) if created else Skipped(file.path, file.size))
        self._on_present([file.key])

    def _send_part(self, piece: _Part) -> None:
        upload = piece.upload
        size = len(piece.body)
        try:
            tag = None if upload.ended or upload.given_up else self._put_part(piece)
        finally:
            self._give_back(piece.body)
            # The thread holds on to the piece until it gets another one; memory that is not kept must not last as long.
            piece.body = memoryview(b"")
        if tag is None:
            self._events(Resumed(upload.file.path, size))
            return
        last = self._multiparts.sent(upload, piece.number, SentPart(piece.hash, tag))
        self._events(Sent(upload.file.path, size, False))
        if last:
            self._complete(upload)

    def _put_part(self, piece: _Part) -> Optional[str]:
        """The tag of a part that was sent; ``None`` when the object is there already."""
        upload = piece.upload
        try:
            return self._store.put_part(upload.file.key, upload.upload_id, piece.number, piece.body)
        except JobAttachmentsS3ClientError as error:
            if self._multiparts.end_or_raise(upload, error):
                self._is_present(upload)
            return None

    def _complete(self, upload: Multipart) -> None:
        try:
            self._multiparts.complete(upload)
        except JobAttachmentsS3ClientError as error:
            if not self._multiparts.end_or_raise(upload, error):
                return
        self._is_present(upload)

    def _is_present(self, upload: Multipart) -> None:
        self._events(Sent(upload.file.path, 0, True))
        self._on_present([upload.file.key])


def _fill(source: io.FileIO, view: memoryview, hashers: Sequence[Any]) -> int:
    """Read and hash until ``view`` is full or the file ends; the number of bytes."""
    filled = 0
    while filled < len(view):
        piece = view[filled : filled + READ_AT_ONCE]
        count = source.readinto(piece)
        if not count:
            break
        for hasher in hashers:
            hasher.update(piece[:count])
        filled += count
    return filled
