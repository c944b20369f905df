"""A farm that begins with what a file says."""

from __future__ import annotations

import configparser
import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.config import Config

from local_farm.farm import FarmStartError, LocalFarm
from local_farm.runner.aws import FarmSession
from local_farm.settings import Settings

STUDIO = """
farms:
- displayName: Studio
  description: Shows
  storageProfiles:
  - displayName: Workstations
    osFamily: LINUX
    fileSystemLocations: [{name: projects, path: /mnt/projects, type: SHARED}]
  - {displayName: Laptops, osFamily: WINDOWS}
  fleets:
  - {displayName: Nodes, maxWorkerCount: 7}
  queues:
  - displayName: Night
    queueId: queue-00000000000000000000000000000001
    jobAttachments: true
    allowedStorageProfiles: [Workstations, Laptops]
    fleets: [Nodes]
    environments:
    - {priority: 3, templateFile: environment.yaml}
    - priority: 1
      template: {specificationVersion: environment-2023-09, environment: {name: In place, variables: {A: B}}}
  - displayName: Day
    jobAttachments: {s3BucketName: studio-day, rootPrefix: day}
- displayName: Empty
monitors:
- {displayName: Watch, subdomain: watch}
"""
ENVIRONMENT = "specificationVersion: environment-2023-09\nenvironment: {name: From a file, variables: {A: B}}\n"


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    (tmp_path / "environment.yaml").write_text(ENVIRONMENT, encoding="utf-8")
    file = tmp_path / "studio.yaml"
    file.write_text(STUDIO, encoding="utf-8")
    return file


def client(farm: LocalFarm, service: str) -> Any:
    return FarmSession(farm.environment()).client(service, config=Config(inject_host_prefix=False))


def test_a_farm_has_what_its_file_says(studio: Path, tmp_path: Path) -> None:
    with LocalFarm(Settings(tmp_path / "farm", seed=studio)) as farm:
        deadline, s3 = client(farm, "deadline"), client(farm, "s3")
        farms = deadline.list_farms()["farms"]
        farm_id = farms[0]["farmId"]
        queues = deadline.list_queues(farmId=farm_id)["queues"]
        night, day = (deadline.get_queue(farmId=farm_id, queueId=queue["queueId"]) for queue in queues)
        ids = {"farmId": farm_id, "queueId": night["queueId"]}
        profiles = deadline.list_storage_profiles_for_queue(**ids)["storageProfiles"]
        environments = deadline.list_queue_environments(**ids)["environments"]
        (fleet,) = deadline.list_fleets(farmId=farm_id)["fleets"]
        (association,) = deadline.list_queue_fleet_associations(farmId=farm_id)["queueFleetAssociations"]
        (monitor,) = deadline.list_monitors()["monitors"]
        buckets = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
        deadline.close()
        s3.close()
        settings = configparser.ConfigParser(interpolation=None)
        settings.read(farm.settings.client_config, encoding="utf-8")

    assert [farm["displayName"] for farm in farms] == ["Studio", "Empty"]
    assert night["queueId"] == "queue-00000000000000000000000000000001"
    assert day["jobAttachmentSettings"] == {"s3BucketName": "studio-day", "rootPrefix": "day"}
    assert {night["jobAttachmentSettings"]["s3BucketName"], "studio-day"} <= buckets
    assert [profile["displayName"] for profile in profiles] == ["Workstations", "Laptops"]
    assert [environment["name"] for environment in environments] == ["In place", "From a file"]
    assert (fleet["displayName"], fleet["maxWorkerCount"]) == ("Nodes", 7)
    assert (association["queueId"], association["fleetId"]) == (night["queueId"], fleet["fleetId"])
    assert monitor["subdomain"] == "watch"
    written = [value for section in settings.sections() for value in settings[section].values()]
    assert {farm_id, night["queueId"], profiles[0]["storageProfileId"]} <= set(written)


def test_a_folder_that_has_a_farm_keeps_it(studio: Path, tmp_path: Path) -> None:
    with LocalFarm(Settings(tmp_path / "farm")):
        pass

    with LocalFarm(Settings(tmp_path / "farm", seed=studio)) as farm:
        deadline = client(farm, "deadline")
        names = [each["displayName"] for each in deadline.list_farms()["farms"]]
        deadline.close()

    assert names == ["Local farm"]


def farm_with(**members: Any) -> dict[str, Any]:
    return {"farms": [{"displayName": "Studio", **members}]}


QUEUE = {"displayName": "Night"}


@pytest.mark.parametrize(
    ("document", "where", "reason"),
    [
        ({}, "studio.yaml", "no farms"),
        ([], "studio.yaml", "must be an object"),
        ({"farms": {}, "castles": []}, "studio.yaml", "castles"),
        ({"farms": [{}]}, r"farms\[0\]", "displayName: is required"),
        ({"farms": [{"displayName": "x" * 101}]}, r"farms\[0\]", "1 to 100 characters"),
        (farm_with(colour="red"), r"farms\[0\]", "colour"),
        (farm_with(farmId="farm-1"), r"farms\[0\]\.farmId", "32 digits"),
        (farm_with(queues=[{**QUEUE, "fleets": ["Nodes"]}]), r"farms\[0\]\.queues\[0\]\.fleets", "'Nodes'"),
        (farm_with(fleets=[QUEUE, QUEUE]), r"farms\[0\]\.fleets\[1\]", "called 'Night' too"),
        (
            farm_with(storageProfiles=[{**QUEUE, "osFamily": "AMIGA"}]),
            r"farms\[0\]\.storageProfiles\[0\]",
            "must be one of",
        ),
        (
            farm_with(queues=[{**QUEUE, "environments": [{"priority": 1, "template": "{}"}]}]),
            r"farms\[0\]\.queues\[0\]\.environments\[0\]",
            "not valid",
        ),
        (
            farm_with(queues=[{**QUEUE, "environments": [{"templateFile": "nowhere.yaml"}]}]),
            r"farms\[0\]\.queues\[0\]\.environments\[0\]",
            "cannot be read",
        ),
    ],
)
def test_a_file_of_which_no_farm_can_be_made_is_refused_and_leaves_none(
    tmp_path: Path, document: Any, where: str, reason: str
) -> None:
    file = tmp_path / "studio.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")

    with pytest.raises(
        FarmStartError, match=f"studio.yaml.*{where}.*{reason}" if where[0] == "f" else reason
    ) as caught:
        LocalFarm(Settings(tmp_path / "farm", seed=file)).start()

    assert str(file) in str(caught.value)
    with contextlib.closing(sqlite3.connect(tmp_path / "farm" / "farm.db")) as db:
        assert db.execute("SELECT count(*) FROM resources").fetchone() == (0,)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path) -> None:
    file = tmp_path / "studio.yaml"
    file.write_text("farms: [", encoding="utf-8")

    with pytest.raises(FarmStartError, match="not valid YAML"):
        LocalFarm(Settings(tmp_path / "farm", seed=file)).start()
    with pytest.raises(FarmStartError, match="cannot be read"):
        LocalFarm(Settings(tmp_path / "farm", seed=tmp_path / "nowhere.yaml")).start()
