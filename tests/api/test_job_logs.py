"""The logs of a job as they are written: sessions that run, that have ended, and that are yet to begin."""

from __future__ import annotations

import datetime
import threading
from typing import Any, Dict, List

import pytest

from deadline.client.api.job_logs import follow_job_logs
from deadline.client.exceptions import DeadlineOperationError

from .loopback import Loopback, Refusal

FARM, QUEUE, JOB = "farm-" + "1" * 32, "queue-" + "2" * 32, "job-" + "3" * 32
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
QUICK = {"poll_interval": 0.02, "settling_time": 0.05}


def session_id(number: int) -> str:
    return f"session-{number:032x}"


class Service:
    """A job whose sessions begin, log and end as the test says."""

    def __init__(self, loopback: Loopback) -> None:
        self.status = "RUNNING"
        self.sessions: List[Dict[str, Any]] = []
        self.lines: Dict[str, List[str]] = {}
        self.problems: List[str] = []
        loopback.operations.update(
            GetJob=self._or_problem("GetJob", lambda members: self._job()),
            ListSessions=self._or_problem("ListSessions", lambda members: {"sessions": list(self.sessions)}),
            GetSession=self._or_problem("GetSession", self._session),
            GetLogEvents=self._or_problem("GetLogEvents", self._events),
        )

    def begin(self, number: int, *lines: str) -> str:
        """A session begins that has logged these lines already."""
        id_ = session_id(number)
        self.lines[id_] = list(lines)
        self.sessions.append(
            {
                "sessionId": id_,
                "fleetId": "fleet-" + "5" * 32,
                "workerId": "worker-" + "6" * 32,
                "startedAt": START + datetime.timedelta(minutes=number),
                "lifecycleStatus": "STARTED",
                "log": {"logDriver": "awslogs"},
            }
        )
        return id_

    def end(self, number: int, *, long_ago: bool = False) -> None:
        """A session ends."""
        (session,) = [session for session in self.sessions if session["sessionId"] == session_id(number)]
        now = datetime.datetime.now(datetime.timezone.utc)
        session["endedAt"] = START + datetime.timedelta(hours=number) if long_ago else now

    def _or_problem(self, operation: str, answer: Any) -> Any:
        def answer_or_refuse(members: Dict[str, Any]) -> Dict[str, Any]:
            if operation in self.problems:
                self.problems.remove(operation)
                raise Refusal("ThrottlingException", "Slow down.", 429)
            result: Dict[str, Any] = answer(members)
            return result

        return answer_or_refuse

    def _job(self) -> Dict[str, Any]:
        return {
            "jobId": JOB,
            "name": "A job",
            "taskRunStatus": self.status,
            "priority": 1,
            "lifecycleStatus": "CREATE_COMPLETE",
            "lifecycleStatusMessage": "",
            "createdAt": START,
            "createdBy": "me",
        }

    def _session(self, members: Dict[str, Any]) -> Dict[str, Any]:
        for session in self.sessions:
            if session["sessionId"] == members["sessionId"]:
                return session
        raise Refusal("ResourceNotFoundException", "There is no such session.", 404)

    def _events(self, members: Dict[str, Any]) -> Dict[str, Any]:
        """A line has the number of its place; tokens name the place before which, or from which on, lines come."""
        lines = self.lines[members["logStreamName"]]
        limit, token = members["limit"], members.get("nextToken")
        # As the service has it: a forward token holds for a request that goes forward.
        assert token is None or token.startswith("f/") is members["startFromHead"]
        if members["startFromHead"]:
            first = int(token[2:]) if token else 0
            page = lines[first : first + limit]
        else:
            end = int(token[2:]) if token else len(lines)
            first = max(end - limit, 0)
            page = lines[first:end]
        return {
            "events": [{"timestamp": 1767225600000, "message": text} for text in page],
            "nextForwardToken": f"f/{first + len(page)}",
            "nextBackwardToken": f"b/{first}",
        }


@pytest.fixture
def service(loopback: Loopback) -> Service:
    return Service(loopback)


def follow(**options: Any) -> Any:
    return follow_job_logs(FARM, QUEUE, JOB, **{**QUICK, **options})


