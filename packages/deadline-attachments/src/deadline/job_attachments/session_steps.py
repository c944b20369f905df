"""The steps by which a worker brings the files of a job into a session, and how it ends.

Before tasks run the agent maps each asset root to a folder, reads and merges the manifests of what has to be there, writes
them to files, and copies or mounts what they name. At the end of the session it unmounts.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Type

from . import session_folders, session_inputs
from ._aws.aws_clients import get_boto3_session
from ._aws.deadline import get_job, get_queue
from .asset_manifests import (
    BaseAssetManifest,
    BaseManifestModel,
    HashAlgorithm,
    ManifestModelRegistry,
    ManifestVersion,
)
from .exceptions import VFSExecutableMissingError, VFSOSUserNotSetError
from .file_downloads import ProgressCallback, download_files_from_manifests
from .models import (
    Attachments,
    FileConflictResolution,
    JobAttachmentS3Settings,
    JobAttachmentsFileSystem,
    ManifestProperties,
    PathMappingRule,
)
from .object_store import open_store
from .os_file_permission import FileSystemPermissionSettings
from .progress_tracker import SummaryStatistics
from .session_outputs import Baseline
from .uploader import S3AssetUploader
from .virtual_file_system.mounting import mount_vfs_from_manifests
from .virtual_file_system.process import VFSProcessManager

MountCallback = Optional[Callable[[bool], None]]


class _SessionLogger(logging.LoggerAdapter):  # type: ignore[type-arg]
    """Marks each record with the session, so that a worker can send it to the session's log."""


