"""The files that travel with a job: finding them, asking about them, hashing them, and sending them to the queue's S3.

Directories that are inputs stand for all files below them. Links to directories are not followed, as they could lead
anywhere or in circles; each that is passed over is logged.
"""

from __future__ import annotations

import logging
import os
import textwrap
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Optional

from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.config import get_setting, str2bool
from deadline.client.config.config_file import get_cache_directory
from deadline.client.job_bundle.submission import AssetReferences
from deadline.job_attachments.exceptions import AssetSyncCancelledError, MisconfiguredInputsError
from deadline.job_attachments.models import AssetRootManifest, AssetUploadGroup, Attachments
from deadline.job_attachments.progress_tracker import ProgressReportMetadata, ProgressStatus, SummaryStatistics
from deadline.job_attachments.upload import S3AssetManager

from ..output_download import attachment_settings_of
from .confirmation import confirm_attachments, confirmation_message
from .host import SubmissionHost
from .known_paths import classify_paths, find_known_paths
from .plan import SubmissionPlan

logger = logging.getLogger("deadline.client.api.submission")


@dataclass(frozen=True)
class AttachmentPlan:
    """The files of a job by asset root, and what uploads them."""

    manager: S3AssetManager
    group: AssetUploadGroup


def plan_attachments(plan: SubmissionPlan, config: Optional[ConfigParser] = None) -> Optional[AttachmentPlan]:
    """Group the files that a job refers to into asset roots, or return ``None`` where none can travel with it.

    Raises:
        MisconfiguredInputsError: Inputs are missing and the request asks for all of them, or are folders in the place of
            files.
    """
    references = plan.asset_references
    if not references:
        return None
    if not plan.queue.get("jobAttachmentSettings"):
        if references.input_filenames or references.input_directories:
            logger.warning(
                "Queue %s has no job attachments: the job's input files are not uploaded, and workers have to find them "
                "where they are.",
                plan.queue.get("displayName") or plan.queue_id,
            )
        return None
    settings = attachment_settings_of(plan.queue)
    session = get_queue_user_boto3_session(
        plan.deadline, config, plan.farm_id, plan.queue_id, plan.queue.get("displayName")
    )
    manager = S3AssetManager(
        farm_id=plan.farm_id,
        queue_id=plan.queue_id,
        job_attachment_settings=settings,
        session=session,
        s3_max_pool_connections=int(get_setting("settings.s3_max_pool_connections", config)),
        small_file_threshold_multiplier=int(get_setting("settings.small_file_threshold_multiplier", config)),
    )
    expanded = expand_directories(references, plan.request.require_paths_exist)
    group = manager.prepare_paths_for_upload(
        input_paths=sorted(expanded.input_filenames),
        output_paths=sorted(expanded.output_directories),
        referenced_paths=sorted(expanded.referenced_paths),
        storage_profile=plan.storage_profile,
        require_paths_exist=plan.request.require_paths_exist,
    )
    return AttachmentPlan(manager, group) if group.asset_groups else None


def expand_directories(references: AssetReferences, require_paths_exist: bool = False) -> AssetReferences:
    """The references with each input directory replaced by the files below it.

    A directory without any files, or a missing one, becomes a path that the job merely refers to.

    Raises:
        MisconfiguredInputsError: ``require_paths_exist`` is set and directories are missing; the message lists them.
    """
    files, referenced = set(references.input_filenames), set(references.referenced_paths)
    missing = []
    for directory in sorted(references.input_directories):
        if not os.path.isdir(directory):
            missing.append(directory)
            referenced.add(directory)
            continue
        before = len(files)
        found = list(_files_below(directory))
        files.update(found)
        if len(files) == before and not found:
            referenced.add(directory)
    if missing and require_paths_exist:
        listed = "\n".join(f"\t{directory}" for directory in missing)
        raise MisconfiguredInputsError(f"Job submission contains missing input directories:\n{listed}")
    for directory in missing:
        logger.warning("The input directory %s does not exist; nothing of it is uploaded.", directory)
    return AssetReferences(
        input_filenames=files, output_directories=set(references.output_directories), referenced_paths=referenced
    )


