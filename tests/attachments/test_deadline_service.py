"""What job attachments ask AWS Deadline Cloud: queues, jobs, and the manifests of jobs as files."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List

import boto3
import pytest

from deadline.job_attachments._aws.deadline import get_job, get_queue
from deadline.job_attachments.api.manifest import _manifest_download
from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from deadline.job_attachments.exceptions import AssetSyncError, JobAttachmentsError
from deadline.job_attachments.models import (
    AssetType,
    Attachments,
    JobAttachmentS3Settings,
    ManifestDownloadResponse,
    ManifestProperties,
    PathFormat,
    asset_root_metadata,
)

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm

POSIX_ROOT, WINDOWS_ROOT, EMPTY_ROOT = "/projects/shot", "C:\\projects\\é", "/projects/outputs"
TEMPLATE = {
    "specificationVersion": "jobtemplate-2023-09",
    "name": "A job",
    "steps": [
        {"name": "First", "script": {"actions": {"onRun": {"command": "true"}}}},
        {
            "name": "Second",
            "dependencies": [{"dependsOn": "First"}],
            "script": {"actions": {"onRun": {"command": "true"}}},
        },
    ],
}


@pytest.fixture(scope="module")
def running() -> Iterator[LocalFarm]:
    """A farm; its jobs are created, and not run."""
    from local_farm.testing import running_farm

    with running_farm(workers=1) as farm:
        yield farm


class Farm:
    """The farm by its client, its first queue, and the queue's bucket."""

    def __init__(self) -> None:
        self.session = boto3.Session()
        self.client: Any = self.session.client("deadline")
        self.s3: Any = self.session.client("s3")
        self.farm_id = str(self.client.list_farms()["farms"][0]["farmId"])
        queues = self.client.list_queues(farmId=self.farm_id)["queues"]
        (self.queue_id,) = (queue["queueId"] for queue in queues if self._settings(queue["queueId"]))
        self.settings = JobAttachmentS3Settings(**self._settings(self.queue_id))

    def _settings(self, queue_id: str) -> Any:
        return self.client.get_queue(farmId=self.farm_id, queueId=queue_id).get("jobAttachmentSettings")

    def create_job(self, **members: Any) -> str:
        answer = self.client.create_job(
            farmId=self.farm_id,
            queueId=self.queue_id,
            template=json.dumps(TEMPLATE),
            templateType="JSON",
            priority=50,
            targetTaskRunStatus="SUSPENDED",
            **members,
        )
        return str(answer["jobId"])

    def steps_of(self, job_id: str) -> Dict[str, str]:
        """The ids of a job's steps by name, as soon as it has them."""
        for _ in range(300):
            steps = self.client.list_steps(farmId=self.farm_id, queueId=self.queue_id, jobId=job_id)["steps"]
            if len(steps) == len(TEMPLATE["steps"]):
                return {step["name"]: step["stepId"] for step in steps}
            time.sleep(0.05)
        raise AssertionError("The job has got no steps.")

    def put(self, partial_key: str, root: str, *paths: str) -> str:
        """Store a manifest, and return its hash."""
        text = manifest_of(*paths).encode()
        self.s3.put_object(
            Bucket=self.settings.s3BucketName,
            Key=self.settings.add_root_and_manifest_folder_prefix(partial_key),
            Body=text,
            Metadata=asset_root_metadata(root),
        )
        return hash_data(text.encode(), HashAlgorithm.XXH128)

    def put_output(self, job_id: str, step_id: str, root: str, *paths: str) -> None:
        run = "task-1/2025-01-01T00:00:00.000000Z_sessionaction-1-1"
        name = f"{hash_data(root.encode(), HashAlgorithm.XXH128)}_output"
        self.put(f"{self.farm_id}/{self.queue_id}/{job_id}/{step_id}/{run}/{name}", root, *paths)


@pytest.fixture(scope="module")
def farm(running: LocalFarm) -> Iterator[Farm]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in running.environment().items():
            environment.setenv(name, value)
        yield Farm()


