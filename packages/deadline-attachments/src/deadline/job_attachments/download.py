"""Downloading the files of a job: its inputs, and what its tasks wrote."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple

from ._aws.aws_clients import get_boto3_session
from ._engine.cancel import CancelToken
from ._engine.events import Skipped
from ._engine.progress import tracking
from .asset_manifests import BaseAssetManifest, BaseManifestPath, HashAlgorithm
from .download_plan import DownloadPlan, plan_download
from .exceptions import AssetSyncCancelledError
from .models import Attachments, FileConflictResolution, JobAttachmentS3Settings, ManifestPathGroup
from .object_store import open_store
from .os_file_permission import FileSystemPermissionSettings, give_to_group
from .output_manifests import find_output_manifests, merge_asset_manifests, read_manifest
from .path_filters import filter_manifests, matches
from .progress_tracker import DownloadSummaryStatistics, ProgressReportMetadata, ProgressStatus, ProgressTracker
from .receiving import Receiver

__all__ = [
    "S3_DOWNLOAD_MAX_CONCURRENCY",
    "InputDownloader",
    "OutputDownloader",
    "download_files_from_manifests",
    "filter_manifests",
    "get_asset_root_and_manifest_from_s3",
    "get_job_input_paths_by_asset_root",
    "get_job_output_paths_by_asset_root",
    "get_manifest_from_s3",
    "get_output_manifests_by_asset_root",
    "merge_asset_manifests",
]

S3_DOWNLOAD_MAX_CONCURRENCY = 10

ProgressCallback = Optional[Callable[[ProgressReportMetadata], bool]]
_Files = Tuple[HashAlgorithm, List[BaseManifestPath]]


def get_manifest_from_s3(manifest_key: str, s3_bucket: str, session: Any = None) -> BaseAssetManifest:
    """Read a manifest; ``manifest_key`` is its full key. Raises :class:`AssetSyncError` when that fails."""
    return get_asset_root_and_manifest_from_s3(manifest_key, s3_bucket, session)[1]


def get_asset_root_and_manifest_from_s3(
    manifest_key: str, s3_bucket: str, session: Any = None
) -> Tuple[Optional[str], BaseAssetManifest]:
    """Read a manifest, and the asset root that its metadata names."""
    with open_store(session or get_boto3_session(), s3_bucket) as store:
        found = read_manifest(store, manifest_key)
    return found.asset_root, found.manifest


def get_output_manifests_by_asset_root(
    s3_settings: JobAttachmentS3Settings,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    task_id: Optional[str] = None,
    session_action_id: Optional[str] = None,
    session: Any = None,
) -> Dict[str, List[BaseAssetManifest]]:
    """What a job, step, task or session action wrote, merged into one manifest for each asset root.

    With a session action the manifests come as they are. Errors as of :func:`.output_manifests.find_output_manifests`.
    """
    with open_store(session or get_boto3_session(), s3_settings.s3BucketName) as store:
        found = find_output_manifests(
            store, s3_settings, farm_id, queue_id, job_id, step_id, task_id, session_action_id
        )
    manifests = {root: [entry.manifest for entry in entries] for root, entries in found.items()}
    if session_action_id:
        return manifests
    merged = {root: merge_asset_manifests(entries) for root, entries in manifests.items()}
    return {root: [manifest] for root, manifest in merged.items() if manifest is not None}


def get_job_output_paths_by_asset_root(
    s3_settings: JobAttachmentS3Settings,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    task_id: Optional[str] = None,
    session_action_id: Optional[str] = None,
    session: Any = None,
) -> Dict[str, ManifestPathGroup]:
    """The files of :func:`get_output_manifests_by_asset_root`, by asset root."""
    return _groups(
        get_output_manifests_by_asset_root(
            s3_settings, farm_id, queue_id, job_id, step_id, task_id, session_action_id, session
        )
    )


def get_job_input_paths_by_asset_root(
    s3_settings: JobAttachmentS3Settings, attachments: Attachments, session: Any = None
) -> Dict[str, ManifestPathGroup]:
    """The input files of a job, by asset root."""
    manifests: Dict[str, List[BaseAssetManifest]] = {}
    with open_store(session or get_boto3_session(), s3_settings.s3BucketName) as store:
        for properties in attachments.manifests:
            if properties.inputManifestPath:
                key = s3_settings.add_root_and_manifest_folder_prefix(properties.inputManifestPath)
                manifests.setdefault(properties.rootPath, []).append(read_manifest(store, key).manifest)
    return _groups(manifests)


def download_files_from_manifests(
    s3_bucket: str,
    manifests_by_root: Mapping[str, BaseAssetManifest],
    cas_prefix: Optional[str] = None,
    fs_permission_settings: Optional[FileSystemPermissionSettings] = None,
    session: Any = None,
    on_downloading_files: ProgressCallback = None,
    logger: Optional[logging.Logger | logging.LoggerAdapter[Any]] = None,
    conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
) -> DownloadSummaryStatistics:
    """Bring the files of manifests into their roots: each complete and verified, or not there.

    Args:
        s3_bucket: The bucket.
        manifests_by_root: Manifests by the local folder that their paths are relative to.
        cas_prefix: The prefix of data objects.
        fs_permission_settings: Group and modes for what is written.
        session: A boto3 session with access to the bucket.
        on_downloading_files: Gets reports and answers whether to go on.
        logger: Gets a line of progress now and then.
        conflict_resolution: What to do with files that exist.

    Raises:
        AssetSyncCancelledError: The callback answered ``False``; files that are in place stay.
        AssetSyncError: S3 failed, or an object or a file could not be used.
        PathOutsideDirectoryError: A manifest names a path outside its root; nothing was written.
    """
    plans = [
        plan_download(Path(root), manifest.paths, manifest.hashAlg, conflict_resolution)
        for root, manifest in manifests_by_root.items()
    ]
    return _carry_out(plans, s3_bucket, cas_prefix, session, on_downloading_files, logger, fs_permission_settings)


def _carry_out(
    plans: List[DownloadPlan],
    s3_bucket: str,
    cas_prefix: Optional[str],
    session: Any,
    callback: ProgressCallback,
    logger: Optional[logging.Logger | logging.LoggerAdapter[Any]] = None,
    permissions: Optional[FileSystemPermissionSettings] = None,
) -> DownloadSummaryStatistics:
    total_files = sum(plan.total_files for plan in plans)
    total_bytes = sum(plan.total_bytes for plan in plans)
    status = ProgressStatus.DOWNLOAD_IN_PROGRESS
    tracker = ProgressTracker(status, total_files, total_bytes, callback, logger=logger)
    cancel = CancelToken()
    events = tracking(tracker, cancel)
    placed: Dict[str, List[str]] = {}
    started = time.perf_counter()
    with open_store(session or get_boto3_session(), s3_bucket) as store:
        try:
            for plan in plans:
                for entry in plan.skipped:
                    events(Skipped(os.path.join(plan.root, entry.path), entry.size))
                receiver = Receiver(store, cas_prefix or "", plan.hash_algorithm, cancel, events)
                files = list(receiver.receive(plan.contents))
                if permissions is not None:
                    give_to_group(files, plan.root, permissions)
                placed.setdefault(str(plan.root), []).extend(map(str, files))
        except AssetSyncCancelledError as error:
            raise AssetSyncCancelledError(
                f"The download was canceled after {tracker.processed_files} of {total_files} files.",
                tracker.get_summary_statistics(),
            ) from error
    tracker.total_time = time.perf_counter() - started
    statistics: DownloadSummaryStatistics = tracker.get_download_summary_statistics(placed)
    return statistics


def _groups(manifests_by_root: Dict[str, List[BaseAssetManifest]]) -> Dict[str, ManifestPathGroup]:
    groups = {}
    for root, manifests in manifests_by_root.items():
        group = groups[root] = ManifestPathGroup()
        for manifest in manifests:
            group.add_manifest_to_group(manifest)
    return groups


class _BaseFilterableDownloader:
    """Files of asset roots, which may be narrowed by patterns and sent to other folders before they are downloaded."""

    def __init__(
        self,
        s3_settings: JobAttachmentS3Settings,
        initial_paths_by_root: Dict[str, ManifestPathGroup],
        session: Any = None,
        include_filters: Optional[List[str]] = None,
    ) -> None:
        self.s3_settings = s3_settings
        self.session = session
        self._initial = initial_paths_by_root
        self._new_roots: Dict[str, str] = {}
        self._filters: List[List[str]] = [include_filters] if include_filters else []

    @property
    def paths_by_root(self) -> Dict[str, ManifestPathGroup]:
        """The files as they will be downloaded, by local folder."""
        groups: Dict[str, ManifestPathGroup] = {}
        for root, files in self._files_by_root().items():
            for hash_alg, entries in files:
                group = groups.setdefault(root, ManifestPathGroup())
                group.files_by_hash_alg.setdefault(hash_alg, []).extend(entries)
                group.total_bytes += sum(entry.size for entry in entries)
        return groups

    def get_paths_by_root(self) -> Dict[str, List[str]]:
        """The relative paths that will be downloaded, sorted, by local folder."""
        return {root: group.get_all_paths() for root, group in self.paths_by_root.items()}

    def apply_include_filters(self, include_filters: List[str]) -> None:
        """Keep only files that match one of the patterns (see :mod:`.path_filters`), and all patterns given before."""
        if include_filters:
            self._filters.append(include_filters)

    def set_root_path(self, original_root: str, new_root: str) -> None:
        """Download the files of a root, by its original or its present folder, to another folder.

        Roots that get the same folder are merged; a file whose name another root's file has already gets the original
        root as the beginning of its name. Raises :class:`ValueError` for an unknown root, naming those there are.
        """
        found = [root for root in self._initial if original_root in (root, self._new_roots.get(root))]
        if not found:
            raise ValueError(f"{original_root!r} is no asset root of this download; there are {list(self._initial)}.")
        for root in found:
            self._new_roots[root] = os.path.abspath(new_root)

    def download(
        self,
        file_conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
        on_downloading_files: ProgressCallback = None,
    ) -> DownloadSummaryStatistics:
        """Download the files; errors as of :func:`download_files_from_manifests`."""
        plans = [
            plan_download(Path(root), entries, hash_alg, file_conflict_resolution)
            for root, files in self._files_by_root().items()
            for hash_alg, entries in files
        ]
        settings = self.s3_settings
        return _carry_out(plans, settings.s3BucketName, settings.full_cas_prefix(), self.session, on_downloading_files)

    def _files_by_root(self) -> Dict[str, List[_Files]]:
        names: Dict[str, set[str]] = {}
        result: Dict[str, List[_Files]] = {}
        for original, group in self._initial.items():
            root = self._new_roots.get(original, original)
            used = names.setdefault(root, set())
            for hash_alg, entries in group.files_by_hash_alg.items():
                chosen = [
                    entry if entry.path not in used else _prefixed(entry, original)
                    for entry in {entry.path: entry for entry in entries}.values()
                    if all(matches(root, entry.path, patterns) for patterns in self._filters)
                ]
                used.update(entry.path for entry in chosen)
                if chosen:
                    result.setdefault(root, []).append((hash_alg, chosen))
        return result


def _prefixed(entry: BaseManifestPath, root: str) -> BaseManifestPath:
    folder, slash, name = entry.path.rpartition("/")
    prefix = root.replace("/", "_").replace("\\", "_").replace(":", "_")
    make: Any = type(entry)
    renamed: BaseManifestPath = make(
        path=f"{folder}{slash}{prefix}_{name}", hash=entry.hash, size=entry.size, mtime=entry.mtime
    )
    return renamed


class OutputDownloader(_BaseFilterableDownloader):
    """Downloads what a job, a step, a task or one session action wrote; looks for it when it is made."""

    def __init__(
        self,
        s3_settings: JobAttachmentS3Settings,
        farm_id: str,
        queue_id: str,
        job_id: str,
        step_id: Optional[str] = None,
        task_id: Optional[str] = None,
        session_action_id: Optional[str] = None,
        session: Any = None,
        include_filters: Optional[List[str]] = None,
    ) -> None:
        paths = get_job_output_paths_by_asset_root(
            s3_settings, farm_id, queue_id, job_id, step_id, task_id, session_action_id, session
        )
        super().__init__(s3_settings, paths, session, include_filters)


class InputDownloader(_BaseFilterableDownloader):
    """Downloads the files that were submitted with a job."""

    def __init__(
        self,
        s3_settings: JobAttachmentS3Settings,
        attachments: Attachments,
        session: Any = None,
        include_filters: Optional[List[str]] = None,
    ) -> None:
        paths = get_job_input_paths_by_asset_root(s3_settings, attachments, session)
        super().__init__(s3_settings, paths, session, include_filters)
