"""Workers of a fleet: lists, details, and what is said where there is no such thing."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

NOWHERE = "0" * 32


def workers_of(farm: Any) -> list[str]:
    found = farm.client.search_workers(farmId=farm.farm_id, fleetIds=[farm.fleet_id], itemOffset=0)
    return [worker["workerId"] for worker in found["workers"]]


def test_workers_are_listed_below_a_line_that_counts_them(farm: Any, deadline: Any) -> None:
    ids = workers_of(farm)
    result = deadline("worker", "list", "--fleet-id", farm.fleet_id)

    assert (result.code, result.err) == (0, "")
    heading, empty, listed = result.out.split("\n", 2)
    assert heading == f"Displaying {len(ids)} of {len(ids)} workers starting at 0"
    assert empty == ""
    workers = yaml.safe_load(listed)
    assert [worker["workerId"] for worker in workers] == ids
    assert all(list(worker) == ["workerId", "status", "createdAt"] for worker in workers)


def test_a_page_of_workers_can_be_listed(farm: Any, deadline: Any) -> None:
    ids = workers_of(farm)
    arguments = ("--page-size", "1", "--item-offset", "1")
    result = deadline("worker", "list", "--fleet-id", farm.fleet_id, *arguments)
    assert result.out.startswith(f"Displaying 1 of {len(ids)} workers starting at 1\n\n- workerId: {ids[1]}\n")


def test_a_worker_is_shown_as_the_service_answers(farm: Any, deadline: Any) -> None:
    worker_id = workers_of(farm)[0]
    shown = yaml.safe_load(deadline("worker", "get", "--fleet-id", farm.fleet_id, "--worker-id", worker_id).out)
    assert (shown["workerId"], shown["fleetId"], shown["farmId"]) == (worker_id, farm.fleet_id, farm.farm_id)
    assert "ResponseMetadata" not in shown


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (("list", "--fleet-id", f"fleet-{NOWHERE}"), "  {fleet}  Local fleet"),
        (("get", "--fleet-id", f"fleet-{NOWHERE}", "--worker-id", "{worker}"), "  {fleet}  Local fleet"),
        (("get", "--fleet-id", "{fleet}", "--worker-id", f"worker-{NOWHERE}"), "  {worker}  "),
    ],
)
def test_an_unknown_id_is_answered_with_those_there_are(
    arguments: tuple[str, ...], suggestion: str, farm: Any, deadline: Any
) -> None:
    known = {"fleet": farm.fleet_id, "worker": workers_of(farm)[0]}
    result = deadline("worker", *(argument.format(**known) for argument in arguments))
    assert (result.code, result.out) == (1, "")
    assert suggestion.format(**known) in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize("arguments", [("list",), ("get", "--fleet-id", "fleet-1")])
def test_the_ids_have_to_be_given(arguments: tuple[str, ...], farm: Any, deadline: Any) -> None:
    result = deadline("worker", *arguments)
    assert result.code == 2
    if arguments == ("list",):
        assert "--fleet-id" in result.err
        assert f"\nFleets of farm {farm.farm_id}:\n  {farm.fleet_id}  Local fleet\n" in result.err
    else:
        assert "--worker-id" in result.err


def test_a_missing_worker_is_answered_with_those_of_the_fleet(farm: Any, deadline: Any) -> None:
    result = deadline("worker", "get", "--fleet-id", farm.fleet_id)
    assert result.code == 2
    assert "Which worker? Name it with --worker-id.\nWorkers of fleet" in result.err
    assert "  worker-" in result.err
