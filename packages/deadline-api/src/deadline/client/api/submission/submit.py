"""Submitting a job bundle from its beginning to its end, or writing a snapshot of what would be submitted."""

from __future__ import annotations

import contextlib
import logging
import os
from configparser import ConfigParser
from typing import Any, Dict, List, Optional

from deadline.client.auth.client_config import calling_as
from deadline.client.auth.monitor_urls import get_job_monitor_url
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError
from deadline.job_attachments.models import AssetRootManifest
from deadline.job_attachments.progress_tracker import ProgressStatus

from ..output_download import attachment_settings_of
from .attachments import (
    AttachmentPlan,
    confirm,
    hash_attachments,
    plan_attachments,
    report_nothing_to_do,
    snapshot_attachments,
    upload_attachments,
)
from .canceling import CancelableHost, Cancellation
from .create_job import create_job, wait_for_create_job_to_complete
from .debug_snapshot import write_debug_snapshot
from .history import keep_in_history
from .hooks import confirm_hooks, run_post_submission_hooks, run_pre_submission_hooks
from .host import QuietHost, SubmissionHost
from .plan import SubmissionPlan, plan_submission, replan_submission
from .preflight import preflight
from .request import SubmissionRequest, SubmissionResult
from .snapshot_archive import folder_or_archive
from .telemetry import SubmissionTelemetry

logger = logging.getLogger("deadline.client.api.submission")


def submit_job_bundle(
    request: SubmissionRequest,
    host: Optional[SubmissionHost] = None,
    config: Optional[ConfigParser] = None,
    cancel: Optional[Cancellation] = None,
) -> SubmissionResult:
    """Plan a submission, ask about its hooks and files, upload them, create the job, and wait until it is created.

    Args:
        request: The bundle, and what differs from what it says.
        host: Who is told and asked; without one nobody is, and hooks and files from unknown folders are refused.
        config: A configuration to use instead of the settings file. Without it the settings remember the job as the
            last one.
        cancel: Ends the submission from outside once it says so. A job that is created already stays.

    Raises:
        botocore.exceptions.ClientError: The service refused.
        DeadlineOperationCanceled: The user canceled, or nobody could be asked.
        CreateJobWaiterCanceled: It was canceled when the service had the job; ``job_id`` of the error is the job.
        DeadlineOperationTimedOut: The service did not create the job in time; ``job_id`` of the error is the job.
        DeadlineOperationError: The bundle, a parameter or a setting cannot be used; a hook failed; or the job could not
            be created.
        AssetSyncCancelledError: Hashing or uploading was canceled.
        AssetSyncError: S3 failed, or a file changed.
        MisconfiguredInputsError: Inputs are missing or cannot be read.
    """
    submission = _Submission(request, host, config, cancel)
    with calling_as(request.submitter_name, request.submitter_version), submission.telemetry.call():
        plan = submission.prepare("Submitting to Queue")
        arguments = {**plan.create_job_arguments, **submission.upload(plan)}
        if not submission.host.ready_to_create():
            raise DeadlineOperationCanceled("The submission was canceled; no job was created.")
        logger.debug("CreateJob with the members %s", ", ".join(arguments))
        submission.telemetry.submission()
        result = submission.create(plan, arguments)
        run_post_submission_hooks(plan, arguments, result.job_id, submission.host)
        return result


def save_debug_snapshot(
    request: SubmissionRequest,
    path: str,
    host: Optional[SubmissionHost] = None,
    config: Optional[ConfigParser] = None,
    cancel: Optional[Cancellation] = None,
) -> str:
    """Do all of a submission but upload its files and create the job, and write what would have been sent.

    Pre-submission hooks run, since they decide what is sent; post-submission hooks do not.

    Args:
        request: As of :func:`submit_job_bundle`.
        path: Where to: a folder, which is made where it does not exist, or an archive whose name ends in ``.zip``. See
            :mod:`.debug_snapshot`.
        host: As of :func:`submit_job_bundle`; ``uploading`` gets the reports about copying.
        config: A configuration to use instead of the settings file.
        cancel: Ends it from outside once it says so.

    Returns:
        The absolute path of the folder or the archive.

    Raises:
        The errors of :func:`submit_job_bundle`.
    """
    submission = _Submission(request, host, config, cancel)
    target = os.path.abspath(os.path.expanduser(path))
    with contextlib.ExitStack() as stack:
        stack.enter_context(calling_as(request.submitter_name, request.submitter_version))
        stack.enter_context(submission.telemetry.call())
        folder = stack.enter_context(folder_or_archive(target))
        plan = submission.prepare("Writing a debug snapshot of a submission to Queue")
        attachments = submission.snapshot(plan, folder)
        submission.telemetry.submission()
        write_debug_snapshot(
            folder,
            queue=plan.queue,
            create_job_arguments={**plan.create_job_arguments, **attachments},
            storage_profile=plan.storage_profile,
            s3_settings=attachment_settings_of(plan.queue) if attachments else None,
            has_data=_has_input_manifests(attachments),
        )
    submission.host.show(f"Wrote the debug snapshot; no job was created:\n   {target}")
    return target


