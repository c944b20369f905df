"""Job attachments of a session on a worker: files into the session's folders before its tasks run, outputs out of them.

=========================  ===========================================================================
room                       subject
=========================  ===========================================================================
:mod:`.session_steps`      the steps by which a worker brings files, and the end of a session
:mod:`.session_folders`    where the session has each asset root
:mod:`.session_inputs`     what has to be there before tasks run
:mod:`.session_outputs`    what tasks wrote
=========================  ===========================================================================

The folders of a session are the worker's own. A file that is brought to them is an older or newer state of the one that
has its name there, so it takes that one's place; and what a session has brought once it does not bring again, because a
task may have changed it on purpose.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import time
import warnings
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

from . import session_folders, session_inputs
from ._engine.cancel import CancelToken
from ._engine.progress import tracking
from .asset_manifests import BaseAssetManifest
from .exceptions import AssetSyncCancelledError
from .file_downloads import ProgressCallback
from .hashing import HashedFile, hash_files
from .models import Attachments, FileConflictResolution, JobAttachmentS3Settings, JobAttachmentsFileSystem
from .object_store import open_store
from .os_file_permission import FileSystemPermissionSettings, PosixFileSystemPermissionSettings
from .progress_tracker import ProgressStatus, ProgressTracker, SummaryStatistics
from .session_outputs import Written, find_written, output_manifests
from .session_steps import MountCallback, SessionSteps

_DEPRECATED = "AssetSync.{} is deprecated: a worker brings files step by step, and sends them by S3AssetUploader."


class AssetSync(SessionSteps):
    """Job attachments of one session on a worker."""

    def sync_inputs(
        self,
        s3_settings: Optional[JobAttachmentS3Settings],
        attachments: Optional[Attachments],
        queue_id: str,
        job_id: str,
        session_dir: Path,
        fs_permission_settings: Optional[FileSystemPermissionSettings] = None,
        storage_profiles_path_mapping_rules: Optional[Dict[str, str]] = None,
        step_dependencies: Optional[List[str]] = None,
        on_downloading_files: ProgressCallback = None,
        os_env_vars: Optional[Dict[str, str]] = None,
        on_vfs_mount_complete: MountCallback = None,
    ) -> Tuple[SummaryStatistics, List[Dict[str, str]]]:
        """Bring the job's inputs and what the steps wrote on which a step depends; deprecated for the single steps.

        Args:
            s3_settings: Of the queue; without them nothing is done.
            attachments: Of the job; without them nothing is done.
            queue_id: The queue.
            job_id: The job.
            session_dir: The session's folder.
            fs_permission_settings: The job's user, or group.
            storage_profiles_path_mapping_rules: From folders of the submitting machine to folders of this one. Without
                any, roots in file system locations have folders of the session like others.
            step_dependencies: Steps whose outputs are brought too.
            on_downloading_files: Gets reports and answers whether to go on.
            os_env_vars: The environment of the virtual file system; it is used when this names an ``AWS_PROFILE``.
            on_vfs_mount_complete: Is told whether a mount succeeded.

        Returns:
            What was done, and the rules from roots to folders below ``session_dir``.

        Raises:
            AssetSyncError: S3 failed, a content is missing there, or a disk has no room.
            AssetSyncCancelledError: The callback answered ``False``.
        """
        warnings.warn(_DEPRECATED.format("sync_inputs"), DeprecationWarning, stacklevel=2)
        return self._bring(
            s3_settings,
            attachments,
            queue_id,
            job_id,
            session_dir,
            fs_permission_settings,
            storage_profiles_path_mapping_rules or {},
            step_dependencies or [],
            on_downloading_files,
            os_env_vars or {},
            on_vfs_mount_complete,
        )

    def attachment_sync_inputs(
        self,
        s3_settings: Optional[JobAttachmentS3Settings],
        attachments: Optional[Attachments],
        queue_id: str,
        job_id: str,
        session_dir: Path,
        fs_permission_settings: Optional[FileSystemPermissionSettings] = None,
        storage_profiles_path_mapping_rules: Optional[Dict[str, str]] = None,
        step_dependencies: Optional[List[str]] = None,
        on_downloading_files: ProgressCallback = None,
        os_env_vars: Optional[Dict[str, str]] = None,
        on_vfs_mount_complete: MountCallback = None,
    ) -> Tuple[SummaryStatistics, List[Dict[str, str]]]:
        """The same as :meth:`sync_inputs` under another name, and deprecated too."""
        warnings.warn(_DEPRECATED.format("attachment_sync_inputs"), DeprecationWarning, stacklevel=2)
        return self._bring(
            s3_settings,
            attachments,
            queue_id,
            job_id,
            session_dir,
            fs_permission_settings,
            storage_profiles_path_mapping_rules or {},
            step_dependencies or [],
            on_downloading_files,
            os_env_vars or {},
            on_vfs_mount_complete,
        )

    def sync_outputs(
        self,
        s3_settings: Optional[JobAttachmentS3Settings],
        attachments: Optional[Attachments],
        queue_id: str,
        job_id: str,
        step_id: str,
        task_id: Optional[str],
        session_action_id: str,
        start_time: float,
        session_dir: Path,
        storage_profiles_path_mapping_rules: Optional[Dict[str, str]] = None,
        on_uploading_files: ProgressCallback = None,
    ) -> SummaryStatistics:
        """Upload what a task wrote since files were last brought or sent, and a manifest for each root; deprecated.

        Args:
            s3_settings: Of the queue; without them nothing is done.
            attachments: Of the job; without them nothing is done.
            queue_id: The queue.
            job_id: The job.
            step_id: The step.
            task_id: The task; ``None`` for a chunk of tasks.
            session_action_id: The action in which the task ran.
            start_time: When it began, in seconds since the epoch.
            session_dir: The session's folder.
            storage_profiles_path_mapping_rules: As of :meth:`sync_inputs`.
            on_uploading_files: Gets reports of hashing and of uploading, and answers whether to go on.

        Raises:
            AssetSyncError: A file changed meanwhile, or S3 failed; no manifest was published.
            MisconfiguredInputsError: A file cannot be read.
            AssetSyncCancelledError: The callback answered ``False``.
        """
        warnings.warn(_DEPRECATED.format("sync_outputs"), DeprecationWarning, stacklevel=2)
        if s3_settings is None or attachments is None:
            self.logger.info("The queue or the job has no job attachments: there is nothing to send.")
            return SummaryStatistics()
        started = time.perf_counter()
        located = storage_profiles_path_mapping_rules or {}
        rules = session_folders.rules_into_session(attachments, session_dir, located)
        roots = session_folders.session_roots(attachments, rules, located)
        written = find_written(roots, session_dir, self._baseline, self.logger)
        if not written:
            return SummaryStatistics()
        hashed = self._hashed(written, on_uploading_files)
        prefix = _output_prefix(self.farm_id, queue_id, job_id, step_id, task_id, session_action_id, start_time)
        size = sum(file.size for file in hashed)
        tracker = ProgressTracker(
            ProgressStatus.UPLOAD_IN_PROGRESS, len(hashed), size, on_uploading_files, logger=self.logger
        )
        self.s3_uploader.upload_roots(
            s3_settings, output_manifests(hashed, written, self.manifest_model, prefix), tracker
        )
        # The state that was found: a file that was written to meanwhile is another one at the next action.
        for path, found in written.items():
            self._baseline.record(path, found.status)
        tracker.total_time = time.perf_counter() - started
        return tracker.get_summary_statistics()

    def _bring(
        self,
        s3_settings: Optional[JobAttachmentS3Settings],
        attachments: Optional[Attachments],
        queue_id: str,
        job_id: str,
        session_dir: Path,
        permissions: Optional[FileSystemPermissionSettings],
        located: Dict[str, str],
        step_ids: List[str],
        callback: ProgressCallback,
        environment: Dict[str, str],
        on_mounted: MountCallback,
    ) -> Tuple[SummaryStatistics, List[Dict[str, str]]]:
        if s3_settings is None or attachments is None:
            self.logger.info("The queue or the job has no job attachments: there is nothing to bring.")
            return SummaryStatistics(), []
        rules = session_folders.rules_into_session(attachments, session_dir, located)
        roots = session_folders.session_roots(attachments, rules, located)
        mapping = [dataclasses.asdict(rule) for rule in rules.values()]
        ids = (self.farm_id, queue_id, job_id)
        with open_store(self.session, s3_settings.s3BucketName) as store:
            manifests = session_inputs.inputs_of_job(store, s3_settings, roots)
            outputs = session_inputs.outputs_of_steps(store, s3_settings, *ids, step_ids, roots, session_dir)
        for folder, found in outputs.items():
            manifests.setdefault(folder, []).extend(found)
        merged = session_inputs.merged(manifests)
        if _may_be_mounted(attachments, permissions, environment) and self._launch_vfs(
            s3_settings, session_dir, permissions, merged, environment, on_mounted
        ):
            self._baseline.record_present(path for path, _ in _files_of(merged))
            return SummaryStatistics(), mapping
        missing = {folder: self._without_brought(folder, manifest) for folder, manifest in merged.items()}
        session_inputs.require_room(missing)
        statistics = self.copied_download(
            s3_settings,
            session_dir,
            permissions,
            {folder: manifest for folder, manifest in missing.items() if manifest.paths},
            callback,
            FileConflictResolution.OVERWRITE,
        )
        for path, digest in _files_of(missing):
            self._baseline.record_present([path])
            self._brought[path] = digest
        return statistics, mapping

    def _hashed(self, written: Dict[str, Written], callback: ProgressCallback) -> List[HashedFile]:
        size = sum(found.status.st_size for found in written.values())
        tracker = ProgressTracker(ProgressStatus.PREPARING_IN_PROGRESS, len(written), size, callback)
        cancel = CancelToken()
        try:
            return list(hash_files(sorted(written), self.hash_alg, None, cancel, tracking(tracker, cancel)))
        except AssetSyncCancelledError as error:
            raise AssetSyncCancelledError("The upload was canceled.", tracker.get_summary_statistics()) from error

    def _without_brought(self, folder: str, manifest: BaseAssetManifest) -> BaseAssetManifest:
        """The manifest without the files that this session has brought already, in this state."""
        rest = copy.copy(manifest)
        rest.paths = [
            entry for entry in manifest.paths if self._brought.get(_path_of(folder, entry.path)) != entry.hash
        ]
        return rest


def _may_be_mounted(
    attachments: Attachments, permissions: Optional[FileSystemPermissionSettings], environment: Dict[str, str]
) -> bool:
    return (
        attachments.fileSystem == JobAttachmentsFileSystem.VIRTUAL.value
        and os.name != "nt"
        and isinstance(permissions, PosixFileSystemPermissionSettings)
        and "AWS_PROFILE" in environment
    )


def _output_prefix(
    farm_id: str, queue_id: str, job_id: str, step_id: str, task_id: Optional[str], action_id: str, start_time: float
) -> str:
    make = JobAttachmentS3Settings
    if not task_id:
        return make.partial_session_action_manifest_prefix_without_task(
            farm_id, queue_id, job_id, step_id, action_id, start_time
        )
    return make.partial_session_action_manifest_prefix(
        farm_id, queue_id, job_id, step_id, task_id, action_id, start_time
    )


def _files_of(manifests: Dict[str, BaseAssetManifest]) -> Iterator[Tuple[str, str]]:
    """The path and the hash of each file of manifests."""
    for folder, manifest in manifests.items():
        for entry in manifest.paths:
            yield _path_of(folder, entry.path), entry.hash


def _path_of(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))
