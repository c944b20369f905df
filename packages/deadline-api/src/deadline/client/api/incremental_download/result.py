"""What came of a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Dict, Mapping, Optional, Tuple

from .categories import Category


@dataclass(frozen=True)
class JobFailure:
    """A job of which not all outputs could be downloaded.

    ``code`` is one of :mod:`.failures`. ``attempts`` is how many runs failed because of the job itself; an ``abandoned`` one
    is not tried again.
    """

    job_id: str
    name: str
    code: str
    message: str
    attempts: int
    abandoned: bool

    def to_dict(self) -> Dict[str, Any]:
        """The form for JSON."""
        return {
            "jobId": self.job_id,
            "name": self.name,
            "errorCode": self.code,
            "errorMessage": self.message,
            "attempts": self.attempts,
            "abandoned": self.abandoned,
        }


@dataclass(frozen=True)
class SyncOutputResult:
    """A run that went through, with or without failures. In a dry run, the numbers are those of what would be done."""

    farm_id: str
    queue_id: str
    queue_name: str
    storage_profile_id: Optional[str]
    """``None`` when storage profiles are ignored."""
    checkpoint_file: str
    dry_run: bool
    bootstrap: Optional[str]
    """``first`` or ``forced`` when there was no checkpoint to go on from."""
    since: datetime
    until: datetime
    """All outputs that were there by then have been handled."""
    jobs: Mapping[Category, int]
    """How many jobs there are in each category; those that have been inactive before are none of them."""
    changed_jobs: int
    """Jobs of which there is something to say."""
    examined_jobs: int
    """Jobs of which sessions were looked at."""
    downloaded_jobs: int
    """Jobs of which all new outputs are on this machine."""
    task_runs: int
    """Session actions whose outputs were wanted."""
    files: int
    bytes: int
    skipped_files: int
    """Files that were there already, or that stay as the conflict resolution says."""
    unmapped_files: int
    """Files that have no place on this machine."""
    failures: Tuple[JobFailure, ...]
    retried_jobs: int
    """Jobs that were looked at again because of a failure before."""
    warnings: Tuple[str, ...]
    status_files: Tuple[str, ...]
    seconds: float

    @property
    def has_news(self) -> bool:
        """Whether anything was to be done, or is to be said."""
        return bool(self.changed_jobs or self.files or self.retried_jobs or self.failures or self.warnings)

    def to_dict(self) -> Dict[str, Any]:
        """The form for JSON."""
        return {
            "farmId": self.farm_id,
            "queueId": self.queue_id,
            "queueName": self.queue_name,
            "storageProfileId": self.storage_profile_id,
            "checkpointFile": self.checkpoint_file,
            "dryRun": self.dry_run,
            "bootstrap": self.bootstrap,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "jobs": {category.value: self.jobs.get(category, 0) for category in Category},
            "downloadedJobs": self.downloaded_jobs,
            "taskRuns": self.task_runs,
            "files": self.files,
            "bytes": self.bytes,
            "skippedFiles": self.skipped_files,
            "unmappedFiles": self.unmapped_files,
            "failedJobs": [failure.to_dict() for failure in self.failures],
            "warnings": list(self.warnings),
            "statusFiles": list(self.status_files),
            "elapsedSeconds": round(self.seconds, 3),
        }
