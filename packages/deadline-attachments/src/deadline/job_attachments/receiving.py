"""Fetching contents from the store into files: verified, then put into place in one step.

Small contents are fetched whole, large ones in ranges that are written side by side into one temporary file. Nothing
gets its final name before its size and hash are what the manifest says.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Iterator, List, Set, Union

from . import placement
from ._engine.budget import ByteBudget
from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Received, Skipped, ignore
from ._engine.pipeline import Pipeline, Stage
from ._s3_settings import join_s3_paths
from .asset_manifests.hash_algorithms import HashAlgorithm, hash_data, hash_file
from .download_plan import Content, Target
from .exceptions import AssetSyncError, JobAttachmentsS3ClientError
from .object_store import ObjectStore

PART_SIZE = 8 * 1024 * 1024
BUDGET = 64 * 1024 * 1024
RECEIVERS = 16


@dataclass
class _File:
    """A large content on its way into a temporary file."""

    content: Content
    temporary: Path
    handle: int
    left: int
    lock: threading.Lock = field(default_factory=threading.Lock)

    def received(self, count: int) -> bool:
        """Note bytes; whether they were the last."""
        with self.lock:
            self.left -= count
            return self.left == 0


@dataclass(frozen=True)
class _Range:
    file: _File
    offset: int
    length: int


class Receiver:
    """Fetches contents from one store; used for one call of :meth:`receive`."""

    def __init__(
        self,
        store: ObjectStore,
        cas_prefix: str,
        hash_algorithm: HashAlgorithm,
        cancel: CancelToken,
        events: EventSink = ignore,
        *,
        receivers: int = RECEIVERS,
    ) -> None:
        """``cas_prefix`` is the prefix of data objects; empty when they stand at the top of the bucket."""
        self._store = store
        self._cas_prefix = cas_prefix
        self._hash_algorithm = hash_algorithm
        self._cancel = cancel
        self._events = events
        self._receivers = receivers
        self._budget = ByteBudget(BUDGET)
        self._folders: Set[Path] = set()
        self._folders_lock = threading.Lock()
        self._open: List[_File] = []

    def receive(self, contents: Iterable[Content]) -> Iterator[Path]:
        """Fetch ``contents`` and yield each file that is in its place.

        Raises:
            AssetSyncError: An object is missing, has other content than its name says, or a file cannot be written.
            AssetSyncCancelledError: The token was cancelled; files that are in place stay.
        """
        stages = [
            Stage("open", 1, self._open_content, queue_size=self._receivers),
            Stage("receive", self._receivers, self._receive, queue_size=self._receivers),
        ]
        try:
            with Pipeline(stages, self._cancel, on_stop=self._budget.close) as pipeline:
                yield from pipeline.run(contents)
        finally:
            for file in self._open:
                with contextlib.suppress(OSError):
                    os.close(file.handle)
                with contextlib.suppress(FileNotFoundError):
                    file.temporary.unlink()

    def _open_content(self, content: Content) -> Iterator[Union[Content, _Range]]:
        for target in content.targets:
            self._make_folder(target.path.parent)
        if content.size <= PART_SIZE:
            yield content
            return
        temporary = placement.temporary_beside(content.targets[0].path)
        with _writing(temporary):
            handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        file = _File(content, temporary, handle, content.size)
        self._open.append(file)
        for offset in range(0, content.size, PART_SIZE):
            yield _Range(file, offset, min(PART_SIZE, content.size - offset))

    def _receive(self, item: Union[Content, _Range]) -> Iterator[Path]:
        length = item.size if isinstance(item, Content) else item.length
        if not self._budget.take(length):
            return
        try:
            placed = self._receive_whole(item) if isinstance(item, Content) else self._receive_range(item)
        finally:
            self._budget.give_back(length)
        yield from placed

    def _receive_whole(self, content: Content) -> List[Path]:
        missing = [target for target in content.targets if not self._is_there(content, target)]
        if not missing:
            return []
        body = self._get(content, 0, None)
        if len(body) != content.size or hash_data(body, self._hash_algorithm) != content.hash:
            raise self._wrong_content(content)
        placed = []
        for target in missing:
            temporary = placement.temporary_beside(target.path)
            with _writing(target.path), _removed_on_error(temporary):
                temporary.write_bytes(body)
                placed.append(self._place(temporary, target, content.size, content.size))
        return placed

    def _receive_range(self, part: _Range) -> List[Path]:
        file = part.file
        content = file.content
        body = self._get(content, part.offset, part.length)
        if len(body) != part.length:
            raise self._wrong_content(content)
        with _writing(file.temporary):
            _write_at(file, body, part.offset)
        self._events(Received(str(content.targets[0].path), part.length, False))
        if not file.received(part.length):
            return []
        with _writing(file.temporary):
            os.close(file.handle)
            self._open.remove(file)
            with _removed_on_error(file.temporary):
                if hash_file(str(file.temporary), self._hash_algorithm) != content.hash:
                    raise self._wrong_content(content)
                return self._place_all(file)

    def _place_all(self, file: _File) -> List[Path]:
        first, *others = file.content.targets
        placed = []
        for target in others:
            temporary = placement.temporary_beside(target.path)
            with _writing(target.path), _removed_on_error(temporary):
                shutil.copyfile(file.temporary, temporary)
                placed.append(self._place(temporary, target, file.content.size, file.content.size))
        with _writing(first.path):
            placed.append(self._place(file.temporary, first, file.content.size, 0))
        return placed

    def _place(self, temporary: Path, target: Target, size: int, uncounted: int) -> Path:
        path = target.path
        if target.keep_existing:
            path = placement.place_copy(temporary, path, target.mtime_us)
        else:
            placement.replace(temporary, path, target.mtime_us)
        self._events(Received(str(path), uncounted, True))
        return path

    def _is_there(self, content: Content, target: Target) -> bool:
        """Whether the file to be replaced has the content already; it gets its time then."""
        if target.keep_existing:
            return False
        try:
            if target.path.stat().st_size != content.size:
                return False
            if hash_file(str(target.path), self._hash_algorithm) != content.hash:
                return False
            os.utime(target.path, ns=(target.mtime_us * 1000, target.mtime_us * 1000))
        except OSError:
            return False
        self._events(Skipped(str(target.path), content.size))
        return True

    def _get(self, content: Content, offset: int, length: Union[int, None]) -> bytes:
        key = self._key(f"{content.hash}.{self._hash_algorithm.value}")
        # Objects of early versions have no ending.
        for candidate in (key, self._key(content.hash)):
            got = self._store.get(candidate, offset=offset, length=length)
            if got is not None:
                return got[0]
        raise JobAttachmentsS3ClientError(
            "downloading file",
            404,
            self._store.bucket,
            key,
            f"The content of {content.targets[0].path} is not in the bucket (any more). It may have expired there: "
            "submit the job again to upload it anew.",
        )

    def _key(self, name: str) -> str:
        return join_s3_paths(self._cas_prefix, name) if self._cas_prefix else name

    def _make_folder(self, folder: Path) -> None:
        with self._folders_lock:
            if folder in self._folders:
                return
            self._folders.add(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OSError(
                error.errno,
                f"The folder {folder} cannot be made ({error.strerror}). If the job comes from a machine with another "
                "operating system, choose another folder to download to",
            ) from error
        placement.remove_stale(folder)

    def _wrong_content(self, content: Content) -> AssetSyncError:
        key = self._key(f"{content.hash}.{self._hash_algorithm.value}")
        return AssetSyncError(
            f"The object s3://{self._store.bucket}/{key} does not have the content that its name says, so "
            f"{content.targets[0].path} was not written. Delete that object and submit the job again."
        )


def _write_at(file: _File, body: bytes, offset: int) -> None:
    if hasattr(os, "pwrite"):
        written = 0
        while written < len(body):
            written += os.pwrite(file.handle, memoryview(body)[written:], offset + written)
        return
    with file.lock:
        os.lseek(file.handle, offset, os.SEEK_SET)
        os.write(file.handle, body)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise AssetSyncError(f"{path} could not be written: {error.strerror or error}.") from error


@contextlib.contextmanager
def _removed_on_error(temporary: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
