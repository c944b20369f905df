"""What workers logged, from Amazon CloudWatch Logs: the agent, and with it all that befalls a host.

The service keeps the log of each worker as a stream named like the worker, in a group for each fleet:
``/aws/deadline/<farm>/<fleet>``. It alone tells of a host that was taken away, that shut down, or ran out of memory.
"""

from __future__ import annotations

import datetime
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Mapping, Optional

from deadline.client.auth.credentials import AwsCredentialsSource, get_credentials_source
from deadline.client.auth.fleet_role import get_fleet_read_boto3_session
from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_session, get_session_client
from deadline.client.exceptions import DeadlineOperationError

from . import resources
from .log_streams import LARGEST_PAGE, LogEvent, LogStream
from .service_client import deadline_client, described_errors
from .session_logs import SessionLogResult, get_session_logs

MARGIN = datetime.timedelta(minutes=1)
"""How long before and after a session what its worker logged may tell about it."""


@dataclass
class WorkerLogResult:
    """Lines of a worker's log, the oldest first; tokens as in :class:`~.session_logs.SessionLogResult`."""

    events: List[LogEvent]
    next_token: Optional[str]
    log_group: str
    log_stream: str
    count: int
    worker_id: str
    fleet_id: str
    previous_token: Optional[str] = None


@dataclass
class SessionAndWorkerLogs:
    """What a session logged, and what its worker did meanwhile."""

    session: Dict[str, Any]
    """The answer of GetSession."""
    session_logs: SessionLogResult
    worker_logs: Optional[WorkerLogResult]
    worker_logs_error: Optional[str] = None
    """Why there are no worker logs: many users may read the logs of their jobs only."""


def get_worker_logs(
    farm_id: str,
    fleet_id: str,
    worker_id: str,
    limit: int = 100,
    start_time: Optional[datetime.datetime] = None,
    end_time: Optional[datetime.datetime] = None,
    next_token: Optional[str] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> WorkerLogResult:
    """The last lines that a worker logged, or those that a token leads to.

    Args:
        farm_id: The farm.
        fleet_id: The fleet.
        worker_id: The worker.
        limit: The largest number of lines, 1 to 10,000.
        start_time: No lines before it. Times without a zone are local.
        end_time: No lines from it on.
        next_token: A token of an earlier result.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Returns:
        The lines; none where nothing was logged yet.

    Raises:
        DeadlineOperationError: The service refused.
    """
    with described_errors(f"get the log of {worker_id}", config=config, region=region):
        stream = worker_log_stream(
            farm_id, fleet_id, worker_id, start_time=start_time, end_time=end_time, config=config, region=region
        )
        page = stream.last_page(limit, next_token)
    return WorkerLogResult(
        events=page.events,
        next_token=page.next_token,
        log_group=stream.group,
        log_stream=stream.name,
        count=len(page.events),
        worker_id=worker_id,
        fleet_id=fleet_id,
        previous_token=page.previous_token,
    )


def get_worker_logs_of_session(
    farm_id: str,
    session: Mapping[str, Any],
    limit: int = 100,
    start_time: Optional[datetime.datetime] = None,
    end_time: Optional[datetime.datetime] = None,
    next_token: Optional[str] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> WorkerLogResult:
    """The last lines that the worker of a session logged while it ran, shortly before, and shortly after.

    Args:
        farm_id: The farm.
        session: The answer of GetSession, or the session in one of ListSessions.
        limit: The largest number of lines, 1 to 10,000.
        start_time: No lines before it, instead of shortly before the session.
        end_time: No lines from it on, instead of shortly after the session.
        next_token: A token of an earlier result.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: The service refused.
    """
    began, ended = session.get("startedAt"), session.get("endedAt")
    return get_worker_logs(
        farm_id,
        session["fleetId"],
        session["workerId"],
        limit=limit,
        start_time=start_time or (began - MARGIN if began else None),
        end_time=end_time or (ended + MARGIN if ended else None),
        next_token=next_token,
        config=config,
        region=region,
    )


def iterate_worker_log(
    farm_id: str,
    fleet_id: str,
    worker_id: str,
    *,
    start_time: Optional[datetime.datetime] = None,
    end_time: Optional[datetime.datetime] = None,
    page_size: int = LARGEST_PAGE,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Iterator[LogEvent]:
    """Every line that a worker has logged in a span of time, the oldest first, fetched page by page as it is read.

    Arguments and errors are those of :func:`~.session_logs.iterate_session_log`.
    """
    with described_errors(f"get the log of {worker_id}", config=config, region=region):
        stream = worker_log_stream(
            farm_id, fleet_id, worker_id, start_time=start_time, end_time=end_time, config=config, region=region
        )
        for page in stream.pages(page_size):
            yield from page.events


def get_session_and_worker_logs(
    farm_id: str,
    queue_id: str,
    job_id: str,
    session_id: str,
    limit: int = 100,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> SessionAndWorkerLogs:
    """The last lines of a session, and those that its worker logged while it ran.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        session_id: The session.
        limit: The largest number of lines of each of the two, 1 to 10,000.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: There is no such session, or its log cannot be read. That the worker's log cannot be read
            is no error but told by the result.
    """
    context: Dict[str, Any] = {"config": config, "region": region}
    with described_errors(f"get session {session_id} of job {job_id}", **context):
        session = resources.get_session(farmId=farm_id, queueId=queue_id, jobId=job_id, sessionId=session_id, **context)
    session_logs = get_session_logs(farm_id, queue_id, session_id, limit=limit, **context)
    worker_logs, problem = None, None
    try:
        worker_logs = get_worker_logs_of_session(farm_id, session, limit=limit, **context)
    except DeadlineOperationError as error:
        problem = str(error)
    return SessionAndWorkerLogs(session, session_logs, worker_logs, problem)


def worker_log_stream(
    farm_id: str,
    fleet_id: str,
    worker_id: str,
    *,
    start_time: Optional[datetime.datetime] = None,
    end_time: Optional[datetime.datetime] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> LogStream:
    """The stream of a worker's log, or a span of it."""
    if get_credentials_source(config) is AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN:
        # Users of the monitor reach logs of workers by the role of the fleet.
        client = deadline_client(farm_id, config, region)
        session = get_fleet_read_boto3_session(client, farm_id, fleet_id, config, region)
    else:
        session = get_boto3_session(config=config)
    logs = get_session_client(session, "logs", resolve_region(config, region, farm_id))
    return LogStream(logs, f"/aws/deadline/{farm_id}/{fleet_id}", worker_id, start_time, end_time)
