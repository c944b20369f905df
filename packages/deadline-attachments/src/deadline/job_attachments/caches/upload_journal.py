"""Which uploads were begun and not finished, so that the next run goes on where this one stopped.

For a large file that travels in parts: the upload's id, and for each part that S3 has accepted its tag and the hash of its
bytes. A part is not sent again when the file still has the same bytes there and S3 still has the part with that tag.
Entries that nobody came back for are dropped after a week, and so are the parts in S3.

For small files one entry a run is enough: it says that objects may be there which no cache tells of.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Dict, List, Optional, Tuple

from ..processes import this_process
from .cache_db import CacheDB

KEPT_SECONDS = 7 * 24 * 3600
_UPLOAD = 0
"""In place of a part's number: the entry of the upload itself."""


@dataclass(frozen=True)
class SentPart:
    """A part that S3 has: the hash of its bytes, and the tag that S3 gave it."""

    hash: str
    tag: str


@dataclass(frozen=True)
class UnfinishedUpload:
    """An upload that was begun; parts by their numbers, from 1; ``process`` as of :mod:`..processes`."""

    upload_id: str
    part_size: int
    process: str
    parts: Dict[int, SentPart] = field(default_factory=dict)


class UploadJournal(CacheDB):
    """Remembers unfinished uploads; objects are named as ``{bucket}/{key}``."""

    CACHE_NAME = "upload_journal"

    def __init__(self, cache_dir: Optional[str] = None) -> None:
        super().__init__(
            self.CACHE_NAME,
            "uploadsV1",
            "CREATE TABLE uploadsV1(s3_key text, number integer, upload_id text, part_size integer, part_hash text, "
            "tag text, noted real, PRIMARY KEY (s3_key, number)) WITHOUT ROWID",
            cache_dir,
        )

    def unfinished(self, s3_key: str) -> Optional[UnfinishedUpload]:
        """The upload of an object that was begun, if one was."""
        rows = self.query(
            "SELECT number, upload_id, part_size, part_hash, tag FROM uploadsV1 WHERE s3_key = ? ORDER BY number",
            [s3_key],
        )
        if not rows or rows[0][0] != _UPLOAD:
            return None
        _, upload_id, part_size, _, process = rows[0]
        parts = {
            number: SentPart(part_hash, tag) for number, owner, _, part_hash, tag in rows[1:] if owner == upload_id
        }
        return UnfinishedUpload(upload_id, part_size, process, parts)

    def begin(self, s3_key: str, upload_id: str, part_size: int) -> None:
        """An upload begins, or is gone on with by this process."""
        if not self.query("SELECT 1 FROM uploadsV1 WHERE s3_key = ? AND upload_id = ?", [s3_key, upload_id]):
            self.forget(s3_key)
        self._note(s3_key, _UPLOAD, upload_id, part_size, "", this_process())

    def sent(self, s3_key: str, upload_id: str, number: int, part: SentPart) -> None:
        """S3 has a part."""
        self._note(s3_key, number, upload_id, 0, part.hash, part.tag)

    def forget(self, s3_key: str) -> None:
        """An upload has ended."""
        self.write("DELETE FROM uploadsV1 WHERE s3_key = ?", [(s3_key,)])
        self.flush()

    def abandoned(self, prefix: str) -> List[Tuple[str, str]]:
        """The objects below ``prefix`` whose uploads nobody came back for, with the uploads' ids."""
        rows = self.query(
            "SELECT s3_key, upload_id FROM uploadsV1 WHERE number = ? AND upload_id <> '' GROUP BY s3_key "
            "HAVING max(noted) < ?",
            [_UPLOAD, time.time() - KEPT_SECONDS],
        )
        return [(s3_key, upload_id) for s3_key, upload_id in rows if s3_key.startswith(prefix)]

    def begin_run(self, prefix: str) -> bool:
        """A run begins to send objects below ``prefix``; whether an earlier one did not come to its end."""
        interrupted = bool(self.query("SELECT 1 FROM uploadsV1 WHERE s3_key = ?", [prefix]))
        self._note(prefix, _UPLOAD, "", 0, "", "")
        return interrupted

    def end_run(self, prefix: str) -> None:
        """All that the run was to send is in S3."""
        self.forget(prefix)

    def _note(self, s3_key: str, number: int, upload_id: str, part_size: int, part_hash: str, tag: str) -> None:
        row = (s3_key, number, upload_id, part_size, part_hash, tag, time.time())
        self.write("INSERT OR REPLACE INTO uploadsV1 VALUES (?, ?, ?, ?, ?, ?, ?)", [row])
        # At once: what is not noted when the process is killed is sent again.
        self.flush()