class _Submission:
    """The steps of one submission, with who is told and which settings count."""

    def __init__(
        self,
        request: SubmissionRequest,
        host: Optional[SubmissionHost],
        config: Optional[ConfigParser],
        cancel: Optional[Cancellation],
    ) -> None:
        self._request, self._config = request, config
        self.host = CancelableHost(host or QuietHost(), cancel)
        self.telemetry = SubmissionTelemetry(request, config)

    def prepare(self, headline: str) -> SubmissionPlan:
        """Plan, with the changes of pre-submission hooks if the user lets them run."""
        plan = plan_submission(self._request, self._config)
        self.host.check()
        confirm_hooks(plan, self.host, self._config)
        self.host.show(f"{headline}: {plan.queue_name}")
        self._show(plan.remarks)
        if any(source.hooks.pre_submission for source in plan.hook_sources):
            told = len(plan.remarks)
            plan = replan_submission(plan, run_pre_submission_hooks(plan, self.host), self._config)
            self._show(plan.remarks[told:])
        self.host.check()
        return plan

    def upload(self, plan: SubmissionPlan) -> Dict[str, Any]:
        """Upload the job's files; the member ``attachments`` of CreateJob, or nothing where the job has none."""
        attachments = self._confirmed_attachments(plan)
        if attachments is None:
            self._report_nothing_to_do(ProgressStatus.UPLOAD_IN_PROGRESS, "No files to upload")
            return {}
        manifests = self._hashed(attachments)
        with self.telemetry.transfer("asset_upload"):
            return {"attachments": upload_attachments(plan, attachments, manifests, self.host, self._config)}

    def snapshot(self, plan: SubmissionPlan, folder: str) -> Dict[str, Any]:
        """Copy the job's files to a folder; the member ``attachments`` of CreateJob, or nothing."""
        attachments = self._confirmed_attachments(plan)
        if attachments is None:
            self._report_nothing_to_do(ProgressStatus.SNAPSHOT_IN_PROGRESS, "No files to copy")
            return {}
        manifests = self._hashed(attachments)
        with self.telemetry.transfer("asset_snapshot"):
            return {"attachments": snapshot_attachments(plan, attachments, manifests, self.host, folder)}

    def create(self, plan: SubmissionPlan, arguments: Dict[str, Any]) -> SubmissionResult:
        """Create the job and wait for it."""
        job_id = create_job(plan.deadline, arguments)
        if self._config is None:
            _remember(job_id)
        if self._request.keep_in_history:
            keep_in_history(plan, self._config)
        self.host.show("Waiting for Job to be created...")
        created, message = wait_for_create_job_to_complete(
            plan.farm_id, plan.queue_id, job_id, plan.deadline, self.host.keep_waiting
        )
        self.telemetry.create_job(created)
        if not created:
            raise DeadlineOperationError(message or f"The service could not create job {job_id}, and does not say why.")
        self.host.show(f"Submitted job bundle:\n   {self._request.bundle_dir}\n{message}\n{job_id}")
        url = get_job_monitor_url(self._config, plan.farm_id, plan.queue_id, job_id)
        if url:
            self.host.show(f"Job URL: {url}")
        return SubmissionResult(job_id, plan.farm_id, plan.queue_id, message, url)

    def _confirmed_attachments(self, plan: SubmissionPlan) -> Optional[AttachmentPlan]:
        """The files that travel, when they are looked through and the user agrees to them."""
        checked = preflight(plan, self._config)
        self._show(checked.warnings)
        attachments = plan_attachments(plan, self._config, checked)
        if attachments is not None:
            confirm(plan, attachments, self.host, self._config)
        self.host.check()
        return attachments

    def _hashed(self, attachments: AttachmentPlan) -> List[AssetRootManifest]:
        return hash_attachments(attachments, self.host, self._config)

    def _report_nothing_to_do(self, status: ProgressStatus, message: str) -> None:
        report_nothing_to_do(self.host.hashing, ProgressStatus.PREPARING_IN_PROGRESS, "No files to hash")
        report_nothing_to_do(self.host.uploading, status, message)

    def _show(self, messages: List[str]) -> None:
        for message in messages:
            self.host.show(message)


def _remember(job_id: str) -> None:
    """Make a job the default one. It is there, so that a failure of this is none of the submission."""
    try:
        set_setting("defaults.job_id", job_id)
    except DeadlineOperationError as error:
        logger.warning("The job %s has not become the default job. %s", job_id, error)


def _has_input_manifests(attachments: Dict[str, Any]) -> bool:
    manifests = attachments.get("attachments", {}).get("manifests", ())
    return any(manifest.get("inputManifestPath") for manifest in manifests)
