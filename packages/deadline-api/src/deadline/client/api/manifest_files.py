"""Manifest files: of folders of this machine, of jobs, and on their way to S3.

A manifest lists files with their hashes, sizes and times. The name of a manifest file ends with the hash of the root that it
belongs to, and the time when it was made.
"""

from __future__ import annotations

import os
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from deadline.client.config.config_file import get_cache_directory
from deadline.job_attachments.asset_manifests import BaseAssetManifest
from deadline.job_attachments.exceptions import NonValidInputError
from deadline.job_attachments.globbing import find_files
from deadline.job_attachments.long_paths import WINDOWS_MAX_PATH_LENGTH, are_long_paths_enabled
from deadline.job_attachments.manifest_files import (
    compare_folder,
    snapshot_folder,
    without_manifests_of,
)
from deadline.job_attachments.manifest_transfer import (
    describe_manifest_file,
    find_job_manifests,
    upload_manifest_file,
    write_job_manifests,
)
from deadline.job_attachments.models import (
    AssetType,
    ManifestDiff,
    ManifestDownload,
    ManifestSnapshot,
    UploadManifestInfo,
)
from deadline.job_attachments.progress_tracker import ProgressReportMetadata, SummaryStatistics

from .attachment_location import AttachmentLocation, queue_attachment_location
from .service_client import deadline_client, described_errors

OnProgress = Optional[Callable[[ProgressReportMetadata], bool]]


@dataclass(frozen=True)
class FolderComparison:
    """The files of a folder, as absolute paths, and what became of them since a manifest was made."""

    root: str
    files: List[str]
    difference: ManifestDiff


@dataclass(frozen=True)
class JobManifests:
    """A manifest for each root of a job. Made by :func:`get_job_manifests`."""

    by_root: Mapping[str, BaseAssetManifest]

    def write(self, folder: str) -> List[ManifestDownload]:
        """Write a manifest file for each root; the folder is made.

        Raises:
            JobAttachmentsError: The folder cannot be written.
        """
        return write_job_manifests(self.by_root, folder)


def take_snapshot(
    root: str,
    destination: Optional[str] = None,
    *,
    name: Optional[str] = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    include_exclude_config: Optional[str] = None,
    diff: Optional[str] = None,
    force_rehash: bool = False,
    on_progress: OnProgress = None,
    on_summary: Optional[Callable[[SummaryStatistics], None]] = None,
) -> Optional[ManifestSnapshot]:
    """Write a manifest file of the files below a folder.

    Args:
        root: The folder.
        destination: The folder for the manifest file; ``root`` where left out.
        name: The beginning of its name, instead of one made of the root.
        include: Patterns of the files that are taken; all where left out. See
            :func:`~deadline.job_attachments.globbing.find_files`.
        exclude: Patterns of the files that are left out.
        include_exclude_config: JSON, or the path of a JSON file, with the lists ``include`` and ``exclude``; it counts where
            neither of the other two is given.
        diff: A manifest file: only files that are new or modified since then are taken.
        force_rehash: Read all files, instead of trusting their sizes and times.
        on_progress: Gets reports of hashing, and answers whether to go on.
        on_summary: Gets the numbers of hashing.

    Returns:
        The root and the path of the manifest file; ``None`` where there is nothing to write.

    Raises:
        NonValidInputError: A folder does not exist, the manifest file cannot be read, or a pattern leads out of the root.
        ManifestDecodeValidationError: ``diff`` is no manifest.
        MisconfiguredInputsError: A file vanished or cannot be read.
        AssetSyncCancelledError: ``on_progress`` answered no.
    """
    root = _folder(root, "root")
    return snapshot_folder(
        root,
        root if destination is None else _folder(destination, "destination"),
        name,
        find_files(root, include, exclude, include_exclude_config),
        against=diff,
        rehash=force_rehash,
        on_progress=on_progress,
        on_summary=on_summary,
        hash_cache_dir=get_cache_directory(),
    )


def compare_with_manifest(
    root: str,
    manifest_file: str,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    include_exclude_config: Optional[str] = None,
    force_rehash: bool = False,
    on_progress: OnProgress = None,
) -> FolderComparison:
    """Compare the files below a folder with a manifest; arguments and errors as of :func:`take_snapshot`."""
    root = _folder(root, "root")
    files = without_manifests_of(root, find_files(root, include, exclude, include_exclude_config))
    difference = compare_folder(
        root,
        files,
        manifest_file,
        rehash=force_rehash,
        on_progress=on_progress,
        hash_cache_dir=get_cache_directory(),
    )
    return FolderComparison(root, files, difference)


def upload_manifest(
    manifest_file: str, location: AttachmentLocation, *, prefix: Optional[str] = None
) -> UploadManifestInfo:
    """Store a manifest file in S3 under its name, below the manifest folder and there below ``prefix``.

    Raises:
        NonValidInputError: The file cannot be read.
        ManifestDecodeValidationError: The file is no manifest.
        AssetSyncError: S3 failed.
    """
    settings = location.settings
    return upload_manifest_file(manifest_file, settings.s3BucketName, settings.rootPrefix, location.session, prefix)


def describe_manifest_upload(manifest_file: str, *, prefix: Optional[str] = None) -> UploadManifestInfo:
    """What :func:`upload_manifest` would return, without uploading; errors as there, but for S3's."""
    return describe_manifest_file(manifest_file, prefix)


def get_job_manifests(
    *,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    asset_type: AssetType = AssetType.ALL,
    on_message: Callable[[str], None] = lambda message: None,
    config: Optional[ConfigParser] = None,
) -> JobManifests:
    """Fetch the manifests of a job, and make one of those that belong to one root; where they differ the last counts.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        step_id: A step: inputs are then also what the steps that it depends on wrote, outputs what it wrote itself.
        asset_type: Whether inputs, outputs or both are wanted.
        on_message: Gets a line for each kind of manifests that is looked for.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: The service refused, or the queue has no job attachments.
        JobAttachmentsError: The service refused.
        AssetSyncError: S3 failed, or an object is not the manifest that it should be.
    """
    ids: Dict[str, Any] = {"farm_id": farm_id, "queue_id": queue_id, "job_id": job_id}
    deadline = deadline_client(farm_id, config)
    with described_errors(f"get job {job_id}", **ids, config=config):
        deadline.get_job(farmId=farm_id, queueId=queue_id, jobId=job_id)  # says so where there is no such job
        if step_id:
            deadline.get_step(farmId=farm_id, queueId=queue_id, jobId=job_id, stepId=step_id)
    location = queue_attachment_location(farm_id, queue_id, config=config)
    found = find_job_manifests(
        deadline, location.session, location.settings, farm_id, queue_id, job_id, step_id, asset_type, on_message
    )
    return JobManifests(found)


def long_path_warning(path: str) -> Optional[str]:
    """What is to be known about the path of a manifest file that programs on Windows may not open."""
    if are_long_paths_enabled() or len(path) < WINDOWS_MAX_PATH_LENGTH:
        return None
    return f"{path} has {len(path)} characters. Programs may not open it unless long paths are enabled on this machine."


def _folder(path: str, what: str) -> str:
    folder = os.path.abspath(os.path.expanduser(path))
    if not os.path.isdir(folder):
        raise NonValidInputError(f"The {what} {path} does not exist, or is no folder. Give a folder that is there.")
    return folder
