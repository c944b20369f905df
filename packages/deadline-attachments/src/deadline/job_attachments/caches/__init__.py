"""What this machine remembers between runs: hashes of files, objects seen in S3, and uploads that were not finished."""

from __future__ import annotations

from .cache_db import COMPONENT_NAME, CONFIG_ROOT, CacheDB
from .hash_cache import WHOLE_FILE_RANGE_END, HashCache, HashCacheEntry
from .s3_check_cache import S3CheckCache, S3CheckCacheEntry
from .upload_journal import UploadJournal

__all__ = [
    "COMPONENT_NAME",
    "CONFIG_ROOT",
    "WHOLE_FILE_RANGE_END",
    "CacheDB",
    "HashCache",
    "HashCacheEntry",
    "S3CheckCache",
    "S3CheckCacheEntry",
    "UploadJournal",
]
