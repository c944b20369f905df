"""What became of each job since the last run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Callable, Collection, Dict, List, Mapping, Optional, Sequence

from deadline.job_attachments._incremental_downloads.incremental_download_state import (
    IncrementalDownloadJob,
    datetimes_to_str,
)

_SUMMARY_MEMBERS = (
    *("jobId", "queueId", "name", "lifecycleStatus", "lifecycleStatusMessage", "taskRunStatus", "targetTaskRunStatus"),
    *("taskRunStatusCounts", "taskFailureRetryCount", "priority", "maxFailedTasksCount", "maxRetriesPerTask"),
    *("createdBy", "createdAt", "endedAt", "startedAt", "updatedAt", "updatedBy", "maxWorkerCount", "sourceJobId"),
    "jobParameters",
)
"""What a search tells of a job."""

ACTIVE_STATUSES = ("READY", "ASSIGNED", "STARTING", "SCHEDULED", "RUNNING")
"""The statuses of tasks that are at work or about to be."""


class Category(str, Enum):
    """What became of a job. Each is in one category only."""

    COMPLETED = "completed"
    """All tasks succeeded, and nothing about it will change in the service's answers."""
    ADDED = "added"
    """New, or requeued after it had come to rest."""
    UPDATED = "updated"
    """More tasks succeeded, or it ended; or it was looked at again because of a failure before."""
    UNCHANGED = "unchanged"
    INACTIVE = "inactive"
    """It came to rest: it is neither at work, nor did it end since the last run."""
    ATTACHMENTS_FREE = "attachmentsFree"
    """It has no job attachments."""
    MISSING_STORAGE_PROFILE = "missingStorageProfile"
    """It was submitted without a storage profile, and its paths are to be mapped."""


EXAMINED = (Category.COMPLETED, Category.ADDED, Category.UPDATED)
"""The categories of jobs whose sessions are looked at."""


@dataclass(frozen=True)
class CategorizedJob:
    """A job in the form of the checkpoint, its category, and what the checkpoint said of it."""

    job: Mapping[str, Any]
    category: Category
    before: Optional[IncrementalDownloadJob] = None

    @property
    def job_id(self) -> str:
        """The job's id."""
        return str(self.job["jobId"])

    @property
    def name(self) -> str:
        """The job's name, or its id where that is all that is known."""
        return str(self.job.get("name") or self.job_id)

    @property
    def is_news(self) -> bool:
        """Whether there is something to say of it."""
        if self.category is Category.INACTIVE:
            # That a job with which nothing can happen any more came to rest was told when it was completed.
            counts = self.job.get("taskRunStatusCounts") or {}
            return bool(succeeded_tasks(self.job) != sum(counts.values()))
        if self.category in (Category.ATTACHMENTS_FREE, Category.MISSING_STORAGE_PROFILE):
            return self.before is None or self.before.job != self.job
        return self.category is not Category.UNCHANGED

    @property
    def succeeded_tasks(self) -> int:
        """How many of its tasks have succeeded."""
        return succeeded_tasks(self.job)

    @property
    def total_tasks(self) -> int:
        """How many tasks it has."""
        return sum((self.job.get("taskRunStatusCounts") or {}).values())

    @property
    def is_at_rest(self) -> bool:
        """Whether it has ended, and no task is at work."""
        counts = self.job.get("taskRunStatusCounts") or {}
        return bool(self.job.get("endedAt")) and not any(counts.get(status) for status in ACTIVE_STATUSES)


def succeeded_tasks(job: Mapping[str, Any]) -> int:
    """How many tasks of a job have succeeded, as the service describes it."""
    return int((job.get("taskRunStatusCounts") or {}).get("SUCCEEDED", 0))


