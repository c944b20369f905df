"""What error messages list instead of a resource that is not there."""

from __future__ import annotations

from typing import Any, Callable, Dict

import pytest
from botocore.exceptions import ClientError

from deadline.client import api
from deadline.client.api import resources
from deadline.client.api.errors import describe_service_error
from deadline.client.api.storage_profiles import list_storage_profiles

from .conftest import Farm
from .loopback import Loopback, Refusal, pages
from .queued_jobs import RUN, new_job

FARM, QUEUE, FLEET = "farm-" + "1" * 32, "queue-" + "2" * 32, "fleet-" + "5" * 32
STEP = {"name": "Run", "script": RUN}


def message(call: Callable[[], Any], **ids: Any) -> str:
    """The message that the failure of a call leads to."""
    with pytest.raises(ClientError) as caught:
        call()
    return str(describe_service_error("do it", caught.value, **ids))


def get_job(farm_id: str, queue_id: str, job_id: str) -> str:
    return message(
        lambda: api.get_job(farmId=farm_id, queueId=queue_id, jobId=job_id),
        farm_id=farm_id,
        queue_id=queue_id,
        job_id=job_id,
    )


def test_the_job_whose_id_is_almost_the_one_comes_first(farm: Farm) -> None:
    queue_id = farm.new_queue()
    wanted, other = (new_job(farm, queue_id, [STEP], name=name) for name in ("Comet", "Another"))
    mistyped = wanted[:-1] + ("0" if wanted[-1] != "0" else "1")

    lines = get_job(farm.farm_id, queue_id, mistyped).splitlines()

    assert lines[-3:] == [f"Recent jobs of queue {queue_id}:", f"  {wanted}  Comet", f"  {other}  Another"]


@pytest.mark.parametrize("malformed", ["job-1", "Comet tail", "job-" + "X" * 32, "queue-" + "0" * 32])
def test_a_malformed_job_id_is_called_that_and_nothing_is_said_about_the_queue(farm: Farm, malformed: str) -> None:
    queue_id = farm.new_queue()
    job_id = new_job(farm, queue_id, [STEP], name="Comet tail")

    text = get_job(farm.farm_id, queue_id, malformed)

    assert f"{malformed!r} is no id of a job: those look like job-<32 hexadecimal digits>." in text
    assert f"  {job_id}  Comet tail" in text
    assert "may be wrong" not in text


def test_a_malformed_job_id_in_an_empty_queue_leads_to_no_doubt_either(farm: Farm) -> None:
    queue_id = farm.new_queue()
    text = get_job(farm.farm_id, queue_id, "job-1")
    assert text.endswith(f"There are no jobs in queue {queue_id} that your user may see.")
    assert "may be wrong" not in text


def test_an_empty_queue_is_called_empty_and_other_queues_are_listed(farm: Farm) -> None:
    queue_id = farm.new_queue()
    text = get_job(farm.farm_id, queue_id, "job-" + "0" * 32)
    assert f"There are no jobs in queue {queue_id} that your user may see.\nQueues of farm {farm.farm_id}:" in text
    assert f"  {farm.queue_id}  Local queue" in text
    assert "may be wrong" not in text
    assert "permission" not in text


def test_the_queue_of_a_job_may_be_the_wrong_one(farm: Farm) -> None:
    wrong = "queue-" + "0" * 32
    text = get_job(farm.farm_id, wrong, "job-" + "0" * 32)
    assert f"The queue id {wrong} may be wrong. Queues of farm {farm.farm_id}:" in text
    assert f"  {farm.queue_id}  Local queue" in text


def test_workers_fleets_and_farms_are_listed_in_this_order(farm: Farm) -> None:
    (fleet,) = api.list_fleets(farmId=farm.farm_id)["fleets"]
    fleet_id = fleet["fleetId"]

    def get_worker(farm_id: str, fleet_id: str, worker_id: str) -> str:
        return message(
            lambda: resources.get_worker(farm_id, fleet_id, worker_id),
            farm_id=farm_id,
            fleet_id=fleet_id,
            worker_id=worker_id,
        )

    unknown = "worker-" + "0" * 32
    workers = resources.list_workers(farm.farm_id, fleet_id)["workers"]
    text = get_worker(farm.farm_id, fleet_id, unknown)
    assert f"Workers of fleet {fleet_id}:" in text
    for worker in workers:
        assert f"  {worker['workerId']}  {worker['status']}" in text
    wrong = "fleet-" + "0" * 32
    text = get_worker(farm.farm_id, wrong, unknown)
    assert f"The fleet id {wrong} may be wrong. Fleets of farm {farm.farm_id}:\n  {fleet_id}  Local fleet" in text
    wrong = "farm-" + "0" * 32
    assert f"The farm id {wrong} may be wrong. Available farms:" in get_worker(wrong, fleet_id, unknown)


