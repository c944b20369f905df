"""Changing jobs of a farm: plans that change nothing, then what they do."""

from __future__ import annotations

import dataclasses
import json
import threading
from typing import Any, Dict, List

import pytest

from deadline.client.api.job_control import (
    JobChangePlan,
    RequeueProgress,
    change_job,
    plan_job_archiving,
    plan_job_cancellation,
    plan_job_resumption,
    plan_job_settings,
    plan_job_suspension,
    plan_task_requeue,
    requeue_tasks,
)
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Farm
from .loopback import Loopback, Refusal, pages
from .queued_jobs import RUN, frames, new_job, task_statuses

STEPS: List[Dict[str, Any]] = [
    {"name": "Render", "script": RUN, "parameterSpace": frames(3)},
    {"name": "Encode", "script": RUN, "dependencies": [{"dependsOn": "Render"}]},
]


class QueuedJob:
    """A job whose tasks nobody runs."""

    def __init__(self, farm: Farm, queue_id: str, **members: Any) -> None:
        self.farm = farm
        self.job_id = new_job(farm, queue_id, STEPS, **members)
        self.queue_id = queue_id

    @property
    def ids(self) -> Dict[str, Any]:
        return {"farm_id": self.farm.farm_id, "queue_id": self.queue_id, "job_id": self.job_id}

    @property
    def statuses(self) -> Dict[str, List[str]]:
        return task_statuses(self.farm, self.queue_id, self.job_id)

    def get(self) -> Dict[str, Any]:
        answer: Dict[str, Any] = self.farm.client.get_job(
            farmId=self.farm.farm_id, queueId=self.queue_id, jobId=self.job_id
        )
        return answer

    def mark_first_frame(self, status: str) -> None:
        ids = {"farmId": self.farm.farm_id, "queueId": self.queue_id, "jobId": self.job_id}
        steps = self.farm.client.list_steps(**ids)["steps"]
        (step,) = [step for step in steps if step["name"] == "Render"]
        task = self.farm.client.list_tasks(**ids, stepId=step["stepId"])["tasks"][0]
        self.farm.client.update_task(**ids, stepId=step["stepId"], taskId=task["taskId"], targetRunStatus=status)


@pytest.fixture(scope="module")
def queues() -> List[str]:
    return []


@pytest.fixture
def job(farm: Farm, queues: List[str]) -> QueuedJob:
    """A job of its own for each test, in a queue that no fleet serves."""
    if not queues:
        queues.append(farm.new_queue())
    return QueuedJob(farm, queues[0])


def test_a_plan_says_what_will_be_and_changes_nothing(job: QueuedJob) -> None:
    before = job.get()
    plan = plan_job_cancellation(**job.ids)

    assert plan.action == "cancel"
    assert plan.describe().startswith(f"Cancel job A job ({job.job_id}), whose status is ")
    assert "Tasks that have not ended become CANCELED: 4." in plan.describe()
    assert plan.task_counts == {"READY": 3, "PENDING": 1}
    document = json.loads(json.dumps(plan.to_dict()))
    assert document["jobId"] == job.job_id
    assert document["changes"] == [{"name": "targetTaskRunStatus", "before": None, "after": "CANCELED"}]
    assert not plan.irreversible
    with pytest.raises(dataclasses.FrozenInstanceError):
        plan.action = "archive"  # type: ignore[misc]
    assert job.get()["taskRunStatusCounts"] == before["taskRunStatusCounts"]


@pytest.mark.parametrize("mark_as", ["CANCELED", "failed", "Succeeded"])
def test_a_job_is_ended_and_its_tasks_are_marked(job: QueuedJob, mark_as: str) -> None:
    plan = plan_job_cancellation(**job.ids, mark_as=mark_as)
    change_job(plan)
    assert job.statuses == {"Render": [mark_as.upper()] * 3, "Encode": [mark_as.upper()]}


