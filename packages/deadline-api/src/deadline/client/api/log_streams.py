"""Streams of Amazon CloudWatch Logs, in which sessions and workers log, a stream each.

A page of a stream may be empty although there are lines before or after it, so that only a token which leads to itself
tells where a stream begins or ends.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Optional

from .service_client import TRANSIENT_CODES, error_code

LARGEST_PAGE = 10_000
MOST_EMPTY_PAGES = 1_000
"""How many empty pages are passed over in search of lines; a guard against a service that gives ever new tokens."""

_BACKWARD = "b/"
"""What tokens begin with that lead to older lines."""


@dataclass
class LogEvent:
    """A line of a log; times are in UTC."""

    timestamp: datetime.datetime
    message: str
    ingestion_time: Optional[datetime.datetime] = None
    event_id: Optional[str] = None


@dataclass(frozen=True)
class LogPage:
    """Some lines of a stream, the oldest first; a token is ``None`` where it is known that it leads nowhere."""

    events: List[LogEvent]
    next_token: Optional[str]
    previous_token: Optional[str]


@dataclass(frozen=True)
class LogStream:
    """A stream, and the part of it that is wanted.

    Args:
        client: The client for CloudWatch Logs.
        group: The log group.
        name: The stream.
        start_time: No lines before it. Times without a zone are local.
        end_time: No lines from it on.
    """

    client: Any
    group: str
    name: str
    start_time: Optional[datetime.datetime] = None
    end_time: Optional[datetime.datetime] = None

    def last_page(self, limit: int, token: Optional[str] = None) -> LogPage:
        """The last lines, or those that a token of an earlier page leads to; none where there is no such stream.

        Args:
            limit: The largest number of lines, 1 to 10,000.
            token: A token of an earlier page.

        Raises:
            botocore.exceptions.ClientError: The service refused.
        """
        backward = token is None or token.startswith(_BACKWARD)
        answer: Dict[str, Any] = {}
        for _ in range(MOST_EMPTY_PAGES):
            # Tokens that lead forward hold for requests that go forward only.
            answer = self._get(limit, token, from_head=not backward)
            following = answer.get("nextBackwardToken" if backward else "nextForwardToken")
            if answer.get("events") or not following or following == token:
                break
            token = following
        previous = answer.get("nextBackwardToken")
        return LogPage(
            events=[_event(event) for event in answer.get("events", [])],
            # Lines may still come behind the end of a stream, but none before its beginning.
            next_token=answer.get("nextForwardToken"),
            previous_token=previous if previous != token else None,
        )

    def pages(self, limit: int = LARGEST_PAGE) -> Iterator[LogPage]:
        """All pages from the oldest line on, empty ones left out.

        Args:
            limit: The largest number of lines of a page, 1 to 10,000.

        Raises:
            botocore.exceptions.ClientError: The service refused.
        """
        token: Optional[str] = None
        empty = 0
        while empty < MOST_EMPTY_PAGES:
            page = self.page_after(token, limit)
            empty = 0 if page.events else empty + 1
            if page.events:
                yield page
            if page.next_token is None or page.next_token == token:
                return
            token = page.next_token

    def page_after(self, token: Optional[str], limit: int = LARGEST_PAGE) -> LogPage:
        """The page that a forward token leads to, empty or not; without one the first page.

        Raises:
            botocore.exceptions.ClientError: The service refused.
        """
        answer = self._get(limit, token, from_head=True)
        events = [_event(event) for event in answer.get("events", [])]
        return LogPage(events, answer.get("nextForwardToken"), answer.get("nextBackwardToken"))

    def new_pages(self, token: Optional[str], last_lines: Optional[int] = None) -> Iterator[Optional[LogPage]]:
        """The pages behind a forward token that there are now; at last ``None`` where the service has a passing problem.

        Args:
            token: The token; without one the pages from the oldest line on.
            last_lines: Where there is no token, begin with the last page of so many lines.

        Raises:
            botocore.exceptions.ClientError: The service refused.
        """
        from botocore.exceptions import ClientError

        while True:
            try:
                from_the_end = token is None and last_lines is not None
                page = self.last_page(last_lines or LARGEST_PAGE) if from_the_end else self.page_after(token)
            except ClientError as error:
                if error_code(error) not in TRANSIENT_CODES:
                    raise
                yield None
                return
            yield page
            if page.next_token is None or page.next_token == token or (from_the_end and not page.events):
                return
            token = page.next_token

    def _get(self, limit: int, token: Optional[str], *, from_head: bool) -> Dict[str, Any]:
        from botocore.exceptions import ClientError

        arguments: Dict[str, Any] = {
            "logGroupName": self.group,
            "logStreamName": self.name,
            "limit": limit,
            "startFromHead": from_head,
        }
        for name, moment in (("startTime", self.start_time), ("endTime", self.end_time)):
            if moment is not None:
                arguments[name] = round(moment.timestamp() * 1000)
        if token:
            arguments["nextToken"] = token
        try:
            answer: Dict[str, Any] = self.client.get_log_events(**arguments)
        except ClientError as error:
            # The stream begins with its first line.
            if error_code(error) == "ResourceNotFoundException":
                return {}
            raise
        return answer


def _event(event: Dict[str, Any]) -> LogEvent:
    return LogEvent(
        timestamp=_moment(event["timestamp"]),
        message=event["message"].rstrip(),
        ingestion_time=_moment(event["ingestionTime"]) if event.get("ingestionTime") else None,
        event_id=event.get("eventId"),
    )


def _moment(milliseconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
