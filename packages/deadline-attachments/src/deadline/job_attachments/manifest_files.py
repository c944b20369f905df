"""Manifest files on disk: made of a folder's files, or of other manifests.

A manifest file's name ends with the hash of the root it belongs to and the time when it was made; other programs find
the root of a file by that hash.
"""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Callable, Dict, Optional, Sequence

from ._engine.cancel import CancelToken
from ._engine.events import ignore
from ._engine.progress import tracking
from .asset_manifests import BaseAssetManifest, BaseManifestPath, HashAlgorithm, hash_data
from .asset_manifests.decode import decode_manifest
from .asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from .caches import HashCache
from .exceptions import NonValidInputError
from .hashing import hash_files, relative_posix_path
from .models import ManifestMerge, ManifestSnapshot
from .output_manifests import merge_asset_manifests
from .progress_tracker import ProgressReportMetadata, ProgressStatus, ProgressTracker, SummaryStatistics


def snapshot_folder(
    root: str,
    destination: str,
    name: Optional[str],
    files: Sequence[str],
    *,
    against: Optional[str] = None,
    compare_hashes: bool = False,
    on_progress: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    on_summary: Optional[Callable[[SummaryStatistics], None]] = None,
    hash_cache_dir: Optional[str] = None,
) -> Optional[ManifestSnapshot]:
    """Write a manifest of ``files``, which lie below ``root``; ``None`` when there is nothing to write.

    Args:
        root: The asset root.
        destination: The folder for the manifest file.
        name: The beginning of its name; made of the root where it is ``None``.
        files: Absolute paths.
        against: A manifest file: only files that are new or modified since then are taken.
        compare_hashes: Find modified files by their hashes instead of by size and time.
        on_progress: Gets reports of hashing and answers whether to go on.
        on_summary: Gets the numbers of hashing.
        hash_cache_dir: The folder of the hash cache.
    """
    base = Path(os.path.abspath(root))
    before = _entries_of(against) if against else {}
    if before and not compare_hashes:
        files = [path for path in files if _is_new_or_modified(path, base, before)]
    sizes = [os.stat(path).st_size for path in files]
    tracker = ProgressTracker(ProgressStatus.PREPARING_IN_PROGRESS, len(files), sum(sizes), on_progress)
    cancel = CancelToken()
    events = tracking(tracker, cancel) if on_progress is not None or on_summary is not None else ignore
    with HashCache(hash_cache_dir) as cache:
        entries = [
            ManifestPath(path=relative_posix_path(file.path, base), hash=file.hash, size=file.size, mtime=file.mtime_us)
            for file in hash_files(files, HashAlgorithm.XXH128, cache, cancel, events)
        ]
    if on_summary is not None:
        on_summary(tracker.get_summary_statistics())
    if compare_hashes:
        entries = [entry for entry in entries if entry.path not in before or before[entry.path].hash != entry.hash]
    if not entries:
        return None
    manifest = AssetManifest(
        hash_alg=HashAlgorithm.XXH128, paths=entries, total_size=sum(entry.size for entry in entries)
    )
    return ManifestSnapshot(root, write_manifest_file(manifest, root, destination, name))


def merge_manifest_files(
    root: str, manifest_files: Sequence[str], destination: str, name: Optional[str]
) -> Optional[ManifestMerge]:
    """Write one manifest with the files of several, the last one's where they differ; ``None`` for no manifests.

    Raises :class:`NonValidInputError` for a manifest file that does not exist.
    """
    merged = merge_asset_manifests([read_manifest_file(path) for path in manifest_files])
    if merged is None:
        return None
    return ManifestMerge(root, write_manifest_file(merged, root, destination, name))


def read_manifest_file(path: str) -> BaseAssetManifest:
    """A manifest from a file; raises :class:`NonValidInputError` when there is no such file."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise NonValidInputError(f"The manifest file {path} cannot be read: {error.strerror or error}.") from error
    return decode_manifest(text)


def write_manifest_file(manifest: BaseAssetManifest, root: str, destination: str, name: Optional[str]) -> str:
    """Write a manifest under a name of its own, and return the path."""
    beginning = name or re.sub(r"[/\\:]", "_", root).replace("_", "", 1)
    digest = hash_data(root.encode("utf-8"), HashAlgorithm.XXH128)
    made = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")  # noqa: DTZ005 (names carry local time, as users read them)
    folder = Path(destination)
    folder.mkdir(parents=True, exist_ok=True)
    text = manifest.encode()
    number = 0
    while True:
        # Two manifests of one second: the later one gets a number instead of the earlier one's place.
        ending = f"-{number}" if number else ""
        path = folder / f"{beginning}-{digest}-{made}{ending}.manifest"
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            return str(path)
        except FileExistsError:
            number += 1


def _entries_of(path: str) -> Dict[str, BaseManifestPath]:
    return {os.path.normpath(entry.path): entry for entry in read_manifest_file(path).paths}


def _is_new_or_modified(path: str, base: Path, before: Dict[str, BaseManifestPath]) -> bool:
    entry = before.get(os.path.normpath(relative_posix_path(path, base)))
    if entry is None:
        return True
    status = os.stat(path)
    # A file system may round times by a microsecond.
    return status.st_size != entry.size or abs(status.st_mtime_ns // 1000 - entry.mtime) > 1
