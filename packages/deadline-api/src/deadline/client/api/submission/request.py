"""What a caller asks for when it submits a job bundle, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

from deadline.client.job_bundle.parameter_types import JobParameter


@dataclass(frozen=True)
class SubmissionRequest:
    """A job bundle, and what differs from what it and the settings say. ``None`` leaves it to them."""

    bundle_dir: str
    """The bundle's folder, or an archive of it (``.ojd``)."""
    job_parameters: Sequence[Mapping[str, Any]] = ()
    """Mappings of ``name`` and ``value``; relative paths are relative to the working directory."""
    name: Optional[str] = None
    priority: Optional[int] = None
    max_failed_tasks_count: Optional[int] = None
    max_retries_per_task: Optional[int] = None
    max_worker_count: Optional[int] = None
    target_task_run_status: Optional[str] = None
    """``READY`` or ``SUSPENDED``."""
    queue_parameter_definitions: Optional[Sequence[JobParameter]] = None
    """The queue's parameters, where the caller has asked for them already."""
    job_attachments_file_system: Optional[str] = None
    """``COPIED`` or ``VIRTUAL``."""
    require_paths_exist: bool = False
    """Whether a missing input is an error; otherwise it becomes a path that the job merely refers to."""
    known_asset_paths: Tuple[str, ...] = ()
    """Folders from which files may be uploaded without a warning."""
    exclude: Tuple[str, ...] = ()
    """Patterns of files below input directories that do not travel; see :mod:`.exclusions`."""
    force_s3_check: Optional[bool] = None
    """Whether S3 is asked for each file instead of trusting the local cache."""
    submitter_name: str = "Custom"
    submitter_version: Optional[str] = None
    from_gui: bool = False
    keep_in_history: bool = False
    """Whether the job history folder gets a copy; see :mod:`.history`."""


@dataclass(frozen=True)
class SubmissionResult:
    """A job that was created."""

    job_id: str
    farm_id: str
    queue_id: str
    status_message: str
    job_url: Optional[str] = None
    """The job's page in the monitor, where the profile is of one."""

    def to_dict(self) -> Dict[str, Any]:
        """For programs: ``jobId``, ``farmId``, ``queueId``, ``message`` and ``jobUrl``."""
        return {
            "jobId": self.job_id,
            "farmId": self.farm_id,
            "queueId": self.queue_id,
            "message": self.status_message,
            "jobUrl": self.job_url,
        }
