"""Hashing input files into manifests: batches of files, read in large blocks by a few threads.

A file whose status is as the hash cache remembers it is not read. One that changes while it is read is read again, so
that hash, size and time of an entry always belong together.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Hashed, ignore
from ._engine.pipeline import Pipeline, Stage
from .asset_manifests.hash_algorithms import BLOCK_SIZE, HashAlgorithm, new_hasher
from .caches import HashCache
from .exceptions import MisconfiguredInputsError

BATCH = 200
"""Files handed to a thread at a time: one by one, the handing over would cost more than the hashing."""
ATTEMPTS = 3
"""How often a file that changes while it is read is read again."""


@dataclass(frozen=True)
class HashedFile:
    """A file with the hash of its content; size in bytes and modification time of the moment when it was hashed."""

    path: str
    hash: str
    size: int
    mtime_us: int


@dataclass(frozen=True)
class _Read:
    file: HashedFile
    resolved: str
    status: os.stat_result
    from_cache: bool


def workers() -> int:
    """How many threads hash at a time: reading and hashing release the interpreter's lock, small files do not."""
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

    def hash_batch(batch: Sequence[str]) -> Iterator[List[_Read]]:
        found = [(path, os.path.realpath(path), _status_of(path)) for path in batch]
        known = _known(found, hash_algorithm, cache)
        block = memoryview(bytearray(BLOCK_SIZE))
        reads = []
        for path, resolved, status in found:
            cancel.raise_if_cancelled()
            digest = known.get(resolved)
            from_cache = digest is not None
            if digest is None:
                digest, status = _hash(path, hash_algorithm, block)
            file = HashedFile(path, digest, status.st_size, status.st_mtime_ns // 1000)
            reads.append(_Read(file, resolved, status, from_cache))
            events(Hashed(path, status.st_size, from_cache))
        yield reads

    with Pipeline([Stage("hash", workers(), hash_batch, queue_size=8)], cancel) as pipeline:
        for reads in pipeline.run(_batches(paths)):
            if cache is not None:
                fresh = [(read.resolved, read.status, read.file.hash) for read in reads if not read.from_cache]
                cache.remember(fresh, hash_algorithm)
            for read in reads:
                yield read.file


def hash_one(path: str, hash_algorithm: HashAlgorithm) -> Tuple[str, os.stat_result]:
    """The hash of one file with the status that belongs to it; errors as of :func:`hash_files`."""
    return _hash(path, hash_algorithm, memoryview(bytearray(BLOCK_SIZE)))


def _known(
    found: Sequence[Tuple[str, str, os.stat_result]], hash_algorithm: HashAlgorithm, cache: Optional[HashCache]
) -> Dict[str, str]:
    if cache is None:
        return {}
    return cache.known_hashes(((resolved, status) for _, resolved, status in found), hash_algorithm)


def _status_of(path: str) -> os.stat_result:
    try:
        status = os.stat(path)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise MisconfiguredInputsError(f"{path} is not a regular file and cannot be a job attachment.")
    return status


def _hash(path: str, hash_algorithm: HashAlgorithm, block: memoryview) -> Tuple[str, os.stat_result]:
    for _ in range(ATTEMPTS):
        hasher = new_hasher(hash_algorithm)
        try:
            with open(path, "rb", buffering=0) as file:
                before = os.fstat(file.fileno())
                read = 0
                while True:
                    count = file.readinto(block)
                    if not count:
                        break
                    hasher.update(block[:count])
                    read += count
                after = os.fstat(file.fileno())
        except OSError as error:
            raise _unreadable(path, error) from error
        if (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size) and read == after.st_size:
            return hasher.hexdigest(), after
    raise MisconfiguredInputsError(
        f"{path} changed each time it was read. Wait until the program that writes it is done, then try again."
    )


def _unreadable(path: str, error: OSError) -> MisconfiguredInputsError:
    return MisconfiguredInputsError(f"{path} cannot be read: {error.strerror or error}.")


def _batches(paths: Iterable[str]) -> Iterator[List[str]]:
    batch: List[str] = []
    for path in paths:
        batch.append(path)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def relative_posix_path(path: str, root: Path) -> str:
    """A file's path as manifests write it: relative to the root, with slashes, links left alone."""
    return Path(os.path.relpath(path, root)).as_posix()
