"""Large contents: fetched in ranges, many at once, which are written side by side into one file.

Bytes go through 128 KiB of memory on their way from the connection to the file, and are hashed there when it is their
turn: they stay in the processor's cache, and a download needs no memory for them.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, List, Sequence

from .. import placement
from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from .._engine.events import EventSink, Received, Resumed
from .._engine.pipeline import Chain, Stage
from ..download_plan import Content, Target
from ..exceptions import AssetSyncError
from ..object_store import ObjectStore
from .ordered_hash import OrderedHash
from .partial import PartialFile, open_partial
from .targets import Targets, is_of_a_full_disk, removed_on_error, writing

PART_SIZE = 8 * 1024 * 1024
"""Bytes after which it is noted that they are there."""
LONGEST_SPAN = 8
"""Parts that one request asks for, at the most. Fewer requests are less work for both sides."""
RECEIVERS = 8
"""Requests at a time. Writers of one file wait for each other in the kernel: with 16 a file of 2 GiB took a sixth longer than
with 8, and half a second of processor time more."""


@dataclass
class _File:
    """A large content on its way into a file."""

    content: Content
    targets: List[Target]
    partial: PartialFile
    hash: OrderedHash
    unusable: bool = False
    """Whether the next download cannot go on with it."""

    @property
    def path(self) -> Path:
        return self.targets[0].path


@dataclass(frozen=True)
class _Span:
    """Consecutive parts of a file that are all there, or all missing."""

    file: _File
    first: int
    count: int

    @property
    def offset(self) -> int:
        return self.first * PART_SIZE

    @property
    def end(self) -> int:
        return min(self.file.content.size, (self.first + self.count) * PART_SIZE)


class _Reception:
    """Takes the bytes of a span as they come: into the file, and into its hash when it is their turn."""

    def __init__(self, span: _Span, cancel: CancelToken, events: EventSink) -> None:
        self.completed = False
        """Whether all of the file is there, and hashed."""
        self._file = span.file
        self._cancel = cancel
        self._events = events
        self._part = span.first
        self._position = span.offset
        self._end = span.end
        self._begin_part()

    def __call__(self, piece: memoryview) -> None:
        while piece:
            taken = piece[: self._end_of_part - self._position]
            self._take(taken)
            piece = piece[len(taken) :]
            if self._position == self._end_of_part:
                self._complete_part()

    def _begin_part(self) -> None:
        self._end_of_part = min(self._end, (self._part + 1) * PART_SIZE)
        self._hashed = self._file.hash.begin(self._part)

    def _take(self, piece: memoryview) -> None:
        try:
            with writing(self._file.path):
                self._file.partial.write(piece, self._position)
        except AssetSyncError as error:
            self._file.unusable |= is_of_a_full_disk(error)
            raise
        if self._hashed:
            self._file.hash.update(piece)
        self._position += len(piece)

    def _complete_part(self) -> None:
        with writing(self._file.path):
            self._file.partial.note(self._part)
            self.completed = self._file.hash.end(self._part, hashed=self._hashed)
        self._events(Received(str(self._file.path), self._position - self._part * PART_SIZE, False))
        self._part += 1
        if self._position < self._end:
            self._cancel.raise_if_cancelled()
            self._begin_part()


class LargeContents:
    """The chain that fetches large contents."""

    def __init__(
        self, store: ObjectStore, targets: Targets, budget: RequestBudget, cancel: CancelToken, events: EventSink
    ) -> None:
        self._store = store
        self._targets = targets
        self._requests = budget
        self._cancel = cancel
        self._events = events
        self._open: List[_File] = []

    def chain(self, contents: Sequence[Content]) -> Chain:
        """The chain for ``contents``; lists of files in their places come out of it."""
        receivers = min(RECEIVERS, self._requests.most)
        return Chain(
            contents,
            [
                Stage("open", 1, self._spans, queue_size=receivers),
                Stage("receive", receivers, self._receive, queue_size=receivers),
            ],
        )

    def close(self) -> None:
        """Close files that were not completed; those that another download can go on with stay."""
        for file in self._open:
            if file.unusable or file.partial.is_empty:
                file.partial.discard()
            else:
                file.partial.close()
            self._targets.release(file.partial.folder)

    def _spans(self, content: Content) -> Iterator[_Span]:
        targets = self._targets.wanted(content)
        if not targets:
            return
        with contextlib.ExitStack() as undo, writing(targets[0].path):
            folder = self._targets.open_folder(targets[0])
            undo.callback(self._targets.release, folder)
            partial = open_partial(folder, content.hash, content.size, PART_SIZE)
            undo.pop_all()
        parts = -(-content.size // PART_SIZE)

        def read(number: int) -> Iterator[bytes]:
            for piece in partial.read(number * PART_SIZE, min(PART_SIZE, content.size - number * PART_SIZE)):
                self._cancel.raise_if_cancelled()
                yield piece

        file = _File(content, targets, partial, OrderedHash(self._targets.hash_algorithm, parts, read))
        self._open.append(file)
        # Long spans only where all receivers have several of them to do.
        longest = max(1, min(LONGEST_SPAN, (parts - len(partial.done)) // (2 * RECEIVERS)))
        first = 0
        while first < parts:
            count = 1
            if first not in partial.done:
                while count < longest and first + count < parts and first + count not in partial.done:
                    count += 1
            yield _Span(file, first, count)
            first += count

    def _receive(self, span: _Span) -> Iterator[List[Path]]:
        file = span.file
        if span.first in file.partial.done:
            with writing(file.path):
                completed = file.hash.end(span.first, hashed=False)
            self._events(Resumed(str(file.path), span.end - span.offset))
        else:
            if not self._requests.take():
                return
            reception = _Reception(span, self._cancel, self._events)
            try:
                self._get(span, reception)
            finally:
                self._requests.give_back()
            completed = reception.completed
        if completed:
            yield self._complete(file)

    def _complete(self, file: _File) -> List[Path]:
        """Compare the file with its hash and put it into its places."""
        if file.hash.hexdigest() != file.content.hash:
            file.unusable = True
            raise self._damaged(file) if file.partial.done else self._targets.wrong(file.content)
        first, *others = file.targets
        try:
            placed = [self._place_copy(file, target) for target in others]
        except AssetSyncError as error:
            file.unusable |= is_of_a_full_disk(error)
            raise
        self._open.remove(file)
        try:
            with writing(first.path):
                name = file.partial.place(first.path.name, first.mtime_us, keep_existing=first.keep_existing)
        finally:
            self._targets.release(file.partial.folder)
        return [*placed, self._targets.placed(first, name, 0)]

    def _place_copy(self, file: _File, target: Target) -> Path:
        temporary = placement.temporary_name()
        with writing(target.path), self._targets.folder(target) as folder, removed_on_error(folder, temporary):
            with open(folder.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL), "wb") as copy:
                for block in file.partial.read(0, file.content.size):
                    self._cancel.raise_if_cancelled()
                    copy.write(block)
            folder.set_time(temporary, target.mtime_us * 1000)
            name = placement.place(folder, temporary, target.path.name, keep_existing=target.keep_existing)
        return self._targets.placed(target, name, file.content.size)

    def _get(self, span: _Span, reception: _Reception) -> None:
        for key in self._targets.keys(span.file.content):
            if self._store.get_range(key, span.offset, span.end - span.offset, reception):
                return
        raise self._targets.missing(span.file.content)

    def _damaged(self, file: _File) -> AssetSyncError:
        """The error for a file with wrong content of which not everything came just now."""
        return AssetSyncError(
            f"What an earlier download left of {file.path} was damaged and has been removed. "
            "Nothing was written; start the download again."
        )