def confirm(
    plan: SubmissionPlan, attachments: AttachmentPlan, host: SubmissionHost, config: Optional[ConfigParser] = None
) -> None:
    """Show which files travel, and ask where that is needed; errors as of :func:`.confirmation.confirm_attachments`."""
    groups = attachments.group.asset_groups
    inputs = [str(path) for group in groups for path in group.inputs]
    outputs = [str(path) for group in groups for path in group.outputs]
    if not inputs and not outputs:
        return
    request = plan.request
    known = find_known_paths(
        bundle_dir=request.bundle_dir,
        named=request.known_asset_paths,
        setting=get_setting("settings.known_asset_paths", config),
        parameters=plan.parameters,
        parameter_names=[item["name"] for item in request.job_parameters],
        storage_profile=plan.storage_profile,
    )
    classes = classify_paths(known, sorted(inputs), outputs)
    confirm_attachments(
        host,
        confirmation_message(attachments.group, classes, known.local_locations, plan.storage_profile),
        has_unknown=classes.has_unknown,
        auto_accept=str2bool(get_setting("settings.auto_accept", config)),
        from_gui=request.from_gui,
    )


def hash_attachments(attachments: AttachmentPlan, host: SubmissionHost) -> List[AssetRootManifest]:
    """Hash the files into manifests, and show how that went.

    Raises:
        AssetSyncCancelledError: The host said to stop.
    """
    group = attachments.group
    statistics, manifests = attachments.manager.hash_assets_and_create_manifest(
        group.asset_groups,
        group.total_input_files,
        group.total_input_bytes,
        hash_cache_dir=get_cache_directory(),
        on_preparing_to_submit=host.hashing,
    )
    if not group.total_input_files:
        report_nothing_to_do(host.hashing, ProgressStatus.PREPARING_IN_PROGRESS, "No files to hash")
    _show_summary(host, "Hashing", statistics)
    return manifests


def upload_attachments(
    plan: SubmissionPlan,
    attachments: AttachmentPlan,
    manifests: List[AssetRootManifest],
    host: SubmissionHost,
    config: Optional[ConfigParser] = None,
) -> Dict[str, Any]:
    """Upload what S3 lacks, show how that went, and return the ``attachments`` of CreateJob.

    Raises:
        AssetSyncCancelledError: The host said to stop.
        AssetSyncError: S3 failed, or a file changed.
    """
    force = plan.request.force_s3_check
    statistics, uploaded = attachments.manager.upload_assets(
        manifests,
        on_uploading_assets=host.uploading,
        s3_check_cache_dir=get_cache_directory(),
        force_s3_check=str2bool(get_setting("settings.force_s3_check", config)) if force is None else force,
    )
    if not attachments.group.total_input_files:
        report_nothing_to_do(host.uploading, ProgressStatus.UPLOAD_IN_PROGRESS, "No files to upload")
    _show_summary(host, "Upload", statistics)
    return as_create_job_argument(uploaded, plan.file_system)


def as_create_job_argument(attachments: Attachments, file_system: str) -> Dict[str, Any]:
    """The ``attachments`` of CreateJob."""
    attachments.fileSystem = file_system
    return attachments.to_dict()


def report_nothing_to_do(
    report: Callable[[ProgressReportMetadata], bool], status: ProgressStatus, message: str
) -> None:
    """Report a phase without files as complete, so that whoever shows progress sees its end.

    Raises:
        AssetSyncCancelledError: The host said to stop.
    """
    if not report(ProgressReportMetadata(status, 100, 0, message, 0)):
        raise AssetSyncCancelledError("The submission was canceled.")


def _files_below(directory: str) -> Iterator[str]:
    def unreadable(error: OSError) -> None:
        raise MisconfiguredInputsError(
            f"The input directory {error.filename} cannot be read: {error.strerror}."
        ) from error

    for folder, folders, names in os.walk(directory, onerror=unreadable):
        for name in folders:
            path = os.path.join(folder, name)
            if os.path.islink(path):
                logger.warning("The link %s leads to a folder and is passed over; nothing of it is uploaded.", path)
        for name in names:
            yield os.path.join(folder, name)


def _show_summary(host: SubmissionHost, phase: str, statistics: SummaryStatistics) -> None:
    host.show(f"{phase} Summary:\n{textwrap.indent(str(statistics), '    ')}")
