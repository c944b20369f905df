"""Faults on purpose, in the service's own shapes, and the counts of calls."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any, Iterator
from urllib.parse import urlsplit

import pytest

from local_farm.faults import Fault, FaultError

from .conftest import Queue


@pytest.fixture
def faulty(queue: Queue) -> Iterator[Queue]:
    """A queue in a farm of which each test makes faults, which are gone afterwards."""
    queue.farm.calls.reset()
    yield queue
    queue.farm.faults.clear()


def asked(queue: Queue, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """What a door of the farm answers."""
    connection = http.client.HTTPConnection(urlsplit(queue.farm.endpoint_url).netloc)
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    return answer.status, document


def test_a_throttled_call_is_answered_as_the_service_does(faulty: Queue) -> None:
    faulty.farm.faults.throttle("ListFarms", times=2, retry_after=3)

    for _ in range(2):
        with pytest.raises(faulty.client.exceptions.ThrottlingException) as caught:
            faulty.client.list_farms()
        assert caught.value.response["retryAfterSeconds"] == 3
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429

    assert faulty.client.list_farms()["farms"]
    assert faulty.farm.faults.describe() == []


def test_a_denied_operation_stays_denied_and_others_are_not(faulty: Queue) -> None:
    faulty.farm.faults.deny("GetQueue")

    for _ in range(3):
        with pytest.raises(faulty.client.exceptions.AccessDeniedException, match="deadline:GetQueue") as caught:
            faulty.client.get_queue(**faulty.ids)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert faulty.client.list_queue_environments(**faulty.ids)["environments"] == []


def test_just_the_third_call_fails(faulty: Queue) -> None:
    faulty.farm.faults.fail("ListFarms", nth=3)

    outcomes = []
    for _ in range(4):
        try:
            faulty.client.list_farms()
            outcomes.append(200)
        except faulty.client.exceptions.InternalServerErrorException as error:
            outcomes.append(error.response["ResponseMetadata"]["HTTPStatusCode"])

    assert outcomes == [200, 200, 500, 200]


@pytest.mark.parametrize(
    ("error", "members", "status"),
    [
        ("ConflictException", {"resourceId": "queue-1"}, 409),
        ("ResourceNotFoundException", {}, 404),
        ("ServiceQuotaExceededException", {}, 402),
        ("ValidationException", {"reason": "OTHER", "message": "no"}, 400),
    ],
)
def test_any_error_of_the_service_can_be_asked_for(
    faulty: Queue, error: str, members: dict[str, str], status: int
) -> None:
    faulty.farm.faults.fail("GetQueue", error=error, **members)

    with pytest.raises(getattr(faulty.client.exceptions, error)) as caught:
        faulty.client.get_queue(**faulty.ids)

    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert members.items() <= response.items()
    assert response["Error"]["Message"]


def test_an_item_of_a_batch_fails_and_the_others_are_answered(faulty: Queue) -> None:
    job_id = faulty.create()
    identifiers = [{**faulty.ids, "jobId": job_id, "stepId": step["stepId"]} for step in faulty.steps(job_id).values()]
    faulty.farm.faults.throttle("GetStep")

    first, second = (faulty.client.batch_get_step(identifiers=identifiers) for _ in range(2))

    assert [error["code"] for error in first["errors"]] == ["ThrottlingException"]
    assert [step["name"] for step in first["steps"]] == ["Encode"]
    assert (len(second["steps"]), second["errors"]) == (2, [])


def test_a_delayed_call_is_answered_late(faulty: Queue) -> None:
    faulty.farm.faults.delay("GetQueue", seconds=0.2)
    began = time.monotonic()

    assert faulty.client.get_queue(**faulty.ids)["queueId"] == faulty.queue_id

    assert time.monotonic() - began >= 0.2


@pytest.mark.parametrize(
    "members",
    [
        {"operation": "GetCastle", "error": "ThrottlingException"},
        {"operation": "GetQueue", "error": "TiredException"},
        {"operation": "GetQueue"},
        {"operation": "GetQueue", "error": "AccessDeniedException", "members": {"colour": "red"}},
        {"operation": "GetQueue", "error": "AccessDeniedException", "times": 0},
    ],
)
def test_a_fault_that_cannot_be_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(FaultError):
        Fault(**members)


def test_faults_are_made_and_cleared_at_a_door(faulty: Queue) -> None:
    fault = {"operation": "*", "error": "ThrottlingException", "after": 1, "members": {"retryAfterSeconds": 1}}

    status, faults = asked(faulty, "POST", "/local-farm/faults", fault)

    assert (status, len(faults)) == (200, 1)
    assert faulty.client.list_farms()["farms"]
    with pytest.raises(faulty.client.exceptions.ThrottlingException):
        faulty.client.list_farms()
    assert asked(faulty, "GET", "/local-farm/faults")[1][0]["seen"] == 2
    assert asked(faulty, "DELETE", "/local-farm/faults") == (200, [])
    assert faulty.client.list_farms()["farms"]


@pytest.mark.parametrize(
    "body", [{"error": "X"}, {"operation": "GetJob", "times": "2"}, [], {"operation": "GetCastle"}]
)
def test_a_door_says_what_is_wrong_with_a_fault(faulty: Queue, body: Any) -> None:
    status, answer = asked(faulty, "POST", "/local-farm/faults", body)

    assert status == 400
    assert answer["message"]
    assert faulty.farm.faults.describe() == []


def test_calls_are_counted_whatever_became_of_them(faulty: Queue) -> None:
    faulty.farm.faults.deny("GetQueue", times=1)
    with pytest.raises(faulty.client.exceptions.AccessDeniedException):
        faulty.client.get_queue(**faulty.ids)
    faulty.client.get_queue(**faulty.ids)
    faulty.client.list_farms()
    faulty.s3.list_buckets()

    expected = {"GetQueue": 2, "ListFarms": 1, "s3:GET": 1}
    assert faulty.farm.calls.counts() == expected
    assert asked(faulty, "GET", "/local-farm/calls") == (200, expected)
    assert asked(faulty, "DELETE", "/local-farm/calls") == (200, expected)
    assert faulty.farm.calls.reset() == {}


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/local-farm/faults"), ("GET", "/local-farm/calls"), ("POST", "/2023-10-12/farms")]
)
def test_pages_in_a_browser_are_kept_out(faulty: Queue, method: str, path: str) -> None:
    body = {"operation": "*", "error": "ThrottlingException", "displayName": "A farm"}

    for headers in ({"Origin": "https://example.com"}, {"Sec-Fetch-Site": "cross-site"}):
        status, answer = asked(faulty, method, path, body, **headers)
        assert status == 403
        assert "browser" in answer["message"]

    assert faulty.farm.faults.describe() == []
    assert "A farm" not in [farm["displayName"] for farm in faulty.client.list_farms()["farms"]]


def test_a_door_that_is_not_there_is_not_found(faulty: Queue) -> None:
    assert asked(faulty, "GET", "/local-farm/window")[0] == 404
    assert asked(faulty, "PUT", "/local-farm/calls")[0] == 405
