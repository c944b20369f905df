"""The hashes of files that were read before.

The table ``hashesV4`` belongs to other versions of the client, which take an entry for valid when the file's
modification time, as text in local time, is the stored one. That is not enough: a file replaced by another of the same
time would keep its hash, and a change of the time zone makes every entry stale. So another table of the same file,
``file_identities``, holds what the file looked like when its hash was taken: size, modification time in nanoseconds, and
inode. An entry is used only when all of them are as before. The other table is neither trusted nor written, but by
:meth:`HashCache.put_entry`: each row in it would cost as much as a row of one's own.

A file that was written just before it was hashed may be written again within the same tick of the file system's clock,
with the same size, and look unchanged. So a hash is kept only when the file's time lies further back than any file
system's tick is long; the file is read once more the next time.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Any, Dict, Iterable, Iterator, List, Optional, Tuple

from ..asset_manifests.hash_algorithms import HashAlgorithm
from .cache_db import CacheDB

WHOLE_FILE_RANGE_END = -1
SETTLED_NS = 2_000_000_000
"""Nanoseconds that a file has to be left alone: FAT, the coarsest file system, counts in steps of two seconds."""
_LOOKUP = 500
"""Paths asked about in one query; SQLite bounds the number of placeholders."""

_IDENTITIES = """
CREATE TABLE IF NOT EXISTS file_identities (
    file_path blob, hash_algorithm text, file_hash text, size integer, mtime_ns integer, inode integer,
    PRIMARY KEY (file_path, hash_algorithm)
) WITHOUT ROWID"""


@dataclass
class HashCacheEntry:
    """The hash of a file, or of a range of its bytes; ``last_modified_time`` is local time as text."""

    file_path: str
    hash_algorithm: HashAlgorithm
    file_hash: str
    last_modified_time: str
    range_start: int = 0
    range_end: int = WHOLE_FILE_RANGE_END

    def __post_init__(self) -> None:
        if self.range_end != WHOLE_FILE_RANGE_END and self.range_end <= self.range_start:
            raise ValueError(f"The range {self.range_start} to {self.range_end} has no bytes.")

    def is_whole_file(self) -> bool:
        """Whether the hash is of all bytes."""
        return self.range_start == 0 and self.range_end == WHOLE_FILE_RANGE_END

    def to_dict(self) -> Dict[str, Any]:
        """The members as they stand in the table."""
        return {
            "file_path": self.file_path,
            "hash_algorithm": self.hash_algorithm.value,
            "range_start": self.range_start,
            "range_end": self.range_end,
            "file_hash": self.file_hash,
            "last_modified_time": self.last_modified_time,
        }


class HashCache(CacheDB):
    """Remembers hashes of files by their resolved paths."""

    CACHE_NAME = "hash_cache"
    CACHE_DB_VERSION = 4

    def __init__(self, cache_dir: Optional[str] = None) -> None:
        table = f"hashesV{self.CACHE_DB_VERSION}"
        super().__init__(
            self.CACHE_NAME,
            table,
            f"CREATE TABLE {table}(file_path blob, hash_algorithm text, range_start integer, range_end integer, "
            "file_hash text, last_modified_time timestamp, "
            "PRIMARY KEY (file_path, hash_algorithm, range_start, range_end))",
            cache_dir,
        )

    def create_tables(self) -> None:
        super().create_tables()
        self.get_local_connection().execute(_IDENTITIES)

    def known_hashes(
        self, files: Iterable[Tuple[str, os.stat_result]], hash_algorithm: HashAlgorithm
    ) -> Dict[str, str]:
        """The hashes of those files that are as they were when they were hashed, by path."""
        known: Dict[str, str] = {}
        for batch in _batches(files, _LOOKUP):
            wanted = {_blob(path): (path, status) for path, status in batch}
            marks = ",".join("?" * len(wanted))
            rows = self.query(
                f"SELECT file_path, file_hash, size, mtime_ns, inode FROM file_identities "
                f"WHERE hash_algorithm = ? AND file_path IN ({marks})",
                [hash_algorithm.value, *wanted],
            )
            for blob, file_hash, size, mtime_ns, inode in rows:
                path, status = wanted[bytes(blob)]
                if (size, mtime_ns, inode) == (status.st_size, status.st_mtime_ns, _signed(status.st_ino)):
                    known[path] = file_hash
        return known

    def remember(self, files: Iterable[Tuple[str, os.stat_result, str]], hash_algorithm: HashAlgorithm) -> None:
        """Keep the hashes of files that had the given status when they were read; not of files written just now."""
        identities = []
        settled = time.time_ns() - SETTLED_NS
        for path, status, file_hash in files:
            if status.st_mtime_ns > settled:
                continue
            identity = (status.st_size, status.st_mtime_ns, _signed(status.st_ino))
            identities.append((_blob(path), hash_algorithm.value, file_hash, *identity))
        self.write("INSERT OR REPLACE INTO file_identities VALUES (?, ?, ?, ?, ?, ?)", identities)

    def get_entry(
        self,
        file_path_key: str,
        hash_algorithm: HashAlgorithm,
        range_start: int = 0,
        range_end: int = WHOLE_FILE_RANGE_END,
    ) -> Optional[HashCacheEntry]:
        """The entry of a file or range, or ``None``; whether it is still valid is for the caller to say."""
        rows = self.query(
            f"SELECT file_hash, last_modified_time FROM {self.table_name} "
            "WHERE file_path = ? AND hash_algorithm = ? AND range_start = ? AND range_end = ?",
            [_blob(file_path_key), hash_algorithm.value, range_start, range_end],
        )
        if not rows:
            return None
        return HashCacheEntry(file_path_key, hash_algorithm, rows[0][0], str(rows[0][1]), range_start, range_end)

    def get_connection_entry(
        self,
        file_path_key: str,
        hash_algorithm: HashAlgorithm,
        connection: Any,
        range_start: int = 0,
        range_end: int = WHOLE_FILE_RANGE_END,
    ) -> Optional[HashCacheEntry]:
        """As :meth:`get_entry`; every thread may use the cache's own connection."""
        return self.get_entry(file_path_key, hash_algorithm, range_start, range_end)

    def put_entry(self, entry: HashCacheEntry) -> None:
        """Keep an entry; it carries no identity of the file, so this version does not trust it later."""
        self.write(
            f"INSERT OR REPLACE INTO {self.table_name} VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    _blob(entry.file_path),
                    entry.hash_algorithm.value,
                    entry.range_start,
                    entry.range_end,
                    entry.file_hash,
                    entry.last_modified_time,
                )
            ],
        )


def _blob(path: str) -> bytes:
    return path.encode("utf-8", errors="surrogatepass")


def _signed(inode: int) -> int:
    # Windows has file ids above what SQLite's signed integers hold.
    return inode - (1 << 64) if inode >= 1 << 63 else inode


def _batches(items: Iterable[Any], size: int) -> Iterator[List[Any]]:
    batch: List[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
