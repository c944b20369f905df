"""What is changed of a job as a whole: its status, its place in the queue, its limits."""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Collection, Dict, List, Mapping, Optional, Tuple

from deadline.client.exceptions import DeadlineOperationError

from ..service_client import deadline_client, described_errors

CANCEL_STATUSES = ("CANCELED", "FAILED", "SUCCEEDED", "SUSPENDED")
"""What the tasks of a job that is canceled may be marked as."""

ENDED = ("SUCCEEDED", "FAILED", "CANCELED", "NOT_COMPATIBLE")
"""The statuses of tasks that have come to an end."""

_ARCHIVING = (
    "An archived job does not run again and cannot be brought back; the service deletes it with its steps and tasks after 120 "
    "days."
)
_NOT_AT_REST = "The service refuses that as long as the job may run: cancel or suspend it first."
_LARGEST = 2_147_483_647
_NAMES = {
    "priority": "priority",
    "max_failed_tasks_count": "maxFailedTasksCount",
    "max_retries_per_task": "maxRetriesPerTask",
    "max_worker_count": "maxWorkerCount",
    "name": "name",
    "description": "description",
}
_BOUNDS = {
    "priority": (0, 100),
    "max_failed_tasks_count": (0, _LARGEST),
    "max_retries_per_task": (0, _LARGEST),
    "max_worker_count": (-1, _LARGEST),
}
_LENGTHS = {"name": (1, 512), "description": (0, 2048)}


