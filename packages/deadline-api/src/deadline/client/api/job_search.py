"""Finding jobs: all that a filter matches, and those that a person means by an id or a part of a name."""

from __future__ import annotations

import datetime
import logging
import re
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

from deadline.client.exceptions import DeadlineOperationError

from . import resources
from .service_client import described_errors, patient_client

logger = logging.getLogger(__name__)

PAGE = 100
LARGEST_OFFSET = 10_000
SHOWN = 5
"""How many jobs a search for a person brings, unless told otherwise."""

_JOB_ID = re.compile(r"job-[0-9a-f]{32}")
_ATTEMPTS_AT_AN_EMPTY_PAGE = 3


class JobFetchFailure(DeadlineOperationError, RuntimeError):
    """The service cannot give all jobs that match."""


@dataclass(frozen=True)
class JobMatches:
    """Jobs that match a term, the newest first."""

    term: str
    jobs: Tuple[Dict[str, Any], ...]
    """The first of them: answers of GetJob where it is only one, of SearchJobs where there are more."""
    total: int
    """How many match."""

    @property
    def only(self) -> Optional[Dict[str, Any]]:
        """The answer of GetJob for the one job that matches; ``None`` where there is none or more than one."""
        return self.jobs[0] if self.total == 1 and self.jobs else None


def is_job_id(text: str) -> bool:
    """Whether a text is the id of a job by its form."""
    return _JOB_ID.fullmatch(text) is not None


def find_jobs(
    farm_id: str,
    queue_id: str,
    term: str,
    *,
    limit: int = SHOWN,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> JobMatches:
    """The jobs of a queue that a person means by a job id or by a part of a name.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        term: A job id, or a text that the names of the jobs contain.
        limit: The largest number of jobs to bring, 1 to 100.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: There is no job of that id, the term is empty, or the service refused.
    """
    term = term.strip()
    if not term:
        raise DeadlineOperationError("What to search for? Give a job id or a part of a job's name.")
    context: Dict[str, Any] = {"config": config, "region": region}
    where: Dict[str, Any] = {"farm_id": farm_id, "queue_id": queue_id, **context}

    def get(job_id: str) -> Dict[str, Any]:
        with described_errors(f"get job {job_id}", job_id=job_id, **where):
            return resources.get_job(farmId=farm_id, queueId=queue_id, jobId=job_id, **context)

    if is_job_id(term):
        return JobMatches(term, (get(term),), 1)
    with described_errors(f"search queue {queue_id} for jobs", **where):
        found = resources.search_jobs(
            farmId=farm_id,
            queueIds=[queue_id],
            nameContains=term,
            pageSize=limit,
            exactTerm=True,
            newestFirst=True,
            **context,
        )
    jobs = found["jobs"]
    if len(jobs) == 1 and found["totalResults"] <= 1:
        return JobMatches(term, (get(jobs[0]["jobId"]),), 1)
    return JobMatches(term, tuple(jobs), max(found["totalResults"], len(jobs)))


def list_jobs_by_filter(
    boto3_session: Any,
    farm_id: str,
    queue_id: str,
    filter_expression: Mapping[str, Any],
    region: Optional[str] = None,
) -> List[Dict[str, Any]]:
    """Every job of a queue that a filter matches, whatever their number, the oldest first.

    One search reaches the first 10,000 jobs; so each search begins where the one before ended, at the time when its last
    job was created. Only among jobs that were created at the same moment it counts.

    Args:
        boto3_session: The session to call the service with.
        farm_id: The farm.
        queue_id: The queue.
        filter_expression: ``{"filters": [...], "operator": "AND" or "OR"}`` without groups inside.
        region: The region of the farm, instead of the session's.

    Raises:
        ValueError: ``filter_expression`` has another form.
        DeadlineOperationError: The service refused, or cannot give all of the jobs.
    """
    _check(filter_expression)
    client = patient_client(boto3_session, region)
    found: Dict[str, Dict[str, Any]] = {}
    since: Optional[datetime.datetime] = None
    offset = 0
    while True:
        jobs, total = _search(client, farm_id, queue_id, filter_expression, since, offset)
        found.update((job["jobId"], job) for job in jobs)
        if not jobs or offset + len(jobs) >= total:
            return list(found.values())
        last = jobs[-1].get("createdAt")
        if last is None or (since is not None and last <= since):
            offset += len(jobs)
        else:
            # The jobs of that moment come again: there may be more of them than were on this page.
            since, offset = last, 0
        if offset > LARGEST_OFFSET:
            raise JobFetchFailure(
                f"More than {LARGEST_OFFSET} jobs of queue {queue_id} were created at {since}. The service cannot list "
                "them all by this search; narrow the filter."
            )


def _search(
    client: Any,
    farm_id: str,
    queue_id: str,
    filter_expression: Mapping[str, Any],
    since: Optional[datetime.datetime],
    offset: int,
) -> Tuple[List[Dict[str, Any]], int]:
    """A page of jobs, and how many match."""
    filters: List[Dict[str, Any]] = [{"groupFilter": dict(filter_expression)}]
    if since is not None:
        name = "CREATED_AT"
        filters.append({"dateTimeFilter": {"name": name, "operator": "GREATER_THAN_EQUAL_TO", "dateTime": since}})
    for _ in range(_ATTEMPTS_AT_AN_EMPTY_PAGE):
        with described_errors(f"search queue {queue_id} for jobs", farm_id=farm_id, queue_id=queue_id):
            answer = client.search_jobs(
                farmId=farm_id,
                queueIds=[queue_id],
                itemOffset=offset,
                pageSize=PAGE,
                filterExpressions={"filters": filters, "operator": "AND"},
                sortExpressions=[{"fieldSort": {"name": "CREATED_AT", "sortOrder": "ASCENDING"}}],
            )
        jobs, total = answer.get("jobs", []), answer.get("totalResults", 0)
        if jobs or total <= offset:
            break
        # The index of the service lags behind its jobs, so that the number and the page may disagree for a moment.
        logger.debug("A search found %d jobs from %s on but gave none; asking again", total, since)
    else:
        logger.warning("The service counts %d jobs in queue %s that it does not give.", total - offset, queue_id)
    return jobs, total


def _check(filter_expression: Any) -> None:
    if not isinstance(filter_expression, Mapping) or set(filter_expression) != {"filters", "operator"}:
        raise ValueError("A filter expression is a dictionary with just the keys 'filters' and 'operator'.")
    filters = filter_expression["filters"]
    if not isinstance(filters, (list, tuple)) or any("groupFilter" in item for item in filters):
        raise ValueError("The filters of a filter expression are a list without groups inside.")
