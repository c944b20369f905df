"""Running tasks of a job again, or on: those of some statuses, by a call of UpdateTask for each.

A call for each task and not one for the job, because a job that is to go on as a whole would run again what has
succeeded. The calls go out several at once; the client slows down when the service asks for it. What could not be done
is named task by task in the result.
"""

from __future__ import annotations

import itertools
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

from deadline.client.exceptions import DeadlineOperationError

from ..service_client import deadline_client, described_errors, error_code
from .requeue_plan import TaskRequeuePlan, TaskToRequeue

CALLS_AT_ONCE = 8
MOST_NAMED = 10
"""How many failures a message names; the result has all of them."""

_SECONDS_BETWEEN_QUESTIONS = 0.2
_CALL_BY_CALL_CODES = (
    *("ConflictException", "ResourceNotFoundException", "ValidationException"),
    *("InternalServerErrorException", "ServiceUnavailable", "ThrottlingException"),
)
"""Errors that are about one task or one moment; with others (no permission, no network) it is no use to go on."""


@dataclass(frozen=True)
class RequeueProgress:
    """How far a requeue has come; ``task`` is the one that was called for last, ``error`` why it failed."""

    task: TaskToRequeue
    error: Optional[str]
    requeued: int
    failed: int
    total: int


@dataclass(frozen=True)
class RequeueFailure:
    """A task that could not be requeued, and why."""

    task: TaskToRequeue
    reason: str


@dataclass(frozen=True)
class RequeueResult:
    """What became of each task of a plan."""

    requeued_count: int
    failures: Tuple[RequeueFailure, ...] = ()
    not_attempted: Tuple[TaskToRequeue, ...] = ()
    """The tasks that were not called for: the caller wanted no more, or an error made it no use."""
    canceled: bool = False
    """Whether the caller wanted no more."""

    def raise_for_failures(self) -> None:
        """Raise an error that says what was done, what not, and why, where anything was not.

        Raises:
            DeadlineOperationError: Some tasks could not be requeued.
        """
        if not self.failures and not self.not_attempted:
            return
        total = self.requeued_count + len(self.failures) + len(self.not_attempted)
        lines = [f"{self.requeued_count} of {total} tasks were requeued."]
        if self.failures:
            lines.append(f"{len(self.failures)} failed:")
            lines += [f"  {failure.task.describe()}: {failure.reason}" for failure in self.failures[:MOST_NAMED]]
            if len(self.failures) > MOST_NAMED:
                lines.append(f"  ... and {len(self.failures) - MOST_NAMED} more")
        if self.not_attempted:
            why = "you asked to stop" if self.canceled else "it would have failed in the same way"
            lines.append(f"{len(self.not_attempted)} were not tried, because {why}.")
        lines.append("Requeue again for the rest: what was requeued is passed over.")
        raise DeadlineOperationError("\n".join(lines))


def requeue_tasks(
    plan: TaskRequeuePlan,
    *,
    progress_callback: Optional[Callable[[RequeueProgress], None]] = None,
    continue_callback: Optional[Callable[[], bool]] = None,
    config: Optional[ConfigParser] = None,
) -> RequeueResult:
    """Carry out a plan.

    Args:
        plan: The plan.
        progress_callback: Told about each task, in the thread that calls this.
        continue_callback: Says whether to go on; asked several times a second, in the thread that calls this.
        config: A configuration to read from instead of the settings file.

    Returns:
        What was done and what not; :meth:`RequeueResult.raise_for_failures` makes an error of the latter.

    Raises:
        DeadlineOperationError: The job as a whole was to go on, and the service refused.
    """
    client = deadline_client(plan.farm_id, config, plan.region, patient=True)
    if plan.whole_job:
        ids = {"farm_id": plan.farm_id, "queue_id": plan.queue_id, "job_id": plan.job_id}
        with described_errors(f"resume job {plan.job_id}", **ids, config=config, region=plan.region):
            client.update_job(
                farmId=plan.farm_id, queueId=plan.queue_id, jobId=plan.job_id, targetTaskRunStatus="READY"
            )
        return RequeueResult(plan.total_tasks)
    return _Requeue(plan, client, progress_callback or (lambda progress: None)).run(continue_callback or (lambda: True))


class _Requeue:
    """Calls for the tasks of a plan, several at once."""

    def __init__(self, plan: TaskRequeuePlan, client: Any, on_progress: Callable[[RequeueProgress], None]) -> None:
        self._plan = plan
        self._client = client
        self._on_progress = on_progress
        self._tasks = plan.tasks
        self._todo: Iterator[TaskToRequeue] = iter(self._tasks)
        self._under_way: Dict[Future[None], TaskToRequeue] = {}
        self._requeued = 0
        self._failures: List[RequeueFailure] = []
        self._useless = False

    def run(self, go_on: Callable[[], bool]) -> RequeueResult:
        """Call until nothing is left, nobody wants more, or it is no use."""
        canceled = False
        with ThreadPoolExecutor(CALLS_AT_ONCE, "requeue") as pool:
            while True:
                canceled = canceled or not go_on()
                if not canceled and not self._useless:
                    self._call_for_more(pool)
                if not self._under_way:
                    break
                done, _ = wait(self._under_way, timeout=_SECONDS_BETWEEN_QUESTIONS, return_when=FIRST_COMPLETED)
                for future in done:
                    self._note(self._under_way.pop(future), future.exception())
        return RequeueResult(self._requeued, tuple(self._failures), tuple(self._todo), canceled)

    def _call_for_more(self, pool: ThreadPoolExecutor) -> None:
        # No more than are called for at once: what waits in the pool could not be taken back.
        for task in itertools.islice(self._todo, CALLS_AT_ONCE - len(self._under_way)):
            self._under_way[pool.submit(self._call_for, task)] = task

    def _call_for(self, task: TaskToRequeue) -> None:
        self._client.update_task(
            farmId=self._plan.farm_id,
            queueId=self._plan.queue_id,
            jobId=self._plan.job_id,
            stepId=task.step_id,
            taskId=task.task_id,
            targetRunStatus="PENDING",
        )

    def _note(self, task: TaskToRequeue, error: Optional[BaseException]) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, (BotoCoreError, ClientError, DeadlineOperationError)):
            self._failures.append(RequeueFailure(task, str(error)))
            self._useless = self._useless or error_code(error) not in _CALL_BY_CALL_CODES
        elif error is not None:
            raise error
        else:
            self._requeued += 1
        self._on_progress(
            RequeueProgress(
                task=task,
                error=None if error is None else str(error),
                requeued=self._requeued,
                failed=len(self._failures),
                total=len(self._tasks),
            )
        )
