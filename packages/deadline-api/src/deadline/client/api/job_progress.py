"""How a job gets on: what its tasks do, and those of each of its steps."""

from __future__ import annotations

import logging
from configparser import ConfigParser
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Tuple

from . import resources
from .service_client import described_errors

logger = logging.getLogger(__name__)

AT_WORK = ("RUNNING", "ASSIGNED", "STARTING")
"""The statuses of tasks that have a worker."""

_ENDED_OTHERWISE = ("FAILED", "CANCELED", "NOT_COMPATIBLE")
_IN_WORDS: Mapping[str, Tuple[str, ...]] = {
    "ready": ("READY",),
    "running": (*AT_WORK, "SCHEDULED"),
    "interrupting": ("INTERRUPTING",),
    "pending": ("PENDING",),
    "suspended": ("SUSPENDED",),
    "succeeded": ("SUCCEEDED",),
    "failed": ("FAILED",),
    "canceled": ("CANCELED",),
    "not compatible": ("NOT_COMPATIBLE",),
}
"""What tasks do, and the values of their status that say so."""


@dataclass(frozen=True)
class TaskCounts:
    """How many tasks of a job or a step there are of each status."""

    by_status: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.by_status.values())

    @property
    def succeeded(self) -> int:
        """How many have succeeded."""
        return self.by_status.get("SUCCEEDED", 0)

    @property
    def ended_otherwise(self) -> int:
        """How many have come to another end."""
        return self._of(_ENDED_OTHERWISE)

    @property
    def at_work(self) -> int:
        """How many have a worker."""
        return self._of(AT_WORK)

    @property
    def percent(self) -> int:
        """How many of a hundred have come to an end, rounded down."""
        return 100 * (self.succeeded + self.ended_otherwise) // self.total if self.total else 0

    def describe(self) -> str:
        """The counts for people, such as ``2 running, 7 succeeded``."""
        numbers = {what: self._of(statuses) for what, statuses in _IN_WORDS.items()}
        return ", ".join(f"{number} {what}" for what, number in numbers.items() if number) or "no tasks"

    def _of(self, statuses: Tuple[str, ...]) -> int:
        return sum(self.by_status.get(status, 0) for status in statuses)


@dataclass(frozen=True)
class StepProgress:
    """How a step gets on."""

    step_id: str
    name: str
    status: str
    tasks: TaskCounts


@dataclass(frozen=True)
class JobProgress:
    """How a job gets on."""

    job: Mapping[str, Any]
    """The answer of GetJob."""
    steps: Tuple[StepProgress, ...] = ()
    """Its steps; none where they were not asked for, or the service does not show them."""

    @property
    def job_id(self) -> str:
        """The job."""
        return str(self.job["jobId"])

    @property
    def job_name(self) -> str:
        """The name of the job."""
        return str(self.job.get("name") or self.job.get("displayName") or self.job_id)

    @property
    def status(self) -> str:
        """What the tasks of the job do as a whole; the lifecycle status as long as it has none."""
        return str(self.job.get("taskRunStatus") or self.job.get("lifecycleStatus") or "unknown")

    @property
    def tasks(self) -> TaskCounts:
        """The tasks of the job."""
        return TaskCounts(self.job.get("taskRunStatusCounts") or {})

    def describe(self) -> str:
        """The progress for people, on one line."""
        tasks = self.tasks
        workers = f"{tasks.at_work} {'worker' if tasks.at_work == 1 else 'workers'} running"
        return f"{self.status}: {tasks.succeeded} of {tasks.total} tasks succeeded, {workers}"

    def to_dict(self) -> Dict[str, Any]:
        """The progress for programs: values that JSON knows."""
        return {
            "jobId": self.job_id,
            "jobName": self.job_name,
            "taskRunStatus": self.job.get("taskRunStatus"),
            "lifecycleStatus": self.job.get("lifecycleStatus"),
            "taskRunStatusCounts": dict(self.tasks.by_status),
            "percent": self.tasks.percent,
            "steps": [
                {
                    "stepId": step.step_id,
                    "name": step.name,
                    "taskRunStatus": step.status,
                    "taskRunStatusCounts": dict(step.tasks.by_status),
                    "percent": step.tasks.percent,
                }
                for step in self.steps
            ],
        }


def find_job_progress(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    job: Optional[Mapping[str, Any]] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> JobProgress:
    """Ask the service how a job and its steps get on.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        job: The answer of GetJob, where it is known already.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Returns:
        The progress; without steps where the service does not list them now.

    Raises:
        DeadlineOperationError: There is no such job, or the service refused.
    """
    ids: Dict[str, Any] = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
    context: Dict[str, Any] = {"config": config, "region": region}
    if job is None:
        with described_errors(f"get job {job_id}", farm_id=farm_id, queue_id=queue_id, job_id=job_id, **context):
            job = resources.get_job(**ids, **context)
    return JobProgress(job, _steps(ids, context))


def _steps(ids: Mapping[str, Any], context: Mapping[str, Any]) -> Tuple[StepProgress, ...]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        steps: List[Dict[str, Any]] = resources.list_steps(**ids, **context)["steps"]
    except (BotoCoreError, ClientError) as error:
        # The job itself can be seen, and whoever looks at it will look again.
        logger.debug("The steps of job %s could not be listed: %s", ids["jobId"], error)
        return ()
    return tuple(
        StepProgress(
            step["stepId"],
            step["name"],
            step.get("taskRunStatus") or step.get("lifecycleStatus") or "unknown",
            TaskCounts(step.get("taskRunStatusCounts") or {}),
        )
        for step in steps
    )
