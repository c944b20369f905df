"""Which tasks of a job are to run again, or on: found by their status, step by step."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from deadline.client.exceptions import DeadlineOperationError

from ..paging import call_paginated_list_api
from ..service_client import deadline_client, described_errors
from ..task_parameters import describe_parameters, parameter_values
from .job_changes import ENDED, get_job_to_change, nonzero_counts

REQUEUABLE = ("SUSPENDED", "CANCELED", "FAILED", "SUCCEEDED", "NOT_COMPATIBLE")
"""The statuses of tasks that can be run again."""

USUALLY_REQUEUED = ("SUSPENDED", "CANCELED", "FAILED")

_CALLS_AT_ONCE = 8


@dataclass(frozen=True)
class TaskToRequeue:
    """A task that will run again."""

    step_id: str
    task_id: str
    run_status: str
    parameters: Mapping[str, Mapping[str, Any]]

    def describe(self) -> str:
        """Its status, parameters and id."""
        parameters = describe_parameters(self.parameters, ",")
        name = f"{parameters} ({self.task_id})" if parameters else self.task_id
        return f"{self.run_status} {name}"


@dataclass(frozen=True)
class StepToRequeue:
    """A step of the job, with those of its tasks that will run again: maybe none."""

    step_id: str
    name: str
    tasks: Tuple[TaskToRequeue, ...]


@dataclass(frozen=True)
class TaskRequeuePlan:
    """Which tasks of a job will run again. Made by :func:`plan_task_requeue`, carried out by
    :func:`~.task_requeue.requeue_tasks`."""

    farm_id: str
    queue_id: str
    job: Mapping[str, Any]
    """The answer of GetJob when the plan was made."""
    run_statuses: Tuple[str, ...]
    """The statuses of the tasks to run again, sorted."""
    steps: Tuple[StepToRequeue, ...]
    """All steps of the job, or those that were asked for; none where the job goes on as a whole."""
    whole_job: bool = False
    """Whether one call for the job does for all of its tasks."""
    region: Optional[str] = None

    @property
    def job_id(self) -> str:
        """The job."""
        return str(self.job["jobId"])

    @property
    def job_name(self) -> str:
        """The name of the job."""
        return str(self.job.get("name") or self.job.get("displayName") or self.job_id)

    @property
    def tasks(self) -> Tuple[TaskToRequeue, ...]:
        """The tasks that will be called for, one by one."""
        return tuple(task for step in self.steps for task in step.tasks)

    @property
    def total_tasks(self) -> int:
        """How many tasks will run again."""
        if self.whole_job:
            return sum(nonzero_counts(self.job).get(status, 0) for status in self.run_statuses)
        return sum(len(step.tasks) for step in self.steps)

    @property
    def counts(self) -> Dict[str, int]:
        """How many tasks of each status will run again."""
        if self.whole_job:
            return {status: count for status, count in nonzero_counts(self.job).items() if status in self.run_statuses}
        counts: Dict[str, int] = {}
        for task in self.tasks:
            counts[task.run_status] = counts.get(task.run_status, 0) + 1
        return counts

    def describe(self) -> str:
        """The plan for people: lines of text."""
        if not self.total_tasks:
            return f"Job {self.job_name} ({self.job_id}) has no tasks that are {' or '.join(self.run_statuses)}."
        counts = ", ".join(f"{count} {status}" for status, count in sorted(self.counts.items()))
        lines = [f"Run tasks of job {self.job_name} ({self.job_id}): {counts}."]
        for step in self.steps:
            lines.append(f"  Step {step.name} ({step.step_id}): {len(step.tasks) or 'nothing to run'}")
        return "\n".join(lines)

    def to_dict(self) -> Dict[str, Any]:
        """The plan for programs: values that JSON knows."""
        return {
            "action": "requeue",
            "farmId": self.farm_id,
            "queueId": self.queue_id,
            "jobId": self.job_id,
            "jobName": self.job_name,
            "runStatuses": list(self.run_statuses),
            "wholeJob": self.whole_job,
            "taskCount": self.total_tasks,
            "taskRunStatusCounts": self.counts,
            "steps": [
                {
                    "stepId": step.step_id,
                    "name": step.name,
                    "tasks": [
                        {
                            "taskId": task.task_id,
                            "runStatus": task.run_status,
                            "parameters": dict(parameter_values(task.parameters)),
                        }
                        for task in step.tasks
                    ],
                }
                for step in self.steps
            ],
        }


def plan_task_requeue(
    farm_id: str,
    queue_id: str,
    job_id: str,
    run_statuses: Sequence[str] = USUALLY_REQUEUED,
    *,
    step_ids: Optional[Sequence[str]] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> TaskRequeuePlan:
    """Plan to run tasks of a job again.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        run_statuses: Which tasks: those of the statuses ``SUSPENDED``, ``CANCELED``, ``FAILED``, ``SUCCEEDED`` or
            ``NOT_COMPATIBLE``, in any case.
        step_ids: The steps to look at; all where left out.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: There is no such job, step or status, or the service refused.
    """
    statuses = tuple(sorted({status.upper() for status in run_statuses}))
    unknown = [status for status in statuses if status not in REQUEUABLE]
    if unknown or not statuses:
        raise DeadlineOperationError(
            f"Tasks that are {' or '.join(unknown) or 'of no status'} cannot be requeued, but those that are "
            f"{', '.join(REQUEUABLE)}."
        )
    job = get_job_to_change(farm_id, queue_id, job_id, config, region)
    counts = nonzero_counts(job)
    if counts and not any(counts.get(status) for status in statuses):
        return TaskRequeuePlan(farm_id, queue_id, job, statuses, (), region=region)
    ids = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
    with described_errors(f"list the tasks of job {job_id}", config=config, region=region):
        client = deadline_client(farm_id, config, region, patient=True)
        steps = call_paginated_list_api(client.list_steps, "steps", **ids)["steps"]
        if step_ids is not None:
            steps = _only(steps, step_ids, job_id)
        with ThreadPoolExecutor(_CALLS_AT_ONCE, "list-tasks") as pool:
            planned = tuple(pool.map(lambda step: _step(client, ids, step, statuses), steps))
    return TaskRequeuePlan(farm_id, queue_id, job, statuses, planned, region=region)


def plan_job_resumption(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> TaskRequeuePlan:
    """Plan to let a suspended job go on: its suspended tasks run, and nothing that has ended runs again.

    Arguments and errors are those of :func:`plan_task_requeue`.
    """
    job = get_job_to_change(farm_id, queue_id, job_id, config, region)
    counts = nonzero_counts(job)
    if counts.get("SUSPENDED") and not any(counts.get(status) for status in ENDED):
        return TaskRequeuePlan(farm_id, queue_id, job, ("SUSPENDED",), (), whole_job=True, region=region)
    return plan_task_requeue(farm_id, queue_id, job_id, ("SUSPENDED",), config=config, region=region)


def _only(steps: List[Dict[str, Any]], step_ids: Sequence[str], job_id: str) -> List[Dict[str, Any]]:
    wanted: Set[str] = set(step_ids)
    missing = wanted - {step["stepId"] for step in steps}
    if missing:
        there = "\n".join(f"  {step['stepId']}  {step['name']}" for step in steps)
        raise DeadlineOperationError(f"Job {job_id} has no step {', '.join(sorted(missing))}. Its steps are:\n{there}")
    return [step for step in steps if step["stepId"] in wanted]


def _step(client: Any, ids: Mapping[str, str], step: Mapping[str, Any], statuses: Sequence[str]) -> StepToRequeue:
    """A step with its tasks of some statuses; they are not asked for where there are none."""
    step_id, counts = step["stepId"], step.get("taskRunStatusCounts")
    if counts is not None and not any(counts.get(status) for status in statuses):
        return StepToRequeue(step_id, step["name"], ())
    tasks = call_paginated_list_api(client.list_tasks, "tasks", **ids, stepId=step_id)["tasks"]
    return StepToRequeue(
        step_id,
        step["name"],
        tuple(
            TaskToRequeue(step_id, task["taskId"], task["runStatus"], task.get("parameters") or {})
            for task in tasks
            if task["runStatus"] in statuses
        ),
    )
