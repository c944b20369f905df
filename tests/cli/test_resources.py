"""Farms, queues and fleets: lists, details, and what is said where there is no such thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from deadline.client import api

NOWHERE = "0" * 32


def test_farms_are_listed_as_yaml(farm: Any, deadline: Any) -> None:
    printed = deadline("farm", "list").out
    assert printed.startswith(f"- farmId: {farm.farm_id}\n  displayName: Local farm\n")
    assert yaml.safe_load(printed) == [
        {"farmId": farm.farm_id, "displayName": "Local farm", "region": farm.environment["AWS_DEFAULT_REGION"]}
    ]


def test_farms_of_one_region_are_listed(farm: Any, deadline: Any) -> None:
    listed = yaml.safe_load(deadline("farm", "list", "--region", "eu-west-1").out)
    assert [item["region"] for item in listed] == ["eu-west-1"]


def test_queues_and_fleets_are_listed_as_yaml(farm: Any, deadline: Any) -> None:
    assert {"queueId": farm.queue_id, "displayName": "Local queue"} in yaml.safe_load(deadline("queue", "list").out)
    assert yaml.safe_load(deadline("fleet", "list").out) == [{"fleetId": farm.fleet_id, "displayName": "Local fleet"}]


def test_details_are_what_the_service_answers(farm: Any, deadline: Any) -> None:
    a_farm = yaml.safe_load(deadline("farm", "get").out)
    a_queue = yaml.safe_load(deadline("queue", "get", "--queue-id", farm.queue_id).out)
    a_fleet = yaml.safe_load(deadline("fleet", "get", "--fleet-id", farm.fleet_id).out)
    assert (a_farm["farmId"], a_queue["queueId"], a_fleet["fleetId"]) == (farm.farm_id, farm.queue_id, farm.fleet_id)
    assert a_queue["jobAttachmentSettings"]["rootPrefix"] == "DeadlineCloud"
    assert "ResponseMetadata" not in {**a_farm, **a_queue, **a_fleet}


def test_the_fleets_of_a_queue_are_shown(farm: Any, deadline: Any) -> None:
    heading, _, details = deadline("fleet", "get", "--queue-id", farm.queue_id).out.split("\n", 2)
    assert heading == "Showing all fleets (1 total) associated with queue: Local queue"
    fleet = yaml.safe_load(details)
    assert (fleet["fleetId"], fleet["queueFleetAssociationStatus"]) == (farm.fleet_id, "ACTIVE")


def test_a_fleet_and_a_queue_at_once_are_refused(farm: Any, deadline: Any) -> None:
    result = deadline("fleet", "get", "--fleet-id", farm.fleet_id, "--queue-id", farm.queue_id)
    assert result.code == 1
    assert "not both" in result.err


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (("farm", "get", "--farm-id", f"farm-{NOWHERE}"), "Available farms:\n  {0.farm_id}  Local farm"),
        (("queue", "get", "--queue-id", f"queue-{NOWHERE}"), "  {0.queue_id}  Local queue"),
        (("fleet", "get", "--fleet-id", f"fleet-{NOWHERE}"), "  {0.fleet_id}  Local fleet"),
        (
            ("queue", "list", "--farm-id", f"farm-{NOWHERE}"),
            "may be wrong. Available farms:\n  {0.farm_id}  Local farm",
        ),
        (("fleet", "get", "--queue-id", f"queue-{NOWHERE}"), "  {0.queue_id}  Local queue"),
        (("queue", "get", "--queue-id", "no-id-at-all"), "  {0.queue_id}  Local queue"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else "",
)
def test_an_unknown_id_is_answered_with_those_there_are(
    arguments: tuple[str, ...], suggestion: str, farm: Any, deadline: Any
) -> None:
    result = deadline(*arguments)
    assert (result.code, result.out) == (1, "")
    assert arguments[-1] in result.err
    assert suggestion.format(farm) in result.err
    assert "Traceback" not in result.err


def test_the_only_farm_is_used_where_none_is_set_and_is_not_stored(farm: Any, deadline: Any) -> None:
    deadline("config", "clear", "defaults.farm_id")
    assert yaml.safe_load(deadline("farm", "get").out)["farmId"] == farm.farm_id
    assert deadline("config", "get", "defaults.farm_id").out == "\n"


@pytest.mark.local_farm
def test_a_queue_that_is_named_counts_also_where_the_farm_is_found(
    deadline: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from local_farm.testing import running_farm

    with running_farm(workers=0) as own:
        for name, value in own.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(home / "settings"))
        (farm,) = api.list_farms()["farms"]
        client = api.get_boto3_client("deadline")
        other = client.create_queue(farmId=farm["farmId"], displayName="Another queue")["queueId"]

        found = deadline("queue", "get", "--queue-id", other)
        undecided = deadline("queue", "get")

    assert yaml.safe_load(found.out)["displayName"] == "Another queue"
    assert undecided.code == 2
    assert "there are 2" in undecided.err
    assert "--queue-id" in undecided.err


def test_a_command_for_a_farm_says_how_to_name_one_where_none_can_be_found(deadline: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "us-west-2")
    result = deadline("--log-level", "error", "queue", "list")
    assert (result.code, result.out) == (2, "")
    assert "Could not connect" in result.err
    assert "--farm-id" in result.err


def test_an_option_changes_no_setting(farm: Any, deadline: Any, home: Any) -> None:
    before = (home / "settings").read_text(encoding="utf-8")
    deadline("queue", "list", "--farm-id", f"farm-{NOWHERE}", "--region", "eu-west-1")
    assert (home / "settings").read_text(encoding="utf-8") == before
