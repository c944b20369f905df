"""Jobs, steps and tasks by the service's client: what is created, described, changed, and refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import TWO_STEPS, Queue

NOWHERE = "0" * 32


def allow_profile(queue: Queue) -> str:
    """A storage profile that the queue allows."""
    profile_id: str = queue.client.create_storage_profile(
        farmId=queue.farm_id, displayName="Workstations", osFamily="LINUX"
    )["storageProfileId"]
    queue.client.update_queue(**queue.ids, allowedStorageProfileIdsToAdd=[profile_id])
    return profile_id


def test_a_job_is_described_with_everything_that_it_was_created_with(queue: Queue) -> None:
    settings = {"s3BucketName": "bucket", "rootPrefix": "prefix"}
    queue.client.update_queue(**queue.ids, jobAttachmentSettings=settings)
    attachments = {
        "manifests": [{"rootPath": "/shows", "rootPathFormat": "posix", "outputRelativeDirectories": ["renders"]}],
        "fileSystem": "COPIED",
    }
    members: dict[str, Any] = {
        "storageProfileId": allow_profile(queue),
        "maxFailedTasksCount": 7,
        "maxRetriesPerTask": 2,
        "maxWorkerCount": 3,
        "parameters": {"Scene": {"string": "desert"}, "Samples": {"int": "64"}},
        "attachments": attachments,
    }

    job_id = queue.create(**members, nameOverride="sh010", descriptionOverride="The first one")

    job = queue.job(job_id)
    assert {name: job[name] for name in members} == members
    assert (job["name"], job["description"], job["priority"]) == ("sh010", "The first one", 50)
    assert (job["taskRunStatus"], job["taskFailureRetryCount"]) == ("READY", 0)
    assert {status: count for status, count in job["taskRunStatusCounts"].items() if count} == {
        "READY": 3,
        "PENDING": 1,
    }


def test_a_job_is_made_after_another_one(queue: Queue) -> None:
    first = queue.create(parameters={"Scene": {"string": "desert"}})

    made = queue.client.create_job(**queue.ids, priority=20, sourceJobId=first)["jobId"]
    queue.wait_until(lambda: queue.job(made)["lifecycleStatus"] == "CREATE_COMPLETE", "The creation of the job")

    job = queue.job(made)
    assert (job["name"], job["sourceJobId"], job["priority"]) == ("Shot", first, 20)
    assert job["parameters"]["Scene"] == {"string": "desert"}
    assert list(queue.steps(made)) == ["Render", "Encode"]


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"template": None}, "template"),
        ({"templateType": None}, "templateType"),
        ({"sourceJobId": f"job-{NOWHERE}", "template": None}, f"job-{NOWHERE}"),
        ({"storageProfileId": f"sp-{NOWHERE}"}, f"sp-{NOWHERE}"),
        ({"attachments": {"manifests": [{"rootPath": "/a", "rootPathFormat": "posix"}]}}, "job attachment settings"),
    ],
)
def test_a_job_that_cannot_be_is_refused(queue: Queue, members: dict[str, Any], named: str) -> None:
    members = {"template": json.dumps(TWO_STEPS), "templateType": "JSON", "priority": 50, **members}

    with pytest.raises(queue.client.exceptions.ClientError) as caught:
        queue.client.create_job(**queue.ids, **{name: value for name, value in members.items() if value is not None})

    assert caught.value.response["Error"]["Code"] in ("ValidationException", "ResourceNotFoundException")
    assert named in str(caught.value)


def test_a_job_is_changed_in_each_of_its_members(queue: Queue) -> None:
    job_id = queue.create()
    changes = {
        "name": "Renamed",
        "description": "Later",
        "priority": 99,
        "maxFailedTasksCount": 1,
        "maxRetriesPerTask": 0,
        "maxWorkerCount": 4,
    }

    queue.set_job(job_id, **changes)

    job = queue.job(job_id)
    assert {name: job[name] for name in changes} == changes
    assert job["updatedAt"] >= job["createdAt"]
    assert job["updatedBy"] == job["createdBy"]


def test_jobs_are_listed_page_by_page_with_the_newest_first(queue: Queue) -> None:
    created = [queue.create(nameOverride=f"Job {number}") for number in range(5)]

    pages = list(queue.client.get_paginator("list_jobs").paginate(**queue.ids, PaginationConfig={"PageSize": 2}))

    assert [len(page["jobs"]) for page in pages] == [2, 2, 1]
    assert [job["jobId"] for page in pages for job in page["jobs"]] == created[::-1]


def test_a_token_of_another_list_is_refused(queue: Queue) -> None:
    job_id = queue.create()
    step_id = queue.steps(job_id)["Render"]["stepId"]
    token = queue.client.list_tasks(**queue.ids, jobId=job_id, stepId=step_id, maxResults=1)["nextToken"]

    for arguments in ({"stepId": queue.steps(job_id)["Encode"]["stepId"]}, {"stepId": step_id, "nextToken": "x"}):
        with pytest.raises(queue.client.exceptions.ValidationException, match="nextToken"):
            queue.client.list_tasks(**queue.ids, jobId=job_id, **{"nextToken": token, **arguments})


def test_steps_say_what_they_wait_for_and_what_waits_for_them(queue: Queue) -> None:
    job_id = queue.create()
    ids = {**queue.ids, "jobId": job_id}
    render, encode = (queue.steps(job_id)[name]["stepId"] for name in ("Render", "Encode"))

    def related() -> list[Any]:
        return [
            queue.client.list_step_dependencies(**ids, stepId=encode)["dependencies"],
            queue.client.list_step_consumers(**ids, stepId=render)["consumers"],
        ]

    waiting = {"status": "UNRESOLVED"}
    assert related() == [[{"stepId": render, **waiting}], [{"stepId": encode, **waiting}]]
    queue.set_step(job_id, "Render", "SUCCEEDED")
    done = {"status": "RESOLVED"}
    assert related() == [[{"stepId": render, **done}], [{"stepId": encode, **done}]]
    counts = queue.client.get_step(**ids, stepId=encode)["dependencyCounts"]
    assert (counts["dependenciesResolved"], counts["dependenciesUnresolved"]) == (1, 0)


@pytest.mark.parametrize(
    ("before", "target", "after"),
    [
        (("READY",) * 3, "CANCELED", {"Render": ["CANCELED"] * 3, "Encode": ["CANCELED"]}),
        (("SUCCEEDED", "FAILED"), "CANCELED", {"Render": ["SUCCEEDED", "FAILED", "CANCELED"], "Encode": ["CANCELED"]}),
        (("SUCCEEDED",), "SUSPENDED", {"Render": ["SUCCEEDED", *["SUSPENDED"] * 2], "Encode": ["SUSPENDED"]}),
        (("SUCCEEDED", "CANCELED"), "FAILED", {"Render": ["SUCCEEDED", "CANCELED", "FAILED"], "Encode": ["FAILED"]}),
        (("FAILED", "CANCELED"), "SUCCEEDED", {"Render": ["SUCCEEDED"] * 3, "Encode": ["SUCCEEDED"]}),
        (("FAILED", "SUCCEEDED", "CANCELED"), "PENDING", {"Render": ["READY"] * 3, "Encode": ["PENDING"]}),
        (("FAILED", "SUCCEEDED", "CANCELED"), "READY", {"Render": ["READY"] * 3, "Encode": ["PENDING"]}),
        (("SUSPENDED", "SUCCEEDED"), "READY", {"Render": ["READY", "SUCCEEDED", "READY"], "Encode": ["PENDING"]}),
    ],
)
def test_a_target_of_a_job_reaches_the_tasks_that_it_concerns(
    queue: Queue, before: tuple[str, ...], target: str, after: dict[str, list[str]]
) -> None:
    job_id = queue.create()
    queue.set_tasks(job_id, "Render", *before)

    queue.set_job(job_id, targetTaskRunStatus=target)

    assert queue.statuses(job_id) == after
    job = queue.job(job_id)
    assert job["targetTaskRunStatus"] == target
    assert job["lifecycleStatus"] == "UPDATE_SUCCEEDED"
    assert ("endedAt" in job) == (target in ("CANCELED", "FAILED", "SUCCEEDED"))


def test_a_job_that_has_ended_goes_on_when_a_task_is_requeued(queue: Queue) -> None:
    job_id = queue.create()
    queue.set_job(job_id, targetTaskRunStatus="SUCCEEDED")
    assert queue.job(job_id)["taskRunStatus"] == "SUCCEEDED"

    queue.set_tasks(job_id, "Render", "PENDING")

    assert queue.statuses(job_id) == {"Render": ["READY", "SUCCEEDED", "SUCCEEDED"], "Encode": ["SUCCEEDED"]}
    job = queue.job(job_id)
    assert job["taskRunStatus"] == "READY"
    assert "endedAt" not in job


def test_what_was_ready_waits_again_when_the_step_before_it_is_requeued(queue: Queue) -> None:
    job_id = queue.create()
    queue.set_step(job_id, "Render", "SUCCEEDED")
    assert queue.statuses(job_id)["Encode"] == ["READY"]

    queue.set_step(job_id, "Render", "PENDING")

    assert queue.statuses(job_id) == {"Render": ["READY"] * 3, "Encode": ["PENDING"]}
    assert queue.steps(job_id)["Render"]["lifecycleStatus"] == "UPDATE_SUCCEEDED"


def test_a_failed_step_fails_the_job_although_others_wait(queue: Queue) -> None:
    job_id = queue.create()

    queue.set_tasks(job_id, "Render", "SUCCEEDED", "FAILED", "SUCCEEDED")

    job = queue.job(job_id)
    assert (job["taskRunStatus"], queue.statuses(job_id)["Encode"]) == ("FAILED", ["PENDING"])
    assert "endedAt" in job


def test_a_job_is_archived_once_it_rests_and_then_stays_as_it_is(queue: Queue) -> None:
    job_id = queue.create()
    with pytest.raises(queue.client.exceptions.ConflictException) as caught:
        queue.set_job(job_id, lifecycleStatus="ARCHIVED")
    assert caught.value.response["reason"] == "STATUS_CONFLICT"
    assert "READY" in str(caught.value)

    queue.set_job(job_id, targetTaskRunStatus="CANCELED")
    queue.set_job(job_id, lifecycleStatus="ARCHIVED")

    assert queue.job(job_id)["lifecycleStatus"] == "ARCHIVED"
    for change in (
        lambda: queue.set_job(job_id, priority=1),
        lambda: queue.set_step(job_id, "Render", "PENDING"),
        lambda: queue.set_tasks(job_id, "Render", "PENDING"),
    ):
        with pytest.raises(queue.client.exceptions.ConflictException, match="archived"):
            change()


def test_a_job_that_could_not_be_created_has_no_tasks_to_change(queue: Queue) -> None:
    job_id = queue.client.create_job(**queue.ids, template="{}", templateType="JSON", priority=50)["jobId"]
    queue.wait_until(lambda: queue.job(job_id)["lifecycleStatus"] == "CREATE_FAILED", "The failure of the job")

    with pytest.raises(queue.client.exceptions.ConflictException):
        queue.set_job(job_id, targetTaskRunStatus="PENDING")

    assert "taskRunStatus" not in queue.job(job_id)
    queue.set_job(job_id, lifecycleStatus="ARCHIVED")


def test_many_are_got_or_changed_at_once_and_what_fails_says_why(queue: Queue) -> None:
    job_id = queue.create()
    (task, *_) = queue.tasks(job_id, "Render")
    step_id = queue.steps(job_id)["Render"]["stepId"]
    found = {**queue.ids, "jobId": job_id}
    lost = {**queue.ids, "jobId": f"job-{NOWHERE}"}
    of_task = {"stepId": step_id, "taskId": task["taskId"]}

    jobs = queue.client.batch_get_job(identifiers=[lost, found])
    steps = queue.client.batch_get_step(identifiers=[{**found, "stepId": step_id}, {**lost, "stepId": step_id}])
    tasks = queue.client.batch_get_task(identifiers=[{**found, **of_task}])
    changed = queue.client.batch_update_task(
        tasks=[{**each, **of_task, "targetRunStatus": "CANCELED"} for each in (found, lost)]
    )

    assert [job["name"] for job in jobs["jobs"]] == ["Shot"]
    assert [(each["jobId"], each["code"]) for each in jobs["errors"]] == [(lost["jobId"], "ResourceNotFoundException")]
    assert [step["name"] for step in steps["steps"]] == ["Render"]
    assert [error["stepId"] for error in steps["errors"]] == [step_id]
    assert [each["parameters"] for each in tasks["tasks"]] == [{"Frame": {"int": "1"}}]
    assert [error["code"] for error in changed["errors"]] == ["ResourceNotFoundException"]
    assert queue.statuses(job_id)["Render"] == ["CANCELED", "READY", "READY"]
