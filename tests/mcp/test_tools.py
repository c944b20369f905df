"""The tools, with a client in the same process and a service whose answers the test chooses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client

from deadline.mcp.server import make_server

if TYPE_CHECKING:
    from conftest import Service

pytestmark = pytest.mark.usefixtures("in_this_process")

FARM = {"farmId": "farm-1", "displayName": "Studio", "createdAt": "2025-07-03T10:49:33Z", "createdBy": "somebody"}


def call(arguments: dict[str, Any], tool: str = "deadline_list_farms") -> Any:
    async def in_a_session() -> Any:
        async with Client(make_server()) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(in_a_session)


def test_farms_come_with_their_region_and_everything_the_service_says(service: Service) -> None:
    service.answer = lambda request: (200, {"farms": [FARM]})

    result = call({})

    assert not result.is_error
    assert result.structured_content["farms"] == [{**FARM, "region": "us-west-2"}]
    assert json.loads(result.content[0].text) == result.structured_content


def test_every_page_is_in_the_list(service: Service) -> None:
    service.answer = lambda request: (
        (200, {"farms": [{**FARM, "farmId": "farm-2", "displayName": "Annex"}]})
        if "nextToken=more" in request.path
        else (200, {"farms": [FARM], "nextToken": "more"})
    )

    farms = call({}).structured_content["farms"]

    assert [farm["displayName"] for farm in farms] == ["Annex", "Studio"]


def test_farms_stand_in_the_order_of_regions_then_of_names(
    service: Service, in_this_process: pytest.MonkeyPatch
) -> None:
    in_this_process.setenv("DEADLINE_CLOUD_REGIONS", "us-west-2,eu-west-1")
    service.answer = lambda request: (
        200,
        {"farms": [{**FARM, "displayName": f"{name} {service.region_of(request)}"} for name in "ba"]},
    )

    farms = call({}).structured_content["farms"]

    assert [farm["displayName"] for farm in farms] == ["a us-west-2", "b us-west-2", "a eu-west-1", "b eu-west-1"]
    assert [farm["region"] for farm in farms] == ["us-west-2", "us-west-2", "eu-west-1", "eu-west-1"]


def test_a_region_that_refuses_is_named_beside_the_farms_of_the_others(
    service: Service, in_this_process: pytest.MonkeyPatch
) -> None:
    in_this_process.setenv("DEADLINE_CLOUD_REGIONS", "us-west-2,eu-west-1")
    service.answer = lambda request: (
        (200, {"farms": [FARM]})
        if service.region_of(request) == "us-west-2"
        else (403, {"__type": "AccessDeniedException", "message": "not here"})
    )

    result = call({})

    assert not result.is_error
    assert [farm["farmId"] for farm in result.structured_content["farms"]] == ["farm-1"]
    (unreached,) = result.structured_content["unreachedRegions"]
    assert unreached["region"] == "eu-west-1"
    assert "not here" in unreached["reason"]


@pytest.mark.parametrize("name", ["principal_id", "principalId"])
def test_the_principal_is_passed_on_under_its_new_and_its_old_name(service: Service, name: str) -> None:
    assert not call({name: "user-7"}).is_error

    assert service.queries == ["principalId=user-7"]


def test_arguments_that_mean_nothing_are_left_out(service: Service) -> None:
    assert not call({"principalId": "null", "principal_id": "", "nextToken": None}).is_error

    assert service.queries == [""]


def test_a_token_of_an_older_configuration_does_no_harm(service: Service) -> None:
    assert not call({"nextToken": "something"}).is_error

    assert service.queries == [""]


@pytest.mark.parametrize(
    ("arguments", "named"), [({"farmId": "farm-1"}, "farmId"), ({"principal_id": ["a"]}, "principal_id")]
)
def test_arguments_that_do_not_fit_the_schema_are_refused_by_name(
    service: Service, arguments: dict[str, Any], named: str
) -> None:
    result = call(arguments)

    assert result.is_error
    assert result.structured_content["code"] == "INVALID_PARAMETER"
    assert named in result.structured_content["message"]
    assert service.queries == []


def test_an_unknown_tool_is_an_error_that_lists_the_tools() -> None:
    result = call({}, tool="deadline_make_coffee")

    assert result.is_error
    assert result.structured_content["code"] == "NOT_FOUND"
    assert "deadline_list_farms" in result.structured_content["hint"]


@pytest.mark.parametrize(
    ("refusal", "status", "code", "retryable"),
    [
        ("ExpiredTokenException", 403, "AUTH_EXPIRED", False),
        ("UnrecognizedClientException", 403, "AUTH_EXPIRED", False),
        ("AccessDeniedException", 403, "ACCESS_DENIED", False),
        ("ResourceNotFoundException", 404, "NOT_FOUND", False),
        ("ThrottlingException", 429, "THROTTLED", True),
        ("ValidationException", 400, "INVALID_PARAMETER", False),
        ("InternalServerErrorException", 500, "FAILED", True),
    ],
)
def test_a_refusal_of_aws_is_an_error_with_a_code_a_sentence_and_advice(
    service: Service, refusal: str, status: int, code: str, retryable: bool
) -> None:
    service.refuses(refusal, status=status)

    result = call({})

    assert result.is_error
    error = result.structured_content
    assert (error["code"], error["retryable"], error["requestId"]) == (code, retryable, "request-1")
    assert error["message"].startswith("Failed to list farms:")
    assert f"{refusal} it is" in error["message"]
    assert error["hint"]
    assert result.content[0].text == f"{error['message']}\n{error['hint']}"


def test_without_credentials_the_user_is_asked_to_log_in(in_this_process: pytest.MonkeyPatch) -> None:
    in_this_process.delenv("AWS_ACCESS_KEY_ID")
    in_this_process.delenv("AWS_SECRET_ACCESS_KEY")

    error = call({}).structured_content

    assert error["code"] == "AUTH_EXPIRED"
    assert "deadline auth login" in error["hint"]


def test_a_profile_that_does_not_exist_is_named(environment: dict[str, str]) -> None:
    Path(environment["DEADLINE_CONFIG_FILE_PATH"]).write_text("[defaults]\naws_profile_name = gone\n", encoding="utf-8")

    error = call({}).structured_content

    assert error["code"] == "CONFIGURATION"
    assert "gone" in error["message"]
    assert "deadline config set defaults.aws_profile_name" in error["hint"]


def test_settings_that_cannot_be_read_are_an_error_and_mended_they_count_at_the_next_call(
    environment: dict[str, str],
) -> None:
    settings = Path(environment["DEADLINE_CONFIG_FILE_PATH"])
    settings.write_text("this is no settings file\n", encoding="utf-8")

    error = call({}).structured_content
    settings.unlink()

    assert error["code"] == "CONFIGURATION"
    assert str(settings) in error["message"]
    assert not call({}).is_error
