"""Running tasks of a job again."""

from __future__ import annotations

from typing import Any

import pytest

ALL_FAILED = ("FAILED", "FAILED", "FAILED")


@pytest.fixture
def job(queued: Any) -> str:
    """A job whose frames have succeeded, failed and were canceled."""
    job_id: str = queued.new(name="Turntable")
    queued.mark(job_id, "Render", "SUCCEEDED", "FAILED", "CANCELED")
    return job_id


def test_tasks_that_failed_or_were_canceled_run_again(queued: Any, job: str, deadline: Any) -> None:
    result = deadline("job", "requeue-tasks", "--job-id", job, "--yes")

    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"Job: Turntable ({job})\ntaskRunStatusCounts:\n")
    assert "Tasks to run again are those that are CANCELED, FAILED, SUSPENDED: 2\n" in result.out
    assert "  Step Encode (step-" in result.out
    assert "): nothing to run again\n" in result.out
    assert "\n  Render: FAILED Frame=2 (task-" in result.out
    assert "\n2 tasks requeued." in result.out.splitlines()[-1].join("\n\n")
    assert queued.statuses(job)["Render"] == ["SUCCEEDED", "READY", "READY"]


@pytest.mark.parametrize(
    ("options", "statuses"),
    [
        (("--run-status", "failed"), ["SUCCEEDED", "READY", "CANCELED"]),
        (("--run-status", "SUCCEEDED", "--run-status", "CANCELED"), ["READY", "FAILED", "READY"]),
    ],
    ids=["failed", "succeeded or canceled"],
)
def test_only_tasks_of_the_given_statuses_run_again(
    options: tuple[str, ...], statuses: list[str], queued: Any, job: str, deadline: Any
) -> None:
    assert deadline("job", "requeue-tasks", "--job-id", job, *options, terminal=True, answers="y\n").code == 0
    assert queued.statuses(job)["Render"] == statuses


def test_nothing_to_run_again_is_a_line(queued: Any, job: str, deadline: Any) -> None:
    result = deadline("job", "requeue-tasks", "--job-id", job, "--run-status", "NOT_COMPATIBLE")
    assert (result.code, result.out) == (0, f"Job Turntable ({job}) has no tasks that are NOT_COMPATIBLE.\n")


def test_a_dry_run_names_the_tasks_and_leaves_them(queued: Any, job: str, deadline: Any) -> None:
    before = queued.statuses(job)
    result = deadline("job", "requeue-tasks", "--job-id", job, "--dry-run")
    assert result.code == 0
    assert "\n  Render: CANCELED Frame=3 (task-" in result.out
    assert result.out.endswith("Nothing was changed: this is a dry run.\n")
    assert queued.statuses(job) == before


def test_a_no_leaves_them_and_is_code_1(queued: Any, job: str, deadline: Any) -> None:
    before = queued.statuses(job)
    result = deadline("job", "requeue-tasks", "--job-id", job, terminal=True, answers="n\n")
    assert result.code == 1
    assert result.out.endswith("No task was requeued.\n")
    assert queued.statuses(job) == before
    assert deadline("job", "requeue-tasks", "--job-id", job).code == 2


def test_steps_can_be_chosen_and_unknown_ones_are_answered_with_those_there_are(
    queued: Any, job: str, deadline: Any
) -> None:
    result = deadline("job", "requeue-tasks", "--job-id", job, "--yes", "--step-id", f"step-{'0' * 32}")
    assert (result.code, result.out) == (1, "")
    (encode,) = [line.split()[0] for line in result.err.splitlines() if line.endswith("  Encode")]
    chosen = deadline("job", "requeue-tasks", "--job-id", job, "--yes", "--step-id", encode)
    assert "has no tasks that are" in chosen.out
    assert queued.statuses(job)["Render"] == ["SUCCEEDED", "FAILED", "CANCELED"]


def test_as_json_it_is_one_object(queued: Any, job: str, deadline: Any) -> None:
    result = deadline("job", "requeue-tasks", "--job-id", job, "--yes", "--output", "json")
    document = result.json
    assert (document["action"], document["jobId"], document["taskCount"]) == ("requeue", job, 2)
    assert document["taskRunStatusCounts"] == {"FAILED": 1, "CANCELED": 1}
    assert [task["parameters"] for task in document["steps"][0]["tasks"]] == [{"Frame": "2"}, {"Frame": "3"}]
    assert (document["requeuedCount"], document["failures"], document["notAttempted"]) == (2, [], [])
    assert document["dryRun"] is False


def test_what_could_not_be_requeued_is_named_and_the_rest_is_done(
    queued: Any, job: str, deadline: Any, faults: Any
) -> None:
    faults.fail("UpdateTask", error="ConflictException", nth=1)
    result = deadline("job", "requeue-tasks", "--job-id", job, "--yes", "--output", "json")
    assert result.code == 1
    assert (result.json["requeuedCount"], len(result.json["failures"])) == (1, 1)
    assert "ConflictException" in result.json["failures"][0]["reason"]
    assert "1 of 2 tasks were requeued." in result.err
    assert "Requeue again for the rest" in result.err


def test_it_ends_where_there_is_no_permission(queued: Any, deadline: Any, faults: Any) -> None:
    job_id = queued.new()
    queued.mark(job_id, "Render", *ALL_FAILED)
    faults.deny("UpdateTask")
    result = deadline("job", "requeue-tasks", "--job-id", job_id, "--yes")
    assert result.code == 1
    assert "0 of 3 tasks were requeued." in result.err
    assert "AccessDeniedException" in result.err
    assert "Traceback" not in result.err
    assert queued.statuses(job_id)["Render"] == list(ALL_FAILED)


def test_throttling_is_waited_out(queued: Any, job: str, deadline: Any, faults: Any) -> None:
    faults.throttle("UpdateTask", times=1)
    assert deadline("job", "requeue-tasks", "--job-id", job, "--yes").code == 0
    assert queued.statuses(job)["Render"] == ["SUCCEEDED", "READY", "READY"]
