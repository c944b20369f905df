"""Uploads that travel in parts: how far each of them is, and going on with those that an earlier run did not finish.

A journal keeps which uploads were begun, so that the next run after one that was killed goes on with them: it reads the
file again, for its hash, but sends only the parts that are missing. Parts that S3 has are known by the tags that S3 made of
their bytes; of files above 64 MiB, which a run that is canceled leaves for the next one too, the journal keeps each part's
tag and hash, because not all buckets have tags that can be made here.

An upload of a process that is still running is left to it. Who is told that an upload has ended asks for the object: it
may have been completed by an attempt whose answer was lost.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from dataclasses import dataclass, field
from typing import Dict, Mapping, Optional

from ..caches.upload_journal import SentPart, UploadJournal
from ..exceptions import AssetSyncError, JobAttachmentsS3ClientError
from ..object_store import ObjectStore
from ..processes import may_run
from .file import FileToSend

PART_SIZE = 8 * 1024 * 1024
MAX_PARTS = 10_000
RESUMED_FROM = 64 * 1024 * 1024
TIDY_UP_SECONDS = 0.5
"""How long unfinished uploads are dropped for when an operation ends early; what is left then, a later run drops."""


@dataclass
class Multipart:
    """A file on its way: the tags of the parts that are sent, and how many there will be once that is known."""

    file: FileToSend
    upload_id: str
    part_size: int
    known: Mapping[int, SentPart]
    """Parts that an earlier run had sent."""
    unproven: Mapping[int, str]
    """Tags of other parts that S3 has."""
    journaled: bool
    """Whether each part is noted, and the upload stays when the operation is canceled."""
    ended: bool = False
    """Whether the object is there although this operation has not completed it."""
    given_up: bool = False
    """Whether it was dropped, for a reason that is told already: what becomes of parts under way says nothing more."""
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

    def end(self) -> bool:
        """Note that the object is there; whether that is news."""
        with self.lock:
            ended, self.ended = self.ended, True
            return not ended

    def tag_of(self, number: int, body: memoryview, digest: str) -> Optional[str]:
        """The tag of a part, with its bytes and their hash, where S3 has it already."""
        known = self.known.get(number)
        if known is not None:
            return known.tag if known.hash == digest else None
        tag = self.unproven.get(number)
        return tag if tag is not None and tag == _md5(body) else None


class Multiparts:
    """The uploads in parts of one operation."""

    def __init__(self, store: ObjectStore, journal: Optional[UploadJournal]) -> None:
        self._store = store
        self._journal = journal
        self._open: Dict[str, Multipart] = {}

    def begin(self, file: FileToSend) -> Multipart:
        """A new upload, or the one that an earlier run began."""
        size = max(PART_SIZE, -(-file.size // MAX_PARTS))
        upload = self._resumed(file, size)
        if upload is None:
            journaled = self._journal is not None and file.size > RESUMED_FROM
            upload = Multipart(file, self._store.create_multipart(file.key), size, {}, {}, journaled)
        if self._journal is not None:
            self._journal.begin(self._name(file), upload.upload_id, size)
        self._open[upload.upload_id] = upload
        return upload

    def sent(self, upload: Multipart, number: int, part: SentPart) -> bool:
        """S3 has a part; whether it was the last one missing."""
        if upload.journaled and self._journal is not None:
            self._journal.sent(self._name(upload.file), upload.upload_id, number, part)
        return upload.sent(number, part.tag)

    def complete(self, upload: Multipart) -> None:
        """Make the object of all parts, unless there is one; errors as of the store."""
        tags = [upload.tags[number] for number in sorted(upload.tags)]
        if not self._store.complete_multipart(upload.file.key, upload.upload_id, tags, if_absent=True):
            self._abort(upload.file.key, upload.upload_id)
        self._close(upload)

    def end_or_raise(self, upload: Multipart, error: JobAttachmentsS3ClientError) -> bool:
        """S3 refused a request with ``error``; whether it is news that the object is there all the same.

        Raises ``error``, or one that says more, when it is not there.
        """
        if upload.given_up:
            return False
        if error.status_code not in (400, 404):
            raise error
        if self._store.head(upload.file.key) is None:
            self.give_up(upload)
            if error.status_code == 400:
                raise error
            raise JobAttachmentsS3ClientError(
                error.action,
                error.status_code,
                error.bucket_name,
                error.key_or_prefix,
                f"The upload of {upload.file.path} was ended by somebody else, or by a rule of the bucket, before it was "
                "complete. Submit again to begin it anew.",
            ) from error
        news = upload.end()
        if news:
            self._close(upload)
        return news

    def give_up(self, upload: Multipart) -> None:
        """Drop an upload whose parts are of no use to anybody; the caller raises the error that says why."""
        upload.given_up = True
        self._abort(upload.file.key, upload.upload_id)
        self._close(upload)

    def abort_unfinished(self) -> None:
        """Drop the parts of files that were not completed and that no later run can go on with."""
        until = time.monotonic() + TIDY_UP_SECONDS
        for upload in [upload for upload in self._open.values() if not upload.journaled]:
            if time.monotonic() < until and self._abort(upload.file.key, upload.upload_id):
                self._close(upload)
                continue
            # The next one would not do better, and whoever canceled waits.
            return

    def abort_abandoned(self) -> None:
        """Drop the parts of files that earlier runs left and that nobody came back for."""
        if self._journal is None:
            return
        prefix = f"{self._store.bucket}/"
        for s3_key, upload_id in self._journal.abandoned(prefix):
            if not self._abort(s3_key[len(prefix) :], upload_id):
                return
            self._journal.forget(s3_key)

    def _resumed(self, file: FileToSend, part_size: int) -> Optional[Multipart]:
        begun = self._journal.unfinished(self._name(file)) if self._journal is not None else None
        if begun is None or begun.part_size != part_size or may_run(begun.process):
            return None
        tags = self._store.list_parts(file.key, begun.upload_id)
        if tags is None:
            return None
        known = {number: part for number, part in begun.parts.items() if tags.get(number) == part.tag}
        unproven = {number: tag for number, tag in tags.items() if number not in begun.parts}
        return Multipart(file, begun.upload_id, part_size, known, unproven, file.size > RESUMED_FROM)

    def _close(self, upload: Multipart) -> None:
        self._open.pop(upload.upload_id, None)
        if self._journal is not None:
            self._journal.forget(self._name(upload.file))

    def _abort(self, key: str, upload_id: str) -> bool:
        """Drop an upload; whether that worked."""
        with contextlib.suppress(AssetSyncError):
            self._store.abort_multipart(key, upload_id)
            return True
        return False

    def _name(self, file: FileToSend) -> str:
        return f"{self._store.bucket}/{file.key}"


def _md5(body: memoryview) -> str:
    """What S3 tags a part with, unless the bucket's keys are KMS's or the customer's."""
    try:
        return hashlib.md5(body).hexdigest()  # noqa: S324 (S3's choice, and no secret)
    except ValueError:
        # A system that was told to know no weak hashes.
        return ""
