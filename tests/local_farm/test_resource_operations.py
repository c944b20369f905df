"""Farms, queues, fleets, storage profiles, queue environments and monitors by the service's client."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_farm import operations
from local_farm.protocol.model import service_model

from .conftest import Queue

LOCATIONS = [
    {"name": "projects", "path": "/mnt/projects", "type": "SHARED"},
    {"name": "scratch", "path": "/tmp/scratch", "type": "LOCAL"},
]


def environment(name: str) -> str:
    document = {"name": name, "variables": {"A": "B"}}
    return json.dumps({"specificationVersion": "environment-2023-09", "environment": document})


def new_farm(queue: Queue) -> str:
    farm_id: str = queue.client.create_farm(displayName="Another farm")["farmId"]
    return farm_id


def new_profile(queue: Queue) -> str:
    profile_id: str = queue.client.create_storage_profile(
        farmId=queue.farm_id, displayName="Hosts", osFamily="LINUX", fileSystemLocations=LOCATIONS
    )["storageProfileId"]
    return profile_id


def test_what_a_queue_allows_is_added_and_removed(queue: Queue) -> None:
    first, second = new_profile(queue), new_profile(queue)

    queue.client.update_queue(
        **queue.ids,
        displayName="Renamed",
        allowedStorageProfileIdsToAdd=[first, second],
        requiredFileSystemLocationNamesToAdd=["projects"],
    )
    queue.client.update_queue(**queue.ids, allowedStorageProfileIdsToRemove=[first])

    described = queue.client.get_queue(**queue.ids)
    assert described["displayName"] == "Renamed"
    assert described["allowedStorageProfileIds"] == [second]
    assert described["requiredFileSystemLocationNames"] == ["projects"]
    listed = queue.client.list_storage_profiles_for_queue(**queue.ids)["storageProfiles"]
    assert [profile["storageProfileId"] for profile in listed] == [second]
    profile = queue.client.get_storage_profile_for_queue(**queue.ids, storageProfileId=second)
    assert profile["fileSystemLocations"] == LOCATIONS
    with pytest.raises(queue.client.exceptions.ResourceNotFoundException):
        queue.client.get_storage_profile_for_queue(**queue.ids, storageProfileId=first)


def test_locations_of_a_storage_profile_are_added_replaced_and_removed_by_name(queue: Queue) -> None:
    ids = {"farmId": queue.farm_id, "storageProfileId": new_profile(queue)}
    moved = {**LOCATIONS[0], "path": "/nfs/projects"}

    queue.client.update_storage_profile(
        **ids, osFamily="MACOS", fileSystemLocationsToAdd=[moved], fileSystemLocationsToRemove=[LOCATIONS[1]]
    )

    profile = queue.client.get_storage_profile(**ids)
    assert (profile["osFamily"], profile["fileSystemLocations"]) == ("MACOS", [moved])


def test_queue_environments_are_listed_by_priority_and_can_be_changed(queue: Queue) -> None:
    made = [
        queue.client.create_queue_environment(
            **queue.ids, priority=priority, templateType="JSON", template=environment(name)
        )["queueEnvironmentId"]
        for priority, name in ((9, "Last"), (1, "First"))
    ]

    queue.client.update_queue_environment(**queue.ids, queueEnvironmentId=made[0], priority=0)
    queue.client.update_queue_environment(**queue.ids, queueEnvironmentId=made[0], template=environment("Now first"))

    listed = queue.client.list_queue_environments(**queue.ids)["environments"]
    assert [(each["name"], each["priority"]) for each in listed] == [("Now first", 0), ("First", 1)]
    queue.client.delete_queue_environment(**queue.ids, queueEnvironmentId=made[0])
    with pytest.raises(queue.client.exceptions.ResourceNotFoundException):
        queue.client.get_queue_environment(**queue.ids, queueEnvironmentId=made[0])
    with pytest.raises(queue.client.exceptions.ValidationException, match="template"):
        queue.client.update_queue_environment(**queue.ids, queueEnvironmentId=made[1], template="{}")


def test_an_association_stops_before_it_is_deleted(queue: Queue) -> None:
    ids = {**queue.ids, "fleetId": queue.fleet_id}
    queue.client.create_queue_fleet_association(**ids)
    assert queue.client.get_queue_fleet_association(**ids)["status"] == "ACTIVE"
    with pytest.raises(queue.client.exceptions.ConflictException):
        queue.client.delete_queue_fleet_association(**ids)

    queue.client.update_queue_fleet_association(**ids, status="STOP_SCHEDULING_AND_COMPLETE_TASKS")

    found = queue.client.list_queue_fleet_associations(**queue.ids)["queueFleetAssociations"]
    assert [(each["fleetId"], each["status"]) for each in found] == [(queue.fleet_id, "STOPPED")]
    queue.client.delete_queue_fleet_association(**ids)
    assert queue.client.list_queue_fleet_associations(**queue.ids)["queueFleetAssociations"] == []


def test_what_others_need_cannot_be_deleted(queue: Queue) -> None:
    profile_id = new_profile(queue)
    queue.client.update_queue(**queue.ids, allowedStorageProfileIdsToAdd=[profile_id])
    queue.client.create_queue_fleet_association(**queue.ids, fleetId=queue.fleet_id)

    for operation, ids in (
        ("delete_farm", {"farmId": queue.farm_id}),
        ("delete_queue", queue.ids),
        ("delete_fleet", {"farmId": queue.farm_id, "fleetId": queue.fleet_id}),
        ("delete_storage_profile", {"farmId": queue.farm_id, "storageProfileId": profile_id}),
    ):
        with pytest.raises(queue.client.exceptions.ConflictException) as caught:
            getattr(queue.client, operation)(**ids)
        assert caught.value.response["reason"] == "RESOURCE_IN_USE"


def test_a_queue_goes_with_its_jobs(queue: Queue) -> None:
    queue.create()

    queue.client.delete_queue(**queue.ids)

    with pytest.raises(queue.client.exceptions.ResourceNotFoundException):
        queue.client.get_queue(**queue.ids)


def test_a_farm_is_changed_and_deleted(queue: Queue) -> None:
    farm_id = new_farm(queue)

    queue.client.update_farm(farmId=farm_id, displayName="Renamed", costScaleFactor=0.5)

    farm = queue.client.get_farm(farmId=farm_id)
    assert (farm["displayName"], farm["costScaleFactor"]) == ("Renamed", 0.5)
    queue.client.delete_farm(farmId=farm_id)
    assert farm_id not in [farm["farmId"] for farm in queue.client.list_farms()["farms"]]


def test_a_fleet_is_changed_and_found_by_name(queue: Queue) -> None:
    template = queue.client.get_fleet(farmId=queue.farm_id, fleetId=queue.fleet_id)
    members = {name: template[name] for name in ("roleArn", "configuration")}
    fleet_id = queue.client.create_fleet(farmId=queue.farm_id, displayName="New", maxWorkerCount=1, **members)[
        "fleetId"
    ]

    queue.client.update_fleet(farmId=queue.farm_id, fleetId=fleet_id, displayName="Found", maxWorkerCount=5)

    (found,) = queue.client.list_fleets(farmId=queue.farm_id, displayName="Found")["fleets"]
    assert (found["fleetId"], found["maxWorkerCount"], found["workerCount"]) == (fleet_id, 5, 0)
    queue.client.delete_fleet(farmId=queue.farm_id, fleetId=fleet_id)
    assert queue.client.list_fleets(farmId=queue.farm_id, displayName="Found")["fleets"] == []


def test_monitors_are_made_listed_and_deleted(queue: Queue) -> None:
    members: dict[str, Any] = {
        "displayName": "Watch",
        "subdomain": "watch",
        "roleArn": "arn:aws:iam::123456789012:role/monitor",
        "identityCenterInstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef",
    }

    monitor_id = queue.client.create_monitor(**members)["monitorId"]
    queue.client.update_monitor(monitorId=monitor_id, displayName="Watch all")

    assert monitor_id in [monitor["monitorId"] for monitor in queue.client.list_monitors()["monitors"]]
    monitor = queue.client.get_monitor(monitorId=monitor_id)
    assert monitor["displayName"] == "Watch all"
    assert monitor["url"].startswith("https://watch.")
    queue.client.delete_monitor(monitorId=monitor_id)
    with pytest.raises(queue.client.exceptions.ResourceNotFoundException):
        queue.client.get_monitor(monitorId=monitor_id)


def test_a_creation_that_is_sent_twice_makes_one(queue: Queue) -> None:
    made = [
        queue.client.create_queue(farmId=queue.farm_id, displayName="Once", clientToken="a token") for _ in range(2)
    ]

    assert made[0]["queueId"] == made[1]["queueId"]


USED = """
    ListFarms GetFarm ListQueues GetQueue ListFleets GetFleet ListQueueFleetAssociations ListWorkers GetWorker
    SearchWorkers ListStorageProfiles GetStorageProfile ListStorageProfilesForQueue GetStorageProfileForQueue
    ListQueueEnvironments GetQueueEnvironment AssumeQueueRoleForUser AssumeQueueRoleForRead AssumeFleetRoleForRead
    CreateJob GetJob ListJobs UpdateJob SearchJobs ListSteps GetStep UpdateStep SearchSteps ListStepDependencies
    ListStepConsumers ListTasks GetTask UpdateTask SearchTasks ListSessions GetSession UpdateSession
    ListSessionActions GetSessionAction ListSessionsForWorker BatchGetStep BatchGetTask GetMonitor ListMonitors
"""
"""What the packages call."""


def test_every_operation_that_the_packages_call_is_one_of_the_farm_and_of_the_service() -> None:
    assert set(USED.split()) <= set(operations.names()) <= set(service_model().operation_names)