class SessionSteps:
    """The steps of one session; :class:`.asset_sync.AssetSync` adds calls that do several at once."""

    def __init__(
        self,
        farm_id: str,
        boto3_session: Any = None,
        manifest_version: ManifestVersion = ManifestVersion.v2023_03_03,
        deadline_endpoint_url: Optional[str] = None,
        session_id: Optional[str] = None,
        s3_max_pool_connections: int = 50,
        small_file_threshold_multiplier: int = 20,
    ) -> None:
        """``boto3_session`` has the credentials of the queue's role."""
        self.farm_id = farm_id
        self.session = boto3_session or get_boto3_session()
        self.deadline_endpoint_url = deadline_endpoint_url
        logger = logging.getLogger("deadline.job_attachments")
        self.logger: Any = _SessionLogger(logger, {"session_id": session_id}) if session_id else logger
        self.s3_uploader = S3AssetUploader(
            self.session,
            s3_max_pool_connections=s3_max_pool_connections,
            small_file_threshold_multiplier=small_file_threshold_multiplier,
        )
        self.manifest_model: Type[BaseManifestModel] = ManifestModelRegistry.get_manifest_model(
            version=manifest_version
        )
        self.hash_alg: HashAlgorithm = self.manifest_model.AssetManifest.get_default_hash_alg()
        self.synced_assets_mtime: Dict[str, int] = {}
        """The files that are known to be in the session's folders: modification times in nanoseconds by absolute path."""
        self._baseline = Baseline(self.synced_assets_mtime)
        # The hashes of what was brought, by absolute path: also where a task has changed the file since.
        self._brought: Dict[str, str] = {}

    @staticmethod
    def generate_dynamic_path_mapping(session_dir: Path, attachments: Attachments) -> Dict[str, PathMappingRule]:
        """For each root that no storage profile maps: the rule from it to its folder below ``session_dir``."""
        return {
            properties.rootPath: session_folders.rule_into_session(properties, session_dir)
            for properties in attachments.manifests
            if not properties.fileSystemLocationName
        }

    @staticmethod
    def get_local_destination(
        manifest_properties: ManifestProperties,
        dynamic_mapping_rules: Optional[Dict[str, PathMappingRule]] = None,
        storage_profiles_path_mapping_rules: Optional[Dict[str, str]] = None,
    ) -> str:
        """The folder of a root on this worker; raises :class:`AssetSyncError` when no rule names one."""
        return session_folders.local_destination(
            manifest_properties, dynamic_mapping_rules or {}, storage_profiles_path_mapping_rules or {}
        )

    def _aggregate_asset_root_manifests(
        self,
        session_dir: Path,
        s3_settings: JobAttachmentS3Settings,
        queue_id: str,
        job_id: str,
        attachments: Attachments,
        step_dependencies: Optional[List[str]] = None,
        dynamic_mapping_rules: Optional[Dict[str, PathMappingRule]] = None,
        storage_profiles_path_mapping_rules: Optional[Dict[str, str]] = None,
    ) -> Dict[str, BaseAssetManifest]:
        """What has to be in each local folder: the job's inputs or, with step dependencies, what those steps wrote."""
        roots = session_folders.session_roots(
            attachments, dynamic_mapping_rules or {}, storage_profiles_path_mapping_rules or {}
        )
        with open_store(self.session, s3_settings.s3BucketName) as store:
            if not step_dependencies:
                return session_inputs.merged(session_inputs.inputs_of_job(store, s3_settings, roots))
            ids = (self.farm_id, queue_id, job_id)
            return session_inputs.merged(
                session_inputs.outputs_of_steps(store, s3_settings, *ids, step_dependencies, roots, session_dir)
            )

    def _check_and_write_local_manifests(
        self,
        merged_manifests_by_root: Dict[str, BaseAssetManifest],
        manifest_write_dir: str,
        manifest_name_suffix: str = "manifest",
    ) -> Dict[str, str]:
        """Write each manifest to a file of its own; the files by local folder.

        Raises :class:`AssetSyncError` when a disk has no room for the manifests' files.
        """
        session_inputs.require_room(merged_manifests_by_root)
        folder = Path(manifest_write_dir, "manifests")
        return session_inputs.write_manifests(merged_manifests_by_root, folder, manifest_name_suffix)

    def _launch_vfs(
        self,
        s3_settings: JobAttachmentS3Settings,
        session_dir: Path,
        fs_permission_settings: Optional[FileSystemPermissionSettings] = None,
        merged_manifests_by_root: Optional[Dict[str, BaseAssetManifest]] = None,
        os_env_vars: Optional[Dict[str, str]] = None,
        on_mount_complete: MountCallback = None,
    ) -> bool:
        """Mount the roots; ``False``, with nothing done, where the virtual file system is not installed.

        Errors as of :func:`.virtual_file_system.mounting.mount_vfs_from_manifests`.
        """
        try:
            VFSProcessManager.find_vfs()
        except VFSExecutableMissingError as error:
            self.logger.error("%s", error)
            return False
        mount_vfs_from_manifests(
            s3_settings.s3BucketName,
            merged_manifests_by_root or {},
            self.session,
            session_dir,
            os_env_vars or {},
            fs_permission_settings,
            s3_settings.full_cas_prefix(),
            on_mount_complete,
        )
        return True

    def copied_download(
        self,
        s3_settings: JobAttachmentS3Settings,
        session_dir: Path,
        fs_permission_settings: Optional[FileSystemPermissionSettings] = None,
        merged_manifests_by_root: Optional[Dict[str, BaseAssetManifest]] = None,
        on_downloading_files: ProgressCallback = None,
        conflict_resolution: Optional[FileConflictResolution] = None,
    ) -> SummaryStatistics:
        """Copy the files of manifests into their folders.

        Arguments and errors are as of :func:`.file_downloads.download_files_from_manifests`. The error for a content that
        is not in S3 says what whoever submitted the job can do.
        """
        with session_inputs.advice_on_missing_content():
            statistics = download_files_from_manifests(
                s3_settings.s3BucketName,
                merged_manifests_by_root or {},
                s3_settings.full_cas_prefix(),
                fs_permission_settings,
                self.session,
                on_downloading_files,
                self.logger,
                conflict_resolution,
            )
        return statistics.convert_to_summary_statistics()

    def cleanup_session(
        self, session_dir: Path, file_system: JobAttachmentsFileSystem, os_user: Optional[str] = None
    ) -> None:
        """Unmount what the session mounted; copied files are left to whoever removes the session's folder.

        Raises :class:`VFSOSUserNotSetError` when the files were mounted and no user is given.
        """
        if file_system == JobAttachmentsFileSystem.COPIED:
            return
        if not os_user:
            raise VFSOSUserNotSetError("Unmounting the files of a session needs the user that they were mounted for.")
        try:
            VFSProcessManager.kill_all_processes(session_dir, os_user)
        except VFSExecutableMissingError as error:
            self.logger.error("%s", error)

    def get_s3_settings(self, farm_id: str, queue_id: str) -> Optional[JobAttachmentS3Settings]:
        """The job attachment settings of a queue; ``None`` where it has none.

        Raises :class:`JobAttachmentsError` when the service refuses.
        """
        return get_queue(farm_id, queue_id, self.session, self.deadline_endpoint_url).jobAttachmentSettings

    def get_attachments(self, farm_id: str, queue_id: str, job_id: str) -> Optional[Attachments]:
        """The attachments of a job; ``None`` where it has none.

        Raises :class:`JobAttachmentsError` when the service refuses.
        """
        return get_job(farm_id, queue_id, job_id, self.session, self.deadline_endpoint_url).attachments
