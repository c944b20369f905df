"""Hashing input files into manifests.

Files come in batches. One lane (see :mod:`._engine.lanes`) looks at a batch's files, asks the hash cache about all of
them at once, and reads the small ones itself, because handing a small file to another thread costs more than hashing it.
Large files go on to a few threads, which read and hash without the interpreter's lock.

A file whose status is as the hash cache remembers it is not read. One that changes while it is read is read again, so
that hash, size and time of an entry always belong together.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, NamedTuple, Optional, Sequence, Tuple, Union

from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Hashed, HashedBatch, ignore
from ._engine.lanes import Lanes
from ._engine.pipeline import Chain, Pipeline, Stage, StreamStage
from .asset_manifests.hash_algorithms import BLOCK_SIZE, HashAlgorithm, hash_data, new_hasher
from .caches import HashCache
from .exceptions import MisconfiguredInputsError
from .regular_files import READ_ONLY, open_regular

BATCH = 500
"""Files looked at together: as many as the hash cache is asked about in one query."""
LARGEST_SMALL = 256 * 1024
ATTEMPTS = 3
"""How often a file that changes while it is read is read again."""


class HashedFile(NamedTuple):
    """A file with the hash of its content; size in bytes and modification time of the moment when it was hashed."""

    path: str
    hash: str
    size: int
    mtime_us: int


class _Found(NamedTuple):
    """A file before it is hashed."""

    path: str
    resolved: str
    status: os.stat_result


class _Read(NamedTuple):
    """A file that was read: its hash, and the status that belongs to it."""

    path: str
    resolved: str
    status: os.stat_result
    hash: str


_Step = Union[_Found, List[HashedFile]]


def workers() -> int:
    """How many threads hash large files at a time."""
    return max(2, min(8, os.cpu_count() or 1))


def hash_files(
    paths: Iterable[str],
    hash_algorithm: HashAlgorithm,
    cache: Optional[HashCache],
    cancel: CancelToken,
    events: EventSink = ignore,
) -> Iterator[HashedFile]:
    """Hash files, in any order; links are followed.

    Raises:
        MisconfiguredInputsError: A file vanished, cannot be read, is no regular file, or never stays still; named.
        AssetSyncCancelledError: ``cancel`` was cancelled.
    """
    hashing = _Hashing(hash_algorithm, cache, cancel, events)
    stages: List[Union[Stage, StreamStage]] = [
        StreamStage("look", hashing.lanes.most, hashing.look, queue_size=2 * hashing.lanes.most),
        Stage("hash", workers(), hashing.finish, queue_size=2 * workers()),
    ]
    with Pipeline(cancel, on_stop=hashing.lanes.finish) as pipeline:
        for files in pipeline.run(Chain(_batches(paths), stages)):
            yield from files


def relative_posix_path(path: str, root: Path) -> str:
    """A file's path as manifests write it: relative to the root, with slashes, links left alone."""
    return Path(os.path.relpath(path, root)).as_posix()


