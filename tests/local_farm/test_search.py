"""Searches by the service's client: every kind of filter and sort expression."""

from __future__ import annotations

import datetime
from typing import Any, Callable

import pytest
from hypothesis import given, strategies as st

from local_farm.searching.values import microseconds, microseconds_of

from .conftest import Queue

NIGHT = ("Night forest", "Night desert", "Day forest")


@pytest.fixture(scope="module")
def searched(new_idle_queue: Callable[[], Queue]) -> Queue:
    """A queue with three jobs: of different priority, parameters and status."""
    queue = new_idle_queue()
    for number, name in enumerate(NIGHT):
        parameters = {"Scene": {"string": name.split()[1]}, "Samples": {"int": str(10**number * 2)}}
        queue.create(nameOverride=name, priority=(30, 9, 30)[number], parameters=parameters)
    job_ids = {job["name"]: job["jobId"] for job in queue.client.list_jobs(**queue.ids)["jobs"]}
    queue.set_job(job_ids["Night desert"], targetTaskRunStatus="CANCELED")
    queue.set_tasks(job_ids["Day forest"], "Render", "SUCCEEDED")
    return queue


def search(queue: Queue, what: str = "jobs", **members: Any) -> dict[str, Any]:
    arguments = {"farmId": queue.farm_id, "queueIds": [queue.queue_id], "itemOffset": 0, **members}
    answer: dict[str, Any] = getattr(queue.client, f"search_{what}")(**arguments)
    return answer


def names(queue: Queue, *filters: dict[str, Any], operator: str = "AND", what: str = "jobs") -> list[str]:
    """The names of what is found, oldest first."""
    found = search(queue, what, filterExpressions={"filters": list(filters), "operator": operator})
    assert found["totalResults"] == len(found[what])
    return [each["name"] for each in found[what]]


def text(name: str, operator: str, value: str) -> dict[str, Any]:
    return {"stringFilter": {"name": name, "operator": operator, "value": value}}


def among(name: str, operator: str, *values: str) -> dict[str, Any]:
    return {"stringListFilter": {"name": name, "operator": operator, "values": list(values)}}


def parameter(name: str, operator: str, value: str) -> dict[str, Any]:
    return {"parameterFilter": {"name": name, "operator": operator, "value": value}}


def term(searched_for: str, **match_type: str) -> dict[str, Any]:
    return {"searchTermFilter": {"searchTerm": searched_for, **match_type}}


def group(operator: str, *filters: dict[str, Any]) -> dict[str, Any]:
    return {"groupFilter": {"operator": operator, "filters": list(filters)}}


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        (text("NAME", "EQUAL", "Day forest"), ["Day forest"]),
        (text("NAME", "NOT_EQUAL", "Day forest"), ["Night forest", "Night desert"]),
        (text("PRIORITY", "EQUAL", "9"), ["Night desert"]),
        (text("TASK_RUN_STATUS", "EQUAL", "CANCELED"), ["Night desert"]),
        (text("LIFECYCLE_STATUS", "EQUAL", "CREATE_COMPLETE"), ["Night forest", "Day forest"]),
        (text("TARGET_TASK_RUN_STATUS", "NOT_EQUAL", "CANCELED"), ["Night forest", "Day forest"]),
        (among("TASK_RUN_STATUS", "ANY_EQUALS", "READY", "RUNNING"), ["Night forest", "Day forest"]),
        (among("TASK_RUN_STATUS", "ALL_NOT_EQUALS", "READY", "RUNNING"), ["Night desert"]),
        (among("TARGET_TASK_RUN_STATUS", "ALL_NOT_EQUALS", "CANCELED"), ["Night forest", "Day forest"]),
        (parameter("Scene", "EQUAL", "forest"), ["Night forest", "Day forest"]),
        (parameter("Scene", "NOT_EQUAL", "forest"), ["Night desert"]),
        (parameter("Samples", "GREATER_THAN", "9"), ["Night desert", "Day forest"]),
        (parameter("Samples", "LESS_THAN_EQUAL_TO", "20"), ["Night forest", "Night desert"]),
        (parameter("Nothing", "NOT_EQUAL", "x"), []),
        (term("FOREST"), ["Night forest", "Day forest"]),
        (term("desert day"), ["Night desert", "Day forest"]),
        (term("desert day", matchType="CONTAINS"), []),
        (term("night", matchType="CONTAINS"), ["Night forest", "Night desert"]),
        (group("OR", text("NAME", "EQUAL", "Day forest"), text("PRIORITY", "EQUAL", "9")), list(NIGHT[1:])),
        (
            group("AND", term("forest"), group("OR", term("day"), text("PRIORITY", "EQUAL", "9"))),
            ["Day forest"],
        ),
    ],
)
def test_a_filter_finds_the_jobs_that_it_describes(
    searched: Queue, expression: dict[str, Any], found: list[str]
) -> None:
    assert names(searched, expression) == found


