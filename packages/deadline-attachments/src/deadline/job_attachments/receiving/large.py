"""Large contents: fetched in ranges, many at once, which are written side by side into one file."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, List, Sequence

from .. import placement
from .._engine.budget import ByteBudget, RequestBudget
from .._engine.buffers import Buffers
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
BYTES = 64 * 1024 * 1024
RECEIVERS = 16


@dataclass
class _File:
    """A large content on its way into a file."""

    content: Content
    targets: List[Target]
    partial: PartialFile
    hash: OrderedHash
    left: int
    unusable: bool = False
    """Whether the next download cannot go on with it."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def received(self, count: int) -> bool:
        """Note bytes; whether they were the last."""
        with self.lock:
            self.left -= count
            return self.left == 0


@dataclass(frozen=True)
class _Range:
    file: _File
    number: int
    offset: int
    length: int


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
        self._bytes = ByteBudget(BYTES)
        self._buffers = Buffers(PART_SIZE)
        self._open: List[_File] = []

    def chain(self, contents: Sequence[Content]) -> Chain:
        """The chain for ``contents``; lists of files in their places come out of it."""
        receivers = min(RECEIVERS, self._requests.most)
        return Chain(
            contents,
            [
                Stage("open", 1, self._ranges, queue_size=receivers),
                Stage("receive", receivers, self._receive, queue_size=receivers),
            ],
        )

    def stop(self) -> None:
        """Let nobody wait for room in memory."""
        self._bytes.close()

    def close(self) -> None:
        """Close files that were not completed; those that another download can go on with stay."""
        for file in self._open:
            if file.unusable or file.partial.is_empty:
                file.partial.discard()
            else:
                file.partial.close()
            self._targets.release(file.partial.folder)

    def _ranges(self, content: Content) -> Iterator[_Range]:
        targets = self._targets.wanted(content)
        if not targets:
            return
        with contextlib.ExitStack() as undo, writing(targets[0].path):
            folder = self._targets.open_folder(targets[0])
            undo.callback(self._targets.release, folder)
            partial = open_partial(folder, content.hash, content.size, PART_SIZE)
            undo.pop_all()
        file = _File(content, targets, partial, OrderedHash(self._targets.hash_algorithm, self._release), content.size)
        self._open.append(file)
        for number, offset in enumerate(range(0, content.size, PART_SIZE)):
            length = min(PART_SIZE, content.size - offset)
            # Room is taken here, in the order of the parts: one that waits for its turn to be hashed holds on to its
            # room, and must not keep those before it from getting any.
            if number not in partial.done and not self._bytes.take(length):
                return
            yield _Range(file, number, offset, length)

    def _receive(self, part: _Range) -> Iterator[List[Path]]:
        file = part.file
        if part.number in file.partial.done:
            with writing(file.targets[0].path):
                file.hash.add(part.number, functools.partial(file.partial.read, part.offset, part.length))
            self._events(Resumed(str(file.targets[0].path), part.length))
        elif self._fetch(part):
            self._events(Received(str(file.targets[0].path), part.length, False))
        else:
            return
        if file.received(part.length):
            yield self._complete(file)

    def _fetch(self, part: _Range) -> bool:
        """Fetch a part, write and hash it; ``False`` when the download has ended meanwhile."""
        file = part.file
        buffer = memoryview(self._buffers.lend(part.length))
        try:
            if not self._requests.take():
                self._release(buffer)
                return False
            try:
                self._get(file, buffer, part.offset)
            finally:
                self._requests.give_back()
            try:
                with writing(file.targets[0].path):
                    file.partial.write(part.number, part.offset, buffer)
            except AssetSyncError as error:
                file.unusable |= is_of_a_full_disk(error)
                raise
        except BaseException:
            self._release(buffer)
            raise
        file.hash.add(part.number, buffer)
        return True

    def _release(self, buffer: memoryview) -> None:
        size = len(buffer)
        self._buffers.give_back(buffer.obj)  # type: ignore[arg-type]
        self._bytes.give_back(size)

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
                for block in file.partial.blocks(file.content.size):
                    self._cancel.raise_if_cancelled()
                    copy.write(block)
            folder.set_time(temporary, target.mtime_us * 1000)
            name = placement.place(folder, temporary, target.path.name, keep_existing=target.keep_existing)
        return self._targets.placed(target, name, file.content.size)

    def _get(self, file: _File, buffer: memoryview, offset: int) -> None:
        for key in self._targets.keys(file.content):
            if self._store.get_into(key, buffer, offset=offset):
                return
        raise self._targets.missing(file.content)

    def _damaged(self, file: _File) -> AssetSyncError:
        """The error for a file with wrong content of which not everything came just now."""
        return AssetSyncError(
            f"What an earlier download left of {file.targets[0].path} was damaged and has been removed. "
            "Nothing was written; start the download again."
        )
