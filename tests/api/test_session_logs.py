"""Logs of sessions as a whole: page by page, with a session that still runs, and where pages are empty."""

from __future__ import annotations

import datetime
import threading
import time
from typing import Any, Dict, List, Optional

import pytest

from deadline.client import api
from deadline.client.api.session_logs import follow_session_log, iterate_session_log
from deadline.client.exceptions import DeadlineOperationError

from .loopback import Loopback, Refusal

FARM, QUEUE, JOB = "farm-" + "1" * 32, "queue-" + "2" * 32, "job-" + "3" * 32
SESSION = "session-" + "4" * 32
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


class Stream:
    """A stream of a log: a list of pages, some of them empty, and tokens that lead from one to the next."""

    def __init__(self, *pages: List[str]) -> None:
        self.pages = list(pages)

    def get(self, members: Dict[str, Any]) -> Dict[str, Any]:
        token: Optional[str] = members.get("nextToken")
        if token is None:
            number = 0 if members["startFromHead"] else len(self.pages) - 1
        else:
            direction, _, position = token.partition("/")
            # As the service has it: a forward token holds for a request that goes forward.
            assert (direction == "f") is members["startFromHead"]
            number = int(position)
        page = self.pages[number] if 0 <= number < len(self.pages) else []
        return {
            "events": [{"timestamp": 1767225600000 + i, "message": text} for i, text in enumerate(page)],
            "nextForwardToken": f"f/{min(number + 1, len(self.pages))}",
            "nextBackwardToken": f"b/{max(number - 1, -1)}",
        }


def test_every_line_of_a_log_comes_once_though_pages_between_are_empty(loopback: Loopback) -> None:
    loopback.operations["GetLogEvents"] = Stream([], ["one", "two  "], [], [], ["three"], []).get
    lines = iterate_session_log(FARM, QUEUE, SESSION, start_time=START, end_time=START + datetime.timedelta(hours=1))
    assert [event.message for event in lines] == ["one", "two", "three"]
    for request in loopback.asked("GetLogEvents"):
        assert request["startTime"] == 1767225600000
        assert request["endTime"] == 1767225600000 + 3_600_000
        assert request["logGroupName"] == f"/aws/deadline/{FARM}/{QUEUE}"
        assert request["logStreamName"] == SESSION


def test_pages_are_fetched_as_they_are_read(loopback: Loopback) -> None:
    loopback.operations["GetLogEvents"] = Stream(["one"], ["two"], ["three"]).get
    lines = iterate_session_log(FARM, QUEUE, SESSION)
    assert next(lines).message == "one"
    assert len(loopback.asked("GetLogEvents")) == 1


def test_the_last_lines_are_found_behind_empty_pages_and_tokens_lead_both_ways(loopback: Loopback) -> None:
    loopback.operations["GetLogEvents"] = Stream(["first"], [], ["middle"], ["last"], [], []).get

    last = api.get_session_logs(FARM, QUEUE, SESSION)
    assert [event.message for event in last.events] == ["last"]
    before = api.get_session_logs(FARM, QUEUE, SESSION, next_token=last.previous_token)
    assert [event.message for event in before.events] == ["middle"]
    first = api.get_session_logs(FARM, QUEUE, SESSION, next_token=before.previous_token)
    assert [event.message for event in first.events] == ["first"]
    again = api.get_session_logs(FARM, QUEUE, SESSION, next_token=first.next_token)
    assert [event.message for event in again.events] == ["middle"]

    nothing = api.get_session_logs(FARM, QUEUE, SESSION, next_token=first.previous_token)
    assert (nothing.events, nothing.previous_token) == ([], None)


def test_a_log_that_does_not_exist_yet_is_empty(loopback: Loopback) -> None:
    def missing(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("ResourceNotFoundException", "The specified log stream does not exist.")

    loopback.operations["GetLogEvents"] = missing
    assert list(iterate_session_log(FARM, QUEUE, SESSION)) == []
    result = api.get_session_logs(FARM, QUEUE, SESSION)
    assert (result.count, result.next_token, result.previous_token) == (0, None, None)


def test_a_log_that_may_not_be_read_is_an_error_for_people(loopback: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "You may not read logs.")

    loopback.operations["GetLogEvents"] = refuse
    with pytest.raises(DeadlineOperationError, match=f"Failed to get the log of {SESSION}: .*You may not read logs"):
        list(iterate_session_log(FARM, QUEUE, SESSION))


def session_that_ends(loopback: Loopback) -> Dict[str, Any]:
    """A session that runs until a test gives it an ``endedAt``."""
    session = {
        "sessionId": SESSION,
        "fleetId": "fleet-" + "5" * 32,
        "workerId": "worker-" + "6" * 32,
        "startedAt": START,
        "lifecycleStatus": "STARTED",
        "log": {"logDriver": "awslogs"},
    }
    loopback.operations["GetSession"] = lambda members: session
    return session


def test_a_running_session_is_followed_until_it_has_ended(loopback: Loopback) -> None:
    session = session_that_ends(loopback)
    stream = Stream()
    loopback.operations["GetLogEvents"] = stream.get
    lines = follow_session_log(FARM, QUEUE, JOB, SESSION, poll_interval=0.02, settling_time=0.05)

    seen = []
    stream.pages.append(["one", "two"])
    seen += [next(lines).message, next(lines).message]
    stream.pages += [[], ["three"]]
    seen.append(next(lines).message)
    stream.pages.append(["the last words"])
    session["endedAt"] = datetime.datetime.now(datetime.timezone.utc)
    seen += [event.message for event in lines]

    assert seen == ["one", "two", "three", "the last words"]


def test_what_a_session_logged_that_ended_long_ago_comes_without_waiting(loopback: Loopback) -> None:
    session_that_ends(loopback)["endedAt"] = START
    loopback.operations["GetLogEvents"] = Stream(["one"], ["two"]).get
    began = time.monotonic()
    lines = follow_session_log(FARM, QUEUE, JOB, SESSION, poll_interval=0.02, settling_time=600)
    assert [event.message for event in lines] == ["one", "two"]
    assert time.monotonic() - began < 60


def test_whoever_follows_can_stop_it(loopback: Loopback) -> None:
    session_that_ends(loopback)
    loopback.operations["GetLogEvents"] = Stream(["one"]).get
    enough = threading.Event()
    lines = follow_session_log(
        FARM, QUEUE, JOB, SESSION, poll_interval=600, continue_callback=lambda: not enough.is_set()
    )
    assert next(lines).message == "one"
    threading.Timer(0.1, enough.set).start()
    assert list(lines) == []


def test_a_passing_problem_does_not_end_the_following(loopback: Loopback) -> None:
    session_that_ends(loopback)["endedAt"] = START
    stream, problems = Stream(["one"]), [1, 2]

    def get(members: Dict[str, Any]) -> Dict[str, Any]:
        if problems:
            problems.pop()
            raise Refusal("ThrottlingException", "Slow down.")
        return stream.get(members)

    loopback.operations["GetLogEvents"] = get
    lines = follow_session_log(FARM, QUEUE, JOB, SESSION, poll_interval=0.02)
    assert [event.message for event in lines] == ["one"]
    assert problems == []


def test_a_session_that_does_not_exist_cannot_be_followed(loopback: Loopback) -> None:
    def missing(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("ResourceNotFoundException", "There is no such session.", 404)

    loopback.operations["GetSession"] = missing
    with pytest.raises(DeadlineOperationError, match="There is no such session"):
        list(follow_session_log(FARM, QUEUE, JOB, SESSION))
