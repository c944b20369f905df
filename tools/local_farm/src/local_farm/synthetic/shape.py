"""What synthetic jobs are to look like."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone


@dataclass(frozen=True)
class SyntheticJobs:
    """How many jobs, of which form, and what became of them.

    Raises :class:`ValueError` for numbers that make no sense.
    """

    jobs: int
    steps: int = 1
    """Of each job; each step waits for the one before it."""
    tasks_per_step: int = 4
    files_per_task: int = 1
    """Outputs of each task that has succeeded, where there are outputs."""
    file_size: int = 1024
    """Bytes of each output."""
    sessions_per_job: int = 1
    finished_share: float = 1.0
    """The part of the jobs, 0 to 1, of which all tasks have succeeded."""
    failed_share: float = 0.0
    """The part of which the last task has failed; what is neither finished nor failed is running."""
    ended_before: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    """When the last one ended."""
    spread: timedelta = timedelta(days=1)
    """How long before that the first one ended; the others lie between, at even distances."""
    task_seconds: float = 10.0
    """How long each task ran."""
    with_outputs: bool = False
    """Whether the tasks have written files: manifests and contents then go to the bucket of the queue."""
    root_path: str = "/synthetic/project"
    """The asset root of the jobs, as the submitting machine had it."""
    root_path_format: str = "posix"
    """``posix`` or ``windows``."""
    file_system_location_name: str | None = None
    """The location of the storage profile in which the root lies."""
    storage_profile_id: str | None = None
    """The storage profile of the submitting machine."""
    name: str = "Synthetic"
    """Jobs are called so, with their number behind."""

    def __post_init__(self) -> None:
        counts = (self.jobs, self.steps, self.tasks_per_step, self.sessions_per_job)
        if min(counts) < 1 or min(self.files_per_task, self.file_size, self.task_seconds) < 0:
            raise ValueError("Synthetic jobs need at least one job, step, task and session, and no negative numbers.")
        if not 0 <= self.finished_share <= self.finished_share + self.failed_share <= 1 + 1e-9:
            raise ValueError("The shares of finished and of failed jobs are parts of 1, and so is their sum.")
        if self.ended_before.tzinfo is None or self.spread < timedelta(0):
            raise ValueError("ended_before needs a time zone, and spread is not negative.")

    @property
    def tasks_per_job(self) -> int:
        """Of all steps together."""
        return self.steps * self.tasks_per_step

    def ended_at(self, number: int) -> float:
        """When a job ended, by its number from 0, in seconds since the epoch; the last number ended last."""
        before = self.spread * ((self.jobs - 1 - number) / self.jobs)
        return (self.ended_before - before).timestamp()

    def outcome(self, number: int) -> str:
        """SUCCEEDED, FAILED or RUNNING; each kind is spread evenly over the jobs."""
        if _falls_to(self.finished_share, number):
            return "SUCCEEDED"
        others_before = number - _part(self.finished_share, number)
        share_of_others = self.failed_share / (1 - self.finished_share)
        return "FAILED" if _falls_to(share_of_others, others_before) else "RUNNING"


def _part(share: float, number: int) -> int:
    """How many of the first ``number`` have a share."""
    return int(share * number + 1e-9)


def _falls_to(share: float, number: int) -> bool:
    return _part(share, number + 1) > _part(share, number)
