"""Finding jobs: all that a filter matches, and those that a person means."""

from __future__ import annotations

import datetime
from typing import Any, Dict, List

import boto3
import pytest

from deadline.client import api
from deadline.client.api._list_jobs_by_filter_expression import JobFetchFailure, _list_jobs_by_filter_expression
from deadline.client.api.job_search import find_jobs, list_jobs_by_filter
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Farm
from .loopback import Loopback, Refusal
from .queued_jobs import RUN, new_job

FARM, QUEUE = "farm-" + "1" * 32, "queue-" + "2" * 32
FILTER = {
    "filters": [{"stringFilter": {"name": "TASK_RUN_STATUS", "operator": "EQUAL", "value": "READY"}}],
    "operator": "AND",
}
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def jobs_at(*seconds: float) -> List[Dict[str, Any]]:
    """Jobs that were created some seconds after each other."""
    return [
        {"jobId": f"job-{number:032x}", "name": "A job", "createdAt": START + datetime.timedelta(seconds=second)}
        for number, second in enumerate(seconds)
    ]


def searchable(jobs: List[Dict[str, Any]]) -> Any:
    """SearchJobs over jobs in the order of their creation, 10,000 of which it reaches."""

    def search(members: Dict[str, Any]) -> Dict[str, Any]:
        offset = members["itemOffset"]
        assert offset <= 10_000
        since = [item["dateTimeFilter"] for item in members["filterExpressions"]["filters"] if "dateTimeFilter" in item]
        found = jobs
        for terms in since:
            assert (terms["name"], terms["operator"]) == ("CREATED_AT", "GREATER_THAN_EQUAL_TO")
            moment = datetime.datetime.fromisoformat(terms["dateTime"].replace("Z", "+00:00"))
            found = [job for job in found if job["createdAt"] >= moment]
        return {"jobs": found[offset : offset + members["pageSize"]], "totalResults": len(found)}

    return search


def search_all() -> List[str]:
    session: Any = boto3.Session(region_name="us-west-2")
    found = _list_jobs_by_filter_expression(session, FARM, QUEUE, FILTER)
    return [job["jobId"] for job in found]


def test_a_search_has_every_job_once_in_the_order_of_creation(loopback: Loopback) -> None:
    jobs = jobs_at(*(second / 10 for second in range(250)))
    loopback.operations["SearchJobs"] = searchable(jobs)

    assert search_all() == [job["jobId"] for job in jobs]

    requests = loopback.asked("SearchJobs")
    assert [request["itemOffset"] for request in requests] == [0] * len(requests)
    assert all(request["filterExpressions"]["filters"][0] == {"groupFilter": FILTER} for request in requests)


def test_more_jobs_than_a_page_may_have_been_created_at_one_moment(loopback: Loopback) -> None:
    jobs = jobs_at(0, 1, *[2] * 250, 3, 4)
    loopback.operations["SearchJobs"] = searchable(jobs)

    assert search_all() == [job["jobId"] for job in jobs]


def test_jobs_of_one_moment_that_no_search_reaches_are_an_error_and_not_left_out(loopback: Loopback) -> None:
    def search(members: Dict[str, Any]) -> Dict[str, Any]:
        first = members["itemOffset"]
        assert first <= 10_000
        # Pages longer than asked for, so that the test is a short one.
        page = [{"jobId": f"job-{number:032x}"} for number in range(first, first + 2_550)]
        return {"jobs": [*page[:-1], {**page[-1], "createdAt": START}], "totalResults": 100_000}

    loopback.operations["SearchJobs"] = search
    with pytest.raises(JobFetchFailure, match="narrow the filter"):
        search_all()


def test_an_index_that_counts_jobs_which_it_does_not_give_ends_the_search(loopback: Loopback) -> None:
    loopback.operations["SearchJobs"] = lambda members: {"jobs": [], "totalResults": 3}

    assert search_all() == []

    assert len(loopback.asked("SearchJobs")) > 1


def test_a_refused_search_is_an_error_for_people(loopback: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "You may not search.", 403)

    loopback.operations["SearchJobs"] = refuse
    with pytest.raises(DeadlineOperationError, match=f"Failed to search queue {QUEUE}.*You may not search"):
        search_all()


@pytest.mark.parametrize(
    "expression",
    [
        [],
        {"filters": []},
        {**FILTER, "more": 1},
        {"filters": [{"groupFilter": FILTER}], "operator": "AND"},
        {"filters": "all", "operator": "AND"},
    ],
)
def test_a_filter_of_another_form_is_refused_before_anybody_is_asked(expression: Any) -> None:
    with pytest.raises(ValueError, match="filter"):
        list_jobs_by_filter(boto3.Session(region_name="us-west-2"), FARM, QUEUE, expression)


def test_a_job_is_found_by_its_id_or_as_the_only_one_of_its_name(farm: Farm) -> None:
    queue_id = farm.new_queue()
    step = {"name": "Run", "script": RUN}
    comet = new_job(farm, queue_id, [step], name="Comet tail")
    new_job(farm, queue_id, [step], name="Another")

    for term in (comet, f" {comet} ", "Comet"):
        matches = find_jobs(farm.farm_id, queue_id, term)
        assert matches.total == 1
        assert matches.only is not None
        assert matches.only["jobId"] == comet
        # All that GetJob knows, not only what a search tells.
        assert matches.only["lifecycleStatus"] == "CREATE_COMPLETE"
        assert "ResponseMetadata" not in matches.only


def test_of_several_jobs_the_newest_come_first_and_all_are_counted(farm: Farm) -> None:
    queue_id = farm.new_queue()
    created = [new_job(farm, queue_id, [{"name": "Run", "script": RUN}], name=f"Shot {n}") for n in range(3)]

    matches = find_jobs(farm.farm_id, queue_id, "Shot", limit=2)

    assert [job["jobId"] for job in matches.jobs] == created[:0:-1]
    assert (matches.total, matches.only) == (3, None)
    assert find_jobs(farm.farm_id, queue_id, "Nothing of the kind").total == 0
    with pytest.raises(DeadlineOperationError, match="What to search for"):
        find_jobs(farm.farm_id, queue_id, "  ")


def test_an_unknown_job_id_is_an_error_that_lists_jobs(farm: Farm) -> None:
    queue_id = farm.new_queue()
    there = new_job(farm, queue_id, [{"name": "Run", "script": RUN}], name="Comet tail")
    almost = there[:-1] + ("0" if there[-1] != "0" else "1")
    with pytest.raises(DeadlineOperationError, match="Failed to get job") as caught:
        find_jobs(farm.farm_id, queue_id, almost)
    assert f"Recent jobs of queue {queue_id}:\n  {there}  Comet tail" in str(caught.value)


def test_the_library_finds_the_jobs_of_a_farm_by_filter_too(farm: Farm) -> None:
    queue_id = farm.new_queue()
    job_id = new_job(farm, queue_id, [{"name": "Run", "script": RUN}])
    found = list_jobs_by_filter(api.get_boto3_session(), farm.farm_id, queue_id, FILTER)
    assert [job["jobId"] for job in found] == [job_id]
