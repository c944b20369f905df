"""Which session's log is wanted, and which part of it: a session as a whole, or what one of its actions logged."""

from __future__ import annotations

import datetime
import re
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional

from deadline.client.exceptions import DeadlineOperationError

from . import resources
from .job_completion import session_of_action
from .service_client import described_errors
from .session_logs import choose_session

_SESSION_ACTION = re.compile(r"sessionaction-[0-9a-f]{32}-[0-9]+")


@dataclass(frozen=True)
class LogSpan:
    """A part of a session's log, for :func:`~.session_logs.get_session_logs`."""

    session_id: str
    began: datetime.datetime
    """When the session began, or the action: what relative times count from."""
    ended: Optional[datetime.datetime]
    start_time: Optional[datetime.datetime]
    """No lines before it."""
    end_time: Optional[datetime.datetime]
    """No lines from it on."""


def find_log_span(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    session_id: Optional[str] = None,
    session_action_id: Optional[str] = None,
    start_time: Optional[datetime.datetime] = None,
    end_time: Optional[datetime.datetime] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> LogSpan:
    """The part of a job's logs that is asked for.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        session_id: One of its sessions; without it the one that :func:`~.session_logs.choose_session` chooses.
        session_action_id: An action of a session, where only what it logged is wanted.
        start_time: No lines before it. Times without a zone are local.
        end_time: No lines from it on.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: There is no such session or action, it has not begun, or it lies outside the times.
    """

    def ask(what: str, function: Callable[..., Any], **arguments: str) -> Any:
        ids: Dict[str, Any] = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id, **arguments}
        with described_errors(what, farm_id=farm_id, queue_id=queue_id, job_id=job_id, config=config, region=region):
            return function(**ids, config=config, region=region)

    start_time, end_time = _aware(start_time), _aware(end_time)
    if session_action_id:
        session_id = _session_of(session_action_id, session_id)
        what = f"get session action {session_action_id} of job {job_id}"
        action = ask(what, resources.get_session_action, sessionActionId=session_action_id)
        return _span_of_action(action, session_id, start_time, end_time)
    if session_id:
        session = ask(f"get session {session_id} of job {job_id}", resources.get_session, sessionId=session_id)
    else:
        sessions = ask(f"list the sessions of job {job_id}", resources.list_sessions)["sessions"]
        if not sessions:
            raise DeadlineOperationError(
                f"Job {job_id} has no sessions yet, and hence no log.\n"
                f"See what it waits for: deadline job why --job-id {job_id}"
            )
        session = choose_session(sessions)
    if not session.get("startedAt"):
        raise DeadlineOperationError(f"Session {session['sessionId']} has not begun yet, and hence has no log.")
    return LogSpan(session["sessionId"], session["startedAt"], session.get("endedAt"), start_time, end_time)


def _session_of(session_action_id: str, session_id: Optional[str]) -> str:
    own = session_of_action(session_action_id) if _SESSION_ACTION.fullmatch(session_action_id) else None
    if own is None:
        raise DeadlineOperationError(
            f"{session_action_id!r} is no id of a session action; they look like sessionaction-<32 hexadecimal "
            "digits>-<number>."
        )
    if session_id and session_id != own:
        raise DeadlineOperationError(
            f"Session action {session_action_id} belongs to session {own}, not to {session_id}. Name one of the two only."
        )
    return own


def _span_of_action(
    action: Dict[str, Any],
    session_id: str,
    start_time: Optional[datetime.datetime],
    end_time: Optional[datetime.datetime],
) -> LogSpan:
    began, ended = action.get("startedAt"), action.get("endedAt")
    if not began:
        raise DeadlineOperationError(f"Session action {action['sessionActionId']} has not begun yet, and has no log.")
    # The log keeps milliseconds, and leaves out what was logged in the last one unless the end lies after it.
    after = ended + datetime.timedelta(milliseconds=1) if ended else None
    start = max(filter(None, (began, start_time)))
    end = min(filter(None, (after, end_time)), default=None)
    if end is not None and start >= end:
        raise DeadlineOperationError(
            f"Session action {action['sessionActionId']} ran from {began} to {ended or 'now'}, and not between "
            f"{start_time or 'its beginning'} and {end_time or 'now'}."
        )
    return LogSpan(session_id, began, ended, start, end)


def _aware(moment: Optional[datetime.datetime]) -> Optional[datetime.datetime]:
    """The moment with a zone: that of this machine where it has none."""
    return moment.astimezone() if moment is not None and moment.tzinfo is None else moment
