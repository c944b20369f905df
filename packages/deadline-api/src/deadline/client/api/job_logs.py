"""The logs of a job as they are written: of all its sessions, also those that have yet to begin."""

from __future__ import annotations

import datetime
import time
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Protocol, Set

from .job_completion import has_ended
from .log_streams import LogEvent, LogStream
from .paging import call_paginated_list_api
from .pauses import pause
from .service_client import TRANSIENT_CODES, deadline_client, described_errors, error_code
from .session_logs import POLL_SECONDS, SETTLING_SECONDS, choose_session, session_log_stream, settles_at

LAST_LINES = 100
_LISTING_SHARE = 10
"""Listing sessions may take one part in so many of the time: a job may have thousands of them."""


@dataclass(frozen=True)
class JobLogEvent:
    """A line that a session of a job logged."""

    session: Mapping[str, Any]
    """The session, as the service describes it: ``sessionId``, ``workerId``, ``startedAt`` and more."""
    event: LogEvent


def follow_job_logs(
    farm_id: str,
    queue_id: str,
    job_id: str,
    *,
    session_id: Optional[str] = None,
    last_lines: int = LAST_LINES,
    start_time: Optional[datetime.datetime] = None,
    poll_interval: float = POLL_SECONDS,
    settling_time: float = SETTLING_SECONDS,
    continue_callback: Optional[Callable[[], bool]] = None,
    config: Optional[ConfigParser] = None,
    region: Optional[str] = None,
) -> Iterator[JobLogEvent]:
    """The last lines of what a job logs now, then those that it logs, until it has ended.

    That is of the sessions which run, or where none does of the one that ended last; then of all that begin.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        session_id: Follow this session only, until it has ended.
        last_lines: How many lines of each session to begin with that there are already, 1 to 10,000.
        start_time: No lines before it. Times without a zone are local.
        poll_interval: The seconds between two looks for new lines.
        settling_time: The seconds after the end of a session for which to look for late lines.
        continue_callback: Says whether to go on, and is asked several times a second; a no ends the lines.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        DeadlineOperationError: There is no such job or session, or the service refused.
    """
    where: Dict[str, Any] = {"farm_id": farm_id, "queue_id": queue_id, "job_id": job_id}
    context: Dict[str, Any] = {"config": config, "region": region}
    what = f"session {session_id}" if session_id else f"job {job_id}"
    with described_errors(f"follow the log of {what}", **where, **context):

        def open_stream(session: Mapping[str, Any]) -> LogStream:
            return session_log_stream(farm_id, queue_id, session["sessionId"], start_time=start_time, **context)

        client = deadline_client(farm_id, config, region)
        ids = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
        sessions: _Sessions = (
            _OneSession(client, ids, session_id) if session_id else _AllSessions(client, ids, poll_interval)
        )
        follower = _Follower(sessions, open_stream, last_lines, settling_time)
        yield from follower.follow(poll_interval, continue_callback or (lambda: True))


class _Sessions(Protocol):
    """Where sessions come from."""

    no_more: bool
    """Whether no further session will begin."""

    def look(self, *, at_once: bool) -> Optional[List[Dict[str, Any]]]:
        """The sessions that there are now; ``None`` where it is too early to ask again, unless it has to be."""


class _AllSessions:
    """Looks for the sessions of a job."""

    def __init__(self, client: Any, ids: Dict[str, str], poll_interval: float) -> None:
        self._client = client
        self._ids = ids
        self._poll_interval = poll_interval
        self._due = 0.0
        self.no_more = False

    def look(self, *, at_once: bool) -> Optional[List[Dict[str, Any]]]:
        # Asked before the sessions: the last one is among them then.
        self.no_more = self.no_more or has_ended(self._client.get_job(**self._ids))
        started = time.monotonic()
        if not at_once and not self.no_more and started < self._due:
            return None
        sessions: List[Dict[str, Any]] = call_paginated_list_api(self._client.list_sessions, "sessions", **self._ids)[
            "sessions"
        ]
        now = time.monotonic()
        self._due = now + max(self._poll_interval, (now - started) * _LISTING_SHARE)
        return sessions


class _OneSession:
    """Looks for one session, as if the job had no other."""

    def __init__(self, client: Any, ids: Dict[str, str], session_id: str) -> None:
        self.no_more = True
        self._client = client
        self._ids = {**ids, "sessionId": session_id}

    def look(self, *, at_once: bool) -> Optional[List[Dict[str, Any]]]:
        return [self._client.get_session(**self._ids)]


class _Follower:
    """Brings the lines of those sessions that still log."""

    def __init__(
        self,
        sessions: _Sessions,
        open_stream: Callable[[Mapping[str, Any]], LogStream],
        last_lines: int,
        settling_time: float,
    ) -> None:
        self._sessions = sessions
        self._open_stream = open_stream
        self._last_lines = last_lines
        self._settling_time = settling_time
        self._known: Optional[Set[str]] = None
        self._tails: Dict[str, _Tail] = {}

    def follow(self, poll_interval: float, go_on: Callable[[], bool]) -> Iterator[JobLogEvent]:
        while go_on():
            # Asked before the lines are fetched: what was logged until the end is among them then.
            certain = self._look_for_sessions()
            for tail in list(self._tails.values()):
                for event in tail.new_lines():
                    yield JobLogEvent(tail.session, event)
                if not go_on():
                    return
            self._tails = {id_: tail for id_, tail in self._tails.items() if not tail.is_complete()}
            if certain and self._sessions.no_more and not self._tails:
                return
            if not pause(poll_interval, go_on):
                return

    def _look_for_sessions(self) -> bool:
        """Note new sessions and those that have ended; returns whether the service told what there is to know."""
        from botocore.exceptions import ClientError

        try:
            sessions = self._sessions.look(at_once=not self._tails)
        except ClientError as error:
            if error_code(error) not in TRANSIENT_CODES:
                raise
            return False
        if sessions is None:
            return True
        last_lines = None
        if self._known is None:
            running = [session for session in sessions if not session.get("endedAt")]
            new = running or [choose_session(sessions)] if sessions else []
            last_lines = self._last_lines
        else:
            new = [session for session in sessions if session["sessionId"] not in self._known]
        self._known = {session["sessionId"] for session in sessions}
        for session in sessions:
            if session["sessionId"] in self._tails:
                self._tails[session["sessionId"]].session = session
        for session in new:
            self._tails[session["sessionId"]] = _Tail(
                self._open_stream(session), session, last_lines, self._settling_time
            )
        return True


class _Tail:
    """The log of a session, and how far it has been read."""

    def __init__(
        self, stream: LogStream, session: Mapping[str, Any], last_lines: Optional[int], settling_time: float
    ) -> None:
        self.session = session
        self._stream = stream
        self._last_lines = last_lines
        self._settling_time = settling_time
        self._token: Optional[str] = None
        self._enough: Optional[float] = None
        self._complete = False

    def new_lines(self) -> Iterator[LogEvent]:
        """The lines that came since the last time; at first only so many of the last ones, where a number was given."""
        if self._enough is None and self.session.get("endedAt"):
            self._enough = settles_at(self.session["endedAt"], self._settling_time)
        settled = self._enough is not None and time.monotonic() >= self._enough
        for page in self._stream.new_pages(self._token, self._last_lines):
            if page is None:
                return
            yield from page.events
            # Of a stream without lines it is not known where its first one will be.
            if page.events or self._last_lines is None:
                self._token = page.next_token or self._token
            self._last_lines = None
        self._complete = settled

    def is_complete(self) -> bool:
        """Whether all lines have been read, and none will come any more."""
        return self._complete