class RelativePaths:
    """:func:`relative_posix_path` for many files of one root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._prefix = os.path.join(str(root), "")

    def __call__(self, path: str) -> str:
        if path.startswith(self._prefix):
            relative = path[len(self._prefix) :]
            return relative if os.sep == "/" else relative.replace(os.sep, "/")
        return relative_posix_path(path, self._root)


class _Hashing:
    """The stages of one call of :func:`hash_files`."""

    def __init__(
        self, hash_algorithm: HashAlgorithm, cache: Optional[HashCache], cancel: CancelToken, events: EventSink
    ) -> None:
        self.lanes = Lanes()
        self._hash_algorithm = hash_algorithm
        self._cache = cache
        self._cancel = cancel
        self._events = events
        self._folders: Dict[str, str] = {}

    def look(self, batches: Iterator[Sequence[str]]) -> Iterator[_Step]:
        """Hash what is known or small; pass the other files on."""
        if not self.lanes.enter():
            return
        for batch in batches:
            self._cancel.raise_if_cancelled()
            started = time.perf_counter()
            found = [self._found(path) for path in batch]
            known = self._known(found)
            hashed, small, large = [], [], []
            for file in found:
                digest = known.get(file.resolved)
                if digest is not None:
                    status = file.status
                    hashed.append(HashedFile(file.path, digest, status.st_size, status.st_mtime_ns // 1000))
                elif file.status.st_size <= LARGEST_SMALL:
                    small.append(file)
                else:
                    large.append(file)
            if hashed:
                size = sum([file.size for file in hashed])
                self._events(HashedBatch(len(hashed), size, True))
            hashed += self._read_small(small)
            self.lanes.note(started, len(batch) - len(large))
            yield hashed
            yield from large
        self.lanes.finish()

    def finish(self, step: _Step) -> Iterator[List[HashedFile]]:
        """Hash a large file; what is hashed already goes through."""
        if isinstance(step, list):
            yield step
            return
        block = memoryview(bytearray(BLOCK_SIZE))
        digest, status = _hash(step.path, self._hash_algorithm, block, self._cancel)
        self._events(Hashed(step.path, status.st_size, False))
        self._remember([_Read(step.path, step.resolved, status, digest)])
        yield [HashedFile(step.path, digest, status.st_size, status.st_mtime_ns // 1000)]

    def _found(self, path: str) -> _Found:
        try:
            status = os.lstat(path)
            if not stat.S_ISLNK(status.st_mode):
                folder, _, name = path.rpartition(os.sep)
                # Links are resolved once for each folder, not once for each part of each file's path.
                resolved = self._folders.get(folder)
                if resolved is None:
                    resolved = self._folders[folder] = os.path.join(os.path.realpath(folder or os.sep), "")
                found = _Found(path, resolved + name, status)
            else:
                found = _Found(path, os.path.realpath(path), os.stat(path))
        except (OSError, ValueError) as error:
            raise _unreadable(path, error) from error
        if not stat.S_ISREG(found.status.st_mode):
            raise MisconfiguredInputsError(f"{path} is not a regular file and cannot be a job attachment.")
        return found

    def _known(self, found: Sequence[_Found]) -> Dict[str, str]:
        if self._cache is None:
            return {}
        return self._cache.known_hashes([(file.resolved, file.status) for file in found], self._hash_algorithm)

    def _read_small(self, files: Sequence[_Found]) -> List[HashedFile]:
        reads: List[_Read] = []
        hashed: List[HashedFile] = []
        size = 0
        for path, resolved, before in files:
            if self._cancel.cancelled:
                self._cancel.raise_if_cancelled()
            digest, status = _hash_small(path, before, self._hash_algorithm)
            reads.append(_Read(path, resolved, status, digest))
            hashed.append(HashedFile(path, digest, status.st_size, status.st_mtime_ns // 1000))
            size += status.st_size
        if files:
            self._events(HashedBatch(len(files), size, False))
            self._remember(reads)
        return hashed

    def _remember(self, reads: Sequence[_Read]) -> None:
        if self._cache is not None:
            self._cache.remember([(read.resolved, read.status, read.hash) for read in reads], self._hash_algorithm)


def _hash_small(path: str, before: os.stat_result, hash_algorithm: HashAlgorithm) -> Tuple[str, os.stat_result]:
    """Read a small file in one piece; ``before`` is its status of a moment ago."""
    try:
        handle = os.open(path, READ_ONLY)
        try:
            content = os.read(handle, before.st_size + 1)
            after = os.fstat(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(content) == after.st_size and _same(before, after):
        return hash_data(content, hash_algorithm), after
    return _hash(path, hash_algorithm, memoryview(bytearray(BLOCK_SIZE)))


def _hash(
    path: str, hash_algorithm: HashAlgorithm, block: memoryview, cancel: Optional[CancelToken] = None
) -> Tuple[str, os.stat_result]:
    for _ in range(ATTEMPTS):
        hasher = new_hasher(hash_algorithm)
        try:
            with open(path, "rb", buffering=0, opener=open_regular) as file:
                before = os.fstat(file.fileno())
                read = 0
                while True:
                    count = file.readinto(block)
                    if not count:
                        break
                    hasher.update(block[:count])
                    read += count
                    if cancel is not None and cancel.cancelled:
                        cancel.raise_if_cancelled()
                after = os.fstat(file.fileno())
        except OSError as error:
            raise _unreadable(path, error) from error
        if _same(before, after) and read == after.st_size:
            return hasher.hexdigest(), after
    raise MisconfiguredInputsError(
        f"{path} changed each time it was read. Wait until the program that writes it is done, then try again."
    )


def _same(before: os.stat_result, after: os.stat_result) -> bool:
    return before.st_mtime_ns == after.st_mtime_ns and before.st_size == after.st_size


def _unreadable(path: str, error: Exception) -> MisconfiguredInputsError:
    why = getattr(error, "strerror", None) or error
    named = f"{path}, a link to {os.path.realpath(path)}," if os.path.islink(path) else path
    return MisconfiguredInputsError(f"{named} cannot be read: {why}.")


def _batches(paths: Iterable[str]) -> Iterator[List[str]]:
    batch: List[str] = []
    for path in paths:
        batch.append(path)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
