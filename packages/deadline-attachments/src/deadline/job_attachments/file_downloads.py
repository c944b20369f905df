"""Bringing files of manifests to this machine: all roots side by side, each file complete and verified, or not there."""

from __future__ import annotations

import logging
import os
import re
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from ._aws.aws_clients import get_boto3_session
from ._engine.bandwidth import Bandwidth
from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Skipped, ignore
from ._engine.progress import tracking
from .asset_manifests import BaseAssetManifest, BaseManifestPath, HashAlgorithm
from .containment import AbsolutePaths
from .download_plan import DownloadPlan, joined, plan_download
from .exceptions import AssetSyncCancelledError
from .long_paths import without_prefix
from .models import FileConflictResolution, JobAttachmentS3Settings
from .object_store import ObjectStore, open_store
from .object_store.boto3_store import Boto3ObjectStore
from .os_file_permission import FileSystemPermissionSettings, access_of, set_permissions
from .progress_tracker import DownloadSummaryStatistics, ProgressReportMetadata, ProgressStatus, ProgressTracker
from .receiving import Receiver

ProgressCallback = Optional[Callable[[ProgressReportMetadata], bool]]
Logger = Union[logging.Logger, "logging.LoggerAdapter[Any]"]

_SESSION_FOLDER = re.compile(r"assetroot-[0-9a-f]{20}")


def download_files_from_manifests(
    s3_bucket: str,
    manifests_by_root: Mapping[str, BaseAssetManifest],
    cas_prefix: Optional[str] = None,
    fs_permission_settings: Optional[FileSystemPermissionSettings] = None,
    session: Any = None,
    on_downloading_files: ProgressCallback = None,
    logger: Optional[Logger] = None,
    conflict_resolution: Optional[FileConflictResolution] = None,
    *,
    absolute_paths_within: Sequence[str] = (),
    max_bandwidth: Optional[float] = None,
) -> DownloadSummaryStatistics:
    """Bring the files of manifests into their roots: each complete and verified, or not there.

    The root ``""`` stands for a manifest whose paths are absolute paths of this machine, as of a caller that has mapped
    them itself. They are used as they are, with what :class:`.containment.AbsolutePaths` refuses.

    Args:
        s3_bucket: The bucket.
        manifests_by_root: Manifests by the local folder that their paths are relative to.
        cas_prefix: The prefix of data objects.
        fs_permission_settings: Who may use what is written; with the root ``""`` the files, and no folders.
        session: A boto3 session with access to the bucket.
        on_downloading_files: Gets reports and answers whether to go on.
        logger: Gets a line of progress now and then.
        conflict_resolution: What to do with files that exist. By default a copy is made beside them, but in a root's
            folder of a worker's session: there a file of that name is an older state of the same file, which tasks must
            not find, and is replaced.
        absolute_paths_within: Folders in which absolute paths have to lie, links resolved; by default they may lie
            anywhere.
        max_bandwidth: The most bytes a second; no limit where left out.

    Raises:
        AssetSyncCancelledError: The callback answered ``False``; files that are in place stay.
        AssetSyncError: S3 failed, or an object or a file could not be used.
        PathOutsideDirectoryError: A manifest names a path outside its root; nothing was written.
        TypeError: The permission settings are those of another operating system; nothing was written.
        ValueError: A root is not absolute.
    """
    absolute = AbsolutePaths([Path(os.path.abspath(folder)) for folder in absolute_paths_within])
    plans = [
        (
            root,
            plan_download(
                Path(root),
                manifest.paths,
                manifest.hashAlg,
                conflict_resolution or _usual_resolution(root),
                absolute.target_of if root == "" else None,
            ),
        )
        for root, manifest in manifests_by_root.items()
    ]
    return download_plans(
        plans, s3_bucket, cas_prefix, session, on_downloading_files, logger, fs_permission_settings, max_bandwidth
    )


def download_plans(
    plans: Sequence[Tuple[str, DownloadPlan]],
    s3_bucket: str,
    cas_prefix: Optional[str],
    session: Any,
    callback: ProgressCallback,
    logger: Optional[Logger] = None,
    permissions: Optional[FileSystemPermissionSettings] = None,
    max_bandwidth: Optional[float] = None,
) -> DownloadSummaryStatistics:
    """Carry out plans, given with the names of their roots; arguments and errors as above."""
    access = access_of(permissions) if permissions is not None else None
    total_files = sum(plan.total_files for _, plan in plans)
    total_bytes = sum(plan.total_bytes for _, plan in plans)
    tracker = ProgressTracker(ProgressStatus.DOWNLOAD_IN_PROGRESS, total_files, total_bytes, callback, logger=logger)
    started = time.perf_counter()
    with open_store(session or get_boto3_session(), s3_bucket) as store:
        placed = _carry_out(plans, store, cas_prefix or "", tracker, max_bandwidth)
    if access is not None:
        for root, files in placed.items():
            set_permissions(files, Path(root) if root else None, access)
    tracker.total_time = time.perf_counter() - started
    statistics: DownloadSummaryStatistics = tracker.get_download_summary_statistics(
        {root: [without_prefix(str(file)) for file in files] for root, files in placed.items()}
    )
    return statistics


