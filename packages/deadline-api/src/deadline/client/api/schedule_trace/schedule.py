"""The sessions of a job at a moment, as values."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Tuple

TASK_RUN = "taskRun"
SYNC = "syncInputJobAttachments"
ENVIRONMENT = ("envEnter", "envExit")
"""Kinds of session actions."""

MOST_NAMED = 5


@dataclass(frozen=True)
class ScheduledAction:
    """Something that a session did, or is to do."""

    action_id: str
    kind: str
    """``taskRun``, ``envEnter``, ``envExit`` or ``syncInputJobAttachments``."""
    status: str
    started_at: Optional[datetime.datetime]
    ended_at: Optional[datetime.datetime]
    definition: Mapping[str, Any]
    """What the service says of an action of this kind."""
    parameters: Mapping[str, Mapping[str, Any]]
    """Those of the task, for a task run."""

    @property
    def step_id(self) -> Optional[str]:
        """The step of a task run; for attachments the step whose outputs were fetched, if it was one."""
        return self.definition.get("stepId")

    @property
    def task_id(self) -> Optional[str]:
        """The task of a task run."""
        return self.definition.get("taskId")


@dataclass(frozen=True)
class ScheduledSession:
    """A session: a worker that works for the job."""

    index: int
    """Its place among the sessions of the job, by the time when they began."""
    session_id: str
    worker_id: str
    fleet_id: str
    lifecycle_status: str
    started_at: Optional[datetime.datetime]
    ended_at: Optional[datetime.datetime]
    actions: Tuple[ScheduledAction, ...]
    step_name: Optional[str]
    """The name of the step of its tasks, or the names of several; ``None`` where it ran no task."""


@dataclass(frozen=True)
class MissingItem:
    """A step or task that the service did not tell about."""

    kind: str
    """``step`` or ``task``."""
    identifier: str
    code: str
    message: str


@dataclass(frozen=True)
class JobSchedule:
    """The sessions of a job at a moment. Made by :func:`~.collection.collect_schedule`."""

    farm_id: str
    queue_id: str
    job: Mapping[str, Any]
    """The answer of GetJob."""
    sessions: Tuple[ScheduledSession, ...]
    """By the time when they began; those that have not begun come last."""
    steps: Mapping[str, Mapping[str, Any]]
    """The steps of the tasks that ran, by id, as the service describes them."""
    tasks: Mapping[str, Mapping[str, Any]]
    """The tasks that ran, by id, as the service describes them."""
    missing: Tuple[MissingItem, ...]
    taken_at: datetime.datetime
    """When it was collected: the end of whatever has not ended."""

    @property
    def started_at(self) -> datetime.datetime:
        """When the job began."""
        moment: datetime.datetime = self.job["startedAt"]
        return moment

    def microseconds(self, moment: datetime.datetime) -> int:
        """A moment as whole microseconds since the job began."""
        return (moment - self.started_at) // datetime.timedelta(microseconds=1)

    def duration(self, started_at: Optional[datetime.datetime], ended_at: Optional[datetime.datetime]) -> int:
        """Microseconds from a beginning to an end, or to now; 0 for what has not begun."""
        if started_at is None:
            return 0
        return max(((ended_at or self.taken_at) - started_at) // datetime.timedelta(microseconds=1), 0)

    def step_name(self, step_id: Optional[str]) -> Optional[str]:
        """The name of a step, where it is known."""
        step = self.steps.get(step_id or "")
        return str(step["name"]) if step else None

    def warnings(self) -> List[str]:
        """What is missing, for people: lines of text, or none."""
        if not self.missing:
            return []
        lines = [f"{len(self.missing)} steps and tasks could not be looked up; the trace says less about them:"]
        lines += [f"  {item.kind} {item.identifier}: {item.code}: {item.message}" for item in self.missing[:MOST_NAMED]]
        more = len(self.missing) - MOST_NAMED
        return [*lines, f"  ... and {more} more"] if more > 0 else lines
