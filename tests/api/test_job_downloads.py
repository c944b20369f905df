"""Downloading a job's outputs and inputs, to where storage profiles say."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator

import pytest

from deadline.client import api
from deadline.client.api.input_download import plan_input_download
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Farm
from .scripted_jobs import ScriptedJob, ScriptedQueue
from .syncing import farm_of_a_module

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm


@pytest.fixture(scope="module", autouse=True)
def isolated(running: LocalFarm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """In the place of what isolates each test, with its own clients."""
    with farm_of_a_module(running, tmp_path_factory.mktemp("home")) as farm:
        yield farm


@pytest.fixture
def farm(isolated: Farm) -> Farm:
    return isolated


@pytest.fixture(scope="module")
def shared_queue(running: LocalFarm, isolated: Farm) -> ScriptedQueue:
    return ScriptedQueue(running, isolated)


@pytest.fixture
def queue(
    shared_queue: ScriptedQueue, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> ScriptedQueue:
    """The queue, with settings of the test's own."""
    settings = tmp_path_factory.mktemp("settings") / "config"
    shutil.copyfile(os.environ["DEADLINE_CONFIG_FILE_PATH"], settings)
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(settings))
    set_setting("settings.storage_profile_id", "")
    return shared_queue


def ids(queue: ScriptedQueue, job: ScriptedJob) -> Dict[str, str]:
    return {"farm_id": queue.farm.farm_id, "queue_id": queue.queue_id, "job_id": job.job_id}


def files_below(folder: Path) -> Dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def use(profile: str) -> None:
    set_setting("settings.storage_profile_id", profile)


def test_outputs_go_to_the_places_of_this_machines_profile(queue: ScriptedQueue, tmp_path: Path) -> None:
    local = queue.new_profile(Projects=str(tmp_path / "p"), Fx=str(tmp_path / "fx"))
    source = queue.new_profile("WINDOWS", Projects="P:\\", Fx="P:\\shots\\fx")
    job = queue.new_job("Render", "p:\\shots", profile=source, root_format="windows")
    job.run(0, {"a/1": b"one", "fx/2": b"two"})
    use(local)

    plan = api.plan_output_download(**ids(queue, job))

    assert plan.paths_by_root == {str(tmp_path / "p"): ["shots/a/1"], str(tmp_path / "fx"): ["2"]}
    assert (plan.foreign_roots, plan.warnings, len(plan.notes)) == ([], [], 2)
    plan.download()
    assert files_below(tmp_path) == {"p/shots/a/1": b"one", "fx/2": b"two"}


def test_a_mapped_folder_can_be_given_another_place(queue: ScriptedQueue, tmp_path: Path) -> None:
    local, source = queue.new_profile(Projects=str(tmp_path / "p")), queue.new_profile(Projects="/mnt")
    job = queue.new_job("Render", "/mnt/shot", profile=source)
    job.run(0, {"1": b"one"})
    use(local)
    plan = api.plan_output_download(**ids(queue, job))
    plan.set_root(str(tmp_path / "p"), str(tmp_path / "elsewhere"))
    plan.download()
    assert files_below(tmp_path) == {"elsewhere/shot/1": b"one"}


def test_outputs_without_a_place_are_left_out_with_a_warning(queue: ScriptedQueue, tmp_path: Path) -> None:
    local, source = queue.new_profile(Projects=str(tmp_path)), queue.new_profile(Projects="/mnt/projects")
    job = queue.new_job("Render", "/mnt", profile=source)
    job.run(0, {"projects/1": b"one", "caches/2": b"two"})
    use(local)
    plan = api.plan_output_download(**ids(queue, job))
    (warning,) = plan.warnings
    assert warning.startswith("1 file of the job, such as /mnt/caches/2, cannot be mapped")
    plan.download()
    assert files_below(tmp_path) == {"1": b"one"}


def test_a_job_of_which_no_file_has_a_place_is_an_error(queue: ScriptedQueue, tmp_path: Path) -> None:
    local, source = queue.new_profile(Projects=str(tmp_path)), queue.new_profile(Projects="/mnt/projects")
    job = queue.new_job("Render", "/elsewhere", profile=source)
    job.run(0, {"1": b"one"})
    use(local)
    with pytest.raises(DeadlineOperationError, match="--ignore-storage-profiles"):
        api.plan_output_download(**ids(queue, job))
    plan = api.plan_output_download(**ids(queue, job), ignore_storage_profiles=True)
    assert (plan.paths_by_root, plan.warnings) == ({"/elsewhere": ["1"]}, [])


def test_a_missing_or_strange_profile_is_a_warning_and_nothing_is_mapped(queue: ScriptedQueue, tmp_path: Path) -> None:
    local, source = queue.new_profile(Here=str(tmp_path)), queue.new_profile(There="/mnt")
    with_profile = queue.new_job("With", str(tmp_path / "with"), profile=source)
    without = queue.new_job("Without", str(tmp_path / "without"))
    for job in (with_profile, without):
        job.run(0, {"1": b"one"})

    def warning_about(job: ScriptedJob, profile: str) -> str:
        use(profile)
        plan = api.plan_output_download(**ids(queue, job))
        assert plan.total_files == 1
        return " ".join(plan.warnings)

    assert warning_about(without, "") == ""
    assert "settings.storage_profile_id" in warning_about(with_profile, "")
    assert "without a storage profile" in warning_about(without, local)
    assert "no file system location of the same name" in warning_about(with_profile, local)
    assert warning_about(with_profile, source) == ""


