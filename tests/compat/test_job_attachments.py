"""What programs of others take from ``deadline.job_attachments``: every name, and how each one is called.

The tables were read off the released sources of the worker agent, of submitters and of the existing client. Each line is
a name and the ways in which it is called: ``2`` for two positional arguments, then the keywords. A name that nobody calls
is only looked up.
"""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from typing import Any, Dict, Iterator, List, Tuple

import pytest

ROOT = "deadline.job_attachments"

OF_WORKERS_AND_INTEGRATIONS = """
:
    version
_aws.deadline:
    get_queue
_utils:
    _get_unique_dest_dir_name | 1
api:
    human_readable_file_size | 1
api.manifest:
    _manifest_merge | 0 destination manifest_files name print_function_callback root
    _manifest_snapshot | 0 destination diff include name root
asset_manifests:
    BaseAssetManifest
    hash_data | 2
    hash_file | 2
    HashAlgorithm.XXH128
asset_manifests.base_manifest:
    BaseManifestPath.hash
    BaseManifestPath.path
    BaseManifestPath.size
asset_manifests.decode:
    decode_manifest | 1
asset_manifests.hash_algorithms:
    HashAlgorithm.XXH128
asset_manifests.v2023_03_03:
    AssetManifest | 0 hash_alg paths total_size
    AssetManifest.encode | 1
    AssetManifest.get_default_hash_alg | 0
    ManifestPath | 0 hash mtime path size
    ManifestPath.path
asset_manifests.v2023_03_03.asset_manifest:
    AssetManifest | 0 hash_alg paths total_size
    AssetManifest.get_default_hash_alg | 0
    ManifestPath | 0 hash mtime path size
asset_sync:
    AssetSync | 0 boto3_session farm_id session_id
    AssetSync._aggregate_asset_root_manifests | 1 attachments dynamic_mapping_rules job_id queue_id s3_settings session_dir step_dependencies storage_profiles_path_mapping_rules
    AssetSync._check_and_write_local_manifests | 1 manifest_name_suffix manifest_write_dir merged_manifests_by_root
    AssetSync._launch_vfs | 1 fs_permission_settings merged_manifests_by_root on_mount_complete os_env_vars s3_settings session_dir
    AssetSync.cleanup_session | 1 file_system os_user session_dir
    AssetSync.generate_dynamic_path_mapping | 0 attachments session_dir
    AssetSync.get_local_destination | 0 dynamic_mapping_rules manifest_properties storage_profiles_path_mapping_rules
download:
    decode_manifest | 1
    download_files_from_manifests | 0 cas_prefix conflict_resolution manifests_by_root on_downloading_files s3_bucket session | 0 cas_prefix manifests_by_root on_downloading_files s3_bucket session
    get_output_manifests_by_asset_root
    get_s3_client
    OutputDownloader | 0 farm_id include_filters job_id queue_id s3_settings session | 0 farm_id job_id queue_id s3_settings session | 0 farm_id job_id queue_id s3_settings step_id
    OutputDownloader.download | 1 file_conflict_resolution
    OutputDownloader.get_paths_by_root | 1
    OutputDownloader.set_root_path | 3
models:
    AssetRootManifest.asset_manifest
    AssetRootManifest.root_path
    AssetUploadGroup.asset_groups
    AssetUploadGroup.total_input_bytes
    AssetUploadGroup.total_input_files
    Attachments | 0 fileSystem manifests
    Attachments.fileSystem
    Attachments.manifests
    Attachments.to_dict | 1
    FileConflictResolution.OVERWRITE
    JobAttachmentS3Settings | 0 rootPrefix s3BucketName
    JobAttachmentS3Settings.add_root_and_manifest_folder_prefix | 2
    JobAttachmentS3Settings.from_s3_root_uri | 1
    JobAttachmentS3Settings.full_cas_prefix | 1
    JobAttachmentS3Settings.partial_session_action_manifest_prefix | 0 farm_id job_id queue_id session_action_id step_id task_id time
    JobAttachmentS3Settings.partial_session_action_manifest_prefix_without_task | 0 farm_id job_id queue_id session_action_id step_id time
    JobAttachmentS3Settings.rootPrefix
    JobAttachmentS3Settings.s3BucketName
    JobAttachmentS3Settings.to_s3_root_uri | 1
    JobAttachmentsFileSystem | 1
    JobAttachmentsFileSystem.COPIED
    JobAttachmentsFileSystem.VIRTUAL
    ManifestMerge.local_manifest_path
    ManifestProperties | 0 fileSystemLocationName inputManifestHash inputManifestPath outputRelativeDirectories rootPath rootPathFormat
    ManifestProperties.fileSystemLocationName
    ManifestProperties.inputManifestHash
    ManifestProperties.inputManifestPath
    ManifestProperties.outputRelativeDirectories
    ManifestProperties.rootPath
    ManifestProperties.rootPathFormat
    ManifestProperties.to_dict | 1
    ManifestSnapshot.manifest
    PathFormat | 1
    PathFormat.POSIX
    PathFormat.WINDOWS
    PathFormat.get_host_path_format | 0
    PathMappingRule | 0 destination_path source_path source_path_format
    PathMappingRule.destination_path
    PathMappingRule.source_path
    StorageProfile.storageProfileId
    UploadManifestInfo | 0 output_manifest_hash output_manifest_path source_path
    UploadManifestInfo.output_manifest_hash
    UploadManifestInfo.output_manifest_path
    UploadManifestInfo.source_path
os_file_permission:
    FileSystemPermissionSettings
    PosixFileSystemPermissionSettings | 0 dir_mode file_mode os_group os_user
    WindowsFileSystemPermissionSettings | 0 dir_mode file_mode os_user
    WindowsPermissionEnum.WRITE
progress_tracker:
    DownloadSummaryStatistics.convert_to_summary_statistics | 1
    DownloadSummaryStatistics.processed_bytes
    DownloadSummaryStatistics.processed_files
    DownloadSummaryStatistics.skipped_bytes
    DownloadSummaryStatistics.skipped_files
    DownloadSummaryStatistics.total_time
    DownloadSummaryStatistics.transfer_rate
    ProgressReportMetadata.processedFiles
    ProgressReportMetadata.progress
    ProgressReportMetadata.progressMessage
    ProgressReportMetadata.transferRate
    ProgressStatus.UPLOAD_IN_PROGRESS
    ProgressTracker | 0 status total_bytes total_files
    ProgressTracker.get_summary_statistics | 1
    SummaryStatistics | 0
    SummaryStatistics.aggregate | 2
    SummaryStatistics.processed_bytes
    SummaryStatistics.processed_files
    SummaryStatistics.skipped_bytes
    SummaryStatistics.skipped_files
    SummaryStatistics.total_time
    SummaryStatistics.transfer_rate
upload:
    S3AssetManager | 0 asset_uploader farm_id job_attachment_settings queue_id session | 0 farm_id job_attachment_settings queue_id session
    S3AssetManager.hash_assets_and_create_manifest | 5
    S3AssetManager.prepare_paths_for_upload | 1 input_paths output_paths referenced_paths storage_profile | 4
    S3AssetManager.upload_assets | 1 manifests on_uploading_assets s3_check_cache_dir | 2 on_uploading_assets s3_check_cache_dir
    S3AssetUploader | 0 s3_max_pool_connections session small_file_threshold_multiplier | 0 s3_max_pool_connections small_file_threshold_multiplier | 0 session
    S3AssetUploader.file_already_uploaded | 3
    S3AssetUploader.upload_assets | 1 asset_root job_attachment_settings manifest manifest_file_name manifest_metadata partial_manifest_prefix progress_tracker s3_check_cache_dir source_root
"""
"""Taken by the worker agent, by submitters and by samples."""

