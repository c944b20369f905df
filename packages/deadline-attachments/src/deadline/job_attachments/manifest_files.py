"""Manifest files on disk: made of a folder's files, or of other manifests.

A manifest file's name ends with the hash of the root it belongs to and the time when it was made; other programs find
the root of a file by that hash. By it, too, a root's manifest files that lie within the root are told from its files.
"""

from __future__ import annotations

import contextlib
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Callable, List, Optional, Sequence

from ._engine.cancel import CancelToken
from ._engine.progress import tracking
from .asset_manifests import BaseAssetManifest, BaseManifestPath, HashAlgorithm, hash_data
from .asset_manifests.decode import decode_manifest
from .asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from .caches import HashCache
from .comparison import compare_hashes, compare_status
from .exceptions import AssetSyncCancelledError, JobAttachmentsError, ManifestDecodeValidationError, NonValidInputError
from .hashing import RelativePaths, hash_files
from .models import ManifestDiff, ManifestMerge, ManifestSnapshot
from .output_manifests import merge_asset_manifests
from .progress_tracker import ProgressReportMetadata, ProgressStatus, ProgressTracker, SummaryStatistics

LONGEST_BEGINNING = 160
"""Bytes of a name that a root gives; with the hash, the time and a number file systems take no more than 255."""
_ENDING = re.compile(r"-(?P<digest>[0-9a-f]{32})-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d+)?\.manifest")


def snapshot_folder(
    root: str,
    destination: str,
    name: Optional[str],
    files: Sequence[str],
    *,
    against: Optional[str] = None,
    rehash: bool = False,
    on_progress: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    on_summary: Optional[Callable[[SummaryStatistics], None]] = None,
    hash_cache_dir: Optional[str] = None,
) -> Optional[ManifestSnapshot]:
    """Write a manifest of ``files``, which lie below ``root``; ``None`` when there is nothing to write.

    Args:
        root: The asset root.
        destination: The folder for the manifest file.
        name: The beginning of its name; made of the root where it is empty.
        files: Absolute paths.
        against: A manifest file: only files that are new or modified since then are taken.
        rehash: Find modified files by hashing all of them, instead of by size and time.
        on_progress: Gets reports of hashing and answers whether to go on.
        on_summary: Gets the numbers of hashing.
        hash_cache_dir: The folder of the hash cache, which ``rehash`` does not use.

    Raises:
        NonValidInputError: The manifest file ``against`` cannot be read.
        MisconfiguredInputsError: A file vanished or cannot be read.
        AssetSyncCancelledError: ``on_progress`` answered ``False``.
    """
    base = Path(os.path.abspath(root))
    files = without_manifests_of(root, files)
    before = read_manifest_file(against).paths if against else []
    if against and not rehash:
        difference = compare_status(base, files, before)
        files = [os.path.join(base, path) for path in (*difference.new, *difference.modified)]
    entries = _hashed(base, files, hash_cache_dir, not rehash, on_progress, on_summary)
    if against and rehash:
        difference = compare_hashes(entries, before)
        changed = {*difference.new, *difference.modified}
        entries = [entry for entry in entries if entry.path in changed]
    if not entries:
        return None
    return ManifestSnapshot(root, write_manifest_file(_manifest_of(entries), root, destination, name))


def manifest_of_files(
    root: str,
    files: Sequence[str],
    *,
    on_progress: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    on_summary: Optional[Callable[[SummaryStatistics], None]] = None,
    hash_cache_dir: Optional[str] = None,
) -> Optional[BaseAssetManifest]:
    """A manifest of ``files``, relative to ``root``; ``None`` for no files. Arguments and errors as of the snapshot.

    Raises :class:`NonValidInputError` for a file that is not below the root.
    """
    base = os.path.abspath(root)
    paths = [os.path.abspath(path) for path in files]
    for path in paths:
        if not path.startswith(os.path.join(base, "")):
            raise NonValidInputError(f"The file {path} is not below the root {base}.")
    entries = _hashed(Path(base), paths, hash_cache_dir, True, on_progress, on_summary)
    return _manifest_of(entries) if entries else None