def manifest_of(*paths: str) -> AssetManifest:
    """A manifest; an entry ``path=content`` has a content other than its path."""
    entries = []
    for path in paths:
        path, _, content = path.partition("=")
        body = (content or path).encode()
        entries.append(ManifestPath(path=path, hash=hash_data(body, HashAlgorithm.XXH128), size=len(body), mtime=1))
    return AssetManifest(hash_alg=HashAlgorithm.XXH128, paths=entries, total_size=sum(e.size for e in entries))


@pytest.fixture
def job_id(farm: Farm) -> str:
    """A job with inputs in two roots, one of another operating system, and a third root without inputs."""
    digests = {
        "inputs/posix": farm.put("inputs/posix", POSIX_ROOT, "a.txt", "shared"),
        "inputs/windows": farm.put("inputs/windows", WINDOWS_ROOT, "w.txt"),
    }
    manifests = [
        ManifestProperties(POSIX_ROOT, PathFormat.POSIX, None, "inputs/posix", digests["inputs/posix"]),
        ManifestProperties(
            WINDOWS_ROOT, PathFormat.WINDOWS, None, "inputs/windows", digests["inputs/windows"], ["out"]
        ),
        ManifestProperties(EMPTY_ROOT, PathFormat.POSIX, outputRelativeDirectories=["."]),
    ]
    return farm.create_job(attachments=Attachments(manifests).to_dict())


def download(farm: Farm, job_id: str, folder: Path, **options: Any) -> Dict[str, Dict[str, str]]:
    """The manifests that were written: by root the hashes by path; each is alone in a file in the folder."""
    response = _manifest_download(
        deadline_client=farm.client,
        download_dir=str(folder),
        farm_id=farm.farm_id,
        queue_id=farm.queue_id,
        job_id=job_id,
        queue_role_session=farm.session,
        queue_s3_settings=farm.settings,
        **options,
    )
    assert isinstance(response, ManifestDownloadResponse)
    written = {entry.manifest_root: Path(entry.local_manifest_path) for entry in response.downloaded}
    assert sorted(written.values()) == sorted(folder.iterdir() if folder.exists() else ())
    manifests = {root: decode_manifest(path.read_text(encoding="utf-8")) for root, path in written.items()}
    return {root: {entry.path: entry.hash for entry in manifest.paths} for root, manifest in manifests.items()}


def hash_of(content: str) -> str:
    return hash_data(content.encode(), HashAlgorithm.XXH128)


def test_a_queue_is_known_with_its_settings_and_a_queue_without_a_bucket_has_none(farm: Farm) -> None:
    queue = get_queue(farm.farm_id, farm.queue_id, session=farm.session)
    assert (queue.queueId, queue.farmId, queue.jobAttachmentSettings) == (farm.queue_id, farm.farm_id, farm.settings)
    assert queue.displayName
    assert queue.status
    assert queue.defaultBudgetAction == "NONE"

    bare = farm.client.create_queue(farmId=farm.farm_id, displayName="No attachments")["queueId"]
    url = farm.client.meta.endpoint_url
    assert get_queue(farm.farm_id, bare, farm.session, url).jobAttachmentSettings is None


def test_a_job_is_known_with_its_attachments(farm: Farm, job_id: str) -> None:
    job = get_job(farm.farm_id, farm.queue_id, job_id, session=farm.session)

    assert job.jobId == job_id
    assert job.attachments is not None
    assert job.attachments.fileSystem == "COPIED"
    first, second, third = job.attachments.manifests
    assert (first.rootPath, first.inputManifestPath) == (POSIX_ROOT, "inputs/posix")
    assert re.fullmatch("[0-9a-f]{32}", first.inputManifestHash or "")
    assert (second.rootPathFormat, second.outputRelativeDirectories) == (PathFormat.WINDOWS, ["out"])
    assert third.inputManifestPath is None
    assert get_job(farm.farm_id, farm.queue_id, farm.create_job(), session=farm.session).attachments is None