def test_a_job_cannot_be_marked_as_just_anything(job: QueuedJob) -> None:
    with pytest.raises(DeadlineOperationError, match="cannot be marked as RUNNING, but as CANCELED, FAILED"):
        plan_job_cancellation(**job.ids, mark_as="RUNNING")


def test_a_suspended_job_goes_on_as_a_whole_where_nothing_has_ended(job: QueuedJob) -> None:
    plan = plan_job_suspension(**job.ids)
    assert plan.action == "suspend"
    change_job(plan)
    assert set(job.statuses["Render"] + job.statuses["Encode"]) == {"SUSPENDED"}

    resume = plan_job_resumption(**job.ids)
    assert (resume.whole_job, resume.total_tasks, resume.counts) == (True, 4, {"SUSPENDED": 4})
    assert requeue_tasks(resume).requeued_count == 4

    assert job.statuses == {"Render": ["READY"] * 3, "Encode": ["PENDING"]}


def test_what_has_ended_does_not_run_again_when_a_suspended_job_goes_on(job: QueuedJob) -> None:
    job.mark_first_frame("SUCCEEDED")
    change_job(plan_job_suspension(**job.ids))

    resume = plan_job_resumption(**job.ids)
    assert (resume.whole_job, resume.total_tasks) == (False, 3)
    requeue_tasks(resume).raise_for_failures()

    assert job.statuses == {"Render": ["SUCCEEDED", "READY", "READY"], "Encode": ["PENDING"]}


def test_a_job_that_is_not_suspended_has_nothing_to_resume(job: QueuedJob) -> None:
    resume = plan_job_resumption(**job.ids)
    assert resume.total_tasks == 0
    assert "has no tasks that are SUSPENDED" in resume.describe()
    assert requeue_tasks(resume).requeued_count == 0


def test_an_archived_job_is_archived_once_and_the_plan_warns(job: QueuedJob) -> None:
    too_early = plan_job_archiving(**job.ids)
    assert "cancel or suspend it first" in too_early.describe()
    with pytest.raises(DeadlineOperationError, match=f"Failed to archive job {job.job_id}"):
        change_job(too_early)
    assert job.get()["lifecycleStatus"] == "CREATE_COMPLETE"

    change_job(plan_job_cancellation(**job.ids))
    plan = plan_job_archiving(**job.ids)
    assert plan.irreversible
    assert "cannot be brought back" in plan.describe()
    assert "first" not in plan.describe()
    change_job(plan)
    assert job.get()["lifecycleStatus"] == "ARCHIVED"

    again = plan_job_archiving(**job.ids)
    assert again.changes == ()
    assert "nothing to change" in again.describe()
    change_job(again)


def test_priority_limits_and_name_change_where_they_differ(job: QueuedJob) -> None:
    plan = plan_job_settings(
        **job.ids, priority=75, max_worker_count=4, max_failed_tasks_count=7, max_retries_per_task=0, name="Better"
    )
    assert "  priority: 50 -> 75" in plan.describe()
    change_job(plan)

    changed = job.get()
    assert {name: changed[name] for name in ("priority", "maxWorkerCount", "maxFailedTasksCount", "name")} == {
        "priority": 75,
        "maxWorkerCount": 4,
        "maxFailedTasksCount": 7,
        "name": "Better",
    }
    assert changed["maxRetriesPerTask"] == 0
    assert plan_job_settings(**job.ids, priority=75).changes == ()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "What to change"),
        ({"priority": 101}, "from 0 to 100, not 101"),
        ({"priority": True}, "priority is a whole number"),
        ({"priority": "50"}, "not '50'"),
        ({"max_worker_count": 0}, "use -1"),
        ({"max_retries_per_task": -1}, "from 0"),
        ({"name": ""}, "1 to 512 characters"),
        ({"description": "x" * 2049}, "0 to 2048 characters"),
    ],
)
def test_a_value_that_the_service_would_refuse_is_refused_at_once(settings: Dict[str, Any], message: str) -> None:
    with pytest.raises(DeadlineOperationError, match=message):
        plan_job_settings("farm-1", "queue-1", "job-1", **settings)