def test_filters_are_joined_by_and_or_by_or(searched: Queue) -> None:
    both = (term("night"), term("forest"))

    assert names(searched, *both) == ["Night forest"]
    assert names(searched, *both, operator="OR") == list(NIGHT)


def test_times_are_compared_and_an_answered_time_finds_its_job(searched: Queue) -> None:
    jobs = search(searched)["jobs"]

    def created(operator: str, moment: datetime.datetime) -> list[str]:
        return names(searched, {"dateTimeFilter": {"name": "CREATED_AT", "operator": operator, "dateTime": moment}})

    middle = jobs[1]["createdAt"]
    assert created("EQUAL", middle) == ["Night desert"]
    assert created("GREATER_THAN_EQUAL_TO", middle) == ["Night desert", "Day forest"]
    assert created("GREATER_THAN", middle) == ["Day forest"]
    assert created("LESS_THAN_EQUAL_TO", middle) == ["Night forest", "Night desert"]
    assert created("LESS_THAN", middle) == ["Night forest"]
    ended = {"dateTimeFilter": {"name": "ENDED_AT", "operator": "LESS_THAN", "dateTime": middle.replace(year=9999)}}
    assert names(searched, ended) == ["Night desert"]


def test_a_time_is_compared_in_any_zone(searched: Queue) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=-7))
    moment = search(searched)["jobs"][2]["createdAt"].astimezone(zone)

    found = names(searched, {"dateTimeFilter": {"name": "CREATED_AT", "operator": "EQUAL", "dateTime": moment}})

    assert found == ["Day forest"]


@pytest.mark.parametrize(
    ("expressions", "order"),
    [
        ([{"fieldSort": {"name": "NAME", "sortOrder": "ASCENDING"}}], ["Day forest", "Night desert", "Night forest"]),
        ([{"fieldSort": {"name": "CREATED_AT", "sortOrder": "DESCENDING"}}], list(NIGHT[::-1])),
        (
            [
                {"fieldSort": {"name": "PRIORITY", "sortOrder": "DESCENDING"}},
                {"fieldSort": {"name": "NAME", "sortOrder": "ASCENDING"}},
            ],
            ["Day forest", "Night forest", "Night desert"],
        ),
        ([{"parameterSort": {"name": "Samples", "sortOrder": "DESCENDING"}}], list(NIGHT[::-1])),
        ([{"fieldSort": {"name": "ENDED_AT", "sortOrder": "DESCENDING"}}], ["Night desert", NIGHT[0], NIGHT[2]]),
        ([{"userJobsFirst": {"userIdentityId": "somebody else"}}], list(NIGHT)),
    ],
)
def test_jobs_come_in_the_order_that_is_asked_for(
    searched: Queue, expressions: list[dict[str, Any]], order: list[str]
) -> None:
    assert [job["name"] for job in search(searched, sortExpressions=expressions)["jobs"]] == order


