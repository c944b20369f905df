"""Which objects were seen in S3, and when.

An entry holds for thirty days, because buckets often expire objects; only objects that were proven to be there are
entered. The table ``s3checkV1`` is shared with other versions of the client.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Optional, Sequence, Set

from .cache_db import CacheDB

_LOOKUP = 500
_SECONDS_PER_DAY = 86400


@dataclass
class S3CheckCacheEntry:
    """An object, as ``{bucket}/{key}``, and the Unix time at which it was seen, as text."""

    s3_key: str
    last_seen_time: str

    def to_dict(self) -> Dict[str, Any]:
        """The members as they stand in the table."""
        return {"s3_key": self.s3_key, "last_seen_time": self.last_seen_time}


class S3CheckCache(CacheDB):
    """Remembers objects that were seen in S3."""

    CACHE_NAME = "s3_check_cache"
    CACHE_DB_VERSION = 1
    ENTRY_EXPIRY_DAYS = 30

    def __init__(self, cache_dir: Optional[str] = None) -> None:
        table = f"s3checkV{self.CACHE_DB_VERSION}"
        super().__init__(
            self.CACHE_NAME,
            table,
            f"CREATE TABLE {table}(s3_key text primary key, last_seen_time timestamp)",
            cache_dir,
        )

    def seen(self, s3_keys: Sequence[str]) -> Set[str]:
        """Those of the objects that were seen lately enough."""
        oldest = time.time() - self.ENTRY_EXPIRY_DAYS * _SECONDS_PER_DAY
        found: Set[str] = set()
        for start in range(0, len(s3_keys), _LOOKUP):
            batch: List[str] = list(s3_keys[start : start + _LOOKUP])
            marks = ",".join("?" * len(batch))
            rows = self.query(
                f"SELECT s3_key FROM {self.table_name} WHERE CAST(last_seen_time AS REAL) > ? AND s3_key IN ({marks})",
                [oldest, *batch],
            )
            found.update(key for (key,) in rows)
        return found

    def remember(self, s3_keys: Iterable[str]) -> None:
        """Keep that the objects were seen now."""
        now = str(time.time())
        self.write(f"INSERT OR REPLACE INTO {self.table_name} VALUES (?, ?)", [(key, now) for key in s3_keys])

    def forget(self, s3_keys: Iterable[str]) -> None:
        """Remove objects that turned out not to be there."""
        self.write(
            f"DELETE FROM {self.table_name} WHERE s3_key = ?",
            [(key,) for key in s3_keys],
        )

    def get_entry(self, s3_key: str) -> Optional[S3CheckCacheEntry]:
        """The entry of an object that was seen lately enough, or ``None``."""
        if s3_key not in self.seen([s3_key]):
            return None
        rows = self.query(
            f"SELECT last_seen_time FROM {self.table_name} WHERE s3_key = ?",
            [s3_key],
        )
        return S3CheckCacheEntry(s3_key, str(rows[0][0])) if rows else None

    def get_connection_entry(self, s3_key: str, connection: Any) -> Optional[S3CheckCacheEntry]:
        """As :meth:`get_entry`; every thread may use the cache's own connection."""
        return self.get_entry(s3_key)

    def put_entry(self, entry: S3CheckCacheEntry) -> None:
        """Keep an entry as it is."""
        self.write(f"INSERT OR REPLACE INTO {self.table_name} VALUES (?, ?)", [(entry.s3_key, entry.last_seen_time)])
