"""What a job's sessions logged, from Amazon CloudWatch Logs.

The service keeps the log of each session as a stream named like the session, in a group for each queue:
``/aws/deadline/<farm>/<queue>``.

* :func:`get_session_logs` gives one page, the last lines at first;
* :func:`iterate_session_log` gives every line of a span, the oldest first;
* :func:`follow_session_log` goes on with the lines that a running session is still to log.
"""

from __future__ import annotations

import datetime
import time
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

from deadline.client.auth.credentials import AwsCredentialsSource, get_credentials_source
from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_session, get_session_client
from deadline.client.exceptions import DeadlineOperationError

from . import resources
from .log_streams import LARGEST_PAGE, LogEvent, LogStream
from .pauses import pause
from .service_client import TRANSIENT_CODES, deadline_client, described_errors, error_code

__all__ = [
    "LogEvent",
    "SessionLogResult",
    "choose_session",
    "follow_session_log",
    "get_session_logs",
    "iterate_session_log",
]

POLL_SECONDS = 2.0
SETTLING_SECONDS = 5.0
"""How long after a session's end lines may still arrive: workers send them in batches."""


@dataclass
class SessionLogResult:
    """Lines of a session's log, the oldest first.

    ``next_token`` leads to newer lines, ``previous_token`` to older ones; both are passed as ``next_token``.
    ``previous_token`` is ``None`` where there are no older lines for certain.
    """

    events: List[LogEvent]
    next_token: Optional[str]
    log_group: str
    log_stream: str
    count: int
    previous_token: Optional[str] = None


