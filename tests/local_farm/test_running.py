"""What somebody asks of jobs while they run, by the service's client."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import Queue


def waiting_job(go_on: Path, *, tasks: int = 1) -> dict[str, Any]:
    """A template of which each task waits for a file, and of a step that follows."""
    code = f"import pathlib, time\nwhile not pathlib.Path({str(go_on)!r}).exists(): time.sleep(0.02)"
    wait = {"command": sys.executable, "args": ["-c", code]}
    frames = {"taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": f"1-{tasks}"}]}
    return {
        "specificationVersion": "jobtemplate-2023-09",
        "name": "Waits",
        "steps": [
            {"name": "Wait", "parameterSpace": frames, "script": {"actions": {"onRun": wait}}},
            {
                "name": "Follow",
                "dependencies": [{"dependsOn": "Wait"}],
                "script": {"actions": {"onRun": {"command": sys.executable, "args": ["-c", ""]}}},
            },
        ],
    }


def started(queue: Queue, go_on: Path, *, tasks: int = 1) -> str:
    """A job of which a task runs."""
    job_id = queue.create(waiting_job(go_on, tasks=tasks))
    queue.wait_until(lambda: queue.job(job_id)["taskRunStatus"] == "RUNNING", "The start of a task")
    return job_id


def ended_with(queue: Queue, job_id: str, status: str) -> dict[str, Any]:
    """The job, once it has that status and nothing of it runs."""
    queue.wait_until(lambda: queue.job(job_id)["taskRunStatus"] == status, f"The status {status} of the job")
    sessions = queue.client.list_sessions
    queue.wait_until(
        lambda: all("endedAt" in session for session in sessions(**queue.ids, jobId=job_id)["sessions"]),
        "The end of its sessions",
    )
    return queue.job(job_id)


@pytest.mark.parametrize("target", ["CANCELED", "SUSPENDED", "FAILED", "SUCCEEDED"])
def test_what_runs_is_ended_and_becomes_what_is_asked_for(served_queue: Queue, go_on: Path, target: str) -> None:
    job_id = started(served_queue, go_on)

    served_queue.set_job(job_id, targetTaskRunStatus=target)

    ended_with(served_queue, job_id, target)
    assert served_queue.statuses(job_id) == {"Wait": [target], "Follow": [target]}
    (session,) = served_queue.client.list_sessions(**served_queue.ids, jobId=job_id)["sessions"]
    (action,) = served_queue.client.list_session_actions(
        **served_queue.ids, jobId=job_id, sessionId=session["sessionId"]
    )["sessionActions"]
    assert action["status"] == "CANCELED"


def test_a_suspended_job_goes_on_where_it_was(served_queue: Queue, go_on: Path) -> None:
    job_id = started(served_queue, go_on, tasks=3)
    served_queue.set_job(job_id, targetTaskRunStatus="SUSPENDED")
    ended_with(served_queue, job_id, "SUSPENDED")
    go_on.touch()

    served_queue.set_job(job_id, targetTaskRunStatus="READY")

    job = ended_with(served_queue, job_id, "SUCCEEDED")
    assert job["taskRunStatusCounts"]["SUCCEEDED"] == 4


def test_a_job_that_has_ended_runs_again_when_it_is_requeued(served_queue: Queue, go_on: Path) -> None:
    go_on.touch()
    job_id = served_queue.create(waiting_job(go_on))
    first = ended_with(served_queue, job_id, "SUCCEEDED")

    served_queue.set_job(job_id, targetTaskRunStatus="PENDING")

    served_queue.wait_until(
        lambda: served_queue.job(job_id).get("endedAt", first["endedAt"]) > first["endedAt"], "The second end"
    )
    (task,) = served_queue.tasks(job_id, "Wait")
    actions = served_queue.client.list_session_actions(**served_queue.ids, jobId=job_id, taskId=task["taskId"])
    assert [action["status"] for action in actions["sessionActions"]] == ["SUCCEEDED", "SUCCEEDED"]
    assert task["latestSessionActionId"] == actions["sessionActions"][-1]["sessionActionId"]


def test_a_session_that_is_ended_gives_its_task_to_another_one(served_queue: Queue, go_on: Path) -> None:
    job_id = started(served_queue, go_on)
    ids = {**served_queue.ids, "jobId": job_id}
    (session,) = served_queue.client.list_sessions(**ids)["sessions"]

    served_queue.client.update_session(**ids, sessionId=session["sessionId"], targetLifecycleStatus="ENDED")

    served_queue.wait_until(
        lambda: len(served_queue.client.list_sessions(**ids)["sessions"]) == 2, "The start of another session"
    )
    go_on.touch()
    job = ended_with(served_queue, job_id, "SUCCEEDED")
    assert job["taskFailureRetryCount"] == 0
    ended = served_queue.client.get_session(**ids, sessionId=session["sessionId"])
    assert (ended["lifecycleStatus"], ended["targetLifecycleStatus"]) == ("ENDED", "ENDED")
    actions = served_queue.client.list_session_actions(**ids, sessionId=session["sessionId"])["sessionActions"]
    assert [action["status"] for action in actions] == ["INTERRUPTED"]
    with pytest.raises(served_queue.client.exceptions.ConflictException):
        served_queue.client.update_session(**ids, sessionId=session["sessionId"], targetLifecycleStatus="ENDED")


def test_a_queue_that_leaves_its_fleet_takes_its_tasks_back(served_queue: Queue, go_on: Path) -> None:
    job_id = started(served_queue, go_on)
    association = {**served_queue.ids, "fleetId": served_queue.fleet_id}

    served_queue.client.update_queue_fleet_association(**association, status="STOP_SCHEDULING_AND_CANCEL_TASKS")

    get = served_queue.client.get_queue_fleet_association
    served_queue.wait_until(lambda: get(**association)["status"] == "STOPPED", "The end of the association")
    assert served_queue.statuses(job_id) == {"Wait": ["READY"], "Follow": ["PENDING"]}


def test_a_worker_s_log_and_sessions_tell_what_it_ran(served_queue: Queue, go_on: Path) -> None:
    go_on.touch()
    job_id = served_queue.create(waiting_job(go_on))
    ended_with(served_queue, job_id, "SUCCEEDED")
    session = served_queue.client.list_sessions(**served_queue.ids, jobId=job_id)["sessions"][0]
    ids = {"farmId": served_queue.farm_id, "fleetId": served_queue.fleet_id, "workerId": session["workerId"]}

    worker = served_queue.client.get_worker(**ids)

    options = worker["log"]["options"]
    assert options == {
        "logGroupName": f"/aws/deadline/{served_queue.farm_id}/{served_queue.fleet_id}",
        "logStreamName": session["workerId"],
    }
    detail = served_queue.client.get_session(**served_queue.ids, jobId=job_id, sessionId=session["sessionId"])
    assert detail["workerLog"]["options"] == options
    logs = served_queue.logs

    def lines() -> str:
        return "\n".join(event["message"] for event in logs.get_log_events(**options)["events"])

    served_queue.wait_until(lambda: f"{session['sessionId']} has ended" in lines(), "The lines of the session")
    assert lines().startswith("The worker has started.")
    listed = served_queue.client.get_paginator("list_sessions_for_worker").paginate(**ids)
    of_worker = {each["sessionId"]: each for page in listed for each in page["sessions"]}
    assert of_worker[session["sessionId"]]["jobId"] == job_id
    assert of_worker[session["sessionId"]]["queueId"] == served_queue.queue_id
