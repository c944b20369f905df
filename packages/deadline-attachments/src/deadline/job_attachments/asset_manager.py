"""Who submits a job's files: groups them into asset roots, hashes them into manifests, and uploads or copies both."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any, Callable, Iterable, List, Optional, Tuple

from . import snapshot
from ._engine.cancel import CancelToken
from ._engine.events import EventSink
from ._engine.progress import tracking
from .asset_manifests import BaseAssetManifest, HashAlgorithm, ManifestModelRegistry, ManifestVersion
from .asset_manifests._canonical_json import canonical_path_comparator
from .caches import HashCache
from .exceptions import (
    AssetSyncCancelledError,
    JobAttachmentsError,
    MissingS3BucketError,
    MissingS3RootPrefixError,
)
from .grouping import group_paths
from .hashing import RelativePaths, hash_files
from .models import (
    AssetRootGroup,
    AssetRootManifest,
    AssetUploadGroup,
    Attachments,
    JobAttachmentS3Settings,
    ManifestProperties,
    PathFormat,
    StorageProfile,
)
from .progress_tracker import ProgressReportMetadata, ProgressStatus, ProgressTracker, SummaryStatistics
from .root_uploads import RootToUpload, manifest_name_of
from .uploader import S3AssetUploader

ProgressCallback = Optional[Callable[[ProgressReportMetadata], bool]]


class S3AssetManager:
    """Prepares, hashes and uploads the attachments of a job."""

    def __init__(
        self,
        farm_id: Optional[str] = None,
        queue_id: Optional[str] = None,
        job_attachment_settings: Optional[JobAttachmentS3Settings] = None,
        asset_uploader: Optional[S3AssetUploader] = None,
        session: Any = None,
        asset_manifest_version: ManifestVersion = ManifestVersion.v2023_03_03,
        s3_max_pool_connections: int = 50,
        small_file_threshold_multiplier: int = 20,
        max_bandwidth: Optional[float] = None,
    ) -> None:
        """``max_bandwidth`` is the most bytes a second of an upload, and like the two arguments before it goes to the uploader
        that is made where none is given.

        Raises :class:`MissingS3BucketError` or :class:`MissingS3RootPrefixError` for settings without them."""
        if job_attachment_settings is not None:
            if not job_attachment_settings.s3BucketName:
                raise MissingS3BucketError("The queue's job attachment settings name no bucket.")
            if not job_attachment_settings.rootPrefix:
                raise MissingS3RootPrefixError("The queue's job attachment settings name no root prefix.")
        self.farm_id = farm_id
        self.queue_id = queue_id
        self.job_attachment_settings = job_attachment_settings
        self.session = session
        self.manifest_version = asset_manifest_version
        self.asset_uploader = asset_uploader or S3AssetUploader(
            session,
            s3_max_pool_connections=s3_max_pool_connections,
            small_file_threshold_multiplier=small_file_threshold_multiplier,
            max_bandwidth=max_bandwidth,
        )

    def prepare_paths_for_upload(
        self,
        input_paths: List[str],
        output_paths: List[str],
        referenced_paths: List[str],
        storage_profile: Optional[StorageProfile] = None,
        require_paths_exist: bool = False,
    ) -> AssetUploadGroup:
        """Group paths into asset roots; see :func:`.grouping.group_paths`."""
        return group_paths(input_paths, output_paths, referenced_paths, storage_profile, require_paths_exist)

    def hash_assets_and_create_manifest(
        self,
        asset_groups: List[AssetRootGroup],
        total_input_files: int,
        total_input_bytes: int,
        hash_cache_dir: Optional[str] = None,
        on_preparing_to_submit: ProgressCallback = None,
    ) -> Tuple[SummaryStatistics, List[AssetRootManifest]]:
        """Hash the inputs of each group into a manifest; a group without inputs has none.

        Raises:
            AssetSyncCancelledError: The callback answered ``False``.
            MisconfiguredInputsError: A file vanished or cannot be read.
        """
        tracker = ProgressTracker(
            ProgressStatus.PREPARING_IN_PROGRESS, total_input_files, total_input_bytes, on_preparing_to_submit
        )
        cancel = CancelToken()
        started = time.perf_counter()
        with HashCache(hash_cache_dir) as cache:
            try:
                manifests = [
                    AssetRootManifest(
                        file_system_location_name=group.file_system_location_name,
                        root_path=group.root_path,
                        asset_manifest=self._manifest_of(group, cache, cancel, tracking(tracker, cancel)),
                        outputs=sorted(group.outputs),
                    )
                    for group in asset_groups
                ]
            except AssetSyncCancelledError as error:
                statistics = tracker.get_summary_statistics()
                raise AssetSyncCancelledError("Hashing was canceled.", statistics) from error
        tracker.total_time = time.perf_counter() - started
        return tracker.get_summary_statistics(), manifests

    def upload_assets(
        self,
        manifests: List[AssetRootManifest],
        on_uploading_assets: ProgressCallback = None,
        s3_check_cache_dir: Optional[str] = None,
        manifest_write_dir: Optional[str] = None,
        force_s3_check: Optional[bool] = None,
    ) -> Tuple[SummaryStatistics, Attachments]:
        """Upload the files of all manifests, and the manifests.

        Raises:
            AssetSyncCancelledError: The callback answered ``False``.
            AssetSyncError: A file changed or vanished, or S3 failed.
        """
        settings, roots = self._roots_to_upload(manifests)
        tracker = _upload_tracker(ProgressStatus.UPLOAD_IN_PROGRESS, manifests, on_uploading_assets)
        started = time.perf_counter()
        uploaded = self.asset_uploader.upload_roots(
            settings, roots, tracker, s3_check_cache_dir, manifest_write_dir, force_s3_check
        )
        tracker.total_time = time.perf_counter() - started
        return tracker.get_summary_statistics(), _attachments_of(manifests, uploaded)

    def snapshot_assets(
        self, snapshot_dir: str, manifests: List[AssetRootManifest], on_snapshotting_assets: ProgressCallback = None
    ) -> Tuple[SummaryStatistics, Attachments]:
        """Copy files and manifests into a folder, laid out as below the root prefix in S3; nothing is uploaded.

        Raises:
            AssetSyncCancelledError: The callback answered ``False``.
            AssetSyncError: A file changed or vanished, or could not be copied.
        """
        _, roots = self._roots_to_upload(manifests)
        tracker = _upload_tracker(ProgressStatus.SNAPSHOT_IN_PROGRESS, manifests, on_snapshotting_assets)
        cancel = CancelToken()
        started = time.perf_counter()
        try:
            copied = snapshot.copy_roots(Path(snapshot_dir), roots, cancel, tracking(tracker, cancel))
        except AssetSyncCancelledError as error:
            raise AssetSyncCancelledError("The snapshot was canceled.", tracker.get_summary_statistics()) from error
        tracker.total_time = time.perf_counter() - started
        return tracker.get_summary_statistics(), _attachments_of(manifests, copied)

    def _manifest_of(
        self, group: AssetRootGroup, cache: HashCache, cancel: CancelToken, events: EventSink
    ) -> Optional[BaseAssetManifest]:
        if not group.inputs:
            return None
        hashed = hash_files(sorted(map(str, group.inputs)), HashAlgorithm.XXH128, cache, cancel, events)
        model = ManifestModelRegistry.get_manifest_model(version=self.manifest_version)
        relative = RelativePaths(Path(group.root_path))
        make: Any = model.Path
        paths = [make(path=relative(file.path), hash=file.hash, size=file.size, mtime=file.mtime_us) for file in hashed]
        paths.sort(key=lambda entry: canonical_path_comparator(entry.path))
        build: Any = model.AssetManifest
        manifest: BaseAssetManifest = build(
            hash_alg=HashAlgorithm.XXH128, paths=paths, total_size=sum(entry.size for entry in paths)
        )
        return manifest

    def _roots_to_upload(
        self, manifests: List[AssetRootManifest]
    ) -> Tuple[JobAttachmentS3Settings, List[RootToUpload]]:
        """The roots that have input files, each with a new place for its manifest."""
        settings = self.job_attachment_settings
        if not self.farm_id or not self.queue_id or settings is None:
            raise JobAttachmentsError("Uploading needs a farm, a queue and the queue's job attachment settings.")
        return settings, [
            RootToUpload(
                root.asset_manifest,
                Path(root.root_path),
                manifest_name_of(root.root_path, root.asset_manifest.hashAlg, "input"),
                settings.partial_manifest_prefix(self.farm_id, self.queue_id),
            )
            for root in manifests
            if root.asset_manifest is not None
        ]


def _upload_tracker(
    status: ProgressStatus, manifests: List[AssetRootManifest], callback: ProgressCallback
) -> ProgressTracker:
    found = [root.asset_manifest for root in manifests if root.asset_manifest is not None]
    files = sum(len(manifest.paths) for manifest in found)
    return ProgressTracker(status, files, sum(manifest.totalSize for manifest in found), callback)


def _attachments_of(manifests: List[AssetRootManifest], uploaded: Iterable[Tuple[str, str]]) -> Attachments:
    """The attachments of a job; ``uploaded`` are key and hash of each manifest, in the order of the roots that have one."""
    keys = iter(uploaded)
    return Attachments(
        [_properties_of(root, *(next(keys) if root.asset_manifest is not None else (None, None))) for root in manifests]
    )


def _properties_of(root: AssetRootManifest, key: Optional[str], digest: Optional[str]) -> ManifestProperties:
    outputs = []
    for output in root.outputs:
        with contextlib.suppress(ValueError):
            outputs.append(str(output.relative_to(root.root_path)))
    return ManifestProperties(
        rootPath=root.root_path,
        rootPathFormat=PathFormat.get_host_path_format(),
        fileSystemLocationName=root.file_system_location_name,
        inputManifestPath=key,
        inputManifestHash=digest,
        outputRelativeDirectories=outputs or None,
    )
