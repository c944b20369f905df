"""Uploading the files of a job: hashing them into manifests, sending what S3 lacks, publishing the manifests.

:class:`S3AssetManager` is for who submits a job, with files in any number of asset roots; :class:`S3AssetUploader` sends
the files of one manifest, as a worker does with outputs.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from io import BytesIO
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from . import snapshot
from ._aws.aws_clients import get_boto3_session
from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Skipped, ignore
from ._engine.progress import tracking
from ._s3_settings import join_s3_paths
from .asset_manifests import BaseAssetManifest, HashAlgorithm, ManifestModelRegistry, ManifestVersion, hash_data
from .asset_manifests._canonical_json import canonical_path_comparator
from .caches import HashCache, S3CheckCache, UploadJournal
from .exceptions import (
    AssetSyncCancelledError,
    AssetSyncError,
    JobAttachmentsError,
    MissingS3BucketError,
    MissingS3RootPrefixError,
)
from .existence import known_objects
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
from .object_store import ObjectStore, open_store
from .progress_tracker import ProgressReportMetadata, ProgressStatus, ProgressTracker, SummaryStatistics
from .sending import FileToSend, Sender

S3_MULTIPART_UPLOAD_CHUNK_SIZE = 8 * 1024 * 1024
S3_UPLOAD_MAX_CONCURRENCY = 10

logger = logging.getLogger("deadline.job_attachments.upload")

ProgressCallback = Optional[Callable[[ProgressReportMetadata], bool]]


class S3AssetUploader:
    """Sends the files of manifests to S3."""

    def __init__(
        self, session: Any = None, *, s3_max_pool_connections: int = 50, small_file_threshold_multiplier: int = 20
    ) -> None:
        """
        Args:
            session: A boto3 session with access to the queue's bucket.
            s3_max_pool_connections: The largest number of connections.
            small_file_threshold_multiplier: Kept for callers of other versions; it changes nothing, because small and
                large files share one budget.
        """
        if s3_max_pool_connections <= 0 or small_file_threshold_multiplier <= 0:
            raise AssetSyncError(
                "s3_max_pool_connections and small_file_threshold_multiplier must be 1 or more; they are "
                f"{s3_max_pool_connections} and {small_file_threshold_multiplier}."
            )
        self.session = session
        self.s3_max_pool_connections = s3_max_pool_connections
        self.small_file_threshold = S3_MULTIPART_UPLOAD_CHUNK_SIZE * small_file_threshold_multiplier
        self.num_upload_workers = s3_max_pool_connections

    def upload_assets(
        self,
        job_attachment_settings: JobAttachmentS3Settings,
        manifest: BaseAssetManifest,
        source_root: Path,
        partial_manifest_prefix: Optional[str] = None,
        file_system_location_name: Optional[str] = None,
        progress_tracker: Optional[ProgressTracker] = None,
        s3_check_cache_dir: Optional[str] = None,
        manifest_write_dir: Optional[str] = None,
        manifest_name_suffix: str = "input",
        manifest_metadata: Optional[Dict[str, Dict[str, str]]] = None,
        manifest_file_name: Optional[str] = None,
        asset_root: Optional[Path] = None,
        force_s3_check: Optional[bool] = None,
    ) -> Tuple[str, str]:
        """Send the files of a manifest and then, when all of them are in S3, the manifest itself.

        Args:
            job_attachment_settings: The bucket and root prefix.
            manifest: The files, relative to ``asset_root`` or else ``source_root``.
            source_root: The root as the job names it; the manifest's name is made of its hash.
            partial_manifest_prefix: Where the manifest goes, below the manifest folder; without it only files are sent.
            file_system_location_name: Of the root; kept for callers, the metadata carries it.
            progress_tracker: Is told of each file, and may stop the upload by its callback's answer.
            s3_check_cache_dir: The folder of the cache of objects that were seen.
            manifest_write_dir: A folder that gets a copy of the manifest and notes where it went.
            manifest_name_suffix: The end of the manifest's name.
            manifest_metadata: S3 metadata of the manifest, as ``{"Metadata": {...}}``.
            manifest_file_name: The manifest's name, instead of the one made of the hash and the suffix.
            asset_root: Where the files are, when that is not ``source_root``.
            force_s3_check: Ask S3 about every object instead of trusting the cache.

        Returns:
            The manifest's key below the manifest folder, and the hash of its text.
        """
        text = manifest.encode().encode("utf-8")
        name = manifest_file_name or f"{hash_data(str(source_root).encode(), manifest.hashAlg)}_{manifest_name_suffix}"
        partial_key = join_s3_paths(partial_manifest_prefix, name) if partial_manifest_prefix else name
        key = job_attachment_settings.add_root_and_manifest_folder_prefix(partial_key)
        with self._store(job_attachment_settings.s3BucketName) as store:
            self._upload_files(
                store, manifest, asset_root or source_root, job_attachment_settings.full_cas_prefix(),
                progress_tracker, s3_check_cache_dir, bool(force_s3_check),
            )  # fmt: skip
            # Last: who finds a manifest finds everything that it names.
            if partial_manifest_prefix:
                store.put(key, text, metadata=(manifest_metadata or {}).get("Metadata"))
        if manifest_write_dir:
            _keep_copy(manifest_write_dir, name, text, key)
        return partial_key, hash_data(text, manifest.hashAlg)

    def upload_input_files(
        self,
        manifest: BaseAssetManifest,
        s3_bucket: str,
        source_root: Path,
        s3_cas_prefix: str,
        progress_tracker: Optional[ProgressTracker] = None,
        s3_check_cache_dir: Optional[str] = None,
        force_s3_check: Optional[bool] = None,
    ) -> None:
        """Send the files of a manifest; arguments as of :meth:`upload_assets`."""
        with self._store(s3_bucket) as store:
            self._upload_files(
                store, manifest, source_root, s3_cas_prefix, progress_tracker, s3_check_cache_dir, bool(force_s3_check)
            )

    def upload_bytes_to_s3(
        self,
        bytes: BytesIO,  # noqa: A002 (the contract's name)
        bucket: str,
        key: str,
        progress_handler: Optional[Callable[[int], None]] = None,
        extra_args: Optional[Dict[str, Any]] = None,
    ) -> None:
        """Send bytes to a key; ``extra_args`` may carry ``Metadata``, the handler gets the number of bytes."""
        body = bytes.read()
        with self._store(bucket) as store:
            store.put(key, body, metadata=(extra_args or {}).get("Metadata"))
        if progress_handler is not None:
            progress_handler(len(body))

    def file_already_uploaded(self, bucket: str, key: str) -> bool:
        """Whether an object is in S3."""
        with self._store(bucket) as store:
            return store.head(key) is not None

    def reset_s3_check_cache(self, s3_check_cache_dir: Optional[str]) -> None:
        """Forget which objects were seen in S3."""
        with S3CheckCache(s3_check_cache_dir) as cache:
            cache.remove_cache()

    def _store(self, bucket: str) -> ObjectStore:
        session = self.session or get_boto3_session()
        return open_store(session, bucket, s3_max_pool_connections=self.s3_max_pool_connections)

    def _upload_files(
        self,
        store: ObjectStore,
        manifest: BaseAssetManifest,
        root: Path,
        cas_prefix: str,
        tracker: Optional[ProgressTracker],
        cache_dir: Optional[str],
        force_s3_check: bool,
    ) -> None:
        cancel = CancelToken()
        events = tracking(tracker, cancel) if tracker is not None else ignore
        files, duplicates = _files_by_key(manifest, root, cas_prefix)
        with S3CheckCache(cache_dir) as cache, UploadJournal(cache_dir) as journal:
            try:
                run = f"{store.bucket}/{cas_prefix}/"
                known = known_objects(
                    store,
                    set(files),
                    f"{cas_prefix}/",
                    None if force_s3_check else cache,
                    cancel,
                    ask_about_each=journal.begin_run(run),
                )
                for file in duplicates:
                    events(Skipped(file.path, file.size))
                sender = Sender(
                    store, manifest.hashAlg, cancel, events, requests=self.num_upload_workers, journal=journal
                )
                sender.send(
                    _unknown(files, known, events), lambda keys: cache.remember(f"{store.bucket}/{key}" for key in keys)
                )
                journal.end_run(run)
            except AssetSyncCancelledError as error:
                statistics = tracker.get_summary_statistics() if tracker is not None else None
                raise AssetSyncCancelledError("The upload was canceled.", statistics) from error


def _files_by_key(
    manifest: BaseAssetManifest, root: Path, cas_prefix: str
) -> Tuple[Dict[str, FileToSend], List[FileToSend]]:
    """The files of a manifest, one for each content, and those whose content another one has."""
    files: Dict[str, FileToSend] = {}
    duplicates = []
    for entry in manifest.paths:
        key = join_s3_paths(cas_prefix, f"{entry.hash}.{manifest.hashAlg.value}")
        file = FileToSend(os.path.join(root, entry.path), key, entry.hash, entry.size)
        if key in files:
            duplicates.append(file)
        else:
            files[key] = file
    return files, duplicates


def _unknown(files: Dict[str, FileToSend], known: set[str], events: EventSink) -> Iterator[FileToSend]:
    """The files to be sent."""
    for file in files.values():
        if file.key in known:
            events(Skipped(file.path, file.size))
        else:
            yield file


def _keep_copy(folder: str, name: str, text: bytes, key: str) -> None:
    manifests = Path(folder, "manifests")
    manifests.mkdir(parents=True, exist_ok=True)
    copy = manifests / name
    copy.write_bytes(text)
    with (manifests / "manifest_s3_mapping").open("a", encoding="utf-8") as mapping:
        mapping.write(f"{ {'local_file': name, 's3_key': key}!r}\n")


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
    ) -> None:
        """Raises :class:`MissingS3BucketError` or :class:`MissingS3RootPrefixError` for settings without them."""
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
        farm_id, queue_id, settings = self._destination()
        tracker = _upload_tracker(ProgressStatus.UPLOAD_IN_PROGRESS, manifests, on_uploading_assets)
        started = time.perf_counter()
        properties = []
        for root in manifests:
            key: Optional[str] = None
            digest: Optional[str] = None
            if root.asset_manifest is not None:
                key, digest = self.asset_uploader.upload_assets(
                    settings,
                    root.asset_manifest,
                    Path(root.root_path),
                    partial_manifest_prefix=settings.partial_manifest_prefix(farm_id, queue_id),
                    file_system_location_name=root.file_system_location_name,
                    progress_tracker=tracker,
                    s3_check_cache_dir=s3_check_cache_dir,
                    manifest_write_dir=manifest_write_dir,
                    force_s3_check=force_s3_check,
                )
            properties.append(_properties_of(root, key, digest))
        tracker.total_time = time.perf_counter() - started
        return tracker.get_summary_statistics(), Attachments(properties)

    def snapshot_assets(
        self, snapshot_dir: str, manifests: List[AssetRootManifest], on_snapshotting_assets: ProgressCallback = None
    ) -> Tuple[SummaryStatistics, Attachments]:
        """Copy files and manifests into a folder, laid out as below the root prefix in S3; nothing is uploaded."""
        farm_id, queue_id, settings = self._destination()
        tracker = _upload_tracker(ProgressStatus.SNAPSHOT_IN_PROGRESS, manifests, on_snapshotting_assets)
        cancel = CancelToken()
        started = time.perf_counter()
        properties = []
        for root in manifests:
            key: Optional[str] = None
            digest: Optional[str] = None
            if root.asset_manifest is not None:
                key, digest = snapshot.copy_root(
                    Path(snapshot_dir), root, settings.partial_manifest_prefix(farm_id, queue_id), cancel,
                    tracking(tracker, cancel),
                )  # fmt: skip
            properties.append(_properties_of(root, key, digest))
        tracker.total_time = time.perf_counter() - started
        return tracker.get_summary_statistics(), Attachments(properties)

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

    def _destination(self) -> Tuple[str, str, JobAttachmentS3Settings]:
        if not self.farm_id or not self.queue_id or self.job_attachment_settings is None:
            raise JobAttachmentsError("Uploading needs a farm, a queue and the queue's job attachment settings.")
        return self.farm_id, self.queue_id, self.job_attachment_settings


def _upload_tracker(
    status: ProgressStatus, manifests: List[AssetRootManifest], callback: ProgressCallback
) -> ProgressTracker:
    found = [root.asset_manifest for root in manifests if root.asset_manifest is not None]
    files = sum(len(manifest.paths) for manifest in found)
    return ProgressTracker(status, files, sum(manifest.totalSize for manifest in found), callback)


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
