"""Where a queue's attachments stand in S3: the bucket, the root prefix, and the keys below it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Tuple

from .exceptions import MalformedAttachmentSettingError, MissingS3RootPrefixError

S3_DATA_FOLDER_NAME = "Data"
S3_MANIFEST_FOLDER_NAME = "Manifests"
S3_INPUT_MANIFEST_FOLDER_NAME = "Inputs"


def join_s3_paths(*parts: str) -> str:
    """Parts of a key, joined by slashes and otherwise as they are."""
    return "/".join(parts)


def bucket_and_key(uri: str) -> Tuple[str, str]:
    """The bucket and the key of ``s3://bucket/key``; :class:`MalformedAttachmentSettingError` for anything else."""
    bucket, _, key = uri[len("s3://") :].partition("/")
    if not uri.startswith("s3://") or not bucket or not key:
        raise MalformedAttachmentSettingError(f"{uri!r} does not name an object in S3; expected s3://bucket/key.")
    return bucket, key


def random_guid() -> str:
    """32 hexadecimal digits that nobody else has."""
    return uuid.uuid4().hex


def float_to_iso_datetime_string(seconds: float) -> str:
    """A time as it stands in keys: UTC with six digits of fraction, ``2023-11-14T22:13:20.250000Z``."""
    whole = int(seconds)
    moment = datetime.fromtimestamp(whole, timezone.utc) + timedelta(microseconds=int((seconds - whole) * 1_000_000))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


@dataclass(init=False)
class JobAttachmentS3Settings:
    """The job attachment settings of a queue; member names as in GetQueue."""

    s3BucketName: str
    rootPrefix: str

    def __init__(self, s3BucketName: str, rootPrefix: str, **unknown: Any) -> None:
        """From GetQueue's members, of which the service may have more one day than are known here."""
        self.s3BucketName = s3BucketName
        self.rootPrefix = rootPrefix

    @staticmethod
    def from_root_path(root_path: str) -> JobAttachmentS3Settings:
        """From ``bucket/prefix``; raises :class:`MalformedAttachmentSettingError` for anything else."""
        bucket, slash, prefix = root_path.partition("/")
        if not bucket or not slash:
            raise MalformedAttachmentSettingError(
                f"{root_path!r} does not name a bucket and a root prefix; expected bucket/prefix."
            )
        return JobAttachmentS3Settings(bucket, prefix)

    @staticmethod
    def from_s3_root_uri(uri: str) -> JobAttachmentS3Settings:
        """From ``s3://bucket/prefix``; raises :class:`MalformedAttachmentSettingError` for anything else."""
        if not uri.startswith("s3://"):
            raise MalformedAttachmentSettingError(
                f"{uri!r} does not name a bucket and a root prefix; expected s3://bucket/prefix."
            )
        return JobAttachmentS3Settings.from_root_path(uri[len("s3://") :])

    def to_root_path(self) -> str:
        """``bucket/prefix``."""
        return join_s3_paths(self.s3BucketName, self.rootPrefix)

    def to_s3_root_uri(self) -> str:
        """``s3://bucket/prefix``."""
        return f"s3://{self.to_root_path()}"

    def full_cas_prefix(self) -> str:
        """The prefix of file contents."""
        self._require_root_prefix()
        return join_s3_paths(self.rootPrefix, S3_DATA_FOLDER_NAME)

    def full_job_output_prefix(self, farm_id: str, queue_id: str, job_id: str) -> str:
        """The prefix of a job's output manifests."""
        self._require_root_prefix()
        return join_s3_paths(self.rootPrefix, S3_MANIFEST_FOLDER_NAME, farm_id, queue_id, job_id)

    def full_step_output_prefix(self, farm_id: str, queue_id: str, job_id: str, step_id: str) -> str:
        """The prefix of a step's output manifests."""
        return join_s3_paths(self.full_job_output_prefix(farm_id, queue_id, job_id), step_id)

    def full_task_output_prefix(self, farm_id: str, queue_id: str, job_id: str, step_id: str, task_id: str) -> str:
        """The prefix of a task's output manifests."""
        return join_s3_paths(self.full_step_output_prefix(farm_id, queue_id, job_id, step_id), task_id)

    def full_output_prefix(
        self, farm_id: str, queue_id: str, job_id: str, step_id: str, task_id: str, session_action_id: str
    ) -> str:
        """The prefix of the output manifests of one run of a task."""
        return join_s3_paths(
            self.full_task_output_prefix(farm_id, queue_id, job_id, step_id, task_id), session_action_id
        )

    @staticmethod
    def partial_session_action_manifest_prefix(
        farm_id: str, queue_id: str, job_id: str, step_id: str, task_id: str, session_action_id: str, time: float
    ) -> str:
        """Where one run of a task puts its output manifests, below the manifest folder; ``time`` is its start."""
        run = f"{float_to_iso_datetime_string(time)}_{session_action_id}"
        return join_s3_paths(farm_id, queue_id, job_id, step_id, task_id, run)

    @staticmethod
    def partial_session_action_manifest_prefix_without_task(
        farm_id: str, queue_id: str, job_id: str, step_id: str, session_action_id: str, time: float
    ) -> str:
        """The same for a run of a chunk of tasks."""
        run = f"{float_to_iso_datetime_string(time)}_{session_action_id}"
        return join_s3_paths(farm_id, queue_id, job_id, step_id, run)

    def partial_manifest_prefix(self, farm_id: str, queue_id: str) -> str:
        """Where a submission puts an input manifest, below the manifest folder; a new place at each call."""
        return join_s3_paths(farm_id, queue_id, S3_INPUT_MANIFEST_FOLDER_NAME, random_guid())

    def add_root_and_manifest_folder_prefix(self, path: str) -> str:
        """The key of what stands at ``path`` below the manifest folder."""
        self._require_root_prefix()
        return join_s3_paths(self.rootPrefix, S3_MANIFEST_FOLDER_NAME, path)

    def _require_root_prefix(self) -> None:
        if not self.rootPrefix:
            raise MissingS3RootPrefixError("The queue's job attachment settings have no root prefix.")