def compare_folder(
    root: str,
    files: Sequence[str],
    manifest_file: str,
    *,
    rehash: bool = False,
    on_progress: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    hash_cache_dir: Optional[str] = None,
) -> ManifestDiff:
    """What became of the files of a manifest, and which came anew; arguments and errors as of the snapshot."""
    base = Path(os.path.abspath(root))
    files = without_manifests_of(root, files)
    before = read_manifest_file(manifest_file).paths
    if not rehash:
        return compare_status(base, files, before)
    return compare_hashes(_hashed(base, files, hash_cache_dir, False, on_progress, None), before)


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
    """A manifest from a file.

    Raises :class:`NonValidInputError` when there is no such file, and :class:`ManifestDecodeValidationError` when it is
    no manifest.
    """
    try:
        return decode_manifest(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise NonValidInputError(
            f"The manifest file {path} cannot be read: {error.strerror or error}. Check its path, and that your user may "
            "read it."
        ) from error
    except (ValueError, ManifestDecodeValidationError) as error:
        raise ManifestDecodeValidationError(f"The file {path} is no manifest: {error}") from error


def write_manifest_file(manifest: BaseAssetManifest, root: str, destination: str, name: Optional[str]) -> str:
    """Write a manifest under a name of its own, and return the path."""
    beginning = name or _shortened(re.sub(r"^_", "", re.sub(r"[/\\:]", "_", root)))
    made = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")  # noqa: DTZ005 (names carry local time, as users read them)
    folder = Path(destination)
    text = manifest.encode()
    number = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            # Two manifests of one second: the later one gets a number instead of the earlier one's place.
            ending = f"-{number}" if number else ""
            path = folder / f"{beginning}-{_digest(root)}-{made}{ending}.manifest"
            try:
                _write_new(path, text)
                return str(path)
            except FileExistsError:
                number += 1
    except OSError as error:
        raise JobAttachmentsError(
            f"No manifest could be written to {destination}: {error.strerror or error}. Choose another folder."
        ) from error


def _shortened(name: str) -> str:
    """The name, or of a long one as much of its end as the name of a file has room for: it tells most."""
    encoded = os.fsencode(name)
    return name if len(encoded) <= LONGEST_BEGINNING else encoded[-LONGEST_BEGINNING:].decode("utf-8", "ignore")


def _write_new(path: Path, text: str) -> None:
    """Write a file that must not exist; on an error there is none."""
    with path.open("x", encoding="utf-8", newline="") as file:
        try:
            file.write(text)
            file.flush()
        except OSError:
            path.unlink()
            raise


def _manifest_of(entries: List[BaseManifestPath]) -> AssetManifest:
    return AssetManifest(
        hash_alg=HashAlgorithm.XXH128, paths=entries, total_size=sum([entry.size for entry in entries])
    )


def _hashed(
    base: Path,
    files: Sequence[str],
    hash_cache_dir: Optional[str],
    use_cache: bool,
    on_progress: Optional[Callable[[ProgressReportMetadata], bool]],
    on_summary: Optional[Callable[[SummaryStatistics], None]],
) -> List[BaseManifestPath]:
    # Only who watches needs to know beforehand how much there is.
    total = _total_size(files) if on_progress is not None else 0
    tracker = ProgressTracker(ProgressStatus.PREPARING_IN_PROGRESS, len(files), total, on_progress)
    cancel = CancelToken()
    with HashCache(hash_cache_dir) as cache:
        hashed = hash_files(
            files, HashAlgorithm.XXH128, cache if use_cache else None, cancel, tracking(tracker, cancel)
        )
        relative = RelativePaths(base)
        try:
            entries: List[BaseManifestPath] = [
                ManifestPath(path=relative(file.path), hash=file.hash, size=file.size, mtime=file.mtime_us)
                for file in hashed
            ]
        except AssetSyncCancelledError as error:
            raise AssetSyncCancelledError("Hashing was canceled.", tracker.get_summary_statistics()) from error
    tracker.set_total_files(len(files), sum([entry.size for entry in entries]))
    if on_summary is not None:
        on_summary(tracker.get_summary_statistics())
    return entries


def _total_size(files: Sequence[str]) -> int:
    """The bytes of files; of one that cannot be looked at hashing will tell."""
    total = 0
    for path in files:
        with contextlib.suppress(OSError):
            total += os.stat(path).st_size
    return total


def without_manifests_of(root: str, files: Sequence[str]) -> List[str]:
    """The files but for manifest files of this root, which were written here because it is the default place."""
    digests = {_digest(root), _digest(os.path.abspath(root))}
    return [path for path in files if not _is_manifest_of(digests, path)]


def _is_manifest_of(digests: set[str], path: str) -> bool:
    if not path.endswith(".manifest"):
        return False
    ending = _ENDING.search(os.path.basename(path))
    return ending is not None and ending["digest"] in digests


def _digest(root: str) -> str:
    return hash_data(root.encode("utf-8", errors="surrogateescape"), HashAlgorithm.XXH128)
