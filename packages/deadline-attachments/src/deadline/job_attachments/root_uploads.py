"""The files of manifests on their way to S3, for any number of asset roots side by side.

A content that several files have is sent once. Manifests are published last, so that who finds one finds everything that
it names.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Set, Tuple

from ._engine.bandwidth import Bandwidth
from ._engine.cancel import CancelToken
from ._engine.events import EventSink, Skipped, ignore
from ._engine.progress import tracking
from ._s3_settings import join_s3_paths
from .asset_manifests import BaseAssetManifest, BaseManifestPath, HashAlgorithm, hash_data
from .caches import S3CheckCache, UploadJournal
from .exceptions import AssetSyncCancelledError
from .existence import known_objects
from .long_paths import long_path_compatible
from .models import JobAttachmentS3Settings
from .object_store import ObjectStore
from .progress_tracker import ProgressTracker
from .sending import FileToSend, Sender


@dataclass(frozen=True)
class RootToUpload:
    """The files of one asset root, which stand below ``folder``, and where their manifest goes.

    ``metadata`` is S3's; without a ``partial_manifest_prefix`` the manifest is not uploaded.
    """

    manifest: BaseAssetManifest
    folder: Path
    manifest_name: str
    partial_manifest_prefix: Optional[str] = None
    metadata: Optional[Mapping[str, str]] = None

    @property
    def partial_key(self) -> str:
        """The manifest's key below the manifest folder."""
        if not self.partial_manifest_prefix:
            return self.manifest_name
        return join_s3_paths(self.partial_manifest_prefix, self.manifest_name)


def manifest_name_of(root_path: str, hash_algorithm: HashAlgorithm, suffix: str) -> str:
    """The name of a root's manifest."""
    return f"{hash_data(root_path.encode(), hash_algorithm)}_{suffix}"


def publish_manifests(
    store: ObjectStore,
    settings: JobAttachmentS3Settings,
    roots: Sequence[RootToUpload],
    manifest_write_dir: Optional[str] = None,
) -> List[Tuple[str, str]]:
    """Store the manifests of roots, whose files are all there, and copies of them in ``manifest_write_dir``.

    Returns:
        For each root the manifest's key below the manifest folder, and the hash of its text.
    """
    published = []
    for root in roots:
        text = root.manifest.encode().encode("utf-8")
        key = settings.add_root_and_manifest_folder_prefix(root.partial_key)
        if root.partial_manifest_prefix:
            store.put(key, text, metadata=root.metadata)
        if manifest_write_dir:
            _keep_copy(manifest_write_dir, root.manifest_name, text, key)
        published.append((root.partial_key, hash_data(text, root.manifest.hashAlg)))
    return published


def send_files(
    store: ObjectStore,
    manifests: Sequence[Tuple[BaseAssetManifest, Path]],
    cas_prefix: str,
    *,
    requests: int,
    tracker: Optional[ProgressTracker] = None,
    cache_dir: Optional[str] = None,
    force_s3_check: bool = False,
    max_bandwidth: Optional[float] = None,
) -> None:
    """Send the files of manifests, which stand below the folders beside them; ``requests`` at once at the most, and no more
    than ``max_bandwidth`` bytes a second.

    Raises:
        AssetSyncError: A file vanished, changed or cannot be read, or S3 failed.
        AssetSyncCancelledError: The tracker's callback answered ``False``.
    """
    cancel = CancelToken()
    events = tracking(tracker, cancel) if tracker is not None else ignore
    bandwidth = Bandwidth(max_bandwidth) if max_bandwidth else None
    with S3CheckCache(cache_dir) as cache, UploadJournal(cache_dir) as journal:
        try:
            for hash_algorithm, files in _files_by_key(manifests, cas_prefix, events).items():
                run = f"{store.bucket}/{cas_prefix}/"
                known = known_objects(
                    store,
                    set(files),
                    f"{cas_prefix}/",
                    None if force_s3_check else cache,
                    cancel,
                    ask_about_each=journal.begin_run(run),
                )
                sender = Sender(
                    store, hash_algorithm, cancel, events, requests=requests, journal=journal, bandwidth=bandwidth
                )
                sender.send(
                    _unknown(files, known, events),
                    lambda keys: cache.remember(f"{store.bucket}/{key}" for key in keys),
                )
                journal.end_run(run)
        except AssetSyncCancelledError as error:
            statistics = tracker.get_summary_statistics() if tracker is not None else None
            raise AssetSyncCancelledError("The upload was canceled.", statistics) from error


def file_to_send(entry: BaseManifestPath, hash_algorithm: HashAlgorithm, folder: Path, cas_prefix: str) -> FileToSend:
    """A file of a manifest, which stands below ``folder``."""
    key = join_s3_paths(cas_prefix, f"{entry.hash}.{hash_algorithm.value}")
    return FileToSend(long_path_compatible(os.path.join(folder, entry.path)), key, entry.hash, entry.size)


def _files_by_key(
    manifests: Sequence[Tuple[BaseAssetManifest, Path]], cas_prefix: str, events: EventSink
) -> Dict[HashAlgorithm, Dict[str, FileToSend]]:
    """The files of manifests, one for each content; the others need no transfer."""
    found: Dict[HashAlgorithm, Dict[str, FileToSend]] = {}
    for manifest, folder in manifests:
        files = found.setdefault(manifest.hashAlg, {})
        for entry in manifest.paths:
            file = file_to_send(entry, manifest.hashAlg, folder, cas_prefix)
            if files.setdefault(file.key, file) is not file:
                events(Skipped(file.path, file.size))
    return found


def _unknown(files: Dict[str, FileToSend], known: Set[str], events: EventSink) -> Iterator[FileToSend]:
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