def download_files(
    files: List[BaseManifestPath],
    hash_algorithm: HashAlgorithm,
    local_download_dir: str,
    s3_settings: JobAttachmentS3Settings,
    session: Any = None,
    progress_tracker: Optional[ProgressTracker] = None,
    file_conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
) -> List[str]:
    """Bring files of a manifest into a folder; the absolute paths of those that were written.

    Errors as of :func:`download_files_from_manifests`; a tracker whose callback said to stop is a cancellation.
    """
    plan = plan_download(Path(local_download_dir), files, hash_algorithm, file_conflict_resolution)
    with open_store(session or get_boto3_session(), s3_settings.s3BucketName) as store:
        placed = _carry_out([(local_download_dir, plan)], store, s3_settings.full_cas_prefix(), progress_tracker)
    return [without_prefix(str(file)) for file in placed[local_download_dir]]


def download_file(
    file: BaseManifestPath,
    hash_algorithm: HashAlgorithm,
    local_download_dir: str,
    collision_lock: Any,
    collision_file_dict: Any,
    s3_bucket: str,
    cas_prefix: Optional[str],
    s3_client: Any = None,
    session: Any = None,
    modified_time_override: Optional[float] = None,
    progress_tracker: Optional[ProgressTracker] = None,
    file_conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
) -> Tuple[int, Optional[Path]]:
    """Bring one file of a manifest into a folder; for many of them :func:`download_files` is faster.

    ``collision_lock``, ``collision_file_dict`` and ``modified_time_override`` are taken for callers of other versions and
    change nothing: a free name is claimed in the file system itself, so that processes too keep out of each other's way.

    Returns:
        The file's size in bytes, and where it was written; ``None`` for one that was there and stayed.
    """
    plan = plan_download(Path(local_download_dir), [file], hash_algorithm, file_conflict_resolution)
    with _store_of(s3_client, session, s3_bucket) as store:
        placed = _carry_out([(local_download_dir, plan)], store, cas_prefix or "", progress_tracker)
    files = placed[local_download_dir]
    return file.size, Path(without_prefix(str(files[0]))) if files else None


def _store_of(client: Any, session: Any, bucket: str) -> ObjectStore:
    if client is not None:
        return Boto3ObjectStore(client, bucket)
    return open_store(session or get_boto3_session(), bucket)


def _usual_resolution(root: str) -> FileConflictResolution:
    if _SESSION_FOLDER.fullmatch(os.path.basename(root.rstrip("/\\"))):
        return FileConflictResolution.OVERWRITE
    return FileConflictResolution.CREATE_COPY


def _carry_out(
    plans: Sequence[Tuple[str, DownloadPlan]],
    store: ObjectStore,
    cas_prefix: str,
    tracker: Optional[ProgressTracker],
    max_bandwidth: Optional[float] = None,
) -> Dict[str, List[Path]]:
    """Fetch what plans name; the files that were written, by root."""
    cancel = CancelToken()
    events = tracking(tracker, cancel) if tracker is not None else ignore
    bandwidth = Bandwidth(max_bandwidth) if max_bandwidth else None
    placed: Dict[str, List[Path]] = {root: [] for root, _ in plans}
    by_algorithm: Dict[HashAlgorithm, List[DownloadPlan]] = {}
    root_of_folder: Dict[str, str] = {}
    for root, plan in plans:
        by_algorithm.setdefault(plan.hash_algorithm, []).append(plan)
        for content in plan.contents:
            root_of_folder.update((os.path.dirname(target.path), root) for target in content.targets)
    try:
        for algorithm, group in by_algorithm.items():
            for file in _receive(group, store, cas_prefix, algorithm, cancel, events, bandwidth):
                placed[root_of_folder[os.path.dirname(file)]].append(file)
    except AssetSyncCancelledError as error:
        if tracker is None:
            raise
        raise AssetSyncCancelledError(
            f"The download was canceled after {tracker.processed_files} of {tracker.total_files} files.",
            tracker.get_summary_statistics(),
        ) from error
    return placed


def _receive(
    plans: Sequence[DownloadPlan],
    store: ObjectStore,
    cas_prefix: str,
    algorithm: HashAlgorithm,
    cancel: CancelToken,
    events: EventSink,
    bandwidth: Optional[Bandwidth],
) -> Iterable[Path]:
    for plan in plans:
        for entry in plan.skipped:
            events(Skipped(os.path.join(plan.root, entry.path), entry.size))
    contents, dropped = joined(plans)
    for content in dropped:
        events(Skipped(str(content.targets[0].path), content.size))
    return Receiver(store, cas_prefix, algorithm, cancel, events, bandwidth=bandwidth).receive(contents)
