"""Submitting a job bundle: what reaches the service, what is asked, and how it fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from deadline.client import api
from deadline.client.api.submission.request import SubmissionRequest
from deadline.client.api.submission.submit import submit_job_bundle
from deadline.client.config import get_setting, set_setting
from deadline.client.config.config_file import read_config
from deadline.client.exceptions import (
    CreateJobWaiterCanceled,
    DeadlineOperationCanceled,
    DeadlineOperationError,
    UserInitiatedCancel,
)
from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.exceptions import AssetSyncCancelledError, MisconfiguredInputsError

from .conftest import Farm, Host, python_step, write_bundle

STEPS = [python_step("pass")]


def inputs(*files: Path, directories: tuple[Path, ...] = ()) -> dict[str, Any]:
    return {
        "assetReferences": {
            "inputs": {"filenames": [str(file) for file in files], "directories": [str(path) for path in directories]}
        }
    }


def data_objects(farm: Farm) -> set[str]:
    settings = farm.client.get_queue(farmId=farm.farm_id, queueId=farm.queue_id)["jobAttachmentSettings"]
    pages = boto3.client("s3").get_paginator("list_objects_v2")
    prefix = f"{settings['rootPrefix']}/Data/"
    return {
        entry["Key"]
        for page in pages.paginate(Bucket=settings["s3BucketName"], Prefix=prefix)
        for entry in page.get("Contents", [])
    }


def manifest_paths(farm: Farm, job_id: str) -> set[str]:
    settings = farm.client.get_queue(farmId=farm.farm_id, queueId=farm.queue_id)["jobAttachmentSettings"]
    paths = set()
    for properties in farm.job(job_id)["attachments"]["manifests"]:
        key = f"{settings['rootPrefix']}/Manifests/{properties['inputManifestPath']}"
        body = boto3.client("s3").get_object(Bucket=settings["s3BucketName"], Key=key)["Body"].read()
        paths |= {os.path.join(properties["rootPath"], entry.path) for entry in decode_manifest(body.decode()).paths}
    return paths


def test_the_job_has_what_bundle_and_caller_say_and_becomes_the_default_job(farm: Farm, tmp_path: Path) -> None:
    template = {"steps": STEPS, "parameterDefinitions": [{"name": "Take", "type": "INT", "default": 1}]}
    values = {"parameterValues": [{"name": "Take", "value": 2}, {"name": "deadline:priority", "value": 7}]}
    bundle = write_bundle(tmp_path / "bundle", template, parameter_values=values)

    job_id = api.create_job_from_job_bundle(
        str(bundle), [{"name": "Take", "value": "3"}], name="Shot 010", max_retries_per_task=4
    )

    assert job_id == get_setting("defaults.job_id")
    job = farm.job(str(job_id))
    assert (job["name"], job["priority"], job["maxRetriesPerTask"]) == ("Shot 010", 7, 4)
    assert job["parameters"] == {"Take": {"int": "3"}}
    assert job["lifecycleStatus"] == "CREATE_COMPLETE"


def test_with_a_configuration_of_the_callers_own_the_settings_file_stays_as_it_is(farm: Farm, tmp_path: Path) -> None:
    before = Path(os.environ["DEADLINE_CONFIG_FILE_PATH"]).read_bytes()
    assert api.create_job_from_job_bundle(
        str(write_bundle(tmp_path / "bundle", {"steps": STEPS})), config=read_config()
    )
    assert Path(os.environ["DEADLINE_CONFIG_FILE_PATH"]).read_bytes() == before


def test_files_of_the_bundle_travel_without_a_question_for_a_missing_host(farm: Farm, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    scene, nested = bundle / "scene.ma", bundle / "textures" / "wood.tx"
    nested.parent.mkdir(parents=True)
    scene.write_bytes(b"scene " + os.urandom(8))
    nested.write_bytes(b"wood " + os.urandom(8))
    before = data_objects(farm)
    write_bundle(bundle, {"steps": STEPS}, asset_references=inputs(scene, directories=(nested.parent,)))

    result = submit_job_bundle(SubmissionRequest(str(bundle)))

    assert manifest_paths(farm, result.job_id) == {str(scene), str(nested)}
    assert len(data_objects(farm) - before) == 2


def test_files_from_elsewhere_need_a_yes(farm: Farm, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere" / "id_rsa"
    secret.parent.mkdir()
    secret.write_bytes(os.urandom(8))
    bundle = write_bundle(tmp_path / "bundle", {"steps": STEPS}, asset_references=inputs(secret))
    jobs = len(api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"])
    objects = data_objects(farm)

    with pytest.raises(DeadlineOperationCanceled, match="known_asset_paths"):
        submit_job_bundle(SubmissionRequest(str(bundle)))
    no = Host(answer=False)
    with pytest.raises(UserInitiatedCancel):
        submit_job_bundle(SubmissionRequest(str(bundle)), no)
    ((question, default),) = no.questions
    assert str(secret.parent) in question
    assert "WARNING" in question
    assert default is False
    assert len(api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"]) == jobs
    assert data_objects(farm) == objects

    yes = Host(answer=True)
    job_id = submit_job_bundle(SubmissionRequest(str(bundle)), yes).job_id
    assert manifest_paths(farm, job_id) == {str(secret)}


def test_automatic_yes_does_not_cover_files_from_elsewhere(farm: Farm, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere.txt"
    secret.write_text("secret", encoding="utf-8")
    bundle = write_bundle(tmp_path / "bundle", {"steps": STEPS}, asset_references=inputs(secret))
    set_setting("settings.auto_accept", "true")
    host = Host(answer=True)

    with pytest.raises(DeadlineOperationCanceled, match="unknown paths"):
        submit_job_bundle(SubmissionRequest(str(bundle)), host)
    assert host.questions == []
    named = SubmissionRequest(str(bundle), known_asset_paths=(str(tmp_path),))
    assert submit_job_bundle(named, host).job_id


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_a_link_in_the_bundle_does_not_make_known_what_it_leads_to(farm: Farm, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("secret", encoding="utf-8")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "innocent.txt").symlink_to(outside)
    bundle = write_bundle(tmp_path / "b", {"steps": STEPS}, asset_references=inputs(folder / "innocent.txt"))

    with pytest.raises(DeadlineOperationCanceled):
        submit_job_bundle(SubmissionRequest(str(bundle), known_asset_paths=(str(folder),)))


def test_a_missing_input_is_an_error_where_all_are_required_and_else_a_reference(farm: Farm, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    missing = bundle / "gone" / "texture.tx"
    write_bundle(bundle, {"steps": STEPS}, asset_references=inputs(missing))

    with pytest.raises(MisconfiguredInputsError, match=r"texture\.tx"):
        submit_job_bundle(SubmissionRequest(str(bundle), require_paths_exist=True))
    assert submit_job_bundle(SubmissionRequest(str(bundle))).job_id


def test_saying_no_to_a_progress_report_ends_the_submission_before_a_job_exists(farm: Farm, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    scene = bundle / "scene.ma"
    scene.write_bytes(os.urandom(64))
    write_bundle(bundle, {"steps": STEPS}, asset_references=inputs(scene))
    jobs = len(api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"])

    for phase in ("hashing_progress_callback", "upload_progress_callback"):
        callbacks: dict[str, Any] = {phase: lambda report: False}
        with pytest.raises(AssetSyncCancelledError):
            api.create_job_from_job_bundle(str(bundle), **callbacks)
    assert len(api.list_jobs(farmId=farm.farm_id, queueId=farm.queue_id)["jobs"]) == jobs


def test_nobody_waits_for_a_job_against_their_will(farm: Farm, tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "bundle", {"steps": STEPS})
    with pytest.raises(CreateJobWaiterCanceled):
        api.create_job_from_job_bundle(str(bundle), create_job_result_callback=lambda: False)


def test_a_job_that_the_service_cannot_create_says_why(farm: Farm, tmp_path: Path) -> None:
    steps = [{**python_step("pass"), "dependencies": [{"dependsOn": "Nowhere"}]}]
    with pytest.raises(DeadlineOperationError, match="Nowhere"):
        api.create_job_from_job_bundle(str(write_bundle(tmp_path / "bundle", {"steps": steps})))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"priority": -1}, "priority is -1"),
        ({"target_task_run_status": "PAUSED"}, "READY or SUSPENDED"),
        ({"job_attachments_file_system": "TAPE"}, "COPIED, VIRTUAL"),
        ({"job_parameters": [{"name": "Nope", "value": "1"}]}, "Nope"),
    ],
)
def test_what_cannot_be_used_is_named(farm: Farm, tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    bundle = write_bundle(tmp_path / "bundle", {"steps": STEPS})
    with pytest.raises(DeadlineOperationError, match=message):
        api.create_job_from_job_bundle(str(bundle), **arguments)


def test_without_a_queue_the_error_says_how_to_name_one(farm: Farm, tmp_path: Path) -> None:
    set_setting("defaults.queue_id", "")
    with pytest.raises(DeadlineOperationError, match=r"--queue-id.*\n?.*defaults\.queue_id"):
        api.create_job_from_job_bundle(str(write_bundle(tmp_path / "bundle", {"steps": STEPS})))


def test_a_queue_that_does_not_exist_is_the_services_error(farm: Farm, tmp_path: Path) -> None:
    set_setting("defaults.queue_id", "queue-" + "0" * 32)
    with pytest.raises(ClientError) as caught:
        api.create_job_from_job_bundle(str(write_bundle(tmp_path / "bundle", {"steps": STEPS})))
    assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_parameters_of_the_queues_environments_belong_to_the_job(farm: Farm, tmp_path: Path) -> None:
    queue_id = farm.new_queue()
    environment = """
