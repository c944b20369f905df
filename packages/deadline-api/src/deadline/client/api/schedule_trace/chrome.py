"""A schedule as a file of trace events, for ``chrome://tracing`` or https://ui.perfetto.dev.

The form is that of https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU (JSON object format).
Each worker is a process; times are microseconds since the job began.
"""

from __future__ import annotations

import contextlib
import json
import uuid
from pathlib import Path
from typing import Any, Dict, Iterator, List

from deadline.client.exceptions import DeadlineOperationError

from ..task_parameters import describe_parameters
from .schedule import ENVIRONMENT, SYNC, TASK_RUN, JobSchedule, ScheduledAction, ScheduledSession
from .statistics import schedule_statistics

_IN_PROGRESS = " - In Progress"
_UNKNOWN_STEP = "<Unknown Step>"


def chrome_trace(schedule: JobSchedule) -> Dict[str, Any]:
    """The trace of a job: an object of ``traceEvents`` and ``otherData``, of values that JSON knows."""
    begun = [session for session in schedule.sessions if session.started_at is not None]
    processes: Dict[str, int] = {}
    for session in begun:
        processes.setdefault(session.worker_id, len(processes) + 1)
    events: List[Dict[str, Any]] = [
        {"name": "process_name", "ph": "M", "pid": pid, "tid": 0, "args": {"name": worker_id}}
        for worker_id, pid in processes.items()
    ]
    for session in begun:
        events += _session_events(schedule, session, processes[session.worker_id])
    job = schedule.job
    ended_at = job.get("endedAt")
    return {
        "traceEvents": events,
        "otherData": {
            "farmId": schedule.farm_id,
            "queueId": schedule.queue_id,
            "jobId": job["jobId"],
            "jobName": job.get("name") or job.get("displayName"),
            "startedAt": schedule.started_at.isoformat(),
            **({"endedAt": ended_at.isoformat()} if ended_at else {}),
            **schedule_statistics(schedule).total.to_dict(),
        },
    }


def write_chrome_trace(schedule: JobSchedule, path: str) -> None:
    """Write the trace of a job to a file, which is complete or not there.

    Raises:
        DeadlineOperationError: The file cannot be written.
    """
    target = Path(path)
    temporary = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    try:
        temporary.write_text(json.dumps(chrome_trace(schedule), indent=1), encoding="utf-8")
        temporary.replace(target)
    except OSError as error:
        raise DeadlineOperationError(f"The trace could not be written to {path}: {error.strerror or error}.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _session_events(schedule: JobSchedule, session: ScheduledSession, pid: int) -> Iterator[Dict[str, Any]]:
    assert session.started_at is not None
    start = schedule.microseconds(session.started_at)
    open_ended = "" if session.ended_at else _IN_PROGRESS
    common = {
        "name": f"{session.step_name or _UNKNOWN_STEP} - {session.index}{open_ended}",
        "cat": "SESSION",
        "pid": pid,
        "tid": 0,
    }
    yield {
        **common,
        "ph": "B",
        "ts": start,
        "args": {
            "sessionId": session.session_id,
            "workerId": session.worker_id,
            "fleetId": session.fleet_id,
            "lifecycleStatus": session.lifecycle_status,
        },
    }
    for action in session.actions:
        if action.started_at is not None:
            yield {
                "name": _name(action) + ("" if action.ended_at else _IN_PROGRESS),
                "cat": action.kind,
                "ph": "X",
                "ts": schedule.microseconds(action.started_at),
                "dur": schedule.duration(action.started_at, action.ended_at),
                "pid": pid,
                "tid": 0,
                "args": {
                    "sessionActionId": action.action_id,
                    "status": action.status,
                    "stepName": schedule.step_name(action.step_id) or session.step_name or _UNKNOWN_STEP,
                },
            }
    yield {**common, "ph": "E", "ts": start + schedule.duration(session.started_at, session.ended_at)}


def _name(action: ScheduledAction) -> str:
    if action.kind == TASK_RUN:
        return describe_parameters(action.parameters, ",") or "<No Task Params>"
    if action.kind in ENVIRONMENT:
        return str(action.definition.get("environmentId", action.action_id)).rpartition(":")[2]
    if action.kind == SYNC:
        return f"Sync Job Attachments ({'Dependencies' if action.step_id else 'Submitted'})"
    return action.action_id