def test_patterns_look_at_the_paths_of_the_job_or_of_this_machine(queue: ScriptedQueue, tmp_path: Path) -> None:
    local, source = queue.new_profile(Projects=str(tmp_path)), queue.new_profile(Projects="/mnt")
    job = queue.new_job("Render", "/mnt", profile=source)
    job.run(0, {"a/1": b"one", "b/2": b"two"})
    use(local)

    def found(pattern: str, by: str) -> int:
        return api.plan_output_download(**ids(queue, job), include=[pattern], match_paths_by=by).total_files

    assert found("/mnt/a/", "JOB") == found(f"{tmp_path}/a/", "LOCAL") == 1
    assert found("/mnt/a/", "LOCAL") == found(f"{tmp_path}/a/", "JOB") == 0
    assert found("a/", "job") == 1


@pytest.fixture
def submitted(queue: ScriptedQueue, farm: Farm, tmp_path: Path) -> Any:
    """A job that was submitted with the files ``scene/model`` and ``scene/sub/texture``, and its root."""
    set_setting("defaults.queue_id", queue.queue_id)
    bundle = tmp_path / "bundle"
    (bundle / "scene" / "sub").mkdir(parents=True)
    (bundle / "scene" / "model").write_bytes(b"teapot")
    (bundle / "scene" / "sub" / "texture").write_bytes(b"wood")
    parameter = {"name": "Scene", "type": "PATH", "objectType": "DIRECTORY", "dataFlow": "IN", "default": "scene"}
    step = {"name": "Run", "script": {"actions": {"onRun": {"command": "true"}}}}
    template = {
        "specificationVersion": "jobtemplate-2023-09",
        "name": "Read",
        "parameterDefinitions": [parameter],
        "steps": [step],
    }
    (bundle / "template.json").write_text(json.dumps(template), encoding="utf-8")
    job_id = str(api.create_job_from_job_bundle(str(bundle)))
    job = farm.client.get_job(farmId=farm.farm_id, queueId=queue.queue_id, jobId=job_id)
    (manifest,) = job["attachments"]["manifests"]
    return job_id, manifest["rootPath"]


def test_inputs_come_to_where_they_were_or_are_asked_for(queue: ScriptedQueue, submitted: Any, tmp_path: Path) -> None:
    job_id, root = submitted
    plan = plan_input_download(farm_id=queue.farm.farm_id, queue_id=queue.queue_id, job_id=job_id)
    assert plan.paths_by_root == {root: ["model", "sub/texture"]}
    assert len(plan.existing_files()) == 2
    plan.set_root(root, str(tmp_path / "copy"))
    plan.download()
    assert files_below(tmp_path / "copy") == {"model": b"teapot", "sub/texture": b"wood"}


def test_inputs_are_narrowed_by_patterns_and_say_so_when_none_matches(queue: ScriptedQueue, submitted: Any) -> None:
    job_id, root = submitted
    where = {"farm_id": queue.farm.farm_id, "queue_id": queue.queue_id, "job_id": job_id}
    assert plan_input_download(**where, include=["sub/"]).paths_by_root == {root: ["sub/texture"]}
    assert plan_input_download(**where, include=["model"], match_paths_by="JOB").total_files == 1
    none = plan_input_download(**where, include=["*.exr"])
    assert (none.total_files, "matches" in none.nothing) == (0, True)


def test_roots_of_inputs_are_mapped_and_those_without_a_place_stay(
    queue: ScriptedQueue, submitted: Any, tmp_path: Path
) -> None:
    job_id, root = submitted
    local, source = queue.new_profile(P=str(tmp_path / "here")), queue.new_profile(P=str(Path(root).parent))
    with queue.running.database.transaction() as db:
        db.execute("UPDATE jobs SET doc = json_set(doc, '$.storageProfileId', ?) WHERE job_id = ?", (source, job_id))
    use(local)
    where = {"farm_id": queue.farm.farm_id, "queue_id": queue.queue_id, "job_id": job_id}
    plan = plan_input_download(**where)
    assert list(plan.paths_by_root) == [str(tmp_path / "here" / Path(root).name)]
    plan.download()
    assert files_below(tmp_path / "here" / Path(root).name) == {"model": b"teapot", "sub/texture": b"wood"}
    assert list(plan_input_download(**where, ignore_storage_profiles=True).paths_by_root) == [root]
    queue.set_places(source, P="/nowhere")
    assert list(plan_input_download(**where).paths_by_root) == [root]


def test_a_job_without_inputs_says_so(queue: ScriptedQueue) -> None:
    bare, without = queue.new_job("Bare", None), queue.new_job("Without", "/project")
    assert "no job attachments" in plan_input_download(**ids(queue, bare)).nothing
    plan = plan_input_download(**ids(queue, without))
    assert (plan.total_files, "without input files" in plan.nothing) == (0, True)
