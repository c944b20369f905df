"""Commands that change a job: cancel, suspend, resume, archive, update."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

CHANGES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "cancel": (("cancel",), "Cancel this job?", "The job was not canceled."),
    "cancel as failed": (
        ("cancel", "--mark-as", "failed"),
        "Cancel this job and mark it as FAILED?",
        "The job was not canceled.",
    ),
    "suspend": (("suspend",), "Suspend this job?", "The job was not suspended."),
    "resume": (("resume",), "Let this job go on?", "The job was not resumed."),
    "archive": (("archive",), "Archive this job for good?", "The job was not archived."),
    "update": (("update", "--priority", "80"), "Change this job?", "The job was not changed."),
}
"""Arguments, the question, and what is said when it is answered by no."""

NAMES = list(CHANGES)


@pytest.fixture
def job(queued: Any, request: pytest.FixtureRequest) -> str:
    """A job of three frames and an encoding: suspended for commands that need it so."""
    of_command = getattr(request, "param", None) or request.node.callspec.params["name"]
    suspended = {"targetTaskRunStatus": "SUSPENDED"} if of_command in ("resume", "archive") else {}
    job_id: str = queued.new(**suspended)
    return job_id


def described(queued: Any, job_id: str) -> tuple[Any, ...]:
    """What a change would be seen by."""
    job = queued.get(job_id)
    return job["taskRunStatusCounts"], job["lifecycleStatus"], job["priority"], job["name"]


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_says_what_would_be_and_changes_nothing(name: str, queued: Any, job: str, deadline: Any) -> None:
    arguments, question, _ = CHANGES[name]
    before = described(queued, job)

    result = deadline("job", *arguments, "--job-id", job, "--dry-run")

    assert (result.code, result.err) == (0, "")
    assert job in result.out
    assert result.out.endswith("Nothing was changed: this is a dry run.\n")
    assert question not in result.out
    document = deadline("job", *arguments, "--job-id", job, "--dry-run", "--output", "json").json
    assert (document["jobId"], document["dryRun"]) == (job, True)
    assert described(queued, job) == before


@pytest.mark.parametrize("name", NAMES)
def test_a_no_changes_nothing_and_is_code_1(name: str, queued: Any, job: str, deadline: Any) -> None:
    arguments, question, refused = CHANGES[name]
    before = described(queued, job)

    result = deadline("job", *arguments, "--job-id", job, terminal=True, answers="n\n")

    assert result.code == 1
    assert question in result.out
    assert result.out.endswith(f"{refused}\n")
    assert described(queued, job) == before


@pytest.mark.parametrize("name", NAMES)
def test_without_a_terminal_the_option_that_answers_is_named(name: str, queued: Any, job: str, deadline: Any) -> None:
    arguments, question, _ = CHANGES[name]
    before = described(queued, job)
    result = deadline("job", *arguments, "--job-id", job)
    assert result.code == 2
    assert question in result.err
    assert "Answer with --yes." in result.err
    assert described(queued, job) == before


@pytest.mark.parametrize("name", NAMES)
def test_the_setting_that_accepts_everything_answers_too(name: str, queued: Any, job: str, deadline: Any) -> None:
    before = described(queued, job)
    deadline("config", "set", "settings.auto_accept", "true")
    assert deadline("job", *CHANGES[name][0], "--job-id", job).code == 0
    assert described(queued, job) != before


@pytest.mark.parametrize(
    ("arguments", "statuses"),
    [
        ((), {"Render": ["CANCELED"] * 3, "Encode": ["CANCELED"]}),
        (("--mark-as", "SUCCEEDED"), {"Render": ["SUCCEEDED"] * 3, "Encode": ["SUCCEEDED"]}),
        (("--mark-as", "Suspended"), {"Render": ["SUSPENDED"] * 3, "Encode": ["SUSPENDED"]}),
    ],
    ids=["plainly", "as succeeded", "as suspended"],
)
def test_a_job_is_canceled(
    arguments: tuple[str, ...], statuses: dict[str, list[str]], queued: Any, deadline: Any
) -> None:
    job_id = queued.new(name="Turntable")

    result = deadline("job", "cancel", "--job-id", job_id, *arguments, terminal=True, answers="y\n")

    assert result.code == 0
    assert "Canceling job Turntable" in result.out
    assert queued.statuses(job_id) == statuses


def test_what_is_canceled_is_shown_as_yaml(queued: Any, deadline: Any) -> None:
    job_id = queued.new(name="Turntable")
    queued.mark(job_id, "Render", "SUCCEEDED")

    printed = deadline("job", "cancel", "--job-id", job_id, "--dry-run").out

    shown = yaml.safe_load(printed.split("\n\n")[0])
    assert list(shown) == ["name", "jobId", "taskRunStatus", "taskRunStatusCounts", "createdBy", "createdAt"]
    assert (shown["name"], shown["jobId"]) == ("Turntable", job_id)
    assert shown["taskRunStatusCounts"] == {"PENDING": 1, "READY": 2, "SUCCEEDED": 1}
    assert "become CANCELED: 3." in printed


def test_a_job_is_suspended_and_resumed_and_what_has_ended_stays_so(queued: Any, deadline: Any) -> None:
    job_id = queued.new()
    queued.mark(job_id, "Render", "SUCCEEDED", "FAILED")

    suspended = deadline("job", "suspend", "--job-id", job_id, "--yes")
    assert suspended.code == 0
    assert f"deadline job resume --job-id {job_id}" in suspended.out
    assert queued.statuses(job_id) == {"Render": ["SUCCEEDED", "FAILED", "SUSPENDED"], "Encode": ["SUSPENDED"]}

    resumed = deadline("job", "resume", "--job-id", job_id, "--yes")
    assert resumed.code == 0
    assert "\n2 tasks may run now." in resumed.out
    assert queued.statuses(job_id) == {"Render": ["SUCCEEDED", "FAILED", "READY"], "Encode": ["PENDING"]}


def test_enter_resumes(queued: Any, deadline: Any) -> None:
    job_id = queued.new(targetTaskRunStatus="SUSPENDED")
    assert deadline("job", "resume", "--job-id", job_id, terminal=True, answers="\n").code == 0
    assert queued.statuses(job_id)["Render"] == ["READY"] * 3


def test_a_job_of_which_nothing_is_suspended_is_not_resumed(queued: Any, deadline: Any) -> None:
    job_id = queued.new()
    result = deadline("job", "resume", "--job-id", job_id)
    assert (result.code, result.out) == (0, f"Job A job ({job_id}) has no tasks that are SUSPENDED.\n")
    assert deadline("job", "resume", "--job-id", job_id, "--output", "json").json["requeuedCount"] == 0


def test_a_job_is_archived_once_and_for_good(queued: Any, deadline: Any) -> None:
    job_id = queued.new(targetTaskRunStatus="SUSPENDED")

    result = deadline("job", "archive", "--job-id", job_id, terminal=True, answers="y\n")
    assert result.code == 0
    assert "cannot be brought back" in result.out
    assert queued.get(job_id)["lifecycleStatus"] == "ARCHIVED"

    again = deadline("job", "archive", "--job-id", job_id)
    assert again.code == 0
    assert "It is archived already" in again.out


@pytest.mark.parametrize("answer", [(), ("--yes",)])
def test_a_job_that_may_run_is_not_archived_nor_asked_about(
    answer: tuple[str, ...], queued: Any, deadline: Any
) -> None:
    job_id = queued.new()
    result = deadline("job", "archive", "--job-id", job_id, *answer, terminal=True, answers="y\n")
    assert result.code == 1
    assert "for good?" not in result.out
    assert f"Job {job_id} is as it was." in result.err
    assert "cancel or suspend it first" in result.err
    assert "Traceback" not in result.err
    assert queued.get(job_id)["lifecycleStatus"] != "ARCHIVED"


@pytest.mark.parametrize("command", [("cancel",), ("cancel", "--mark-as", "failed"), ("suspend",)])
def test_nobody_is_asked_about_a_job_that_has_ended(command: tuple[str, ...], queued: Any, deadline: Any) -> None:
    job_id = queued.new()
    deadline("job", "cancel", "--job-id", job_id, "--yes")

    again = deadline("job", *command, "--job-id", job_id)

    assert (again.code, again.err) == (0, "")
    assert "The job has ended as CANCELED; there is nothing to change." in again.out
    document = deadline("job", *command, "--job-id", job_id, "--output", "json").json
    assert (document["changes"], document["changed"]) == ([], False)


def test_nobody_is_asked_about_a_job_that_is_suspended_already(queued: Any, deadline: Any) -> None:
    job_id = queued.new(targetTaskRunStatus="SUSPENDED")
    again = deadline("job", "suspend", "--job-id", job_id)
    assert (again.code, again.err) == (0, "")
    assert "The job is suspended already" in again.out
    assert "Cancel this job?" in deadline("job", "cancel", "--job-id", job_id, terminal=True, answers="n\n").out


def test_a_job_that_failed_may_be_marked_as_succeeded(queued: Any, deadline: Any) -> None:
    job_id = queued.new()
    deadline("job", "cancel", "--job-id", job_id, "--mark-as", "FAILED", "--yes")
    assert deadline("job", "cancel", "--job-id", job_id, "--mark-as", "SUCCEEDED", "--yes").code == 0
    assert queued.get(job_id)["taskRunStatus"] == "SUCCEEDED"


def test_what_a_job_was_submitted_with_is_changed(queued: Any, deadline: Any) -> None:
    job_id = queued.new()
    arguments = {
        "--priority": "80",
        "--max-failed-tasks-count": "3",
        "--max-retries-per-task": "2",
        "--max-worker-count": "10",
        "--name": "Shot 7, final",
        "--description": "For the client",
    }
    options = [word for pair in arguments.items() for word in pair]

    result = deadline("job", "update", "--job-id", job_id, *options, terminal=True, answers="\n")

    assert result.code == 0
    assert "\n  priority: 50 -> 80\n" in result.out
    job = queued.get(job_id)
    limits = [job[name] for name in ("priority", "maxFailedTasksCount", "maxRetriesPerTask", "maxWorkerCount")]
    assert limits == [80, 3, 2, 10]
    assert (job["name"], job["description"]) == ("Shot 7, final", "For the client")
    again = deadline("job", "update", "--job-id", job_id, *options)
    assert (again.code, again.out.splitlines()[-1]) == (0, "  There is nothing to change.")


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("update",), 2, "Give at least one of --priority, --max-failed-tasks-count"),
        (("update", "--priority", "101"), 2, "'--priority': '101' is not a whole number from 0 to 100."),
        (("update", "--priority", "high"), 2, "'--priority': 'high' is not a whole number from 0 to 100."),
        (("update", "--max-worker-count", "-2"), 2, "'--max-worker-count': '-2' is not a whole number of at least -1."),
        (("update", "--max-worker-count", "0"), 1, "use -1 for any number of workers"),
        (("update", "--name", "x" * 600), 1, "a text of 1 to 512 characters"),
        (("cancel", "--mark-as", "READY"), 2, "--mark-as"),
        (("suspend", "--output", "xml"), 2, "--output"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_bad_input_is_refused(arguments: tuple[str, ...], code: int, reason: str, queued: Any, deadline: Any) -> None:
    result = deadline("job", arguments[0], "--job-id", f"job-{'0' * 32}", "--yes", *arguments[1:])
    assert (result.code, result.out) == (code, "")
    assert reason in result.err
    assert "Traceback" not in result.err


def test_as_json_a_change_is_one_object(queued: Any, deadline: Any) -> None:
    job_id = queued.new(name="Turntable")
    result = deadline("job", "update", "--job-id", job_id, "--priority", "80", "--yes", "--output", "json")
    assert (result.code, result.err) == (0, "")
    assert result.json == {
        "action": "change",
        "farmId": queued.ids(job_id)["farmId"],
        "queueId": queued.queue_id,
        "jobId": job_id,
        "jobName": "Turntable",
        "taskRunStatus": "READY",
        "taskRunStatusCounts": {"PENDING": 1, "READY": 3},
        "changes": [{"name": "priority", "before": 50, "after": 80}],
        "consequences": [],
        "irreversible": False,
        "dryRun": False,
        "changed": True,
    }

    refused = deadline(*("job", "cancel", "--job-id", job_id, "--output", "json"), terminal=True, answers="n\n")
    assert refused.code == 1
    assert json.loads(refused.out[refused.out.index("{") :])["changed"] is False


def test_names_that_would_steer_the_terminal_do_not(queued: Any, deadline: Any) -> None:
    job_id = queued.new(name="A job")
    result = deadline("job", "update", "--job-id", job_id, "--name", "\x1b[31mred", "--dry-run")
    assert "\n  name: A job ->  [31mred\n" in result.out
