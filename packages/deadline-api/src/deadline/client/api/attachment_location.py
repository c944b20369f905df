"""Where job attachments stand in S3, and with whose credentials they are reached.

Usually that is the bucket of a queue, reached with the role of the queue's users. Whoever knows the bucket may name it
instead, and may have credentials of their own for it.
"""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Optional

from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_session
from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.exceptions import MalformedAttachmentSettingError
from deadline.job_attachments.models import JobAttachmentS3Settings

from .job_download import attachment_settings_of
from .service_client import deadline_client, described_errors


@dataclass(frozen=True)
class AttachmentLocation:
    """A bucket with a root prefix, and a boto3 session that may use it."""

    settings: JobAttachmentS3Settings
    session: Any

    @property
    def uri(self) -> str:
        """``s3://bucket/prefix``."""
        return self.settings.to_s3_root_uri()

    def data_uri(self) -> str:
        """The address below which the contents of files stand."""
        return f"s3://{self.settings.s3BucketName}/{self.settings.full_cas_prefix()}"

    def manifest_uri(self, partial_key: str) -> str:
        """The address of a manifest, by its key below the manifest folder."""
        key = self.settings.add_root_and_manifest_folder_prefix(partial_key)
        return f"s3://{self.settings.s3BucketName}/{key}"


def queue_attachment_location(
    farm_id: str, queue_id: str, *, s3_root_uri: Optional[str] = None, config: Optional[ConfigParser] = None
) -> AttachmentLocation:
    """The attachments of a queue, with the role of its users.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        s3_root_uri: ``s3://bucket/prefix``, instead of what the queue's settings say.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: The service refused, the queue has no job attachments, or ``s3_root_uri`` names no bucket and
            prefix.
    """
    settings = _settings_of(s3_root_uri) if s3_root_uri else None
    deadline = deadline_client(farm_id, config)
    with described_errors(f"get queue {queue_id}", farm_id=farm_id, queue_id=queue_id, config=config):
        queue = deadline.get_queue(farmId=farm_id, queueId=queue_id)
    session = get_queue_user_boto3_session(deadline, config, farm_id, queue_id, queue["displayName"])
    return AttachmentLocation(settings or attachment_settings_of(queue), session)


def own_attachment_location(s3_root_uri: str, *, config: Optional[ConfigParser] = None) -> AttachmentLocation:
    """A bucket and prefix, with the credentials of the configured AWS profile.

    Args:
        s3_root_uri: ``s3://bucket/prefix``.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: There is no such profile, or ``s3_root_uri`` names no bucket and prefix.
    """
    settings = _settings_of(s3_root_uri)
    with described_errors(f"get credentials for {s3_root_uri}", config=config):
        return AttachmentLocation(settings, get_boto3_session(config=config, region=resolve_region(config)))


def _settings_of(s3_root_uri: str) -> JobAttachmentS3Settings:
    # A slash at the end means nothing to whoever types it, but would be part of every key.
    uri = s3_root_uri.rstrip("/")
    try:
        return JobAttachmentS3Settings.from_s3_root_uri(uri)
    except MalformedAttachmentSettingError as error:
        raise DeadlineOperationError(
            f"{s3_root_uri!r} names no bucket with a root prefix; such an address looks like s3://bucket/prefix"
        ) from error
