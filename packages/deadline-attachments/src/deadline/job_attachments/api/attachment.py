"""A door: the files of manifest files, sent and fetched, under the names by which the client imports it."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from ..attachment_transfer import (
    download_attachments,
    manifests_to_download,
    manifests_to_upload,
    upload_attachments,
)
from ..exceptions import NonValidInputError
from ..manifest_roots import read_rules, rules_of_folders
from ..models import FileConflictResolution, JobAttachmentS3Settings, UploadManifestInfo
from ..progress_tracker import DownloadSummaryStatistics
from ..uploader import S3AssetUploader
from ._printing import say_nothing

__all__ = ["_attachment_download", "_attachment_upload"]


def _attachment_upload(
    manifests: List[str],
    s3_root_uri: str,
    boto3_session: Any,
    root_dirs: Optional[List[str]] = None,
    path_mapping_rules: Optional[str] = None,
    manifest_path_mapping: Optional[Dict[str, str]] = None,
    upload_manifest_path: Optional[str] = None,
    print_function_callback: Callable[[Any], None] = say_nothing,
    s3_check_cache_dir: Optional[str] = None,
    s3_max_pool_connections: int = 50,
    small_file_threshold_multiplier: int = 20,
) -> List[UploadManifestInfo]:
    """Send the files of manifest files to S3; the manifests too, where ``upload_manifest_path`` says where to.

    Roots are ``root_dirs``, or the sources of the rules in the file ``path_mapping_rules``; exactly one of both must be
    given. ``manifest_path_mapping`` is of no use. Errors as of :mod:`.attachment_transfer`.
    """
    if bool(root_dirs) == bool(path_mapping_rules):
        raise NonValidInputError("Give either root directories or a file with path mapping rules, and not both.")
    rules = read_rules(path_mapping_rules) if path_mapping_rules else rules_of_folders(root_dirs or ())
    settings = JobAttachmentS3Settings.from_s3_root_uri(s3_root_uri)
    uploader = S3AssetUploader(
        boto3_session,
        s3_max_pool_connections=s3_max_pool_connections,
        small_file_threshold_multiplier=small_file_threshold_multiplier,
    )
    prefix = (upload_manifest_path or "").strip("/") or None
    found = manifests_to_upload(manifests, rules, published=prefix is not None)
    uploaded = upload_attachments(uploader, settings, found, prefix, s3_check_cache_dir)
    for path, info in zip(manifests, uploaded):
        print_function_callback(f"Uploaded the files of {path}, from the root {info.source_path}")
    return uploaded


def _attachment_download(
    manifests: List[str],
    s3_root_uri: str,
    boto3_session: Any,
    path_mapping_rules: Optional[str] = None,
    print_function_callback: Callable[[Any], None] = say_nothing,
    conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
) -> DownloadSummaryStatistics:
    """Bring the files of manifest files to where the rules in the file ``path_mapping_rules`` lead.

    A manifest of no rule's root has a folder of its name in the current one. Errors as of :mod:`.attachment_transfer`.
    """
    rules = read_rules(path_mapping_rules) if path_mapping_rules else []
    settings = JobAttachmentS3Settings.from_s3_root_uri(s3_root_uri)
    found = manifests_to_download(manifests, rules)
    statistics = download_attachments(boto3_session, settings, found, conflict_resolution)
    for root, count in statistics.file_counts_by_root_directory.items():
        print_function_callback(f"Downloaded {count} {'file' if count == 1 else 'files'} to {root}")
    return statistics
