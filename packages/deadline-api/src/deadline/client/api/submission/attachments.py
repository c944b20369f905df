"""The files that travel with a job: asking about them, hashing them, and sending them to the queue's S3."""

from __future__ import annotations

import logging
import textwrap
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional

from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.telemetry import get_deadline_cloud_library_telemetry_client
from deadline.client.config import get_setting, str2bool
from deadline.client.config.config_file import get_cache_directory
from deadline.client.exceptions import DeadlineOperationCanceled, UserInitiatedCancel
from deadline.job_attachments.exceptions import AssetSyncCancelledError
from deadline.job_attachments.models import AssetRootManifest, AssetUploadGroup, Attachments
from deadline.job_attachments.progress_tracker import ProgressReportMetadata, ProgressStatus, SummaryStatistics
from deadline.job_attachments.upload import S3AssetManager

from ..bandwidth import max_bandwidth
from ..output_download import attachment_settings_of
from ..suggestions import available
from .confirmation import confirm_attachments, confirmation_message
from .host import SubmissionHost
from .known_paths import KnownPaths, classify_paths
from .plan import SubmissionPlan
from .preflight import Preflight, preflight

logger = logging.getLogger("deadline.client.api.submission")

_NO_PROFILE = (
    "No storage profile is chosen, of which the LOCAL locations would be known paths. Choose one with --storage-profile-id, or "
    "for good with: deadline config set settings.storage_profile_id <storage profile id>"
)


@dataclass(frozen=True)
class AttachmentPlan:
    """The files of a job by asset root, and what uploads them."""

    manager: S3AssetManager
    group: AssetUploadGroup
    known: KnownPaths
    """The folders that were expected."""
    from_gui: bool = False
    """Whether a window submits; telemetry says so."""


def plan_attachments(
    plan: SubmissionPlan, config: Optional[ConfigParser] = None, checked: Optional[Preflight] = None
) -> Optional[AttachmentPlan]:
    """What it takes to upload a job's files, or ``None`` where none can travel with it.

    Args:
        plan: The job as it will be created.
        config: A configuration to use instead of the settings file.
        checked: What :func:`.preflight.preflight` found, which shows the user its warnings first. Without it the files
            are looked for here, and warnings are logged.

    Raises:
        MisconfiguredInputsError: Inputs cannot travel as they are; the message lists them.
        DeadlineOperationError: The request is beyond a limit of the service.
    """
    if checked is None:
        checked = preflight(plan, config)
        for warning in checked.warnings:
            logger.warning("%s", warning)
    checked.refuse_errors()
    if checked.group is None or not checked.group.asset_groups:
        return None
    manager = S3AssetManager(
        farm_id=plan.farm_id,
        queue_id=plan.queue_id,
        job_attachment_settings=attachment_settings_of(plan.queue),
        session=get_queue_user_boto3_session(
            plan.deadline, config, plan.farm_id, plan.queue_id, plan.queue.get("displayName")
        ),
        s3_max_pool_connections=int(get_setting("settings.s3_max_pool_connections", config)),
        small_file_threshold_multiplier=int(get_setting("settings.small_file_threshold_multiplier", config)),
        max_bandwidth=max_bandwidth(config),
    )
    return AttachmentPlan(manager, checked.group, checked.known, plan.request.from_gui)


def confirm(
    plan: SubmissionPlan, attachments: AttachmentPlan, host: SubmissionHost, config: Optional[ConfigParser] = None
) -> None:
    """Show which files travel, and ask where that is needed; errors as of :func:`.confirmation.confirm_attachments`."""
    groups = attachments.group.asset_groups
    inputs = [str(path) for group in groups for path in group.inputs]
    outputs = [str(path) for group in groups for path in group.outputs]
    if not inputs and not outputs:
        return
    known = attachments.known
    classes = classify_paths(known, inputs, outputs)
    try:
        confirm_attachments(
            host,
            confirmation_message(attachments.group, classes, known.local_locations, plan.storage_profile),
            has_unknown=classes.has_unknown,
            auto_accept=str2bool(get_setting("settings.auto_accept", config)),
            from_gui=plan.request.from_gui,
        )
    except UserInitiatedCancel:
        raise
    except DeadlineOperationCanceled as error:
        raise DeadlineOperationCanceled("\n".join([str(error), *_profiles_to_choose(plan, config)])) from None


def _profiles_to_choose(plan: SubmissionPlan, config: Optional[ConfigParser]) -> List[str]:
    """Lines about storage profiles, which may make paths known, where none is chosen though the queue has some."""
    if plan.storage_profile is not None:
        return []
    profiles = available("storage-profile", farm_id=plan.farm_id, queue_id=plan.queue_id, config=config)
    return [_NO_PROFILE, *profiles] if profiles else []


def hash_attachments(
    attachments: AttachmentPlan, host: SubmissionHost, config: Optional[ConfigParser] = None
) -> List[AssetRootManifest]:
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
    telemetry = get_deadline_cloud_library_telemetry_client(config)
    telemetry.record_hashing_summary(statistics, from_gui=attachments.from_gui)
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
    telemetry = get_deadline_cloud_library_telemetry_client(config)
    telemetry.record_upload_summary(statistics, from_gui=attachments.from_gui)
    return as_create_job_argument(uploaded, plan.file_system)


def snapshot_attachments(
    plan: SubmissionPlan,
    attachments: AttachmentPlan,
    manifests: List[AssetRootManifest],
    host: SubmissionHost,
    folder: str,
) -> Dict[str, Any]:
    """Copy files and manifests into a folder as they would be in S3, show how that went, and return the ``attachments``
    of CreateJob; see :mod:`.debug_snapshot`.

    Raises:
        AssetSyncCancelledError: The host said to stop.
        AssetSyncError: A file changed, or could not be copied.
    """
    statistics, copied = attachments.manager.snapshot_assets(folder, manifests, host.uploading)
    if not attachments.group.total_input_files:
        report_nothing_to_do(host.uploading, ProgressStatus.SNAPSHOT_IN_PROGRESS, "No files to copy")
    _show_summary(host, "Snapshot", statistics)
    return as_create_job_argument(copied, plan.file_system)


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


def _show_summary(host: SubmissionHost, phase: str, statistics: SummaryStatistics) -> None:
    host.show(f"{phase} Summary:\n{textwrap.indent(str(statistics), '    ')}")
