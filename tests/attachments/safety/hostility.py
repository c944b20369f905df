"""What the tests of hostile manifests share: manifests, and a bucket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, List

from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.download_plan import plan_download
from deadline.job_attachments.models import FileConflictResolution
from deadline.job_attachments.object_store.memory_store import MemoryObjectStore
from deadline.job_attachments.receiving import Receiver

from .conftest import DATA, key_of

CONTENT = b"hello\n"
FINE = {"path": "fine", "hash": "6bba86c7e069f56d5a10b435f1c8e49c", "size": 6, "mtime": 1_700_000_000_000_000}
RESOLUTIONS = [FileConflictResolution.SKIP, FileConflictResolution.OVERWRITE, FileConflictResolution.CREATE_COPY]


def document_of(*entries: Any, **members: Any) -> str:
    manifest = {"hashAlg": "xxh128", "manifestVersion": "2023-03-03", "paths": list(entries), "totalSize": 6}
    return json.dumps({**manifest, **members})


def bucket(*contents: bytes) -> MemoryObjectStore:
    store = MemoryObjectStore()
    for content in (CONTENT, *contents):
        store.put(key_of(content), content)
    return store


def fetch(
    text: str, root: Path, store: MemoryObjectStore, resolution: FileConflictResolution = FileConflictResolution.SKIP
) -> List[Path]:
    """What a download does with a manifest, from its text to its files."""
    manifest = decode_manifest(text)
    plan = plan_download(root, manifest.paths, manifest.hashAlg, resolution)
    return list(Receiver(store, DATA, manifest.hashAlg, CancelToken()).receive(plan.contents))
