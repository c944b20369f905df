"""What a job's sessions logged, from Amazon CloudWatch Logs.

The service keeps the log of each session as a stream named like the session, in a group for each queue:
``/aws/deadline/<farm>/<queue>``.
"""

from __future__ import annotations

import datetime
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

from deadline.client.auth.credentials import AwsCredentialsSource, get_credentials_source
from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_client, get_boto3_session, get_session_client
from deadline.client.exceptions import DeadlineOperationError

from . import resources
from .errors import describe_service_error


@dataclass
class LogEvent:
    """A line of a log; times are in UTC."""

    timestamp: datetime.datetime
    message: str
    ingestion_time: Optional[datetime.datetime] = None
    event_id: Optional[str] = None


@dataclass
class SessionLogResult:
    """Lines of a session's log, the oldest first.

    ``next_token`` leads to newer lines, ``previous_token`` to older ones; both are passed as ``next_token``.
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
) -> SessionLogResult:
    """The last lines that a session logged, or those that a token leads to.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        session_id: The session; without it that of ``job_id`` which :func:`choose_session` chooses.
        job_id: The job, where no session is named.
        limit: The largest number of lines.
        start_time: No lines before it. Times without a zone are local.
        end_time: No lines from it on.
        next_token: A token of an earlier result.
        config: A configuration to read from instead of the settings file.

    Returns:
        The lines; none where nothing was logged yet.

    Raises:
        DeadlineOperationError: There is no session, or the service refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    if not session_id:
        session_id = _session_of_job(farm_id, queue_id, job_id, config)
    group = f"/aws/deadline/{farm_id}/{queue_id}"
    arguments: Dict[str, Any] = {
        "logGroupName": group,
        "logStreamName": session_id,
        "limit": limit,
        "startFromHead": False,
    }
    for name, moment in (("startTime", start_time), ("endTime", end_time)):
        if moment is not None:
            arguments[name] = round(moment.timestamp() * 1000)
    if next_token:
        arguments["nextToken"] = next_token
    try:
        answer = _logs_client(farm_id, queue_id, config).get_log_events(**arguments)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ResourceNotFoundException":
            return SessionLogResult([], None, group, session_id, 0)
        raise describe_service_error(f"get the log of {session_id}", error, config=config) from error
    except BotoCoreError as error:
        raise describe_service_error(f"get the log of {session_id}", error, config=config) from error
    events = [_event(event) for event in answer.get("events", [])]
    return SessionLogResult(
        events=events,
        next_token=answer.get("nextForwardToken"),
        log_group=group,
        log_stream=session_id,
        count=len(events),
        previous_token=answer.get("nextBackwardToken"),
    )


def choose_session(sessions: Sequence[Dict[str, Any]]) -> Dict[str, Any]:
    """The session of a job that matters most now: of those that have not ended the one started last, else the one
    ended last. There has to be one at least."""
    running = [session for session in sessions if not session.get("endedAt")]
    field = "startedAt" if running else "endedAt"
    earliest = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)
    return max(running or sessions, key=lambda session: session.get(field) or earliest)


def _session_of_job(farm_id: str, queue_id: str, job_id: Optional[str], config: Optional[ConfigParser]) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    if not job_id:
        raise DeadlineOperationError("Whose log? Name a session or a job.")
    try:
        sessions = resources.list_sessions(farmId=farm_id, queueId=queue_id, jobId=job_id, config=config)["sessions"]
    except (BotoCoreError, ClientError) as error:
        raise describe_service_error(f"list the sessions of job {job_id}", error, config=config) from error
    if not sessions:
        raise DeadlineOperationError(f"Job {job_id} has no sessions yet, and hence no log.")
    return str(choose_session(sessions)["sessionId"])


def _logs_client(farm_id: str, queue_id: str, config: Optional[ConfigParser]) -> Any:
    region = resolve_region(config, farm_id=farm_id)
    if get_credentials_source(config) is AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN:
        # Users of the monitor reach logs by the role of the queue.
        deadline = get_boto3_client("deadline", config=config, region=region)
        session = get_queue_user_boto3_session(deadline, config, farm_id, queue_id)
    else:
        session = get_boto3_session(config=config)
    return get_session_client(session, "logs", region)


def _event(event: Dict[str, Any]) -> LogEvent:
    return LogEvent(
        timestamp=_moment(event["timestamp"]),
        message=event["message"].rstrip(),
        ingestion_time=_moment(event["ingestionTime"]) if event.get("ingestionTime") else None,
        event_id=event.get("eventId"),
    )


def _moment(milliseconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
