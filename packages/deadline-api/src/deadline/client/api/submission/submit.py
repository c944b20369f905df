"""Submitting a job bundle from its beginning to its end."""

from __future__ import annotations

import logging
from configparser import ConfigParser
from typing import Any, Dict, Optional

from deadline.client.auth.client_config import calling_as
from deadline.client.config import set_setting
from deadline.client.exceptions import CreateJobWaiterCanceled, DeadlineOperationCanceled, DeadlineOperationError
from deadline.job_attachments.progress_tracker import ProgressStatus

from .attachments import (
    confirm,
    hash_attachments,
    plan_attachments,
    report_nothing_to_do,
    upload_attachments,
)
from .create_job import create_job, wait_for_create_job_to_complete
from .host import QuietHost, SubmissionHost
from .plan import SubmissionPlan, plan_submission
from .request import SubmissionRequest, SubmissionResult

logger = logging.getLogger("deadline.client.api.submission")


def submit_job_bundle(
    request: SubmissionRequest, host: Optional[SubmissionHost] = None, config: Optional[ConfigParser] = None
) -> SubmissionResult:
    """Plan a submission, ask about its files, upload them, create the job, and wait until it is created.

    Args:
        request: The bundle, and what differs from what it says.
        host: Who is told and asked; without one nobody is, and files from unknown folders are refused.
        config: A configuration to use instead of the settings file. Without it the settings remember the job as the
            last one.

    Raises:
        botocore.exceptions.ClientError: The service refused.
        DeadlineOperationCanceled: The user canceled, or nobody could be asked.
        DeadlineOperationError: The bundle, a parameter or a setting cannot be used; or the job could not be created.
        AssetSyncCancelledError: The host said to stop hashing or uploading.
        AssetSyncError: S3 failed, or a file changed.
        MisconfiguredInputsError: Inputs are missing or cannot be read.
    """
    host = host or QuietHost()
    with calling_as(request.submitter_name, request.submitter_version):
        plan = plan_submission(request, config)
        host.show(f"Submitting to Queue: {plan.queue.get('displayName') or plan.queue_id}")
        for remark in plan.remarks:
            host.show(remark)
        arguments = {**plan.create_job_arguments, **_send_files(plan, host, config)}
        if not host.ready_to_create():
            raise DeadlineOperationCanceled("The submission was canceled; no job was created.")
        logger.debug("CreateJob with the members %s", ", ".join(arguments))
        return _create(plan, arguments, host, config)


def _send_files(plan: SubmissionPlan, host: SubmissionHost, config: Optional[ConfigParser]) -> Dict[str, Any]:
    """Upload the job's files; the member ``attachments`` of CreateJob, or nothing where the job has none."""
    attachments = plan_attachments(plan, config)
    if attachments is None:
        report_nothing_to_do(host.hashing, ProgressStatus.PREPARING_IN_PROGRESS, "No files to hash")
        report_nothing_to_do(host.uploading, ProgressStatus.UPLOAD_IN_PROGRESS, "No files to upload")
        return {}
    confirm(plan, attachments, host, config)
    manifests = hash_attachments(attachments, host)
    return {"attachments": upload_attachments(plan, attachments, manifests, host, config)}


def _create(
    plan: SubmissionPlan, arguments: Dict[str, Any], host: SubmissionHost, config: Optional[ConfigParser]
) -> SubmissionResult:
    job_id = create_job(plan.deadline, arguments)
    if config is None:
        set_setting("defaults.job_id", job_id)
    host.show("Waiting for Job to be created...")
    try:
        created, message = wait_for_create_job_to_complete(
            plan.farm_id, plan.queue_id, job_id, plan.deadline, host.keep_waiting
        )
    except CreateJobWaiterCanceled as error:
        raise CreateJobWaiterCanceled(
            f"The service has accepted job {job_id} and goes on with it; only the waiting was canceled. Look at it with: "
            f"deadline job get --job-id {job_id}"
        ) from error
    if not created:
        raise DeadlineOperationError(message or f"The service could not create job {job_id}, and does not say why.")
    host.show(f"Submitted job bundle:\n   {plan.request.bundle_dir}\n{message}\n{job_id}")
    return SubmissionResult(job_id, plan.farm_id, plan.queue_id, message)
