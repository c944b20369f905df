"""Lists and single resources, asked of a farm over the wire."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from deadline.client import api
from deadline.client.api.errors import describe_service_error
from deadline.client.api.selection import FarmAndQueue, resolve_farm_and_queue
from deadline.client.config import clear_setting, set_setting
from deadline.client.config.config_file import read_config
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Farm, python_step, write_bundle


def test_farms_carry_the_region_in_which_they_were_found(farm: Farm) -> None:
    farms = api.list_farms()["farms"]
    assert [(found["farmId"], found["region"]) for found in farms] == [(farm.farm_id, "us-west-2")]
    assert api.list_farms(region="us-west-2") == {"farms": farms}


def test_a_list_has_all_pages_whatever_their_size(farm: Farm) -> None:
    created = {farm.new_queue() for _ in range(3)}
    queues = api.list_queues(farmId=farm.farm_id, maxResults=1)
    assert set(queues) == {"queues"}
    assert created | {farm.queue_id} <= {queue["queueId"] for queue in queues["queues"]}


def test_the_fleets_of_a_queue_are_those_that_are_associated_with_it(farm: Farm) -> None:
    (fleet,) = api.list_fleets(farmId=farm.farm_id)["fleets"]
    (found,) = api.list_fleets_of_queue(farm.farm_id, farm.queue_id)["fleets"]
    assert found["fleetId"] == fleet["fleetId"]
    assert api.get_fleet(farm.farm_id, fleet["fleetId"])["displayName"] == "Local fleet"
    assert api.list_fleets_of_queue(farm.farm_id, farm.new_queue()) == {"fleets": []}


def test_answers_are_the_services_without_what_describes_the_answer(farm: Farm) -> None:
    assert "ResponseMetadata" not in api.get_farm(farm.farm_id)
    assert api.get_queue(farm.farm_id, farm.queue_id)["displayName"] == "Local queue"


def test_jobs_are_found_by_a_part_of_their_name(farm: Farm, tmp_path: Any) -> None:
    template = {"steps": [python_step("pass")]}
    wanted = api.create_job_from_job_bundle(str(write_bundle(tmp_path / "a", {**template, "name": "Comet tail"})))
    api.create_job_from_job_bundle(str(write_bundle(tmp_path / "b", {**template, "name": "Another"})))
    result = api.search_jobs(nameContains="Comet")
    assert [job["jobId"] for job in result["jobs"]] == [wanted]
    assert result["totalResults"] == 1
    assert wanted in {job["jobId"] for job in api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"]}


def test_old_names_of_arguments_work_with_a_warning(farm: Farm) -> None:
    with pytest.warns(DeprecationWarning, match="farm_id"), pytest.raises(ClientError):
        api.get_job(farm_id=farm.farm_id, queueId=farm.queue_id, jobId="job-" + "0" * 32)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="both farmId and farm_id"):
        api.get_job(farmId=farm.farm_id, farm_id=farm.farm_id, queueId="", jobId="")  # type: ignore[call-arg]


def test_an_error_about_a_wrong_queue_lists_the_queues_there_are(farm: Farm) -> None:
    wrong = "queue-" + "0" * 32
    with pytest.raises(ClientError) as caught:
        api.get_queue(farm.farm_id, wrong)
    message = str(describe_service_error(f"get queue {wrong}", caught.value, farm_id=farm.farm_id, queue_id=wrong))
    assert message.startswith(f"Failed to get queue {wrong}: ")
    assert f"  {farm.queue_id}  Local queue" in message


def test_an_error_about_a_wrong_farm_lists_the_farms_there_are(farm: Farm) -> None:
    wrong = "farm-" + "0" * 32
    with pytest.raises(ClientError) as caught:
        api.get_queue(wrong, farm.queue_id)
    message = str(describe_service_error("get the queue", caught.value, farm_id=wrong, queue_id=farm.queue_id))
    assert f"The farm id {wrong} may be wrong" in message
    assert f"  {farm.farm_id}  Local farm" in message


def test_an_endpoint_that_nobody_serves_is_explained(farm: Farm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DEADLINE", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    api.get_boto3_session(force_refresh=True)
    with pytest.raises(
        DeadlineOperationError,
        match=r"(?s)in any region:\n  us-west-2: Could not connect.*nobody listens",
    ):
        api.list_farms()


def test_the_only_farm_is_taken_where_none_is_set_and_not_stored(farm: Farm) -> None:
    clear_setting("defaults.farm_id")
    only_queue_of = read_config()
    assert resolve_farm_and_queue(only_queue_of, queue=False) == FarmAndQueue(farm.farm_id)
    assert resolve_farm_and_queue(read_config(), queue=False) == FarmAndQueue(farm.farm_id)


def test_of_several_queues_none_is_guessed(farm: Farm) -> None:
    farm.new_queue()
    set_setting("defaults.queue_id", "")
    with pytest.raises(DeadlineOperationError, match=r"Which queue\?.*\n.*--queue-id.*defaults\.queue_id") as raised:
        resolve_farm_and_queue(read_config())
    assert f"\nQueues of farm {farm.farm_id}:\n  queue-" in str(raised.value)
    assert f"\n  {farm.queue_id}  Local queue" in str(raised.value)