def categorize(
    candidates: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, IncrementalDownloadJob],
    get_jobs: Callable[[Sequence[str]], Mapping[str, Mapping[str, Any]]],
    until: datetime,
    *,
    needs_profile: bool,
    to_retry: Collection[str],
) -> List[CategorizedJob]:
    """Sort jobs into categories: the candidates, and those known ones that came to rest.

    Args:
        candidates: Jobs by id that may have new outputs, as SearchJobs describes them.
        known: What the checkpoint says of jobs.
        get_jobs: GetJob of many jobs; called once, with those of which the checkpoint does not tell enough. A job that it
            does not give is passed over.
        until: Before that moment, the service's answers do not change any more.
        needs_profile: Whether paths are mapped by storage profiles.
        to_retry: Jobs that are looked at in any case.
    """
    unknown = [
        job_id for job_id in candidates if _placeholder(known.get(job_id)) is None and not _is_full(known.get(job_id))
    ]
    details = get_jobs(unknown)
    found = []
    for job_id, candidate in candidates.items():
        before = known.get(job_id)
        placeholder = _placeholder(before)
        if placeholder is not None:
            found.append(CategorizedJob(placeholder, _kind_of_placeholder(placeholder), before))
        elif _is_full(before):
            assert before is not None
            job = _full_form(candidate, before.job)
            found.append(CategorizedJob(job, _category(job, before, until, job_id in to_retry), before))
        elif job_id in details:
            found.append(_new(candidate, details[job_id], before, until, needs_profile))
    found += [
        CategorizedJob(entry.job, Category.INACTIVE, entry)
        for job_id, entry in known.items()
        # One with outputs that may be wanted later is not at rest.
        if job_id not in candidates and _is_full(entry) and not entry.session_actions_to_retry
    ]
    return found


def _new(
    candidate: Mapping[str, Any],
    details: Mapping[str, Any],
    before: Optional[IncrementalDownloadJob],
    until: datetime,
    needs_profile: bool,
) -> CategorizedJob:
    job_id, name = candidate["jobId"], candidate.get("name") or details.get("name")
    attachments = details.get("attachments")
    if not (attachments or {}).get("manifests"):
        placeholder = {"jobId": job_id, "name": name, "attachments": None}
        return CategorizedJob(placeholder, Category.ATTACHMENTS_FREE, before)
    if needs_profile and not details.get("storageProfileId"):
        placeholder = {"jobId": job_id, "name": name, "attachments": attachments, "storageProfileId": None}
        return CategorizedJob(placeholder, Category.MISSING_STORAGE_PROFILE, before)
    job = _full_form(candidate, details)
    return CategorizedJob(job, Category.COMPLETED if _is_completed(job, until) else Category.ADDED, before)


def _category(job: Mapping[str, Any], before: IncrementalDownloadJob, until: datetime, retry: bool) -> Category:
    same = succeeded_tasks(job) == succeeded_tasks(before.job) and moment(job.get("endedAt")) == moment(
        before.job.get("endedAt")
    )
    if same and not retry:
        return Category.UNCHANGED
    return Category.COMPLETED if _is_completed(job, until) else Category.UPDATED


def _is_completed(job: Mapping[str, Any], until: datetime) -> bool:
    counts = job.get("taskRunStatusCounts") or {}
    ended = moment(job.get("endedAt"))
    return ended is not None and ended < until and succeeded_tasks(job) == sum(counts.values())


def _full_form(candidate: Mapping[str, Any], details: Mapping[str, Any]) -> Dict[str, Any]:
    summary = {name: candidate[name] for name in _SUMMARY_MEMBERS if name in candidate}
    return {
        **datetimes_to_str(_in_utc(summary)),
        "attachments": details["attachments"],
        "storageProfileId": details.get("storageProfileId"),
    }


def _is_full(entry: Optional[IncrementalDownloadJob]) -> bool:
    return entry is not None and bool(entry.job.get("attachments")) and "taskRunStatusCounts" in entry.job


def is_placeholder(entry: IncrementalDownloadJob) -> bool:
    """Whether the checkpoint says of a job that nothing is downloaded from it."""
    return "attachments" in entry.job and not _is_full(entry)


def _placeholder(entry: Optional[IncrementalDownloadJob]) -> Optional[Mapping[str, Any]]:
    return entry.job if entry is not None and is_placeholder(entry) else None


def _kind_of_placeholder(job: Mapping[str, Any]) -> Category:
    return Category.MISSING_STORAGE_PROFILE if job["attachments"] else Category.ATTACHMENTS_FREE


def _in_utc(job: Mapping[str, Any]) -> Dict[str, Any]:
    """boto3 gives times in the zone of this machine, which is another one now and then."""
    return {
        name: value.astimezone(timezone.utc) if isinstance(value, datetime) else value for name, value in job.items()
    }


def moment(value: Any) -> Optional[datetime]:
    """A time of the service, or the text that stands for it in the checkpoint; ``None`` for a text that is no time."""
    if value is None or isinstance(value, datetime):
        return value
    text = str(value)
    try:
        time = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=timezone.utc)
