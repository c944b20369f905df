"""How long a job will take from now on, by the tasks it has done so far."""

from __future__ import annotations

import datetime
from typing import Any, Mapping

from .job_completion import has_ended

_DONE = ("SUCCEEDED", "FAILED", "CANCELED")
_TO_COME = ("RUNNING", "STARTING", "ASSIGNED", "PENDING", "READY", "SCHEDULED")


def estimated_time_remaining(job: Mapping[str, Any]) -> str:
    """The time that a job's remaining tasks take if they take as long as the ones before, such as ``1 hour, 5 minutes``.

    Args:
        job: An answer of GetJob, or a job in one of SearchJobs.

    Returns:
        The time in words, or ``N/A`` where nothing can be said or the job has ended.
    """
    counts = job.get("taskRunStatusCounts") or {}
    done = sum(counts.get(status, 0) for status in _DONE)
    to_come = sum(counts.get(status, 0) for status in _TO_COME)
    started = job.get("startedAt")
    if not started or not done or not to_come or has_ended(job):
        return "N/A"
    elapsed = (datetime.datetime.now(datetime.timezone.utc) - started).total_seconds()
    return _words(elapsed / done * to_come) if elapsed > 0 else "N/A"


def _words(seconds: float) -> str:
    minutes = int(seconds // 60)
    if not minutes:
        return _plural(int(seconds), "second")
    hours, minutes = divmod(minutes, 60)
    parts = [_plural(number, unit) for number, unit in ((hours, "hour"), (minutes, "minute")) if number]
    return ", ".join(parts)


def _plural(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
