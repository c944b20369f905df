"""A door: downloading the files of a job, under the names by which other programs import it.

=============================  ====================================================================
room                           subject
=============================  ====================================================================
:mod:`.job_manifests`          reading the manifests of a job
:mod:`.file_downloads`         bringing the files of manifests into folders
:mod:`.downloaders`            downloads that may be looked at and changed before they are made
:mod:`.virtual_file_system`    showing the files of manifests without downloading them first
=============================  ====================================================================
"""

from __future__ import annotations

from ._aws.aws_clients import get_account_id, get_boto3_session, get_s3_client
from .asset_manifests import BaseAssetManifest, BaseManifestPath, HashAlgorithm, hash_data
from .asset_manifests.decode import decode_manifest
from .downloaders import InputDownloader, OutputDownloader, _BaseFilterableDownloader, download_files_in_directory
from .exceptions import (
    COMMON_ERROR_GUIDANCE_FOR_S3,
    AssetSyncCancelledError,
    AssetSyncError,
    JobAttachmentS3BotoCoreError,
    JobAttachmentsError,
    JobAttachmentsS3ClientError,
    ManifestDecodeValidationError,
    MissingAssetRootError,
    PathOutsideDirectoryError,
)
from .file_downloads import download_file, download_files, download_files_from_manifests
from .job_manifests import (
    get_asset_root_and_manifest_from_s3,
    get_job_input_output_paths_by_asset_root,
    get_job_input_paths_by_asset_root,
    get_job_output_paths_by_asset_root,
    get_manifest_from_s3,
    get_output_manifests_by_asset_root,
)
from .long_paths import TEMPORARY_NAME_LENGTH as TEMP_DOWNLOAD_ADDED_CHARS_LENGTH, WINDOWS_MAX_PATH_LENGTH
from .models import (
    Attachments,
    FileConflictResolution,
    JobAttachmentS3Settings,
    ManifestPathGroup,
)
from .os_file_permission import (
    FileSystemPermissionSettings,
    PosixFileSystemPermissionSettings,
    WindowsFileSystemPermissionSettings,
)
from .output_manifests import merge_asset_manifests
from .path_filters import filter_manifests
from .progress_tracker import (
    DownloadSummaryStatistics,
    ProgressReportMetadata,
    ProgressStatus,
    ProgressTracker,
    SummaryStatistics,
)
from .virtual_file_system.mounting import handle_existing_vfs, mount_vfs_from_manifests

S3_DOWNLOAD_MAX_CONCURRENCY = 10
"""How many requests a transfer manager would make at once; kept for those who read it, the engine adapts."""

__all__ = [
    "COMMON_ERROR_GUIDANCE_FOR_S3",
    "S3_DOWNLOAD_MAX_CONCURRENCY",
    "TEMP_DOWNLOAD_ADDED_CHARS_LENGTH",
    "WINDOWS_MAX_PATH_LENGTH",
    "AssetSyncCancelledError",
    "AssetSyncError",
    "Attachments",
    "BaseAssetManifest",
    "BaseManifestPath",
    "DownloadSummaryStatistics",
    "FileConflictResolution",
    "FileSystemPermissionSettings",
    "HashAlgorithm",
    "InputDownloader",
    "JobAttachmentS3BotoCoreError",
    "JobAttachmentS3Settings",
    "JobAttachmentsError",
    "JobAttachmentsS3ClientError",
    "ManifestDecodeValidationError",
    "ManifestPathGroup",
    "MissingAssetRootError",
    "OutputDownloader",
    "PathOutsideDirectoryError",
    "PosixFileSystemPermissionSettings",
    "ProgressReportMetadata",
    "ProgressStatus",
    "ProgressTracker",
    "SummaryStatistics",
    "WindowsFileSystemPermissionSettings",
    "_BaseFilterableDownloader",
    "decode_manifest",
    "download_file",
    "download_files",
    "download_files_from_manifests",
    "download_files_in_directory",
    "filter_manifests",
    "get_account_id",
    "get_asset_root_and_manifest_from_s3",
    "get_boto3_session",
    "get_job_input_output_paths_by_asset_root",
    "get_job_input_paths_by_asset_root",
    "get_job_output_paths_by_asset_root",
    "get_manifest_from_s3",
    "get_output_manifests_by_asset_root",
    "get_s3_client",
    "handle_existing_vfs",
    "hash_data",
    "merge_asset_manifests",
    "mount_vfs_from_manifests",
]
