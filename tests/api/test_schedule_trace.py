"""How a job was scheduled: collected from a farm, counted, and written as a trace."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any, Dict, List, Optional

import pytest

from deadline.client import api
from deadline.client.api.schedule_trace import (
    JobSchedule,
    ScheduledAction,
    ScheduledSession,
    chrome_trace,
    collect_schedule,
    schedule_statistics,
    write_chrome_trace,
)
from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError

from .conftest import Farm, python_step
from .loopback import Loopback, Refusal, pages
from .queued_jobs import RUN, frames, new_job

FARM, QUEUE, JOB, FLEET = "farm-" + "1" * 32, "queue-" + "2" * 32, "job-" + "3" * 32, "fleet-" + "5" * 32
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
SECOND = 1_000_000


def at(seconds: Optional[float]) -> Any:
    return None if seconds is None else START + datetime.timedelta(seconds=seconds)


def action(
    kind: str, began: Optional[float], ended: Optional[float], number: int = 0, **definition: Any
) -> ScheduledAction:
    return ScheduledAction(
        action_id=f"sessionaction-{number}",
        kind=kind,
        status="SUCCEEDED" if ended else "RUNNING",
        started_at=at(began),
        ended_at=at(ended),
        definition=definition,
        parameters=definition.get("parameters", {}),
    )


def session(
    index: int, worker: str, began: Optional[float], ended: Optional[float], *actions: ScheduledAction
) -> ScheduledSession:
    return ScheduledSession(
        index=index,
        session_id=f"session-{index}",
        worker_id=worker,
        fleet_id=FLEET,
        lifecycle_status="ENDED" if ended else "STARTED",
        started_at=at(began),
        ended_at=at(ended),
        actions=actions,
        step_name="Render" if actions else None,
    )


def schedule(*sessions: ScheduledSession, ended: Optional[float] = None) -> JobSchedule:
    job = {"jobId": JOB, "name": "A job", "startedAt": START, **({"endedAt": at(ended)} if ended else {})}
    return JobSchedule(
        farm_id=FARM,
        queue_id=QUEUE,
        job=job,
        sessions=sessions,
        steps={"step-1": {"stepId": "step-1", "name": "Render"}},
        tasks={},
        missing=(),
        taken_at=at(100),
    )


FRAME = {"Frame": {"int": "7"}, "Camera": {"string": "left"}}
TWO_WORKERS = schedule(
    session(
        *(0, "worker-b", 0, 20),
        action("envEnter", 0, 2, 0, environmentId="JOB:job-3:Conda"),
        action("syncInputJobAttachments", 2, 5, 1),
        action("taskRun", 5, 15, 2, stepId="step-1", taskId="task-1", parameters=FRAME),
        action("envExit", 15, 16, 3, environmentId="JOB:job-3:Conda"),
        action("taskRun", None, None, 4, stepId="step-1", taskId="task-2"),
    ),
    session(1, "worker-a", 10, 30, action("taskRun", 10, 28, 5, stepId="step-1", taskId="task-3")),
    session(2, "worker-b", 12, None, action("taskRun", 12, None, 6, stepId="step-1", taskId="task-4")),
    session(3, "worker-c", None, None),
)


def test_what_has_begun_is_counted_and_summed_up_to_now() -> None:
    total = schedule_statistics(TWO_WORKERS).total
    assert total.to_dict() == {
        "sessionCount": 3,
        "sessionActionCount": 6,
        "taskRunCount": 3,
        "envActionCount": 2,
        "syncJobAttachmentsCount": 1,
        "sessionDuration": (20 + 20 + 88) * SECOND,
        "sessionActionDuration": (16 + 18 + 88) * SECOND,
        "taskRunDuration": (10 + 18 + 88) * SECOND,
        "envActionDuration": 3 * SECOND,
        "syncJobAttachmentsDuration": 3 * SECOND,
    }
    assert (total.overhead_duration, total.non_task_run_duration) == (6 * SECOND, 6 * SECOND)
    assert total.overhead_per_action == SECOND


def test_each_worker_and_each_session_has_its_own_statistics() -> None:
    statistics = schedule_statistics(TWO_WORKERS)
    assert [session.tally.session_duration // SECOND for session in statistics.by_session] == [20, 20, 88]
    first, second = statistics.by_worker
    assert (first.worker_id, second.worker_id) == ("worker-b", "worker-a")
    # Two sessions at once, so that what they ran at the same time counts once: from 5 to 100.
    assert (first.wall_duration, first.busy_duration, first.idle_duration) == (100 * SECOND, 95 * SECOND, 5 * SECOND)
    assert (second.wall_duration, second.busy_duration) == (20 * SECOND, 18 * SECOND)
    assert first.tally.session_count == 2
    document = json.loads(json.dumps(statistics.to_dict()))
    assert [worker["idleDuration"] for worker in document["workers"]] == [5 * SECOND, 2 * SECOND]
    assert document["wallDuration"] == 100 * SECOND


def test_the_summary_has_durations_and_shares() -> None:
    lines = schedule_statistics(TWO_WORKERS).describe().splitlines()
    assert "Task runs: 3" in lines
    assert "Session duration: 0:02:08.000000" in lines
    assert "Task run duration: 0:01:56.000000 (90.6%)" in lines
    assert "Overhead within sessions: 0:00:06.000000 (4.7%)" in lines
    assert "Overhead per session action: 0:00:01.000000" in lines
    nothing = schedule_statistics(schedule()).describe().splitlines()
    assert "Task run duration: 0:00:00.000000 (N/A)" in nothing


def test_a_trace_has_a_process_for_each_worker_in_the_order_of_their_beginning() -> None:
    trace = chrome_trace(TWO_WORKERS)
    named = [event for event in trace["traceEvents"] if event["ph"] == "M"]
    assert [(event["pid"], event["args"]["name"]) for event in named] == [(1, "worker-b"), (2, "worker-a")]

    begins = [event for event in trace["traceEvents"] if event["ph"] == "B"]
    assert [event["name"] for event in begins] == ["Render - 0", "Render - 1", "Render - 2 - In Progress"]
    assert begins[1] == {
        "name": "Render - 1",
        "cat": "SESSION",
        "ph": "B",
        "ts": 10 * SECOND,
        "pid": 2,
        "tid": 0,
        "args": {
            "sessionId": "session-1",
            "workerId": "worker-a",
            "fleetId": FLEET,
            "lifecycleStatus": "ENDED",
        },
    }
    ends = [event for event in trace["traceEvents"] if event["ph"] == "E"]
    assert [(event["name"], event["ts"] // SECOND) for event in ends] == [
        ("Render - 0", 20),
        ("Render - 1", 30),
        ("Render - 2 - In Progress", 100),
    ]
    assert all("args" not in event for event in ends)


def test_a_trace_tells_each_action_by_name_time_and_status() -> None:
    trace = chrome_trace(TWO_WORKERS)
    actions = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    assert [(event["cat"], event["name"], event["ts"] // SECOND, event["dur"] // SECOND) for event in actions] == [
        ("envEnter", "Conda", 0, 2),
        ("syncInputJobAttachments", "Sync Job Attachments (Submitted)", 2, 3),
        ("taskRun", "Frame=7,Camera=left", 5, 10),
        ("envExit", "Conda", 15, 1),
        ("taskRun", "<No Task Params>", 10, 18),
        ("taskRun", "<No Task Params> - In Progress", 12, 88),
    ]
    assert actions[2]["args"] == {
        "sessionActionId": "sessionaction-2",
        "status": "SUCCEEDED",
        "stepName": "Render",
    }
    of_step = schedule(session(0, "w", 0, 1, action("syncInputJobAttachments", 0, 1, stepId="step-1")))
    names = [event["name"] for event in chrome_trace(of_step)["traceEvents"] if event["ph"] == "X"]
    assert names == ["Sync Job Attachments (Dependencies)"]


def test_a_trace_says_which_job_it_is_of() -> None:
    other = chrome_trace(TWO_WORKERS)["otherData"]
    assert (other["farmId"], other["queueId"], other["jobId"], other["jobName"]) == (FARM, QUEUE, JOB, "A job")
    assert other["startedAt"] == "2026-01-01T00:00:00+00:00"
    assert "endedAt" not in other
    assert other["taskRunCount"] == 3
    assert chrome_trace(schedule(ended=50))["otherData"]["endedAt"] == "2026-01-01T00:00:50+00:00"


def test_a_trace_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "trace.json"
    write_chrome_trace(TWO_WORKERS, str(target))
    assert json.loads(target.read_text(encoding="utf-8")) == chrome_trace(TWO_WORKERS)
    assert [path.name for path in tmp_path.iterdir()] == ["trace.json"]
    with pytest.raises(DeadlineOperationError, match=r"could not be written to .*missing"):
        write_chrome_trace(TWO_WORKERS, str(tmp_path / "missing" / "trace.json"))


def test_the_schedule_of_a_job_that_ran_comes_from_the_farm(farm: Farm) -> None:
    step = python_step("print('hello')", name="Render", parameterSpace=frames(2))
    step["stepEnvironments"] = [{"name": "Shell", "variables": {"A": "B"}}]
    job_id = new_job(farm, farm.queue_id, [step])
    result = api.wait_for_job_completion(**farm.ids, job_id=job_id, max_poll_interval=1, timeout=60)
    assert result.status == "SUCCEEDED"
    seen: List[str] = []

    found = collect_schedule(**farm.ids, job_id=job_id, progress_callback=lambda what, done, total: seen.append(what))

    assert [what for what in dict.fromkeys(seen) if what in ("sessions", "actions")] == ["sessions", "actions"]
    assert found.warnings() == []
    assert found.job["name"] == "A job"
    runs = [run for session in found.sessions for run in session.actions if run.kind == "taskRun"]
    assert sorted(run.parameters["Frame"]["int"] for run in runs) == ["1", "2"]
    assert {session.step_name for session in found.sessions} == {"Render"}
    total = schedule_statistics(found).total
    assert total.task_run_count == 2
    assert total.env_action_count >= 2
    assert 0 < total.task_run_duration < total.session_duration
    names = {event["name"] for event in chrome_trace(found)["traceEvents"]}
    assert {"Frame=1", "Frame=2", "Shell", "Render - 0"} <= names


def test_a_job_that_has_not_begun_has_no_schedule(farm: Farm) -> None:
    queue_id = farm.new_queue()
    job_id = new_job(farm, queue_id, [{"name": "Render", "script": RUN}])
    with pytest.raises(DeadlineOperationError, match="has not begun to run"):
        collect_schedule(farm.farm_id, queue_id, job_id)


CREATED = {"createdAt": "2026-01-01T00:00:00Z", "createdBy": "me"}
STEPS = ["step-" + digit * 32 for digit in "ab"]
STEP_MEMBERS = {"taskRunStatus": "RUNNING", "taskRunStatusCounts": {}, "lifecycleStatus": "CREATE_COMPLETE", **CREATED}


@pytest.fixture
def two_steps(loopback: Loopback) -> Loopback:
    """A service with a job of which one session ran a task of each of two steps."""
    ids = {"farmId": FARM, "queueId": QUEUE, "jobId": JOB}
    actions: List[Dict[str, Any]] = [
        {
            "sessionActionId": f"sessionaction-{'4' * 32}-{number}",
            "status": "SUCCEEDED",
            "startedAt": "2026-01-01T00:00:01Z",
            "endedAt": "2026-01-01T00:00:02Z",
            "definition": {"taskRun": {"stepId": step_id, "taskId": f"task-{'a' * 32}-{number}"}},
        }
        for number, step_id in enumerate(STEPS)
    ]
    ran = {"fleetId": FLEET, "workerId": "worker-" + "6" * 32, "startedAt": "2026-01-01T00:00:00Z"}

    def step(identifier: Dict[str, str]) -> Dict[str, Any]:
        return {**identifier, "name": f"Step {identifier['stepId'][-1]}", **STEP_MEMBERS}

    def task(identifier: Dict[str, str]) -> Dict[str, Any]:
        return {**identifier, "runStatus": "SUCCEEDED", "parameters": {"Frame": {"int": "1"}}, **CREATED}

    loopback.operations.update(
        GetJob=lambda members: {
            "jobId": JOB,
            "name": "A job",
            "startedAt": "2026-01-01T00:00:00Z",
            "priority": 1,
            "lifecycleStatus": "CREATE_COMPLETE",
            "lifecycleStatusMessage": "",
            **CREATED,
        },
        ListSessions=pages("sessions", [{"sessionId": "session-" + "4" * 32, "lifecycleStatus": "STARTED", **ran}]),
        ListSessionActions=pages("sessionActions", actions),
        BatchGetStep=lambda members: {"steps": [step(item) for item in members["identifiers"]], "errors": []},
        BatchGetTask=lambda members: {"tasks": [task(item) for item in members["identifiers"]], "errors": []},
        ListSteps=pages("steps", [step({**ids, "stepId": step_id}) for step_id in STEPS]),
        ListTasks=lambda members: {
            "tasks": [
                task({"taskId": run["definition"]["taskRun"]["taskId"]})
                for run in actions
                if run["definition"]["taskRun"]["stepId"] == members["stepId"]
            ]
        },
    )
    return loopback


def test_a_session_that_ran_two_steps_has_both_names(two_steps: Loopback) -> None:
    found = collect_schedule(FARM, QUEUE, JOB)
    (only,) = found.sessions
    assert only.step_name == "Step a, Step b"
    assert [run.parameters for run in only.actions] == [{"Frame": {"int": "1"}}] * 2
    assert len(two_steps.asked("BatchGetStep")) == len(two_steps.asked("BatchGetTask")) == 1


def test_what_could_not_be_looked_up_at_once_is_asked_for_again(two_steps: Loopback) -> None:
    answer = two_steps.operations["BatchGetTask"]

    def slow_down_once(members: Dict[str, Any]) -> Dict[str, Any]:
        if len(two_steps.asked("BatchGetTask")) > 1:
            return answer(members)
        first, *others = members["identifiers"]
        error = {**first, "code": "ThrottlingException", "message": "Slow down."}
        return {**answer({"identifiers": others}), "errors": [error]}

    two_steps.operations["BatchGetTask"] = slow_down_once
    found = collect_schedule(FARM, QUEUE, JOB)

    assert (len(found.tasks), found.missing) == (2, ())
    assert [len(request["identifiers"]) for request in two_steps.asked("BatchGetTask")] == [2, 1]


def test_what_stays_missing_is_a_warning_and_no_error(two_steps: Loopback) -> None:
    two_steps.operations["BatchGetStep"] = lambda members: {
        "steps": [],
        "errors": [
            {**item, "code": "ResourceNotFoundException", "message": "It is gone."} for item in members["identifiers"]
        ],
    }
    found = collect_schedule(FARM, QUEUE, JOB)
    assert len(two_steps.asked("BatchGetStep")) == 1
    assert found.warnings()[0].startswith("2 steps and tasks could not be looked up")
    assert found.warnings()[1] == f"  step {STEPS[0]}: ResourceNotFoundException: It is gone."
    (begin,) = [event for event in chrome_trace(found)["traceEvents"] if event["ph"] == "B"]
    assert begin["name"] == "<Unknown Step> - 0 - In Progress"


def test_where_many_may_not_be_asked_for_at_once_they_are_listed(two_steps: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "Not in one piece.", 403)

    two_steps.operations.update(BatchGetStep=refuse, BatchGetTask=refuse)
    found = collect_schedule(FARM, QUEUE, JOB)
    assert found.sessions[0].step_name == "Step a, Step b"
    assert (len(found.tasks), found.missing) == (2, ())


def test_collecting_stops_when_nobody_wants_it_any_more(two_steps: Loopback) -> None:
    with pytest.raises(DeadlineOperationCanceled):
        collect_schedule(FARM, QUEUE, JOB, continue_callback=lambda: False)
    assert not two_steps.asked("BatchGetTask")
