"""The files of manifest files on disk: sent to S3 from their roots, and brought from S3 into them.

Which folder of this machine a manifest file belongs to is found first; a caller may show that, and then have it done.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Sequence

from .asset_manifests import BaseAssetManifest
from .exceptions import NonValidInputError
from .file_downloads import download_files_from_manifests
from .manifest_files import read_manifest_file
from .manifest_roots import rule_of
from .models import (
    FileConflictResolution,
    JobAttachmentS3Settings,
    PathMappingRule,
    UploadManifestInfo,
    asset_root_metadata,
)
from .progress_tracker import DownloadSummaryStatistics, ProgressReportMetadata, ProgressTracker
from .root_uploads import RootToUpload
from .uploader import S3AssetUploader


@dataclass(frozen=True)
class LocalManifest:
    """A manifest file, and the folder of this machine where its files are or will be."""

    path: str
    manifest: BaseAssetManifest
    folder: str
    """An absolute path."""
    source_root: str = ""
    """The root as whoever made the manifest called it; empty where no rule tells."""


def manifests_to_upload(
    manifest_files: Sequence[str], rules: Sequence[PathMappingRule], *, published: bool
) -> List[LocalManifest]:
    """Find the folders of manifest files: where the rules from their roots lead.

    Args:
        manifest_files: The paths of the manifest files.
        rules: From the roots.
        published: Whether the manifests go to S3 too, under the names of their files.

    Raises:
        NonValidInputError: A manifest file cannot be read or belongs to no rule's root; or two of them have one name and
            would replace each other in S3.
        ManifestDecodeValidationError: A file is no manifest.
    """
    _require_different_names(manifest_files if published else ())
    found = []
    for path in manifest_files:
        manifest, rule = read_manifest_file(path), rule_of(path, rules)
        if rule is None:
            roots = ", ".join(rule.source_path for rule in rules)
            raise NonValidInputError(
                f"The manifest {path} belongs to none of the roots {roots}: its name has the hash of none of them in it. Name "
                "its root directory, or a path mapping rule from its root."
            )
        folder = os.path.abspath(rule.destination_path)
        found.append(LocalManifest(path, manifest, folder, rule.source_path))
    return found


def upload_attachments(
    uploader: S3AssetUploader,
    settings: JobAttachmentS3Settings,
    manifests: Sequence[LocalManifest],
    manifest_prefix: Optional[str],
    s3_check_cache_dir: Optional[str],
    tracker: Optional[ProgressTracker] = None,
) -> List[UploadManifestInfo]:
    """Send the files that manifests name and, with ``manifest_prefix``, the manifests themselves.

    The root as its maker called it is the manifest's metadata in S3.

    Raises:
        AssetSyncError: A file changed or vanished, or S3 failed.
        AssetSyncCancelledError: The tracker's callback answered ``False``.
    """
    roots = [
        RootToUpload(
            one.manifest,
            Path(one.folder),
            os.path.basename(one.path),
            manifest_prefix,
            asset_root_metadata(one.source_root),
        )
        for one in manifests
    ]
    uploaded = uploader.upload_roots(settings, roots, tracker, s3_check_cache_dir)
    return [UploadManifestInfo(key, digest, one.source_root) for (key, digest), one in zip(uploaded, manifests)]


def manifests_to_download(manifest_files: Sequence[str], rules: Sequence[PathMappingRule]) -> List[LocalManifest]:
    """Find the folders for manifest files: where the rules from their roots lead.

    A manifest that no rule belongs to has a folder of its name, in the current one.

    Raises:
        NonValidInputError: A manifest file cannot be read, or two of them have one destination.
        ManifestDecodeValidationError: A file is no manifest.
    """
    by_folder: Dict[str, LocalManifest] = {}
    for path in manifest_files:
        rule = rule_of(path, rules)
        folder = os.path.abspath(rule.destination_path if rule else os.path.basename(path))
        if folder in by_folder:
            raise NonValidInputError(
                f"The manifests {by_folder[folder].path} and {path} would both be downloaded to {folder}. Merge them into "
                "one, or give them different destinations by path mapping rules."
            )
        by_folder[folder] = LocalManifest(path, read_manifest_file(path), folder, rule.source_path if rule else "")
    return list(by_folder.values())


def download_attachments(
    session: Any,
    settings: JobAttachmentS3Settings,
    manifests: Sequence[LocalManifest],
    conflict_resolution: FileConflictResolution,
    on_progress: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    *,
    max_bandwidth: Optional[float] = None,
) -> DownloadSummaryStatistics:
    """Bring the files that manifests name into their folders, ``max_bandwidth`` bytes a second at the most.

    Raises:
        AssetSyncError: S3 failed, or a file could not be written.
        AssetSyncCancelledError: ``on_progress`` answered ``False``; files that are in place stay.
        PathOutsideDirectoryError: A manifest names a path outside its root; nothing was written.
    """
    return download_files_from_manifests(
        settings.s3BucketName,
        {one.folder: one.manifest for one in manifests},
        settings.full_cas_prefix(),
        session=session,
        on_downloading_files=on_progress,
        conflict_resolution=conflict_resolution,
        max_bandwidth=max_bandwidth,
    )


def _require_different_names(manifest_files: Sequence[str]) -> None:
    by_name: Dict[str, str] = {}
    for path in manifest_files:
        other = by_name.setdefault(os.path.basename(path), path)
        if os.path.abspath(other) != os.path.abspath(path):
            raise NonValidInputError(
                f"The manifests {other} and {path} have one name and would replace each other in S3. Rename one of them."
            )
