"""The main job: a bundle with input files is submitted, run, and its outputs fetched, through every layer."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from local_farm.farm import LocalFarm

INPUT_FILES = 200


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def client(farm: LocalFarm, service: str) -> Any:
    environment = farm.environment()
    return boto3.client(
        service,
        config=Config(inject_host_prefix=False),
        endpoint_url=environment[f"AWS_ENDPOINT_URL_{service.upper()}"],
        region_name=environment["AWS_DEFAULT_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def data_objects(farm: LocalFarm, deadline: Any) -> list[tuple[str, str]]:
    """Every version of every data object in the queue's bucket: an object that is sent again has one more."""
    settings = client(farm, "deadline").get_queue(
        farmId=deadline("config", "get", "defaults.farm_id").strip(),
        queueId=deadline("config", "get", "defaults.queue_id").strip(),
    )["jobAttachmentSettings"]
    pages = client(farm, "s3").get_paginator("list_object_versions")
    versions = []
    for page in pages.paginate(Bucket=settings["s3BucketName"], Prefix=f"{settings['rootPrefix']}/Data/"):
        versions += [(version["Key"], version["VersionId"]) for version in page.get("Versions", [])]
    return sorted(versions)


def keep_versions(farm: LocalFarm, deadline: Any) -> None:
    queue = client(farm, "deadline").get_queue(
        farmId=deadline("config", "get", "defaults.farm_id").strip(),
        queueId=deadline("config", "get", "defaults.queue_id").strip(),
    )
    client(farm, "s3").put_bucket_versioning(
        Bucket=queue["jobAttachmentSettings"]["s3BucketName"], VersioningConfiguration={"Status": "Enabled"}
    )


def submit(deadline: Any, bundle: Path) -> str:
    printed = deadline("bundle", "submit", str(bundle), "--yes")
    found = re.search(r"job-[0-9a-f]{32}", printed)
    assert found, printed
    return found.group()


def test_a_bundle_is_submitted_run_and_its_outputs_come_back_byte_for_byte(
    farm: LocalFarm, deadline: Any, bundle: Path, tmp_path: Path
) -> None:
    inputs = files_below(bundle / "inputs")
    assert len(inputs) == INPUT_FILES

    job_id = submit(deadline, bundle)
    result = json.loads(deadline("job", "wait", "--job-id", job_id, "--timeout", "200"))
    assert result["status"] == "SUCCEEDED"

    elsewhere = tmp_path / "elsewhere"
    confirmation = json.dumps({"messageType": "pathconfirm", "value": [str(elsewhere)]})
    records = [
        json.loads(line)
        for line in deadline("job", "download-output", "--job-id", job_id, answers=f"{confirmation}\n").splitlines()
        if line
    ]

    assert records[0]["messageType"] == "title"
    assert records[-1]["messageType"] == "summary"
    assert records[-1]["fileCount"] == 2 * INPUT_FILES
    (outputs,) = elsewhere.rglob("outputs")
    assert files_below(outputs / "first") == inputs
    assert files_below(outputs / "second") == inputs
    assert not (bundle / "outputs").exists()


def test_the_logs_of_a_job_say_what_its_tasks_printed(farm: LocalFarm, deadline: Any, bundle: Path) -> None:
    job_id = submit(deadline, bundle)
    deadline("job", "wait", "--job-id", job_id, "--timeout", "200")

    logs = json.loads(deadline("job", "logs", "--job-id", job_id, "--limit", "1000"))

    assert logs["logStream"].startswith("session-")
    assert any(re.search(r"copied \d+ of 200 files", event["message"]) for event in logs["events"])


def test_what_was_uploaded_once_is_not_uploaded_again(farm: LocalFarm, deadline: Any, bundle: Path) -> None:
    keep_versions(farm, deadline)
    submit(deadline, bundle)
    before = data_objects(farm, deadline)
    assert len(before) >= INPUT_FILES * 9 // 10

    submit(deadline, bundle)
    assert data_objects(farm, deadline) == before

    # Not even from another workstation, whose caches know nothing.
    for cache in Path(deadline.environment["HOME"], ".deadline", "cache").glob("*.db*"):
        cache.unlink()
    submit(deadline, bundle)
    assert data_objects(farm, deadline) == before


def test_a_changed_file_is_uploaded_and_the_others_are_not(farm: LocalFarm, deadline: Any, bundle: Path) -> None:
    keep_versions(farm, deadline)
    submit(deadline, bundle)
    before = data_objects(farm, deadline)

    (bundle / "inputs" / "empty.dat").write_bytes(b"no longer empty, and never seen before: " + str(bundle).encode())
    submit(deadline, bundle)

    after = data_objects(farm, deadline)
    assert set(before) < set(after)
    assert len(after) == len(before) + 1
