"""Which jobs may have new outputs: those that have not ended, and those that ended since the last run.

Finished jobs are not asked about again, so that a run costs no more in a queue with many of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Dict, List

from .categories import ACTIVE_STATUSES, succeeded_tasks
from .parallel import in_parallel
from .service import QueueService

NOT_ENDED = (*ACTIVE_STATUSES, "INTERRUPTING", "PENDING", "SUSPENDED", "NOT_COMPATIBLE")
"""The statuses of jobs that have not ended, whether or not anything happens to them now."""


def find_candidates(service: QueueService, since: datetime) -> Dict[str, Dict[str, Any]]:
    """The jobs by id that may have new outputs, by their creation time; those of which no task succeeded have none.

    Args:
        service: Of the queue.
        since: When jobs have to have ended, at the earliest.
    """
    not_ended = {"name": "TASK_RUN_STATUS", "operator": "ANY_EQUALS", "values": list(NOT_ENDED)}
    ended = {"name": "ENDED_AT", "operator": "GREATER_THAN_EQUAL_TO", "dateTime": since}
    filters: List[Dict[str, Any]] = [
        {"filters": [{"stringListFilter": not_ended}], "operator": "OR"},
        {"filters": [{"dateTimeFilter": ended}], "operator": "AND"},
    ]
    found: Dict[str, Dict[str, Any]] = {}
    for jobs in in_parallel(service.find_jobs, filters, service.keep_going):
        # Of a job that ended between the two searches, the end is the newer state.
        found.update((job["jobId"], job) for job in jobs)
    with_outputs = [job for job in found.values() if succeeded_tasks(job)]
    return {job["jobId"]: job for job in sorted(with_outputs, key=lambda job: job["createdAt"])}