OF_THE_CLIENT = """
_aws.aws_clients:
    get_account_id | 0 session
    get_boto3_session | 0
    get_deadline_client | 0 session endpoint_url
    get_s3_client | 0 session s3_max_pool_connections
_aws.deadline:
    get_job | 3 session deadline_endpoint_url
    get_queue | 2 session deadline_endpoint_url
_diff:
    pretty_print_cli | 0 root all_files manifest_diff
    compare_manifest | 0 reference_manifest compare_manifest
    diff_manifest
    find_file_with_status
    _fast_file_list_to_manifest_diff
_incremental_downloads._manifest_s3_downloads:
    _add_output_manifests_from_s3 | 0 farm_id queue job boto3_session session_action_list
    _download_all_manifests_with_absolute_paths | 0 queue download_candidate_jobs job_sessions path_mapping_rule_appliers output_unmapped_paths boto3_session_for_s3 print_function_callback
    _download_manifest_paths | 0 manifest_paths_to_download hash_algorithm queue boto3_session_for_s3 file_conflict_resolution on_downloading_files print_function_callback
    _get_manifests_to_download | 0 root_prefix download_candidate_jobs job_sessions path_mapping_rule_appliers
    _merge_absolute_path_manifest_list | 1
_incremental_downloads.incremental_download_state:
    EVENTUAL_CONSISTENCY_MAX_SECONDS
    IncrementalDownloadJob | 3
    IncrementalDownloadJob.from_dict | 1
    IncrementalDownloadJob.job_id
    IncrementalDownloadJob.to_dict | 1
    IncrementalDownloadState | 0 local_storage_profile_id downloads_started_timestamp downloads_completed_timestamp jobs eventual_consistency_max_seconds
    IncrementalDownloadState.from_dict | 1
    IncrementalDownloadState.from_file | 1
    IncrementalDownloadState.save_file | 2
    IncrementalDownloadState.to_dict | 1
    _datetimes_to_str | 1
_path_mapping:
    _PathMappingRuleApplier | 1
    _PathMappingRuleApplier.strict_transform | 2
    _PathMappingRuleApplier.transform | 2
    _generate_path_mapping_rules | 2
_path_summarization:
    PathSummary | 1 path_format index_set file_count total_size children
    PathSummary.is_dir | 1
    PathSummary.summary | 1
    PathSummary.summary_totals | 1
    human_readable_file_size | 1
    summarize_path_list | 1 path_format total_size_by_path max_entries include_totals
    summarize_paths_by_nested_directory | 1 path_format total_size_by_path
    summarize_paths_by_sequence | 1 path_format total_size_by_path
_utils:
    WINDOWS_MAX_PATH_LENGTH
    _as_extended_length_path | 1
    _float_to_iso_datetime_string | 1
    _generate_random_guid | 0
    _get_bucket_and_object_key | 1
    _get_long_path_compatible_path | 1
    _is_relative_to | 2
    _is_windows_long_path_registry_enabled | 0
    _join_s3_paths | 2
    _normalize_windows_path | 1
    _retry
api:
    PathSummary
    summarize_path_list
    summarize_paths_by_nested_directory
    summarize_paths_by_sequence
api._hashing:
    _hash_attachments | 0 asset_manager asset_groups total_input_files total_input_bytes print_function_callback hashing_progress_callback hash_cache_dir telemetry_callback
api.attachment:
    _attachment_download | 0 manifests s3_root_uri boto3_session path_mapping_rules print_function_callback conflict_resolution
    _attachment_upload | 0 manifests s3_root_uri boto3_session root_dirs path_mapping_rules manifest_path_mapping upload_manifest_path print_function_callback s3_check_cache_dir s3_max_pool_connections small_file_threshold_multiplier
api.manifest:
    _glob_files | 0 root include exclude include_exclude_config
    _manifest_diff | 0 manifest root include exclude include_exclude_config force_rehash print_function_callback cache_dir
    _manifest_download | 0 deadline_client download_dir farm_id job_id queue_id queue_role_session queue_s3_settings asset_type print_function_callback step_id
    _manifest_snapshot | 0 root destination name include exclude include_exclude_config diff force_rehash print_function_callback hashing_progress_callback telemetry_callback hash_cache_dir
    _manifest_upload | 0 manifest_file s3_bucket_name s3_cas_prefix boto_session s3_key_prefix print_function_callback
asset_manifests:
    BaseManifestModel
    BaseManifestPath
    ManifestModelRegistry.get_manifest_model | 0 version
    ManifestVersion.v2023_03_03
asset_manifests._create_manifest:
    _create_manifest_for_single_root | 0 files root print_function_callback hashing_progress_callback telemetry_callback hash_cache_dir
asset_sync:
    AssetSync.attachment_sync_inputs | 1 s3_settings attachments queue_id job_id session_dir fs_permission_settings storage_profiles_path_mapping_rules step_dependencies on_downloading_files os_env_vars on_vfs_mount_complete
    AssetSync.copied_download | 1 s3_settings session_dir fs_permission_settings merged_manifests_by_root on_downloading_files conflict_resolution
    AssetSync.get_attachments | 1 farm_id queue_id job_id
    AssetSync.get_s3_settings | 1 farm_id queue_id
    AssetSync.sync_inputs | 1 s3_settings attachments queue_id job_id session_dir fs_permission_settings storage_profiles_path_mapping_rules step_dependencies on_downloading_files os_env_vars on_vfs_mount_complete
    AssetSync.sync_outputs | 1 s3_settings attachments queue_id job_id step_id task_id session_action_id start_time session_dir storage_profiles_path_mapping_rules on_uploading_files
caches:
    CacheDB
    HashCache | 1
    HashCacheEntry
    S3CheckCache | 1
    S3CheckCacheEntry
    WHOLE_FILE_RANGE_END
download:
    InputDownloader | 0 s3_settings attachments session include_filters
    OutputDownloader | 0 s3_settings farm_id queue_id job_id step_id task_id session_action_id session include_filters
    OutputDownloader.apply_include_filters | 2
    OutputDownloader.download | 1 file_conflict_resolution on_downloading_files
    _BaseFilterableDownloader | 0 s3_settings initial_paths_by_root session include_filters manifest_label
    download_file
    download_files
    download_files_from_manifests | 0 s3_bucket manifests_by_root cas_prefix fs_permission_settings session on_downloading_files logger conflict_resolution
    download_files_in_directory
    filter_manifests | 2
    get_asset_root_and_manifest_from_s3 | 0 manifest_key s3_bucket session
    get_job_input_output_paths_by_asset_root
    get_job_input_paths_by_asset_root | 0 s3_settings attachments session
    get_job_output_paths_by_asset_root | 0 s3_settings farm_id queue_id job_id step_id task_id session_action_id session
    get_manifest_from_s3 | 0 manifest_key s3_bucket session
    get_output_manifests_by_asset_root | 0 s3_settings farm_id queue_id job_id step_id task_id session_action_id session
    handle_existing_vfs
    merge_asset_manifests | 1
    mount_vfs_from_manifests | 0 s3_bucket manifests_by_root boto3_session session_dir os_env_vars fs_permission_settings cas_prefix on_mount_complete
exceptions:
    AssetOutsideOfRootError
    AssetSyncCancelledError | 1 summary_statistics
    AssetSyncError
    COMMON_ERROR_GUIDANCE_FOR_S3
    JobAttachmentS3BotoCoreError | 0 action error_details
    JobAttachmentsError
    JobAttachmentsS3ClientError | 0 action status_code bucket_name key_or_prefix message
    MalformedAttachmentSettingError
    ManifestCreationException
    ManifestDecodeValidationError
    MisconfiguredInputsError
    MissingAssetRootError
    MissingJobAttachmentSettingsError
    MissingManifestError
    MissingS3BucketError
    MissingS3RootPrefixError
    NonValidInputError
    PathOutsideDirectoryError
    UnsupportedHashingAlgorithmError
    VFSExecutableMissingError
    VFSFailedToMountError
    VFSLaunchScriptMissingError
    VFSOSUserNotSetError
    VFSRunPathNotSetError
models:
    AssetRootGroup | 0 file_system_location_name root_path inputs outputs references
    AssetRootManifest | 0 file_system_location_name root_path asset_manifest outputs
    AssetType.ALL
    AssetUploadGroup | 0 asset_groups known_asset_paths total_input_files total_input_bytes
    FileStatus.MODIFIED
    FileSystemLocation | 0 name path type
    FileSystemLocationType.LOCAL
    JobAttachmentS3Settings.from_root_path | 1
    JobAttachmentS3Settings.partial_manifest_prefix | 3
    ManifestDiff | 0 new modified deleted
    ManifestDownload | 0 manifest_root local_manifest_path
    ManifestDownloadResponse | 0 downloaded
    ManifestPathGroup.get_all_paths | 1
    ManifestProperties.as_output_metadata | 1
    ManifestProperties.from_dict | 1
    PathFormat.get_host_path_format_string | 0
    PathMappingRule.get_hashed_source_path | 2
    S3_MANIFEST_FOLDER_NAME
    StorageProfile | 0 storageProfileId displayName osFamily fileSystemLocations
    StorageProfileOperatingSystemFamily.get_host_os_family | 0
progress_tracker:
    ProgressReportMetadata | 0 status progress transferRate progressMessage processedFiles
    ProgressTracker | 0 status total_files total_bytes on_progress_callback callback_interval max_files_in_chunk logger log_interval log_percentage_threshold
    ProgressTracker.increase_processed | 1 num_files file_bytes
    ProgressTracker.increase_skipped | 1 num_files file_bytes
    ProgressTracker.report_progress | 1
upload:
    S3AssetManager | 0 farm_id queue_id job_attachment_settings asset_uploader session asset_manifest_version s3_max_pool_connections small_file_threshold_multiplier
    S3AssetManager.prepare_paths_for_upload | 1 input_paths output_paths referenced_paths storage_profile require_paths_exist
    S3AssetManager.snapshot_assets | 1 snapshot_dir manifests on_snapshotting_assets
    S3AssetManager.upload_assets | 1 manifests on_uploading_assets s3_check_cache_dir manifest_write_dir force_s3_check
    S3AssetUploader.reset_s3_check_cache | 2
    S3AssetUploader.upload_bytes_to_s3 | 1 bytes bucket key progress_handler extra_args
    S3AssetUploader.upload_file_to_s3
    S3AssetUploader.upload_input_files
    S3AssetUploader.upload_object_to_cas
    S3AssetUploader.verify_hash_cache_integrity
    SummaryStatistics
vfs:
    VFSProcessManager
"""
"""Taken by the existing client, or named by the library's own contract."""


