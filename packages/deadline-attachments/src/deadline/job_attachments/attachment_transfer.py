"""The files of manifest files on disk: sent to S3 from their roots, and brought from S3 into them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

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
from .progress_tracker import DownloadSummaryStatistics
from .root_uploads import RootToUpload
from .uploader import S3AssetUploader


def upload_files_of_manifests(
    uploader: S3AssetUploader,
    settings: JobAttachmentS3Settings,
    manifest_files: Sequence[str],
    rules: Sequence[PathMappingRule],
    manifest_prefix: Optional[str],
    s3_check_cache_dir: Optional[str],
) -> List[UploadManifestInfo]:
    """Send the files that manifest files name and, with ``manifest_prefix``, the manifests themselves.

    The files are read where the rule from a manifest's root leads; that root is the manifest's metadata in S3.

    Raises:
        NonValidInputError: A manifest file cannot be read or belongs to no rule's root, or two of them have one name;
            nothing is sent then.
        ManifestDecodeValidationError: A file is no manifest.
        AssetSyncError: A file changed or vanished, or S3 failed.
    """
    _require_different_names(manifest_files if manifest_prefix else ())
    roots, sources = [], []
    for path in manifest_files:
        rule = rule_of(path, rules)
        if rule is None:
            raise NonValidInputError(
                f"The manifest {path} belongs to none of the roots {[rule.source_path for rule in rules]}: its name has the "
                "hash of none of them in it. Name its root directory, or a path mapping rule from its root."
            )
        sources.append(rule.source_path)
        roots.append(
            RootToUpload(
                read_manifest_file(path),
                Path(os.path.abspath(rule.destination_path)),
                os.path.basename(path),
                manifest_prefix,
                asset_root_metadata(rule.source_path),
            )
        )
    uploaded = uploader.upload_roots(settings, roots, s3_check_cache_dir=s3_check_cache_dir)
    return [UploadManifestInfo(key, digest, source) for (key, digest), source in zip(uploaded, sources)]


def download_files_of_manifests(
    session: Any,
    settings: JobAttachmentS3Settings,
    manifest_files: Sequence[str],
    rules: Sequence[PathMappingRule],
    conflict_resolution: FileConflictResolution,
) -> DownloadSummaryStatistics:
    """Bring the files that manifest files name to where the rules from their roots lead.

    A manifest that no rule belongs to has a folder of its name, in the current one.

    Raises:
        NonValidInputError: A manifest file cannot be read, or two of them have one destination.
        ManifestDecodeValidationError: A file is no manifest.
        AssetSyncError: S3 failed, or a file could not be written.
        PathOutsideDirectoryError: A manifest names a path outside its root.
    """
    manifests: Dict[str, BaseAssetManifest] = {}
    sources: Dict[str, str] = {}
    for path in manifest_files:
        rule = rule_of(path, rules)
        destination = os.path.abspath(rule.destination_path if rule else os.path.basename(path))
        if destination in manifests:
            raise NonValidInputError(
                f"The manifests {sources[destination]} and {path} would both be downloaded to {destination}. Merge them "
                "into one, or give them different destinations by path mapping rules."
            )
        manifests[destination] = read_manifest_file(path)
        sources[destination] = path
    return download_files_from_manifests(
        settings.s3BucketName,
        manifests,
        settings.full_cas_prefix(),
        session=session,
        conflict_resolution=conflict_resolution,
    )


def _require_different_names(manifest_files: Sequence[str]) -> None:
    by_name: Dict[str, str] = {}
    for path in manifest_files:
        other = by_name.setdefault(os.path.basename(path), path)
        if os.path.abspath(other) != os.path.abspath(path):
            raise NonValidInputError(
                f"The manifests {other} and {path} have one name and would replace each other in S3. Rename one of them."
            )
