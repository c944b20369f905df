"""Queues and jobs of AWS Deadline Cloud, as far as their attachments need them."""

from __future__ import annotations

from typing import Any, Dict, Optional

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ..exceptions import JobAttachmentsError
from ..models import Attachments, Job, JobAttachmentS3Settings, JobAttachmentsFileSystem, ManifestProperties, Queue
from .aws_clients import get_deadline_client


def get_queue(
    farm_id: str,
    queue_id: str,
    session: Optional[boto3.Session] = None,
    deadline_endpoint_url: Optional[str] = None,
) -> Queue:
    """A queue; its job attachment settings are ``None`` when they name no bucket.

    Raises :class:`JobAttachmentsError` when the service refuses or cannot be reached.
    """
    answer = _asked(
        get_deadline_client(session, deadline_endpoint_url),
        "get_queue",
        f"Queue {queue_id} of farm {farm_id}",
        farmId=farm_id,
        queueId=queue_id,
    )
    settings = answer.get("jobAttachmentSettings") or {}
    return Queue(
        queueId=answer["queueId"],
        displayName=answer.get("displayName") or answer.get("name") or "",
        farmId=answer.get("farmId", farm_id),
        status=answer.get("status") or answer.get("state") or "",
        defaultBudgetAction=answer.get("defaultBudgetAction", ""),
        jobAttachmentSettings=JobAttachmentS3Settings(**{"rootPrefix": "", **settings})
        if settings.get("s3BucketName")
        else None,
    )


def get_job(
    farm_id: str,
    queue_id: str,
    job_id: str,
    session: Optional[boto3.Session] = None,
    deadline_endpoint_url: Optional[str] = None,
) -> Job:
    """A job with its attachments.

    Raises :class:`JobAttachmentsError` when the service refuses or cannot be reached, or answers with attachments that
    make no sense.
    """
    return job_of(get_deadline_client(session, deadline_endpoint_url), farm_id, queue_id, job_id)


def job_of(deadline_client: Any, farm_id: str, queue_id: str, job_id: str) -> Job:
    """:func:`get_job` by a client that the caller has."""
    name = f"Job {job_id} of queue {queue_id}"
    answer = _asked(deadline_client, "get_job", name, farmId=farm_id, queueId=queue_id, jobId=job_id)
    attachments = answer.get("attachments")
    if not attachments:
        return Job(answer["jobId"])
    try:
        manifests = [ManifestProperties.from_dict(manifest) for manifest in attachments.get("manifests") or ()]
    except (KeyError, ValueError) as error:
        raise JobAttachmentsError(f"{name} has attachments that cannot be understood: {error}.") from error
    file_system = attachments.get("fileSystem") or JobAttachmentsFileSystem.COPIED.value
    return Job(answer["jobId"], Attachments(manifests, file_system))


def step_dependencies_of(deadline_client: Any, farm_id: str, queue_id: str, job_id: str, step_id: str) -> list[str]:
    """The ids of the steps whose outputs a step needs; errors as of :func:`get_job`."""
    found = []
    members = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id, "stepId": step_id}
    while True:
        answer = _asked(deadline_client, "list_step_dependencies", f"Step {step_id} of job {job_id}", **members)
        found += [dependency["stepId"] for dependency in answer["dependencies"]]
        if not answer.get("nextToken"):
            return found
        members["nextToken"] = answer["nextToken"]


def _asked(deadline_client: Any, operation: str, name: str, **members: str) -> Dict[str, Any]:
    try:
        answer: Dict[str, Any] = getattr(deadline_client, operation)(**members)
    except (BotoCoreError, ClientError) as error:
        raise JobAttachmentsError(f"{name} could not be looked up: {error}") from error
    return answer