def parsed(table: str) -> Iterator[Tuple[str, str, Tuple[str, ...]]]:
    """Module, name and calls of each line of a table."""
    module = ROOT
    for line in table.strip("\n").splitlines():
        if not line.startswith(" "):
            module = f"{ROOT}.{line[:-1]}" if line != ":" else ROOT
            continue
        name, *calls = (part.strip() for part in line.split("|"))
        yield module, name, tuple(calls)


NAMES = [*parsed(OF_WORKERS_AND_INTEGRATIONS), *parsed(OF_THE_CLIENT)]
FIELDS: Dict[str, List[str]] = {
    "models.PathMappingRule": ["source_path_format", "source_path", "destination_path"],
    "models.UploadManifestInfo": ["output_manifest_path", "output_manifest_hash", "source_path"],
    "models.JobAttachmentS3Settings": ["s3BucketName", "rootPrefix"],
    "progress_tracker.SummaryStatistics": [
        *("total_time", "total_files", "total_bytes", "processed_files", "processed_bytes"),
        *("skipped_files", "skipped_bytes", "transfer_rate"),
    ],
}
"""Values whose fields travel between programs: exactly these, in this order."""


def found(module: str, name: str) -> Any:
    """What a name stands for; a field of a value or an attribute of its instances stands for itself."""
    value = importlib.import_module(module)
    for part in name.split("."):
        if inspect.isclass(value) and not hasattr(value, part):
            fields = {
                *(field.name for field in (dataclasses.fields(value) if dataclasses.is_dataclass(value) else ())),
                *inspect.signature(value).parameters,
            }
            if part not in fields:
                raise AttributeError(f"{module}.{name}")
            return part
        value = getattr(value, part)
    return value


