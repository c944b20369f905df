"""boto3's real client talks to the farm as it talks to AWS Deadline Cloud."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError

from local_farm.farm import LocalFarm

from .conftest import Client

TEMPLATE = json.dumps(
    {
        "specificationVersion": "jobtemplate-2023-09",
        "name": "Nothing",
        "steps": [{"name": "Rest", "script": {"actions": {"onRun": {"command": "true"}}}}],
    }
)
NOWHERE = "0" * 32


@pytest.fixture(scope="module")
def deadline(client: Client) -> Any:
    """A client that leaves it to the service to find fault with its requests."""
    return client("deadline", config=Config(parameter_validation=False, retries={"total_max_attempts": 1}))


@pytest.fixture(scope="module")
def ids(deadline: Any) -> dict[str, str]:
    """The farm and the queue that are there from the start."""
    farm_id = deadline.list_farms()["farms"][0]["farmId"]
    return {"farmId": farm_id, "queueId": deadline.list_queues(farmId=farm_id)["queues"][0]["queueId"]}


def job(ids: dict[str, str], **changes: Any) -> dict[str, Any]:
    """The arguments of CreateJob; members that are ``None`` are left out."""
    arguments = {**ids, "template": TEMPLATE, "templateType": "JSON", "priority": 50, **changes}
    return {name: value for name, value in arguments.items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "name", "message"),
    [
        ({"priority": None}, "priority", "required"),
        ({"priority": "high"}, "priority", "type integer"),
        ({"priority": True}, "priority", "type integer"),
        ({"priority": 101}, "priority", "0 to 100"),
        ({"templateType": "XML"}, "templateType", "JSON, YAML"),
        ({"clientToken": ""}, "clientToken", "1 to 64"),
        ({"parameters": {"Frame": {"int": 1}}}, "parameters.Frame.int", "type string"),
        ({"parameters": {"Frame": {"int": "1", "string": "1"}}}, "parameters.Frame", "exactly one"),
        ({"parameters": {"Frame": {"int": "one"}}}, "parameters.Frame.int", "must match"),
        ({"attachments": {"manifests": [{"rootPath": "/a"}]}}, "attachments.manifests[0].rootPathFormat", "required"),
    ],
)
def test_a_member_that_does_not_fit_is_named_with_the_reason(
    deadline: Any, ids: dict[str, str], changes: dict[str, Any], name: str, message: str
) -> None:
    with pytest.raises(deadline.exceptions.ValidationException) as caught:
        deadline.create_job(**job(ids, **changes))

    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["reason"] == "FIELD_VALIDATION_FAILED"
    (field,) = [field for field in response["fieldList"] if field["name"] == name]
    assert message in field["message"]
    assert name in response["message"]


def test_every_member_at_fault_is_named_at_once(deadline: Any, ids: dict[str, str]) -> None:
    with pytest.raises(deadline.exceptions.ValidationException) as caught:
        deadline.create_job(**job(ids, priority=-1, templateType="XML", maxRetriesPerTask="few"))

    names = {field["name"] for field in caught.value.response["fieldList"]}
    assert names == {"priority", "templateType", "maxRetriesPerTask"}


def test_an_id_of_another_form_does_not_match_the_pattern_of_the_model(deadline: Any) -> None:
    with pytest.raises(deadline.exceptions.ValidationException) as caught:
        deadline.get_farm(farmId="farm-1")

    assert [field["name"] for field in caught.value.response["fieldList"]] == ["farmId"]


@pytest.mark.parametrize(
    ("operation", "kind", "arguments"),
    [
        ("get_farm", "farm", {"farmId": f"farm-{NOWHERE}"}),
        ("list_queues", "farm", {"farmId": f"farm-{NOWHERE}"}),
        ("get_queue", "queue", {"queueId": f"queue-{NOWHERE}"}),
        ("get_fleet", "fleet", {"fleetId": f"fleet-{NOWHERE}"}),
        ("get_storage_profile", "storage-profile", {"storageProfileId": f"sp-{NOWHERE}"}),
        ("get_job", "job", {"queueId": "own", "jobId": f"job-{NOWHERE}"}),
        ("list_steps", "job", {"queueId": "own", "jobId": f"job-{NOWHERE}"}),
        ("update_job", "job", {"queueId": "own", "jobId": f"job-{NOWHERE}", "priority": 1}),
    ],
)
def test_a_resource_that_is_not_there_is_not_found(
    deadline: Any, ids: dict[str, str], operation: str, kind: str, arguments: dict[str, Any]
) -> None:
    arguments = {"farmId": ids["farmId"], **arguments}
    if arguments.get("queueId") == "own":
        arguments["queueId"] = ids["queueId"]

    with pytest.raises(deadline.exceptions.ResourceNotFoundException) as caught:
        getattr(deadline, operation)(**arguments)

    response = caught.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert response["resourceType"] == kind
    assert response["resourceId"] in arguments.values()
    assert response["resourceId"] in response["message"]


def test_a_queue_is_not_found_in_another_farm(deadline: Any, ids: dict[str, str]) -> None:
    other = deadline.create_farm(displayName="Another one")["farmId"]

    with pytest.raises(deadline.exceptions.ResourceNotFoundException):
        deadline.get_queue(farmId=other, queueId=ids["queueId"])


def test_an_operation_that_the_farm_lacks_says_so(deadline: Any, ids: dict[str, str]) -> None:
    with pytest.raises(deadline.exceptions.ValidationException) as caught:
        deadline.list_budgets(farmId=ids["farmId"])

    assert caught.value.response["reason"] == "UNKNOWN_OPERATION"
    assert "does not implement ListBudgets" in str(caught.value)


@pytest.mark.parametrize(
    ("method", "path", "body", "reason"),
    [
        ("GET", "/2023-10-12/castles", "", "UNKNOWN_OPERATION"),
        ("POST", "/2023-10-12/farms", "{", "CANNOT_PARSE"),
        ("POST", "/2023-10-12/farms", "[]", "CANNOT_PARSE"),
    ],
)
def test_a_request_that_means_nothing_is_answered_in_the_service_s_form(
    served_farm: LocalFarm, method: str, path: str, body: str, reason: str
) -> None:
    connection = http.client.HTTPConnection(urlsplit(served_farm.endpoint_url).netloc)
    connection.request(method, path, body)
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()

    assert answer.status == 400
    assert answer.headers["x-amzn-ErrorType"] == "ValidationException"
    assert document["reason"] == reason
    assert document["message"]


def test_pages_together_are_the_whole_list(deadline: Any, ids: dict[str, str]) -> None:
    for number in range(5):
        deadline.create_storage_profile(farmId=ids["farmId"], displayName=f"Host {number}", osFamily="LINUX")
    whole = deadline.list_storage_profiles(farmId=ids["farmId"])["storageProfiles"]
    assert len(whole) == 6

    pages = list(
        deadline.get_paginator("list_storage_profiles").paginate(farmId=ids["farmId"], PaginationConfig={"PageSize": 2})
    )

    assert [len(page["storageProfiles"]) for page in pages] == [2, 2, 2]
    assert [profile for page in pages for profile in page["storageProfiles"]] == whole
    assert "nextToken" not in pages[-1]


def test_a_token_that_no_page_gave_is_refused(deadline: Any) -> None:
    with pytest.raises(deadline.exceptions.ValidationException) as caught:
        deadline.list_farms(nextToken="elsewhere")

    assert [field["name"] for field in caught.value.response["fieldList"]] == ["nextToken"]


def test_what_is_created_is_described_with_its_time(deadline: Any, ids: dict[str, str]) -> None:
    settings = {"s3BucketName": "a-bucket", "rootPrefix": "prefix"}
    queue_id = deadline.create_queue(
        farmId=ids["farmId"], displayName="Night", jobAttachmentSettings=settings, description="Long ones"
    )["queueId"]

    queue = deadline.get_queue(farmId=ids["farmId"], queueId=queue_id)

    assert queue["displayName"] == "Night"
    assert queue["description"] == "Long ones"
    assert queue["jobAttachmentSettings"] == settings
    age = datetime.datetime.now(datetime.timezone.utc) - queue["createdAt"]
    assert datetime.timedelta(0) <= age < datetime.timedelta(minutes=1)


def test_a_request_that_is_sent_twice_makes_one_job(deadline: Any, ids: dict[str, str]) -> None:
    first = deadline.create_job(**job(ids, clientToken="once"))
    second = deadline.create_job(**job(ids, clientToken="once"))
    other = deadline.create_job(**job(ids, clientToken="twice"))

    assert first["jobId"] == second["jobId"] != other["jobId"]


def sent_to(deadline: Any) -> str | None:
    """The host to which a client sends its requests."""
    hosts = []

    def note(request: AWSRequest, **_: Any) -> AWSResponse:
        hosts.append(urlsplit(request.url).hostname)
        return AWSResponse(request.url, 404, {}, Raw())

    deadline.meta.events.register_first("before-send.deadline", note)
    with pytest.raises(ClientError):
        deadline.list_farms()
    return hosts[0]


class Raw:
    """An empty body."""

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [b"{}"]


def test_the_variables_keep_the_client_from_putting_a_prefix_before_the_host(client: Client) -> None:
    assert sent_to(client("deadline")) == "127.0.0.1"


def test_without_the_variable_the_client_would_look_for_a_host_that_is_not_there(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DISABLE_HOST_PREFIX_INJECTION")

    with contextlib.closing(boto3.Session().client("deadline")) as unaware:
        assert sent_to(unaware) == "management.127.0.0.1"