specificationVersion: environment-2023-09
parameterDefinitions:
- {name: CondaPackages, type: STRING, default: ""}
environment:
  name: Conda
  variables: {PACKAGES: "{{Param.CondaPackages}}"}
"""
    farm.client.create_queue_environment(
        farmId=farm.farm_id, queueId=queue_id, priority=1, templateType="YAML", template=environment
    )
    set_setting("defaults.queue_id", queue_id)
    set_setting("settings.storage_profile_id", "")
    (definition,) = api.get_queue_parameter_definitions(farmId=farm.farm_id, queueId=queue_id)
    assert definition["userInterface"] == {"control": "LINE_EDIT", "groupLabel": "Queue Environment: Conda"}

    bundle = write_bundle(tmp_path / "bundle", {"steps": STEPS})
    job_id = api.create_job_from_job_bundle(str(bundle), [{"name": "CondaPackages", "value": "blender=4.2"}])

    job = farm.client.get_job(farmId=farm.farm_id, queueId=queue_id, jobId=job_id)
    assert job["parameters"] == {"CondaPackages": {"string": "blender=4.2"}}


def test_environments_that_disagree_about_a_parameter_are_an_error_that_names_the_difference(farm: Farm) -> None:
    queue_id = farm.new_queue()
    for priority, kind in enumerate(("STRING", "INT"), start=1):
        farm.client.create_queue_environment(
            farmId=farm.farm_id,
            queueId=queue_id,
            priority=priority,
            templateType="YAML",
            template=(
                "specificationVersion: environment-2023-09\n"
                f"parameterDefinitions: [{{name: Take, type: {kind}, default: '1'}}]\n"
                f"environment: {{name: E{priority}, variables: {{A: b}}}}\n"
            ),
        )
    with pytest.raises(DeadlineOperationError, match=r"'Take' differently.*type"):
        api.get_queue_parameter_definitions(farmId=farm.farm_id, queueId=queue_id)