def texts(lines: Any) -> List[str]:
    return [line.event.message for line in lines]


def test_sessions_are_followed_as_they_come_until_the_job_has_ended(service: Service) -> None:
    first = service.begin(1, "one")
    lines = follow()

    line = next(lines)
    assert (line.session["sessionId"], line.event.message) == (first, "one")
    service.lines[first].append("two")
    assert next(lines).event.message == "two"
    service.end(1)
    second = service.begin(2, "three")
    line = next(lines)
    assert (line.session["sessionId"], line.event.message) == (second, "three")
    service.lines[second].append("the last words")
    service.end(2)
    service.status = "SUCCEEDED"
    assert texts(lines) == ["the last words"]


def test_running_sessions_begin_with_their_last_lines_and_new_ones_with_all(service: Service) -> None:
    service.begin(1, "ended before")
    service.end(1, long_ago=True)
    service.begin(2, "2a", "2b", "2c")
    service.begin(3, "3a")
    lines = follow(last_lines=2)
    assert texts([next(lines) for _ in range(3)]) == ["2b", "2c", "3a"]

    service.begin(4, "4a", "4b", "4c", "4d")
    assert texts([next(lines) for _ in range(4)]) == ["4a", "4b", "4c", "4d"]
    for number in (2, 3, 4):
        service.end(number)
    service.status = "CANCELED"
    assert texts(lines) == []


def test_where_no_session_runs_the_one_that_ended_last_is_shown(service: Service, loopback: Loopback) -> None:
    service.status = "FAILED"
    for number in (2, 1):
        service.begin(number, f"of {number}")
        service.end(number, long_ago=True)
    # Nothing is waited for: what ended long ago logs no more.
    assert texts(follow(poll_interval=600)) == ["of 2"]
    assert len(loopback.asked("GetJob")) == 1


def test_a_session_that_logs_nothing_at_first_loses_no_line(service: Service) -> None:
    id_ = service.begin(1)
    asked = threading.Event()

    def go_on() -> bool:
        if asked.is_set() and not service.lines[id_]:
            service.lines[id_] += ["one", "two"]
        asked.set()
        return True

    lines = follow(last_lines=1, continue_callback=go_on)
    assert [next(lines).event.message, next(lines).event.message] == ["one", "two"]


def test_one_session_is_followed_whatever_the_job_does(service: Service, loopback: Loopback) -> None:
    service.begin(1, "one", "two")
    service.begin(2, "another")
    lines = follow(session_id=session_id(1), last_lines=1)
    assert next(lines).event.message == "two"
    service.lines[session_id(1)].append("three")
    service.end(1)
    assert texts(lines) == ["three"]
    assert loopback.asked("ListSessions") == []


def test_a_job_without_sessions_ends_without_lines(service: Service) -> None:
    service.status = "SUSPENDED"
    assert list(follow()) == []


@pytest.mark.parametrize("operation", ["GetJob", "ListSessions", "GetLogEvents"])
def test_a_passing_problem_loses_no_line(operation: str, service: Service) -> None:
    service.begin(1, "one", "two")
    service.end(1, long_ago=True)
    service.status = "SUCCEEDED"
    service.problems = [operation] * 3
    assert texts(follow()) == ["one", "two"]
    assert service.problems == []


def test_whoever_follows_can_stop_it(service: Service) -> None:
    service.begin(1, "one")
    enough = threading.Event()
    lines = follow(poll_interval=600, continue_callback=lambda: not enough.is_set())
    assert next(lines).event.message == "one"
    threading.Timer(0.1, enough.set).start()
    assert list(lines) == []


@pytest.mark.parametrize("operation", ["GetJob", "ListSessions", "GetLogEvents"])
def test_a_refusal_is_an_error_for_people(operation: str, service: Service, loopback: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "You may not.", 403)

    service.begin(1, "one")
    loopback.operations[operation] = refuse
    with pytest.raises(DeadlineOperationError, match=f"Failed to follow the log of job {JOB}: .*You may not"):
        list(follow())


def test_a_session_that_does_not_exist_is_an_error_for_people(service: Service) -> None:
    with pytest.raises(DeadlineOperationError, match="There is no such session"):
        list(follow(session_id=session_id(9)))
