"""A door: uploading the files of a job, under the names by which other programs import it.

:class:`S3AssetManager` is for who submits a job, with files in any number of asset roots; :class:`S3AssetUploader` sends
the files of one manifest, as a worker does with outputs.
"""

from __future__ import annotations

from ._aws.aws_clients import get_account_id, get_boto3_session, get_s3_client
from .asset_manager import S3AssetManager
from .asset_manifests import (
    BaseAssetManifest,
    BaseManifestPath,
    HashAlgorithm,
    ManifestModelRegistry,
    ManifestVersion,
    hash_data,
    hash_file,
)
from .caches import HashCache, HashCacheEntry, S3CheckCache, S3CheckCacheEntry
from .exceptions import (
    COMMON_ERROR_GUIDANCE_FOR_S3,
    AssetSyncCancelledError,
    AssetSyncError,
    JobAttachmentS3BotoCoreError,
    JobAttachmentsError,
    JobAttachmentsS3ClientError,
    MisconfiguredInputsError,
    MissingS3BucketError,
    MissingS3RootPrefixError,
)
from .models import (
    S3_DATA_FOLDER_NAME,
    S3_INPUT_MANIFEST_FOLDER_NAME,
    S3_MANIFEST_FOLDER_NAME,
    AssetRootGroup,
    AssetRootManifest,
    AssetUploadGroup,
    Attachments,
    FileStatus,
    FileSystemLocationType,
    JobAttachmentS3Settings,
    ManifestProperties,
    PathFormat,
    StorageProfile,
)
from .progress_tracker import ProgressReportMetadata, ProgressStatus, ProgressTracker, SummaryStatistics
from .sending import PART_SIZE as S3_MULTIPART_UPLOAD_CHUNK_SIZE
from .uploader import S3AssetUploader

S3_UPLOAD_MAX_CONCURRENCY = 10
"""How many requests a transfer manager would make at once; kept for those who read it, the engine adapts."""

__all__ = [
    "COMMON_ERROR_GUIDANCE_FOR_S3",
    "S3_DATA_FOLDER_NAME",
    "S3_INPUT_MANIFEST_FOLDER_NAME",
    "S3_MANIFEST_FOLDER_NAME",
    "S3_MULTIPART_UPLOAD_CHUNK_SIZE",
    "S3_UPLOAD_MAX_CONCURRENCY",
    "AssetRootGroup",
    "AssetRootManifest",
    "AssetSyncCancelledError",
    "AssetSyncError",
    "AssetUploadGroup",
    "Attachments",
    "BaseAssetManifest",
    "BaseManifestPath",
    "FileStatus",
    "FileSystemLocationType",
    "HashAlgorithm",
    "HashCache",
    "HashCacheEntry",
    "JobAttachmentS3BotoCoreError",
    "JobAttachmentS3Settings",
    "JobAttachmentsError",
    "JobAttachmentsS3ClientError",
    "ManifestModelRegistry",
    "ManifestProperties",
    "ManifestVersion",
    "MisconfiguredInputsError",
    "MissingS3BucketError",
    "MissingS3RootPrefixError",
    "PathFormat",
    "ProgressReportMetadata",
    "ProgressStatus",
    "ProgressTracker",
    "S3AssetManager",
    "S3AssetUploader",
    "S3CheckCache",
    "S3CheckCacheEntry",
    "StorageProfile",
    "SummaryStatistics",
    "get_account_id",
    "get_boto3_session",
    "get_s3_client",
    "hash_data",
    "hash_file",
]
