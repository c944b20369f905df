"""Finding jobs."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from .queued_jobs import RUN
from .terminal import screen

NOWHERE = "0" * 32
ONE_STEP = [{"name": "Run", "script": RUN}]


def test_jobs_are_listed_newest_first_a_page_at_a_time(farm: Any, deadline: Any, ended: Any) -> None:
    heading, _, listed = deadline("job", "list", "--page-size", "100").out.split("\n", 2)
    jobs = yaml.safe_load(listed)
    ids = [job["jobId"] for job in jobs]

    assert heading == f"Displaying {len(ids)} of {len(ids)} jobs starting at 0"
    assert set(ids) == farm.job_ids()
    assert [job["createdAt"] for job in jobs] == sorted((job["createdAt"] for job in jobs), reverse=True)
    members = ["name", "jobId", "taskRunStatus", "startedAt", "endedAt", "createdBy", "createdAt"]
    assert list(jobs[0]) == [*members, "estimatedTimeRemaining"]

    page = deadline("job", "list", "--page-size", "1", "--item-offset", "1").out
    assert page.startswith(f"Displaying 1 of {len(ids)} jobs starting at 1\n\n- name: ")
    assert f"jobId: {ids[1]}\n" in page


def test_a_job_is_shown_by_option_by_argument_and_as_the_default(farm: Any, deadline: Any, ended: Any) -> None:
    shown = yaml.safe_load(deadline("job", "get", "--job-id", ended.frames).out)
    assert (shown["jobId"], shown["name"], shown["taskRunStatus"]) == (ended.frames, "Two frames", "SUCCEEDED")
    assert shown["estimatedTimeRemaining"] == "N/A"

    # The argument goes before the option.
    by_argument = deadline("job", "get", ended.frames, "--job-id", ended.failed)
    assert yaml.safe_load(by_argument.out) == shown

    deadline("config", "set", "defaults.job_id", ended.frames)
    assert yaml.safe_load(deadline("job", "get").out) == shown


def test_the_default_job_is_found_also_where_the_farm_has_to_be(farm: Any, deadline: Any, ended: Any) -> None:
    deadline("config", "clear", "defaults.farm_id")
    deadline("config", "set", "defaults.job_id", ended.frames)
    assert yaml.safe_load(deadline("job", "get").out)["jobId"] == ended.frames


def test_without_any_job_it_is_said_how_to_name_one(farm: Any, deadline: Any) -> None:
    for command in (("get",), ("wait",), ("logs",), ("download-output",)):
        result = deadline("job", *command)
        assert (result.code, result.out) == (2, "")
        assert "--job-id" in result.err
        assert f"\nRecent jobs of queue {farm.queue_id}:\n  job-" in result.err


def test_an_unknown_job_is_answered_with_those_there_are(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("job", "get", f"job-{NOWHERE}")
    assert (result.code, result.out) == (1, "")
    assert f"Recent jobs of queue {farm.queue_id}:" in result.err
    assert "Traceback" not in result.err


def test_a_term_that_one_job_matches_shows_that_job(farm: Any, deadline: Any, ended: Any) -> None:
    assert yaml.safe_load(deadline("job", "get", "it FAILS").out)["jobId"] == ended.failed


def test_a_term_that_several_jobs_match_shows_them_in_brief(queued: Any, deadline: Any) -> None:
    suspended = {"targetTaskRunStatus": "SUSPENDED"}
    long_name = f"Sequence {'x' * 100} end"
    names = [long_name, *(f"Sequence number {number}" for number in range(6))]
    ids = [queued.new(name=name, steps=ONE_STEP, **suspended) for name in names]

    result = deadline("job", "get", "sequence")

    assert result.code == 0
    assert result.out.startswith("7 jobs match 'sequence'; the newest 5:\n\nSequence number 5\n")
    assert [id_ for id_ in reversed(ids) if id_ in result.out] == ids[:1:-1]
    assert "  SUSPENDED   " in result.out
    assert "  1 suspended\n" in result.out
    assert "... and 2 more." in result.out

    as_json = deadline("job", "get", "sequence", "--output", "json").json
    assert [job["jobId"] for job in as_json["jobs"]] == ids[:1:-1]
    assert as_json["totalResults"] == 7

    one = deadline("job", "get", "xxxxx")
    assert yaml.safe_load(one.out)["name"] == long_name
    (only,) = deadline("job", "get", "xxxxx", "--output", "json").json["jobs"]
    assert (only["jobId"], only["maxRetriesPerTask"]) == (ids[0], 5)


def test_long_names_lose_their_middle_in_brief(queued: Any, deadline: Any) -> None:
    for number in (1, 2):
        queued.new(name=f"Long {'y' * 90} {number}", steps=ONE_STEP)
    name = deadline("job", "get", "yyyy").out.split("\n\n")[1].splitlines()[0]
    assert len(name) == 80
    assert name.startswith("Long yyy")
    assert "..." in name
    assert name.endswith("y 2")


def test_a_term_that_no_job_matches_is_no_error(farm: Any, deadline: Any, ended: Any) -> None:
    result = deadline("job", "get", "nothing like it")
    assert result.code == 0
    assert result.out == f"No job of queue {farm.queue_id} matches 'nothing like it'.\n"
    as_json = deadline("job", "get", "nothing like it", "--output", "json")
    assert as_json.json == {"jobs": [], "totalResults": 0}


def test_as_json_a_job_is_what_the_service_answers(farm: Any, deadline: Any, ended: Any) -> None:
    document = deadline("job", "get", "--job-id", ended.frames, "--output", "json").json
    answer = farm.job(ended.frames)
    assert set(document) == {*answer, "estimatedTimeRemaining"} - {"ResponseMetadata"}
    assert document["createdAt"] == answer["createdAt"].isoformat()
    assert deadline("job", "get", ended.frames, "--output", "json").json == document


def test_as_json_jobs_are_an_object_that_tells_how_to_go_on(queued: Any, deadline: Any) -> None:
    newest = [queued.new(steps=ONE_STEP) for _ in range(3)][::-1]
    document = deadline("job", "list", "--page-size", "2", "--output", "json").json
    assert list(document) == ["jobs", "totalResults", "nextItemOffset"]
    assert [job["jobId"] for job in document["jobs"]] == newest[:2]
    assert document["jobs"][0]["taskRunStatusCounts"]["READY"] == 1
    assert document["jobs"][0]["estimatedTimeRemaining"] == "N/A"
    offset = str(document["nextItemOffset"])
    following = deadline("job", "list", "--page-size", "1", "--item-offset", offset, "--output", "json").json
    assert [job["jobId"] for job in following["jobs"]] == newest[2:]


def test_on_a_terminal_jobs_are_a_table(queued: Any, deadline: Any) -> None:
    job_id = queued.new(name="Turntable", targetTaskRunStatus="SUSPENDED")
    result = deadline("job", "list", terminal=True)
    _, _, heading, newest, *_ = screen(result.out, 200)
    assert heading.split() == ["jobId", "taskRunStatus", "succeeded", "createdAt", "name"]
    assert newest.split()[:3] == [job_id, "SUSPENDED", "0/4"]
    assert newest.endswith("  Turntable")
    assert deadline("job", "list", "--output", "verbose", terminal=True).out.startswith("Displaying ")


def test_an_empty_queue_has_no_jobs(queued: Any, deadline: Any) -> None:
    arguments = ("job", "list", "--item-offset", "10000")
    assert deadline(*arguments).out.endswith("jobs starting at 10000\n\n[]\n\n")
    assert deadline(*arguments, "--output", "json").json["jobs"] == []
    assert deadline(*arguments, terminal=True).out.endswith("jobs starting at 10000\n\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "--page-size", "0"),
        ("list", "--page-size", "101"),
        ("list", "--item-offset", "-1"),
        ("get", "--output", "table"),
        ("get", "one", "two"),
    ],
    ids=" ".join,
)
def test_bad_input_is_refused(arguments: tuple[str, ...], farm: Any, deadline: Any) -> None:
    result = deadline("job", *arguments)
    assert (result.code, result.out) == (2, "")
    assert "Usage: deadline job" in result.err
