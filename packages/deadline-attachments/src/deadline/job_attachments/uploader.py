"""Who sends files to the bucket of a queue: whole manifests, or single files and bytes."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import plain_upload
from ._aws.aws_clients import get_boto3_session
from ._engine.cancel import CancelToken
from ._engine.events import Event, Sent, Skipped, ignore
from ._engine.progress import tracking
from ._s3_settings import join_s3_paths
from .asset_manifests import BaseAssetManifest, BaseManifestPath, HashAlgorithm
from .caches import S3CheckCache
from .exceptions import AssetSyncError
from .existence import SAMPLE
from .models import JobAttachmentS3Settings
from .object_store import ObjectStore, open_store
from .progress_tracker import ProgressTracker
from .root_uploads import RootToUpload, file_to_send, manifest_name_of, publish_manifests, send_files
from .sending import PART_SIZE, Sender


class S3AssetUploader:
    """Sends the files of manifests to S3."""

    def __init__(
        self,
        session: Any = None,
        *,
        s3_max_pool_connections: int = 50,
        small_file_threshold_multiplier: int = 20,
        max_bandwidth: Optional[float] = None,
    ) -> None:
        """
        Args:
            session: A boto3 session with access to the queue's bucket.
            s3_max_pool_connections: The largest number of connections.
            small_file_threshold_multiplier: Kept for callers of other versions; it changes nothing, because small and
                large files share one budget.
            max_bandwidth: The most bytes a second of one upload; no limit where left out.
        """
        if s3_max_pool_connections <= 0 or small_file_threshold_multiplier <= 0:
            raise AssetSyncError(
                "s3_max_pool_connections and small_file_threshold_multiplier must be 1 or more; they are "
                f"{s3_max_pool_connections} and {small_file_threshold_multiplier}."
            )
        if max_bandwidth is not None and not max_bandwidth > 0:
            raise AssetSyncError(f"max_bandwidth must be a number of bytes a second above 0; it is {max_bandwidth}.")
        self.session = session
        self.max_bandwidth = max_bandwidth
        self.s3_max_pool_connections = s3_max_pool_connections
        self.small_file_threshold = PART_SIZE * small_file_threshold_multiplier
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

        Raises:
            AssetSyncError: A file vanished, changed or cannot be read, or S3 failed; no manifest was published.
            AssetSyncCancelledError: The tracker's callback answered ``False``.
        """
        name = manifest_file_name or manifest_name_of(str(source_root), manifest.hashAlg, manifest_name_suffix)
        root = RootToUpload(
            manifest,
            asset_root or source_root,
            name,
            partial_manifest_prefix,
            (manifest_metadata or {}).get("Metadata"),
        )
        (uploaded,) = self.upload_roots(
            job_attachment_settings, [root], progress_tracker, s3_check_cache_dir, manifest_write_dir, force_s3_check
        )
        return uploaded

    def upload_roots(
        self,
        job_attachment_settings: JobAttachmentS3Settings,
        roots: Sequence[RootToUpload],
        progress_tracker: Optional[ProgressTracker] = None,
        s3_check_cache_dir: Optional[str] = None,
        manifest_write_dir: Optional[str] = None,
        force_s3_check: Optional[bool] = None,
    ) -> List[Tuple[str, str]]:
        """Send the files of several roots side by side and then all manifests; otherwise as :meth:`upload_assets`.

        Returns:
            For each root, in their order, what :meth:`upload_assets` returns.
        """
        with self._store(job_attachment_settings.s3BucketName) as store:
            send_files(
                store,
                [(root.manifest, root.folder) for root in roots],
                job_attachment_settings.full_cas_prefix(),
                requests=self.num_upload_workers,
                tracker=progress_tracker,
                cache_dir=s3_check_cache_dir,
                force_s3_check=bool(force_s3_check),
                max_bandwidth=self.max_bandwidth,
            )
            return publish_manifests(store, job_attachment_settings, roots, manifest_write_dir)

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
        """Send the files of a manifest; arguments and errors as of :meth:`upload_assets`."""
        with self._store(s3_bucket) as store:
            send_files(
                store,
                [(manifest, source_root)],
                s3_cas_prefix,
                requests=self.num_upload_workers,
                tracker=progress_tracker,
                cache_dir=s3_check_cache_dir,
                force_s3_check=bool(force_s3_check),
                max_bandwidth=self.max_bandwidth,
            )

    def upload_object_to_cas(
        self,
        file: BaseManifestPath,
        hash_algorithm: HashAlgorithm,
        s3_bucket: str,
        source_root: Path,
        s3_cas_prefix: str,
        s3_check_cache: S3CheckCache,
        progress_tracker: Optional[ProgressTracker] = None,
        force_s3_check: Optional[bool] = None,
    ) -> Tuple[bool, int]:
        """Send one file under its hash, unless it is there; for many files :meth:`upload_input_files` is faster.

        Arguments and errors are as of :meth:`upload_assets`; ``s3_check_cache`` is open. A file is noted there only when
        its object is proven to be in S3.

        Returns:
            Whether the file was sent, and its size in bytes.
        """
        cancel = CancelToken()
        count = tracking(progress_tracker, cancel) if progress_tracker is not None else ignore
        sent: List[Event] = []

        def events(event: Event) -> None:
            if isinstance(event, Sent) and event.done:
                sent.append(event)
            count(event)

        to_send = file_to_send(file, hash_algorithm, source_root, s3_cas_prefix)
        name = f"{s3_bucket}/{to_send.key}"
        if not force_s3_check and s3_check_cache.seen([name]):
            events(Skipped(to_send.path, to_send.size))
            return False, file.size
        with self._store(s3_bucket) as store:
            sender = Sender(store, hash_algorithm, cancel, events, requests=self.num_upload_workers)
            sender.send([to_send], lambda keys: s3_check_cache.remember(f"{s3_bucket}/{key}" for key in keys))
        return bool(sent), file.size

    def upload_file_to_s3(
        self,
        local_path: Path,
        s3_bucket: str,
        s3_upload_key: str,
        progress_tracker: Optional[ProgressTracker] = None,
        base_dir_path: Optional[Path] = None,
    ) -> None:
        """Send a file to a key, over whatever is there; errors as of :func:`.plain_upload.send_file`."""
        cancel = CancelToken()
        events = tracking(progress_tracker, cancel) if progress_tracker is not None else ignore
        with self._store(s3_bucket) as store:
            plain_upload.send_file(store, Path(local_path), s3_upload_key, cancel, events, base_dir_path)

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

    def verify_hash_cache_integrity(
        self, s3_check_cache_dir: Optional[str], manifest: BaseAssetManifest, s3_cas_prefix: str, s3_bucket: str
    ) -> bool:
        """Whether objects that the cache of this machine knows are in S3: a sample of those that a manifest names.

        Raises :class:`AssetSyncError` when S3 cannot tell: an outage does not make the cache wrong.
        """
        keys = [join_s3_paths(s3_cas_prefix, f"{entry.hash}.{manifest.hashAlg.value}") for entry in manifest.paths]
        with S3CheckCache(s3_check_cache_dir) as cache:
            seen = sorted(cache.seen([f"{s3_bucket}/{key}" for key in keys]))
        sample = random.sample(seen, min(SAMPLE, len(seen)))
        with self._store(s3_bucket) as store:
            return all(store.head(name[len(s3_bucket) + 1 :]) is not None for name in sample)

    def reset_s3_check_cache(self, s3_check_cache_dir: Optional[str]) -> None:
        """Forget which objects were seen in S3."""
        with S3CheckCache(s3_check_cache_dir) as cache:
            cache.remove_cache()

    def _store(self, bucket: str) -> ObjectStore:
        session = self.session or get_boto3_session()
        return open_store(session, bucket, s3_max_pool_connections=self.s3_max_pool_connections)