def test_what_the_service_refuses_is_an_error_that_names_it(farm: Farm) -> None:
    with pytest.raises(JobAttachmentsError, match=r"queue-0123.*could not be looked up"):
        get_queue(farm.farm_id, f"queue-{'0123456789abcdef' * 2}", session=farm.session)
    with pytest.raises(JobAttachmentsError, match=r"job-0123.*could not be looked up"):
        get_job(farm.farm_id, farm.queue_id, f"job-{'0123456789abcdef' * 2}", session=farm.session)


def test_input_manifests_come_as_files_and_roots_without_one_are_left_out_w_c17(
    farm: Farm, job_id: str, tmp_path: Path
) -> None:
    said: List[str] = []

    manifests = download(
        farm, job_id, tmp_path / "got", asset_type=AssetType.INPUT, print_function_callback=said.append
    )

    assert manifests == {
        POSIX_ROOT: {"a.txt": hash_of("a.txt"), "shared": hash_of("shared")},
        WINDOWS_ROOT: {"w.txt": hash_of("w.txt")},
    }
    assert len(said) == 1


def test_the_file_of_a_windows_root_has_a_plain_name_in_the_folder_asked_for_w_c17(
    farm: Farm, job_id: str, tmp_path: Path
) -> None:
    download(farm, job_id, tmp_path / "got", asset_type=AssetType.INPUT)

    names = sorted(path.name for path in (tmp_path / "got").iterdir())
    time_of_day = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.manifest"
    assert re.fullmatch(f"C__projects_é-{hash_of(WINDOWS_ROOT)}-{time_of_day}", names[0])
    assert re.fullmatch(f"projects_shot-{hash_of(POSIX_ROOT)}-{time_of_day}", names[1])


def test_a_root_with_a_very_long_path_gets_a_file_too(farm: Farm, tmp_path: Path) -> None:
    root = "/" + "é" * 600
    farm.put("inputs/long", root, "a")
    job_id = farm.create_job(
        attachments=Attachments([ManifestProperties(root, PathFormat.POSIX, None, "inputs/long")]).to_dict()
    )

    assert list(download(farm, job_id, tmp_path / "got")) == [root]
    (path,) = (tmp_path / "got").iterdir()
    assert f"-{hash_of(root)}-" in path.name


def test_the_inputs_of_a_step_are_also_the_outputs_of_the_steps_that_it_depends_on(
    farm: Farm, job_id: str, tmp_path: Path
) -> None:
    steps = farm.steps_of(job_id)
    farm.put_output(job_id, steps["First"], POSIX_ROOT, "shared=changed", "first")
    farm.put_output(job_id, steps["Second"], EMPTY_ROOT, "second")

    inputs = download(farm, job_id, tmp_path / "in", asset_type=AssetType.INPUT, step_id=steps["Second"])
    assert inputs[POSIX_ROOT] == {"a.txt": hash_of("a.txt"), "shared": hash_of("changed"), "first": hash_of("first")}
    assert EMPTY_ROOT not in inputs

    outputs = download(farm, job_id, tmp_path / "out", asset_type=AssetType.OUTPUT, step_id=steps["Second"])
    assert outputs == {EMPTY_ROOT: {"second": hash_of("second")}}

    everything = download(farm, job_id, tmp_path / "all")
    assert set(everything) == {POSIX_ROOT, WINDOWS_ROOT, EMPTY_ROOT}
    assert everything[POSIX_ROOT]["shared"] == hash_of("changed")


def test_a_job_without_attachments_has_no_manifests(farm: Farm, tmp_path: Path) -> None:
    assert download(farm, farm.create_job(), tmp_path / "got") == {}


def test_a_manifest_that_is_not_the_submitted_one_is_refused(farm: Farm, job_id: str, tmp_path: Path) -> None:
    farm.put("inputs/posix", POSIX_ROOT, "a.txt=something else")

    with pytest.raises(AssetSyncError, match="inputs/posix"):
        download(farm, job_id, tmp_path / "got")