def test_pages_follow_each_other_by_their_offset(searched: Queue) -> None:
    first = search(searched, pageSize=2)
    second = search(searched, pageSize=2, itemOffset=first["nextItemOffset"])

    assert [len(page["jobs"]) for page in (first, second)] == [2, 1]
    assert [page["totalResults"] for page in (first, second)] == [3, 3]
    assert [job["name"] for page in (first, second) for job in page["jobs"]] == list(NIGHT)
    assert "nextItemOffset" not in second
    assert search(searched, itemOffset=100)["jobs"] == []


@pytest.mark.parametrize(
    ("expression", "member"),
    [
        (text("COLOUR", "EQUAL", "red"), "name"),
        (text("NAME", "GREATER_THAN", "A"), "operator"),
        (text("CREATED_AT", "EQUAL", "2026"), "name"),
        (among("NAME", "EQUAL", "A"), "operator"),
        ({"dateTimeFilter": {"name": "NAME", "operator": "EQUAL", "dateTime": "2026-01-01T00:00:00Z"}}, "name"),
        (
            {"dateTimeFilter": {"name": "ENDED_AT", "operator": "NOT_EQUAL", "dateTime": "2026-01-01T00:00:00Z"}},
            "operator",
        ),
    ],
)
def test_what_cannot_be_searched_by_is_named(searched: Queue, expression: dict[str, Any], member: str) -> None:
    with pytest.raises(searched.client.exceptions.ValidationException) as caught:
        names(searched, expression)

    assert [field["name"] for field in caught.value.response["fieldList"]] == [member]


def test_steps_are_found_by_their_job_and_their_status(searched: Queue) -> None:
    assert names(searched, text("TASK_RUN_STATUS", "EQUAL", "CANCELED"), what="steps") == ["Render", "Encode"]
    assert names(searched, text("NAME", "EQUAL", "Encode"), what="steps") == ["Encode"] * 3
    job_id = search(searched)["jobs"][0]["jobId"]

    found = search(searched, "steps", jobId=job_id)["steps"]

    assert [step["name"] for step in found] == ["Render", "Encode"]
    assert {(step["jobId"], step["queueId"]) for step in found} == {(job_id, searched.queue_id)}


def test_tasks_are_found_by_their_parameters_and_their_status(searched: Queue) -> None:
    def frames(*filters: dict[str, Any]) -> list[str]:
        found = search(searched, "tasks", filterExpressions={"filters": list(filters), "operator": "AND"})["tasks"]
        return [task.get("parameters", {}).get("Frame", {}).get("int", "-") for task in found]

    assert frames(text("RUN_STATUS", "EQUAL", "SUCCEEDED")) == ["1"]
    assert frames(parameter("Frame", "GREATER_THAN_EQUAL_TO", "2")) == ["2", "3"] * 3
    assert frames(text("JOB_NAME", "EQUAL", "Night desert")) == ["1", "2", "3", "-"]
    total = search(searched, "tasks", pageSize=5)
    assert (total["totalResults"], total["nextItemOffset"]) == (12, 5)


def test_workers_are_found_in_their_fleet(served_queue: Queue) -> None:
    def found(*filters: dict[str, Any]) -> dict[str, Any]:
        members: dict[str, Any] = (
            {"filterExpressions": {"filters": list(filters), "operator": "AND"}} if filters else {}
        )
        answer: dict[str, Any] = served_queue.client.search_workers(
            farmId=served_queue.farm_id, fleetIds=[served_queue.fleet_id], itemOffset=0, **members
        )
        return answer

    workers = found()["workers"]

    assert (found()["totalResults"], len(workers)) == (2, 2)
    assert found(term(workers[1]["workerId"]))["workers"] == workers[1:]
    assert found(text("STATUS", "EQUAL", "NOT_RESPONDING"))["workers"] == []


@given(seconds=st.floats(min_value=0, max_value=4e9, allow_subnormal=False))
def test_a_time_is_compared_as_it_is_answered(seconds: float) -> None:
    answered = datetime.datetime.fromisoformat(
        datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()
    )

    assert microseconds(seconds) == microseconds_of(answered)