@dataclass(frozen=True)
class JobChange:
    """A member of a job that gets another value, by the service's name of it."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class JobChangePlan:
    """What one call of UpdateJob will change. Made by the functions of this module, carried out by :func:`change_job`."""

    action: str
    """``cancel``, ``suspend``, ``archive`` or ``change``."""
    farm_id: str
    queue_id: str
    job: Mapping[str, Any]
    """The answer of GetJob when the plan was made."""
    changes: Tuple[JobChange, ...]
    """Empty where the job is as it should be already, or has ended."""
    consequences: Tuple[str, ...] = ()
    """What follows from it, in sentences."""
    irreversible: bool = False
    """Whether no other change can undo it."""
    region: Optional[str] = None
    nothing: str = "There is nothing to change."
    """What to say where there are no changes."""
    obstacle: str = ""
    """Why the service will refuse as the job is now; it may be over when the plan is carried out."""

    @property
    def job_id(self) -> str:
        """The job."""
        return str(self.job["jobId"])

    @property
    def job_name(self) -> str:
        """The name of the job."""
        return str(self.job.get("name") or self.job.get("displayName") or self.job_id)

    @property
    def task_counts(self) -> Dict[str, int]:
        """How many tasks there are of each status, where there are any."""
        return nonzero_counts(self.job)

    def request(self) -> Dict[str, Any]:
        """The members of UpdateJob."""
        ids = {"farmId": self.farm_id, "queueId": self.queue_id, "jobId": self.job_id}
        return {**ids, **{change.name: change.after for change in self.changes}}

    def describe(self) -> str:
        """The plan for people: lines of text."""
        status = self.job.get("taskRunStatus") or self.job.get("lifecycleStatus") or "unknown"
        lines = [f"{self.action.capitalize()} job {self.job_name} ({self.job_id}), whose status is {status}."]
        if not self.changes:
            return "\n".join([*lines, f"  {self.nothing}"])
        lines += [
            f"  {change.name}: {change.after}"
            if change.before is None
            else f"  {change.name}: {change.before} -> {change.after}"
            for change in self.changes
        ]
        return "\n".join([*lines, *(f"  {sentence}" for sentence in self._sentences())])

    def _sentences(self) -> List[str]:
        return [*self.consequences, *([self.obstacle] if self.obstacle else [])]

    def to_dict(self) -> Dict[str, Any]:
        """The plan for programs: values that JSON knows."""
        return {
            "action": self.action,
            "farmId": self.farm_id,
            "queueId": self.queue_id,
            "jobId": self.job_id,
            "jobName": self.job_name,
            "taskRunStatus": self.job.get("taskRunStatus"),
            "taskRunStatusCounts": self.task_counts,
            "changes": [
                {"name": change.name, "before": change.before, "after": change.after} for change in self.changes
            ],
            "consequences": self._sentences(),
            "irreversible": self.irreversible,
        }


def plan_job_cancellation(
    farm_id: str,
    queue_id: str,
    job_id: str,
    mark_as: str = "CANCELED",
    *,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> JobChangePlan:
    """Plan to end a job.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        mark_as: What its tasks become: ``CANCELED``, ``FAILED``, ``SUCCEEDED`` or ``SUSPENDED``, in any case.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: There is no such job or status, or the service refused.
    """
    status = mark_as.upper()
    if status not in CANCEL_STATUSES:
        raise DeadlineOperationError(f"A job cannot be marked as {mark_as}, but as {', '.join(CANCEL_STATUSES)}.")
    job = get_job_to_change(farm_id, queue_id, job_id, config, region)
    kept = ("SUCCEEDED",) if status == "SUCCEEDED" else (*ENDED, status)
    concerned = sum(count for name, count in nonzero_counts(job).items() if name not in kept)
    at_rest = _why_at_rest(job, kept)
    what = "succeeded" if status == "SUCCEEDED" else "ended"
    return JobChangePlan(
        action="suspend" if status == "SUSPENDED" else "cancel",
        farm_id=farm_id,
        queue_id=queue_id,
        job=job,
        changes=() if at_rest else (JobChange("targetTaskRunStatus", job.get("targetTaskRunStatus"), status),),
        consequences=()
        if at_rest
        else (f"Tasks that have not {what} become {status}: {concerned}.", "Running ones are interrupted."),
        region=region,
        nothing=at_rest,
    )


def plan_job_suspension(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> JobChangePlan:
    """Plan to suspend a job; :func:`~.requeue_plan.plan_job_resumption` plans the opposite.

    Arguments and errors are those of :func:`plan_job_cancellation`.
    """
    return plan_job_cancellation(farm_id, queue_id, job_id, "SUSPENDED", config=config, region=region)


def plan_job_archiving(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> JobChangePlan:
    """Plan to archive a job, for good.

    Arguments and errors are those of :func:`plan_job_cancellation`.
    """
    job = get_job_to_change(farm_id, queue_id, job_id, config, region)
    before, status = job.get("lifecycleStatus"), job.get("taskRunStatus")
    at_rest = status is None or status in (*ENDED, "SUSPENDED")
    return JobChangePlan(
        action="archive",
        farm_id=farm_id,
        queue_id=queue_id,
        job=job,
        changes=() if before == "ARCHIVED" else (JobChange("lifecycleStatus", before, "ARCHIVED"),),
        consequences=(_ARCHIVING,),
        irreversible=True,
        region=region,
        nothing="It is archived already; there is nothing to change.",
        obstacle="" if at_rest else _NOT_AT_REST,
    )


def plan_job_settings(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    priority: Optional[int] = None,
    max_failed_tasks_count: Optional[int] = None,
    max_retries_per_task: Optional[int] = None,
    max_worker_count: Optional[int] = None,
    name: Optional[str] = None,
    description: Optional[str] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> JobChangePlan:
    """Plan to change what a job was submitted with; what is ``None`` stays as it is.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        priority: Its place in the queue, 0 to 100; jobs of higher priority go first.
        max_failed_tasks_count: With how many failed tasks the job is given up.
        max_retries_per_task: How often a task is tried again.
        max_worker_count: The largest number of workers at once; -1 for any number.
        name: Its name, 1 to 512 characters.
        description: Its description, 2,048 characters at most.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: A value is not allowed, none is given, there is no such job, or the service refused.
    """
    wanted = {
        field: value
        for field, value in {
            "priority": priority,
            "max_failed_tasks_count": max_failed_tasks_count,
            "max_retries_per_task": max_retries_per_task,
            "max_worker_count": max_worker_count,
            "name": name,
            "description": description,
        }.items()
        if value is not None
    }
    if not wanted:
        raise DeadlineOperationError(f"What to change of job {job_id}? Give one of {', '.join(_NAMES)}.")
    problems = [problem for field, value in wanted.items() for problem in _problems(field, value)]
    if problems:
        raise DeadlineOperationError("\n".join(problems))
    job = get_job_to_change(farm_id, queue_id, job_id, config, region)
    changes = tuple(
        JobChange(_NAMES[field], job.get(_NAMES[field]), value)
        for field, value in wanted.items()
        if job.get(_NAMES[field]) != value
    )
    return JobChangePlan("change", farm_id, queue_id, job, changes, region=region)


def change_job(plan: JobChangePlan, config: Optional[ConfigParser] = None) -> None:
    """Carry out a plan; nothing is asked of the service where there is nothing to change.

    Args:
        plan: The plan.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: The service refused; the job is as it was.
    """
    if not plan.changes:
        return
    with described_errors(
        f"{plan.action} job {plan.job_id}",
        farm_id=plan.farm_id,
        queue_id=plan.queue_id,
        job_id=plan.job_id,
        config=config,
        region=plan.region,
    ):
        deadline_client(plan.farm_id, config, plan.region).update_job(**plan.request())


def get_job_to_change(
    farm_id: str, queue_id: str, job_id: str, config: Optional[ConfigParser], region: Optional[str]
) -> Dict[str, Any]:
    """The answer of GetJob.

    Raises:
        DeadlineOperationError: There is no such job, or the service refused.
    """
    with described_errors(
        f"get job {job_id}", farm_id=farm_id, queue_id=queue_id, job_id=job_id, config=config, region=region
    ):
        client = deadline_client(farm_id, config, region)
        answer = client.get_job(farmId=farm_id, queueId=queue_id, jobId=job_id)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def _why_at_rest(job: Mapping[str, Any], kept: Collection[str]) -> str:
    """Why no task of a job would change, of which those with the statuses in ``kept`` stay; empty where some may."""
    lifecycle, status = job.get("lifecycleStatus"), job.get("taskRunStatus")
    if lifecycle in ("ARCHIVED", "CREATE_FAILED"):
        what = "is archived" if lifecycle == "ARCHIVED" else "could not be created"
        return f"The job {what}; there is nothing to change."
    counts = nonzero_counts(job)
    if not counts or status not in (*ENDED, "SUSPENDED") or any(name not in kept for name in counts):
        return ""
    what = "is suspended already" if status == "SUSPENDED" else f"has ended as {status}"
    return f"The job {what}; there is nothing to change."


def nonzero_counts(job: Mapping[str, Any]) -> Dict[str, int]:
    """How many tasks a job or a step has of each status, where there are any."""
    return {status: count for status, count in (job.get("taskRunStatusCounts") or {}).items() if count}


def _problems(field: str, value: Any) -> List[str]:
    if field in _LENGTHS:
        least, most = _LENGTHS[field]
        if isinstance(value, str) and least <= len(value) <= most:
            return []
        return [f"The {field} of a job is a text of {least} to {most} characters."]
    least, most = _BOUNDS[field]
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        return [f"{field} is a whole number from {least} to {most}, not {value!r}."]
    if field == "max_worker_count" and value == 0:
        return ["max_worker_count cannot be 0: use -1 for any number of workers, or suspend the job."]
    return []
