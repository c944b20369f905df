"""How long what took: of the job as a whole, of each session, of each worker. All durations are microseconds."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Sequence, Tuple

from .schedule import ENVIRONMENT, SYNC, TASK_RUN, JobSchedule, ScheduledAction, ScheduledSession


@dataclass(frozen=True)
class Tally:
    """How many sessions and actions there were, and how long they took; what has not begun does not count."""

    session_count: int = 0
    session_action_count: int = 0
    task_run_count: int = 0
    env_action_count: int = 0
    sync_job_attachments_count: int = 0
    session_duration: int = 0
    session_action_duration: int = 0
    task_run_duration: int = 0
    env_action_duration: int = 0
    sync_job_attachments_duration: int = 0

    def __add__(self, other: Tally) -> Tally:
        mine, others = dataclasses.astuple(self), dataclasses.astuple(other)
        return Tally(*(one + another for one, another in zip(mine, others)))

    @property
    def non_task_run_duration(self) -> int:
        """What actions other than runs of tasks took: environments and attachments."""
        return self.session_action_duration - self.task_run_duration

    @property
    def overhead_duration(self) -> int:
        """What sessions took besides their actions."""
        return self.session_duration - self.session_action_duration

    @property
    def overhead_per_action(self) -> int:
        """The overhead, shared out among the actions."""
        return self.overhead_duration // self.session_action_count if self.session_action_count else 0

    def to_dict(self) -> Dict[str, int]:
        """The members by their names in a trace file, such as ``taskRunDuration``."""
        return {_camel_case(name): value for name, value in dataclasses.asdict(self).items()}


@dataclass(frozen=True)
class SessionStatistics:
    """What a session did with its time."""

    session: ScheduledSession
    tally: Tally


@dataclass(frozen=True)
class WorkerStatistics:
    """What a worker did for the job."""

    worker_id: str
    fleet_id: str
    tally: Tally
    wall_duration: int
    """From the beginning of its first session to the end of its last one."""
    busy_duration: int
    """The time in which it ran tasks; what it ran at once counts once."""

    @property
    def idle_duration(self) -> int:
        """The rest: between sessions, and in them without a task."""
        return self.wall_duration - self.busy_duration


@dataclass(frozen=True)
class ScheduleStatistics:
    """What the sessions of a job did with their time. Made by :func:`schedule_statistics`."""

    total: Tally
    by_session: Tuple[SessionStatistics, ...]
    by_worker: Tuple[WorkerStatistics, ...]
    """In the order in which the workers began."""
    wall_duration: int
    """From the beginning of the job to its end, or to now."""

    def describe(self) -> str:
        """The statistics for people: lines of text."""
        total, whole = self.total, self.total.session_duration
        rows: List[Tuple[str, str]] = [
            ("Job duration", format_duration(self.wall_duration)),
            ("Workers", str(len(self.by_worker))),
            ("Sessions", str(total.session_count)),
            ("Session actions", str(total.session_action_count)),
            ("Task runs", str(total.task_run_count)),
            ("Environment actions", str(total.env_action_count)),
            ("Job attachment syncs", str(total.sync_job_attachments_count)),
            ("Session duration", format_duration(whole)),
            ("Session action duration", format_duration(total.session_action_duration)),
            ("Task run duration", _with_share(total.task_run_duration, whole)),
            ("Non-task-run duration", _with_share(total.non_task_run_duration, whole)),
            ("Job attachment sync duration", _with_share(total.sync_job_attachments_duration, whole)),
            ("Environment action duration", _with_share(total.env_action_duration, whole)),
            ("Overhead within sessions", _with_share(total.overhead_duration, whole)),
            ("Overhead per session action", format_duration(total.overhead_per_action)),
        ]
        return "\n".join(f"{name}: {value}" for name, value in rows)

    def to_dict(self) -> Dict[str, Any]:
        """The statistics for programs: values that JSON knows; durations are microseconds."""
        return {
            **self.total.to_dict(),
            "wallDuration": self.wall_duration,
            "workers": [
                {
                    "workerId": worker.worker_id,
                    "fleetId": worker.fleet_id,
                    "wallDuration": worker.wall_duration,
                    "busyDuration": worker.busy_duration,
                    "idleDuration": worker.idle_duration,
                    **worker.tally.to_dict(),
                }
                for worker in self.by_worker
            ],
            "sessions": [
                {
                    "sessionId": statistics.session.session_id,
                    "workerId": statistics.session.worker_id,
                    "stepName": statistics.session.step_name,
                    **statistics.tally.to_dict(),
                }
                for statistics in self.by_session
            ],
        }


def schedule_statistics(schedule: JobSchedule) -> ScheduleStatistics:
    """Work out what the sessions of a job did with their time."""
    begun = [session for session in schedule.sessions if session.started_at is not None]
    by_session = tuple(SessionStatistics(session, _tally(schedule, session)) for session in begun)
    workers: Dict[str, List[SessionStatistics]] = {}
    for statistics in by_session:
        workers.setdefault(statistics.session.worker_id, []).append(statistics)
    return ScheduleStatistics(
        total=_sum(statistics.tally for statistics in by_session),
        by_session=by_session,
        by_worker=tuple(_worker(schedule, sessions) for sessions in workers.values()),
        wall_duration=schedule.duration(schedule.started_at, schedule.job.get("endedAt")),
    )


def format_duration(microseconds: int) -> str:
    """A duration as ``H:MM:SS.ffffff``."""
    sign = "-" if microseconds < 0 else ""
    seconds, fraction = divmod(abs(microseconds), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02}:{seconds:02}.{fraction:06}"


def _with_share(duration: int, whole: int) -> str:
    return (
        f"{format_duration(duration)} ({100 * duration / whole:.1f}%)"
        if whole
        else f"{format_duration(duration)} (N/A)"
    )


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _sum(tallies: Iterable[Tally]) -> Tally:
    return sum(tallies, Tally())


def _tally(schedule: JobSchedule, session: ScheduledSession) -> Tally:
    def of(actions: Sequence[ScheduledAction]) -> Tuple[int, int]:
        return len(actions), sum(schedule.duration(action.started_at, action.ended_at) for action in actions)

    actions = [action for action in session.actions if action.started_at is not None]
    count, duration = of(actions)
    runs, run_duration = of([action for action in actions if action.kind == TASK_RUN])
    environments, environment_duration = of([action for action in actions if action.kind in ENVIRONMENT])
    syncs, sync_duration = of([action for action in actions if action.kind == SYNC])
    return Tally(
        session_count=1,
        session_action_count=count,
        task_run_count=runs,
        env_action_count=environments,
        sync_job_attachments_count=syncs,
        session_duration=schedule.duration(session.started_at, session.ended_at),
        session_action_duration=duration,
        task_run_duration=run_duration,
        env_action_duration=environment_duration,
        sync_job_attachments_duration=sync_duration,
    )


def _worker(schedule: JobSchedule, sessions: Sequence[SessionStatistics]) -> WorkerStatistics:
    first = sessions[0].session
    spans = [_span(schedule, statistics.session) for statistics in sessions]
    runs = [
        _span(schedule, action)
        for statistics in sessions
        for action in statistics.session.actions
        if action.kind == TASK_RUN and action.started_at is not None
    ]
    return WorkerStatistics(
        worker_id=first.worker_id,
        fleet_id=first.fleet_id,
        tally=_sum(statistics.tally for statistics in sessions),
        wall_duration=max(end for _, end in spans) - min(start for start, _ in spans),
        busy_duration=_covered(runs),
    )


def _span(schedule: JobSchedule, item: Any) -> Tuple[int, int]:
    """Beginning and end of a session or an action that has begun."""
    started_at: datetime.datetime = item.started_at
    start = schedule.microseconds(started_at)
    return start, start + schedule.duration(started_at, item.ended_at)


def _covered(spans: Iterable[Tuple[int, int]]) -> int:
    """How much time spans cover together; where they overlap it counts once."""
    covered, reached = 0, None
    for start, end in sorted(spans):
        begin = start if reached is None else max(start, reached)
        covered += max(end - begin, 0)
        reached = end if reached is None else max(end, reached)
    return covered