def test_a_plan_for_a_job_that_does_not_exist_lists_the_jobs_there_are(job: QueuedJob) -> None:
    with pytest.raises(DeadlineOperationError, match="Recent jobs of queue") as caught:
        plan_job_archiving(**{**job.ids, "job_id": "job-" + "0" * 32})
    assert job.job_id in str(caught.value)


def test_a_refused_change_says_which_job_is_as_it_was(loopback: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("ConflictException", "It is being changed.", 409, reason="STATUS_CONFLICT")

    loopback.operations["UpdateJob"] = refuse
    job = {"jobId": "job-" + "3" * 32, "name": "A job"}
    plan = JobChangePlan("cancel", "farm-1", "queue-1", job, changes=plan_changes())
    with pytest.raises(DeadlineOperationError, match=r"Failed to cancel job job-3+: .*It is being changed"):
        change_job(plan)


def plan_changes() -> Any:
    from deadline.client.api.job_control import JobChange

    return (JobChange("targetTaskRunStatus", None, "CANCELED"),)


def test_tasks_of_some_statuses_are_run_again_and_others_left_alone(job: QueuedJob) -> None:
    job.mark_first_frame("SUCCEEDED")
    change_job(plan_job_cancellation(**job.ids))
    assert job.statuses == {"Render": ["SUCCEEDED", "CANCELED", "CANCELED"], "Encode": ["CANCELED"]}

    plan = plan_task_requeue(**job.ids)
    assert plan.run_statuses == ("CANCELED", "FAILED", "SUSPENDED")
    assert (plan.total_tasks, plan.counts) == (3, {"CANCELED": 3})
    assert [(step.name, len(step.tasks)) for step in plan.steps] == [("Render", 2), ("Encode", 1)]
    first = plan.tasks[0]
    assert first.describe() == f"CANCELED Frame=2 ({first.task_id})"
    assert json.loads(json.dumps(plan.to_dict()))["steps"][0]["tasks"][0]["parameters"] == {"Frame": "2"}
    assert job.statuses["Render"] == ["SUCCEEDED", "CANCELED", "CANCELED"]

    seen: List[RequeueProgress] = []
    result = requeue_tasks(plan, progress_callback=seen.append)

    result.raise_for_failures()
    assert (result.requeued_count, result.failures, result.not_attempted) == (3, (), ())
    assert [progress.requeued for progress in seen] == [1, 2, 3]
    assert {progress.total for progress in seen} == {3}
    assert job.statuses == {"Render": ["SUCCEEDED", "READY", "READY"], "Encode": ["PENDING"]}


def test_a_requeue_may_be_of_one_step_and_of_any_status(job: QueuedJob) -> None:
    change_job(plan_job_cancellation(**job.ids, mark_as="SUCCEEDED"))
    whole = plan_task_requeue(**job.ids, run_statuses=["succeeded"])
    encode = next(step for step in whole.steps if step.name == "Encode")

    plan = plan_task_requeue(**job.ids, run_statuses=["SUCCEEDED"], step_ids=[encode.step_id])
    assert [step.name for step in plan.steps] == ["Encode"]
    requeue_tasks(plan).raise_for_failures()

    assert job.statuses == {"Render": ["SUCCEEDED"] * 3, "Encode": ["READY"]}
    with pytest.raises(DeadlineOperationError, match=f"has no step step-0. Its steps are:\n  {whole.steps[0].step_id}"):
        plan_task_requeue(**job.ids, run_statuses=["SUCCEEDED"], step_ids=["step-0"])


@pytest.mark.parametrize("statuses", [["RUNNING"], [], ["FAILED", "READY"]])
def test_tasks_that_have_not_ended_cannot_be_requeued(statuses: List[str]) -> None:
    with pytest.raises(DeadlineOperationError, match="cannot be requeued, but those that are SUSPENDED"):
        plan_task_requeue("farm-1", "queue-1", "job-1", statuses)


FARM, QUEUE, JOB, STEP = "farm-" + "1" * 32, "queue-" + "2" * 32, "job-" + "3" * 32, "step-" + "7" * 32
CREATED = {"createdAt": "2026-01-01T00:00:00Z", "createdBy": "me"}


@pytest.fixture
def twenty_tasks(loopback: Loopback) -> Loopback:
    """A service with a job of twenty failed tasks."""
    counts = {"FAILED": 20}
    tasks = [{"taskId": f"task-{number:032x}-0", "runStatus": "FAILED", **CREATED} for number in range(20)]
    step = {"stepId": STEP, "name": "Render", "taskRunStatusCounts": counts, "taskRunStatus": "FAILED", **CREATED}
    loopback.operations.update(
        GetJob=lambda members: {"jobId": JOB, "name": "A job", "taskRunStatusCounts": counts, **CREATED},
        ListSteps=pages("steps", [{**step, "lifecycleStatus": "CREATE_COMPLETE"}]),
        ListTasks=pages("tasks", tasks),
    )
    return loopback


def test_tasks_that_cannot_be_requeued_are_named_and_the_others_are_done(twenty_tasks: Loopback) -> None:
    def update(members: Dict[str, Any]) -> Dict[str, Any]:
        if members["taskId"].endswith("5-0"):
            raise Refusal("ConflictException", "Somebody else changes it.", 409, reason="STATUS_CONFLICT")
        return {}

    twenty_tasks.operations["UpdateTask"] = update
    result = requeue_tasks(plan_task_requeue(FARM, QUEUE, JOB))

    assert result.requeued_count == 19
    (failure,) = result.failures
    assert failure.task.task_id == f"task-{5:032x}-0"
    assert len(twenty_tasks.asked("UpdateTask")) == 20
    assert all(request["targetRunStatus"] == "PENDING" for request in twenty_tasks.asked("UpdateTask"))
    with pytest.raises(DeadlineOperationError) as caught:
        result.raise_for_failures()
    message = str(caught.value)
    assert message.startswith("19 of 20 tasks were requeued.\n1 failed:\n")
    assert f"FAILED task-{5:032x}-0: " in message
    assert "Somebody else changes it." in message


def test_where_nothing_is_allowed_not_every_task_is_tried(twenty_tasks: Loopback) -> None:
    def refuse(members: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal("AccessDeniedException", "You may not.", 403)

    twenty_tasks.operations["UpdateTask"] = refuse
    result = requeue_tasks(plan_task_requeue(FARM, QUEUE, JOB))

    assert result.requeued_count == 0
    assert 1 <= len(result.failures) < 20
    assert len(result.failures) + len(result.not_attempted) == 20
    assert not result.canceled
    with pytest.raises(DeadlineOperationError, match="it would have failed in the same way"):
        result.raise_for_failures()


def test_a_requeue_that_is_stopped_says_what_was_not_done(twenty_tasks: Loopback) -> None:
    enough = threading.Event()
    twenty_tasks.operations["UpdateTask"] = lambda members: {}
    result = requeue_tasks(
        plan_task_requeue(FARM, QUEUE, JOB),
        progress_callback=lambda progress: enough.set(),
        continue_callback=lambda: not enough.is_set(),
    )
    assert result.canceled
    assert 1 <= result.requeued_count < 20
    assert result.requeued_count + len(result.not_attempted) == 20
    assert len(twenty_tasks.asked("UpdateTask")) == result.requeued_count
    with pytest.raises(DeadlineOperationError, match="because you asked to stop"):
        result.raise_for_failures()


def test_tasks_are_not_asked_for_where_a_job_has_none_of_the_statuses(twenty_tasks: Loopback) -> None:
    plan = plan_task_requeue(FARM, QUEUE, JOB, ["CANCELED"])
    assert (plan.total_tasks, plan.steps) == (0, ())
    assert [name for name, _ in twenty_tasks.requests] == ["GetJob"]
    assert requeue_tasks(plan).requeued_count == 0
