"""Lists in one piece, and what is told about their calls."""

from __future__ import annotations

import inspect
import json
import time
from typing import Any, Dict, Iterator, List, Optional

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from deadline.client import api
from deadline.client.api import _list_apis, _mcp, lists, resources
from deadline.client.api._list_apis import _call_paginated_deadline_list_api
from deadline.client.api.queue_parameters import get_queue_parameter_definitions
from deadline.client.auth.telemetry import get_deadline_cloud_library_telemetry_client
from deadline.client.exceptions import DeadlineOperationError

from .loopback import Loopback


def paged(tokens: Dict[Optional[str], Optional[str]]) -> Any:
    """A list method whose pages are named by the tokens that lead to them."""
    calls: List[Dict[str, Any]] = []

    def list_things(**kwargs: Any) -> Dict[str, Any]:
        calls.append(dict(kwargs))
        token = kwargs.get("nextToken")
        return {"things": [token or "first"], "nextToken": tokens[token]}

    list_things.calls = calls  # type: ignore[attr-defined]
    return list_things


@pytest.mark.parametrize(
    ("tokens", "things"),
    [
        ({None: "a", "a": "b", "b": None}, ["first", "a", "b"]),
        ({None: "a", "a": ""}, ["first", "a"]),
        ({None: "a", "a": "a"}, ["first", "a"]),
        ({None: "a", "a": "b", "b": "a"}, ["first", "a", "b"]),
    ],
)
def test_pages_end_where_no_new_token_leads_on(tokens: Dict[Optional[str], Optional[str]], things: List[str]) -> None:
    method = paged(tokens)
    assert _call_paginated_deadline_list_api(method, "things", farmId="farm-1") == {"things": things}
    assert all(call["farmId"] == "farm-1" for call in method.calls)


def test_a_list_may_begin_at_a_token() -> None:
    method = paged({"b": "c", "c": None})
    assert _call_paginated_deadline_list_api(method, "things", nextToken="b") == {"things": ["b", "c"]}


TIMED = (
    *(lists.list_farms, lists.list_queues, lists.list_jobs, lists.list_fleets, lists.list_storage_profiles_for_queue),
    *(resources.get_job, resources.get_session, resources.list_sessions, resources.list_steps, resources.list_tasks),
    *(resources.search_jobs, get_queue_parameter_definitions),
)
"""The functions that tell how long they took."""


@pytest.fixture
def telemetry(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> Iterator[List[Dict[str, Any]]]:
    """The details of the events that arrive, of a user who has not opted out."""
    told: List[Dict[str, Any]] = []

    def receive(members: Dict[str, Any]) -> Dict[str, Any]:
        told.extend(json.loads(event["details"]) for event in members["RumEvents"])
        return {}

    loopback.operations["/2023-10-12/telemetry"] = receive
    get_deadline_cloud_library_telemetry_client().close(10)
    monkeypatch.delenv("DEADLINE_CLOUD_TELEMETRY_OPT_OUT")
    yield told
    monkeypatch.setenv("DEADLINE_CLOUD_TELEMETRY_OPT_OUT", "true")
    get_deadline_cloud_library_telemetry_client().close(10)


def test_calls_tell_how_long_they_took(
    loopback: Loopback, telemetry: List[Dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADLINE_CLOUD_REGIONS", "us-west-2")
    for function in TIMED:
        arguments: Dict[str, Any] = {name: name for name in ("farmId", "queueId", "jobId", "stepId", "sessionId")}
        accepted = inspect.signature(function).parameters
        if "kwargs" not in accepted:
            arguments = {name: value for name, value in arguments.items() if name in accepted}
        # Nobody answers, or the members do not fit: a call that fails has taken its time too.
        with pytest.raises((BotoCoreError, ClientError, DeadlineOperationError, ValueError)):
            function(**arguments)

    end = time.monotonic() + 20
    expected = {function.__name__ for function in TIMED}
    while {event.get("function_call") for event in telemetry if "latency" in event} != expected:
        assert time.monotonic() < end, telemetry
        time.sleep(0.01)
    assert all(event["is_success"] is False for event in telemetry if "latency" in event)


def test_doors_lead_to_the_same_functions() -> None:
    for name in ("get_job", "get_session", "list_sessions", "list_steps", "list_tasks", "search_jobs"):
        assert getattr(_mcp, name) is getattr(api, name)
    assert _list_apis.list_farms is api.list_farms
