"""A door: operations on manifest files under the names by which the client and the worker agent import them."""

from __future__ import annotations

from typing import Any, Callable, List, Optional

from ..globbing import find_files as _glob_files
from ..manifest_files import compare_folder, merge_manifest_files, snapshot_folder
from ..manifest_transfer import find_job_manifests, upload_manifest_file, write_job_manifests
from ..models import (
    AssetType,
    JobAttachmentS3Settings,
    ManifestDiff,
    ManifestDownloadResponse,
    ManifestMerge,
    ManifestSnapshot,
    UploadManifestInfo,
)
from ..progress_tracker import ProgressReportMetadata, SummaryStatistics
from ._printing import say_nothing

__all__ = [
    "_glob_files",
    "_manifest_diff",
    "_manifest_download",
    "_manifest_merge",
    "_manifest_snapshot",
    "_manifest_upload",
]


def _manifest_snapshot(
    *,
    root: str,
    destination: str,
    name: Optional[str],
    include: Optional[List[str]] = None,
    exclude: Optional[List[str]] = None,
    include_exclude_config: Optional[str] = None,
    diff: Optional[str] = None,
    force_rehash: bool = False,
    print_function_callback: Callable[[Any], None] = say_nothing,
    hashing_progress_callback: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    telemetry_callback: Optional[Callable[[SummaryStatistics], None]] = None,
    hash_cache_dir: Optional[str] = None,
) -> Optional[ManifestSnapshot]:
    """Write a manifest of the files below ``root``, or of those that changed since the manifest file ``diff``."""
    written = snapshot_folder(
        root,
        destination,
        name,
        _glob_files(root, include, exclude, include_exclude_config),
        against=diff,
        rehash=force_rehash,
        on_progress=hashing_progress_callback,
        on_summary=telemetry_callback,
        hash_cache_dir=hash_cache_dir,
    )
    if written is not None:
        print_function_callback(f"Manifest generated at {written.manifest}\n")
    return written


def _manifest_diff(
    manifest: str,
    root: str,
    include: Optional[List[str]] = None,
    exclude: Optional[List[str]] = None,
    include_exclude_config: Optional[str] = None,
    force_rehash: bool = False,
    print_function_callback: Callable[[Any], None] = say_nothing,
    cache_dir: Optional[str] = None,
) -> ManifestDiff:
    """Compare the files below ``root`` with the manifest file ``manifest``; nothing is printed."""
    files = _glob_files(root, include, exclude, include_exclude_config)
    return compare_folder(root, files, manifest, rehash=force_rehash, hash_cache_dir=cache_dir)


def _manifest_merge(
    root: str,
    manifest_files: List[str],
    destination: str,
    name: Optional[str] = None,
    print_function_callback: Callable[[Any], None] = say_nothing,
) -> Optional[ManifestMerge]:
    """Write one manifest with the files of several."""
    merged = merge_manifest_files(root, manifest_files, destination, name)
    if merged is not None:
        print_function_callback(f"Manifest merged at {merged.local_manifest_path}\n")
    return merged


def _manifest_upload(
    manifest_file: str,
    s3_bucket_name: str,
    s3_cas_prefix: str,
    boto_session: Any,
    s3_key_prefix: Optional[str] = None,
    print_function_callback: Callable[[Any], None] = say_nothing,
) -> UploadManifestInfo:
    """Store a manifest file in S3 under its name; see :func:`.manifest_transfer.upload_manifest_file`."""
    uploaded = upload_manifest_file(manifest_file, s3_bucket_name, s3_cas_prefix, boto_session, s3_key_prefix)
    print_function_callback(f"Manifest uploaded as {uploaded.output_manifest_path}\n")
    return uploaded


def _manifest_download(
    *,
    deadline_client: Any,
    download_dir: str,
    farm_id: str,
    job_id: str,
    queue_id: str,
    queue_role_session: Any,
    queue_s3_settings: JobAttachmentS3Settings,
    asset_type: AssetType = AssetType.ALL,
    print_function_callback: Callable[[Any], None] = say_nothing,
    step_id: Optional[str] = None,
) -> ManifestDownloadResponse:
    """Write a manifest file for each root of a job; see :func:`.manifest_transfer.find_job_manifests`."""
    found = find_job_manifests(
        deadline_client,
        queue_role_session,
        queue_s3_settings,
        farm_id,
        queue_id,
        job_id,
        step_id,
        AssetType(asset_type),
        print_function_callback,
    )
    return ManifestDownloadResponse(write_job_manifests(found, download_dir))