@pytest.mark.parametrize(("module", "name", "calls"), NAMES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_name_that_others_import_exists_and_takes_their_arguments(
    module: str, name: str, calls: Tuple[str, ...]
) -> None:
    value = found(module, name)

    for call in calls:
        count, *keywords = call.split()
        inspect.signature(value).bind(*range(int(count)), **dict.fromkeys(keywords))


@pytest.mark.parametrize(("name", "fields"), FIELDS.items())
def test_values_that_travel_between_programs_have_exactly_their_fields(name: str, fields: List[str]) -> None:
    module, _, type_name = name.rpartition(".")
    value = getattr(importlib.import_module(f"{ROOT}.{module}"), type_name)

    assert [field.name for field in dataclasses.fields(value)] == fields


def test_errors_have_the_places_by_which_callers_tell_them_apart() -> None:
    from deadline.job_attachments import exceptions

    assert issubclass(exceptions.JobAttachmentsS3ClientError, exceptions.AssetSyncError)
    assert issubclass(exceptions.JobAttachmentS3BotoCoreError, exceptions.AssetSyncError)
    assert issubclass(exceptions.AssetSyncCancelledError, exceptions.JobAttachmentsError)
    assert not issubclass(exceptions.AssetSyncCancelledError, exceptions.AssetSyncError)
    assert not issubclass(exceptions.AssetSyncError, exceptions.JobAttachmentsError)
