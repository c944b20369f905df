"""Bringing files with absolute paths into place: each complete and verified, or not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from .._s3_settings import JobAttachmentS3Settings
from ..asset_manifests import BaseManifestPath, HashAlgorithm
from ..asset_manifests.v2023_03_03 import ManifestPath
from ..containment import AbsolutePaths
from ..download_plan import DownloadPlan, plan_download
from ..exceptions import PathOutsideDirectoryError
from ..file_downloads import download_plans
from ..models import FileConflictResolution
from ..progress_tracker import DownloadSummaryStatistics, ProgressReportMetadata
from .local_paths import LocalManifestPath


def download_manifest_paths(
    manifest_paths_to_download: Sequence[BaseManifestPath],
    hash_algorithm: HashAlgorithm,
    queue: Mapping[str, Any],
    boto3_session_for_s3: Any,
    file_conflict_resolution: FileConflictResolution,
    on_downloading_files: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    print_function_callback: Optional[Callable[[Any], None]] = None,
    *,
    max_bandwidth: Optional[float] = None,
) -> DownloadSummaryStatistics:
    """Bring files of manifests to their absolute paths.

    Args:
        manifest_paths_to_download: Files as of :mod:`.manifests`, which stay within their folders; others by absolute
            paths.
        hash_algorithm: Of their hashes.
        queue: The queue, as of GetQueue.
        boto3_session_for_s3: A session with access to the queue's bucket.
        file_conflict_resolution: What to do with files that exist.
        on_downloading_files: Gets reports and answers whether to go on.
        print_function_callback: Of no use; there is nothing to say that the reports do not.
        max_bandwidth: The most bytes a second; no limit where left out.

    Raises:
        AssetSyncCancelledError: The callback answered ``False``; files that are in place stay.
        AssetSyncError: S3 failed, or an object or a file could not be used.
        PathOutsideDirectoryError: A file would leave its folder; nothing was written.
        ValueError: The conflict resolution is none.
    """
    settings = JobAttachmentS3Settings(**queue["jobAttachmentSettings"])
    plans = _plans(manifest_paths_to_download, hash_algorithm, file_conflict_resolution)
    return download_plans(
        plans,
        settings.s3BucketName,
        settings.full_cas_prefix(),
        boto3_session_for_s3,
        on_downloading_files,
        max_bandwidth=max_bandwidth,
    )


def _plans(
    entries: Sequence[BaseManifestPath], hash_algorithm: HashAlgorithm, conflict_resolution: FileConflictResolution
) -> List[Tuple[str, DownloadPlan]]:
    """A plan for each folder, and one with the folder ``""`` for files of which none is known."""
    by_folder: Dict[str, List[BaseManifestPath]] = {}
    for entry in entries:
        if isinstance(entry, LocalManifestPath):
            by_folder.setdefault(entry.folder, []).append(_relative(entry))
        else:
            by_folder.setdefault("", []).append(entry)
    return [
        (
            folder,
            plan_download(
                Path(folder),
                of_folder,
                hash_algorithm,
                conflict_resolution,
                None if folder else AbsolutePaths().target_of,
            ),
        )
        for folder, of_folder in by_folder.items()
    ]


def _relative(entry: LocalManifestPath) -> ManifestPath:
    try:
        path = Path(entry.path).relative_to(entry.folder).as_posix()
    except ValueError:
        raise PathOutsideDirectoryError(f"{entry.path} does not lie in {entry.folder}. Nothing was written.") from None
    return ManifestPath(path=path, hash=entry.hash, size=entry.size, mtime=entry.mtime)
