"""How a job was scheduled: which sessions ran where and when, what they did with their time.

>>> schedule = collect_schedule(farm_id, queue_id, job_id)  # doctest: +SKIP
>>> print(schedule_statistics(schedule).describe())  # doctest: +SKIP
>>> write_chrome_trace(schedule, "trace.json")  # doctest: +SKIP

===================  ==============================================================
module               subject
===================  ==============================================================
:mod:`.schedule`     the sessions of a job at a moment, as values
:mod:`.collection`   the sessions of a job, with their actions, from the service
:mod:`.statistics`   how long what took: of the job, each session, each worker
:mod:`.chrome`       a trace file for ``chrome://tracing`` and Perfetto
===================  ==============================================================
"""

from __future__ import annotations

from .chrome import chrome_trace, write_chrome_trace
from .collection import collect_schedule
from .schedule import JobSchedule, MissingItem, ScheduledAction, ScheduledSession
from .statistics import ScheduleStatistics, SessionStatistics, Tally, WorkerStatistics, schedule_statistics

__all__ = [
    "JobSchedule",
    "MissingItem",
    "ScheduleStatistics",
    "ScheduledAction",
    "ScheduledSession",
    "SessionStatistics",
    "Tally",
    "WorkerStatistics",
    "chrome_trace",
    "collect_schedule",
    "schedule_statistics",
    "write_chrome_trace",
]