def get_session_logs(
    farm_id: str,
    queue_id: str,
    session_id: Optional[str] = None,
    job_id: Optional[str] = None,
    limit: int = 100,
    start_time: Optional[datetime.datetime] = None,
    end_time: Optional[datetime.datetime] = None,
    next_token: Optional[str] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> SessionLogResult:
    """The last lines that a session logged, or those that a token leads to.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        session_id: The session; without it that of ``job_id`` which :func:`choose_session` chooses.
        job_id: The job, where no session is named.
        limit: The largest number of lines, 1 to 10,000.
        start_time: No lines before it. Times without a zone are local.
        end_time: No lines from it on.
        next_token: A token of an earlier result.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Returns:
        The lines; none where nothing was logged yet.

    Raises:
        DeadlineOperationError: There is no session, or the service refused.
    """
    if not session_id:
        session_id = _session_of_job(farm_id, queue_id, job_id, config, region)
    with described_errors(f"get the log of {session_id}", config=config, region=region):
        stream = session_log_stream(
            farm_id, queue_id, session_id, start_time=start_time, end_time=end_time, config=config, region=region
        )
        page = stream.last_page(limit, next_token)
    return SessionLogResult(
        events=page.events,
        next_token=page.next_token,
        log_group=stream.group,
        log_stream=stream.name,
        count=len(page.events),
        previous_token=page.previous_token,
    )


def iterate_session_log(
    farm_id: str,
    queue_id: str,
    session_id: str,
    *,
    start_time: Optional[datetime.datetime] = None,
    end_time: Optional[datetime.datetime] = None,
    page_size: int = LARGEST_PAGE,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Iterator[LogEvent]:
    """Every line that a session has logged in a span of time, the oldest first, fetched page by page as it is read.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        session_id: The session.
        start_time: No lines before it. Times without a zone are local.
        end_time: No lines from it on.
        page_size: The largest number of lines to fetch at once, 1 to 10,000.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: The service refused.
    """
    with described_errors(f"get the log of {session_id}", config=config, region=region):
        stream = session_log_stream(
            farm_id, queue_id, session_id, start_time=start_time, end_time=end_time, config=config, region=region
        )
        for page in stream.pages(page_size):
            yield from page.events


def follow_session_log(
    farm_id: str,
    queue_id: str,
    job_id: str,
    session_id: str,
    *,
    start_time: Optional[datetime.datetime] = None,
    poll_interval: float = POLL_SECONDS,
    settling_time: float = SETTLING_SECONDS,
    continue_callback: Optional[Callable[[], bool]] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Iterator[LogEvent]:
    """The lines that a session has logged, then those that it logs, until it has ended.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job to which the session belongs.
        session_id: The session.
        start_time: No lines before it. Times without a zone are local.
        poll_interval: The seconds between two looks for new lines.
        settling_time: The seconds after the end of the session for which to look for late lines.
        continue_callback: Says whether to go on, and is asked several times a second; a no ends the lines.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: There is no such session, or the service refused.
    """
    go_on = continue_callback or (lambda: True)
    context: Dict[str, Any] = {"config": config, "region": region}
    with described_errors(f"follow the log of {session_id}", **context):
        stream = session_log_stream(farm_id, queue_id, session_id, start_time=start_time, **context)
        client = deadline_client(farm_id, config, region)
        ids = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id, "sessionId": session_id}
        token: Optional[str] = None
        enough: Optional[float] = None
        while go_on():
            # Asked before the lines are fetched: what was logged until the end is among them then.
            if enough is None:
                enough = _when_settled(client, ids, settling_time)
            quiet = True
            for page in stream.new_pages(token):
                quiet = quiet and page is not None and not page.events
                if page is not None:
                    yield from page.events
                    token = page.next_token or token
                if not go_on():
                    return
            if enough is not None and quiet and time.monotonic() >= enough:
                return
            if not pause(poll_interval, go_on):
                return


def choose_session(sessions: Sequence[Dict[str, Any]]) -> Dict[str, Any]:
    """The session of a job that matters most now: of those that have not ended the one started last, else the one
    ended last. There has to be one at least."""
    running = [session for session in sessions if not session.get("endedAt")]
    field = "startedAt" if running else "endedAt"
    earliest = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
    return max(running or sessions, key=lambda session: session.get(field) or earliest)


def session_log_stream(
    farm_id: str,
    queue_id: str,
    session_id: str,
    *,
    start_time: Optional[datetime.datetime] = None,
    end_time: Optional[datetime.datetime] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> LogStream:
    """The stream of a session's log, or a span of it."""
    resolved = resolve_region(config, region, farm_id)
    if get_credentials_source(config) is AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN:
        # Users of the monitor reach logs by the role of the queue.
        session = get_queue_user_boto3_session(deadline_client(farm_id, config, region), config, farm_id, queue_id)
    else:
        session = get_boto3_session(config=config)
    client = get_session_client(session, "logs", resolved)
    return LogStream(client, f"/aws/deadline/{farm_id}/{queue_id}", session_id, start_time, end_time)


def _session_of_job(
    farm_id: str, queue_id: str, job_id: Optional[str], config: Optional[ConfigParser], region: Optional[str]
) -> str:
    if not job_id:
        raise DeadlineOperationError("Whose log? Name a session or a job.")
    ids: Dict[str, Any] = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
    context: Dict[str, Any] = {"config": config, "region": region}
    with described_errors(
        f"list the sessions of job {job_id}", farm_id=farm_id, queue_id=queue_id, job_id=job_id, **context
    ):
        sessions = resources.list_sessions(**ids, **context)["sessions"]
    if not sessions:
        raise DeadlineOperationError(
            f"Job {job_id} has no sessions yet, and hence no log.\n"
            f"See what it waits for: deadline job why --job-id {job_id}"
        )
    return str(choose_session(sessions)["sessionId"])


def _when_settled(client: Any, ids: Dict[str, str], settling_time: float) -> Optional[float]:
    """Until when, on the monotonic clock, lines of a session may still arrive; ``None`` where it has not ended."""
    from botocore.exceptions import ClientError

    try:
        ended = client.get_session(**ids).get("endedAt")
    except ClientError as error:
        if error_code(error) in TRANSIENT_CODES:
            return None
        raise
    return settles_at(ended, settling_time) if ended else None


def settles_at(ended: datetime.datetime, settling_time: float) -> float:
    """Until when, on the monotonic clock, lines of a session may still arrive that has ended."""
    # The clock of the service may be another one than ours.
    age: float = max((datetime.datetime.now(datetime.timezone.utc) - ended).total_seconds(), 0)
    return time.monotonic() + max(settling_time - age, 0)