def test_a_worker_is_known_by_its_fleet(farm: Farm) -> None:
    (fleet,) = api.list_fleets(farmId=farm.farm_id)["fleets"]
    listed = resources.list_workers(farm.farm_id, fleet["fleetId"], maxResults=1)["workers"]
    found = resources.search_workers(farm.farm_id, [fleet["fleetId"]], pageSize=1)
    assert found["totalResults"] == len(listed)
    worker_id = found["workers"][0]["workerId"]
    assert worker_id in {worker["workerId"] for worker in listed}
    worker = resources.get_worker(farm.farm_id, fleet["fleetId"], worker_id)
    assert (worker["workerId"], worker["fleetId"]) == (worker_id, fleet["fleetId"])
    assert "ResponseMetadata" not in worker


def test_storage_profiles_of_a_queue_are_listed(farm: Farm) -> None:
    profiles = list_storage_profiles(farm.farm_id)["storageProfiles"]
    wrong = "sp-" + "0" * 32
    text = message(
        lambda: api.get_storage_profile_for_queue(farm.farm_id, farm.queue_id, wrong),
        farm_id=farm.farm_id,
        queue_id=farm.queue_id,
        storage_profile_id=wrong,
    )
    assert f"Storage profiles of queue {farm.queue_id}:" in text
    assert any(f"  {profile['storageProfileId']}  {profile['displayName']}" in text for profile in profiles)


def refusing(code: str, **members: Any) -> Callable[[Dict[str, Any]], Dict[str, Any]]:
    def refuse(request: Dict[str, Any]) -> Dict[str, Any]:
        raise Refusal(code, "No.", 403, **members)

    return refuse


def test_where_nothing_may_be_listed_that_is_said_and_the_error_stays(loopback: Loopback) -> None:
    for operation in ("GetQueue", "ListQueues", "ListFarms"):
        loopback.operations[operation] = refusing("AccessDeniedException")
    text = message(lambda: api.get_queue(FARM, QUEUE), farm_id=FARM, queue_id=QUEUE)
    assert text.startswith("Failed to do it: An error occurred (AccessDeniedException)")
    assert text.endswith("Nothing could be listed instead. Your user may lack the permission to list.")


def test_no_more_than_ten_are_shown_and_the_others_are_counted(loopback: Loopback) -> None:
    loopback.operations["GetQueue"] = refusing("AccessDeniedException")
    created = {"createdAt": "2026-01-01T00:00:00Z", "createdBy": "me"}
    base = {"farmId": FARM, "status": "IDLE", "defaultBudgetAction": "NONE", **created}
    queues = [{**base, "queueId": f"queue-{n:032x}", "displayName": f"Queue {n}"} for n in range(23)]
    loopback.operations["ListQueues"] = pages("queues", queues)
    lines = message(lambda: api.get_queue(FARM, QUEUE), farm_id=FARM, queue_id=QUEUE).splitlines()
    assert lines[2] == f"Queues of farm {FARM}:"
    assert len(lines) == 14
    assert lines[-1] == "  ... and 13 more"


def test_an_error_about_something_else_lists_nothing(loopback: Loopback) -> None:
    fields = [{"name": "priority", "message": "must be at most 100"}]
    loopback.operations["UpdateJob"] = refusing("ValidationException", reason="OTHER", fieldList=fields)
    loopback.operations["CreateJob"] = refusing("AccessDeniedException")
    ids = {"farm_id": FARM, "queue_id": QUEUE, "job_id": "job-" + "3" * 32}
    members = {"farmId": FARM, "queueId": QUEUE, "jobId": ids["job_id"]}
    client = api.get_boto3_client("deadline")
    assert len(message(lambda: client.update_job(**members, priority=50), **ids).splitlines()) == 1
    text = message(lambda: client.create_job(farmId=FARM, queueId=QUEUE, priority=1, template="{}"), **ids)
    assert text.splitlines()[1:] == ["Ask the farm's administrator for the permission."]


def test_an_id_that_can_be_listed_is_not_the_cause_of_a_denial(loopback: Loopback) -> None:
    loopback.operations["ListQueues"] = refusing("AccessDeniedException")
    farm = {"farmId": FARM, "displayName": "Studio", "createdAt": "2026-01-01T00:00:00Z", "createdBy": "me"}
    loopback.operations["ListFarms"] = pages("farms", [farm])
    lines = message(lambda: api.list_queues(farmId=FARM), farm_id=FARM).splitlines()
    assert lines[1:] == ["Ask the farm's administrator for the permission."]
