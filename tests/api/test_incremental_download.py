"""Downloading what is new in a queue: jobs that come, grow, end, fail, and run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Dict, Iterator

import pytest

from deadline.client.api.incremental_download.categories import Category
from deadline.client.api.incremental_download.events import DownloadPlanned, WindowKnown
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationCanceled, DeadlineOperationError
from deadline.job_attachments.models import FileConflictResolution

from .conftest import Farm
from .scripted_jobs import HOUR, MTIME_US, ScriptedQueue
from .syncing import Listener, Sync, farm_of_a_module

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm


@pytest.fixture(scope="module", autouse=True)
def isolated(running: LocalFarm, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Farm]:
    """In the place of what isolates each test, with its own clients."""
    with farm_of_a_module(running, tmp_path_factory.mktemp("home")) as farm:
        yield farm


@pytest.fixture(scope="module")
def queue(running: LocalFarm, isolated: Farm) -> ScriptedQueue:
    return ScriptedQueue(running, isolated)


@pytest.fixture
def sync(queue: ScriptedQueue, tmp_path: Path) -> Iterator[Sync]:
    yield Sync(queue, tmp_path)
    queue.clear()


def test_a_job_is_downloaded_once_and_then_nothing_is_asked_about_it(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"a/1.exr": b"one"})
    job.run(1, {"a/2.exr": b"two", "log.txt": b"done"})
    job.end(ago=300)

    result = sync.run()

    assert sync.files == {"a/1.exr": b"one", "a/2.exr": b"two", "log.txt": b"done"}
    assert (Path(sync.root) / "log.txt").stat().st_mtime_ns == MTIME_US * 1000
    assert (result.files, result.bytes, result.downloaded_jobs, result.task_runs) == (3, 10, 1, 2)
    assert result.jobs == {Category.COMPLETED: 1}
    assert (result.bootstrap, result.failures, result.has_news) == ("first", (), True)

    again = sync.run()
    assert (again.files, again.failures, again.bootstrap, again.has_news) == (0, (), None, False)
    # One for the queue, two searches; no job, no session, no S3.
    assert sync.calls() == {"GetQueue": 1, "SearchJobs": 2}
    assert sync.entry(job.job_id)["job"] == {"jobId": job.job_id}


def test_a_run_without_news_costs_the_same_however_many_jobs_have_finished(sync: Sync) -> None:
    def finish_some(number: int) -> Dict[str, int]:
        for name in range(number):
            job = sync.queue.new_job(f"Job {name}", f"{sync.root}/{name}", tasks=1)
            job.run(0, {"out": b"x"})
            job.end(ago=300)
        sync.run(force_bootstrap=True)
        sync.run()
        return sync.calls()

    assert finish_some(1) == finish_some(30) == {"GetQueue": 1, "SearchJobs": 2}


def test_many_new_jobs_are_asked_for_together(sync: Sync) -> None:
    for name in range(12):
        job = sync.queue.new_job(f"Job {name}", f"{sync.root}/{name}", tasks=1)
        job.run(0, {"out": b"x"})
        job.end(ago=300)

    calls = sync.calls()

    assert (calls["BatchGetJob"], calls.get("GetJob", 0)) == (1, 0)
    assert (calls["ListSessions"], calls["ListSessionActions"]) == (12, 12)
    assert len(sync.files) == 12


def test_without_the_batch_operation_jobs_are_asked_for_one_by_one(sync: Sync) -> None:
    for name in range(3):
        job = sync.queue.new_job(f"Job {name}", f"{sync.root}/{name}", tasks=1)
        job.run(0, {"out": b"x"})
        job.end(ago=300)
    sync.queue.running.faults.deny("BatchGetJob")
    try:
        assert sync.calls()["GetJob"] == 3
    finally:
        sync.queue.running.faults.clear()
    assert len(sync.files) == 3


def test_a_job_is_downloaded_task_by_task_while_it_grows(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root, tasks=3)
    job.run(0, {"1": b"one"})
    first = sync.run()
    assert (first.jobs, sync.files) == ({Category.ADDED: 1}, {"1": b"one"})
    assert sync.run().jobs == {Category.UNCHANGED: 1}
    assert sync.calls() == {"GetQueue": 1, "SearchJobs": 2}

    job.run(1, {"2": b"two"})
    (Path(sync.root) / "1").unlink()
    second = sync.run()
    # Not the first one again, which somebody deleted.
    assert (second.jobs, second.task_runs, sync.files) == ({Category.UPDATED: 1}, 1, {"2": b"two"})

    job.end_session()
    job.run(2, {"3": b"three"})
    job.end()
    assert sync.run().files == 1
    assert sync.files == {"2": b"two", "3": b"three"}
    assert sync.run().jobs == {Category.UNCHANGED: 1}
    (session,) = [job_["sessionCompletedIndexes"] for job_ in sync.checkpoint()["jobs"]]
    assert sorted(session.values()) == [0, 1]


@pytest.mark.parametrize("resolution", list(FileConflictResolution)[1:])
def test_a_finished_job_that_is_requeued_brings_only_what_it_writes_anew(
    sync: Sync, resolution: FileConflictResolution
) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    job.run(1, {"2": b"two"})
    job.end(ago=300)
    sync.run(conflict_resolution=resolution)
    sync.run(conflict_resolution=resolution)
    assert sync.entry(job.job_id)["job"] == {"jobId": job.job_id}

    job.requeue(1)
    job.run(1, {"2": b"two again", "3": b"three"})
    job.end()
    result = sync.run(conflict_resolution=resolution)

    assert (result.jobs, result.task_runs) == ({Category.ADDED: 1}, 1)
    assert (
        sync.files
        == {
            FileConflictResolution.SKIP: {"1": b"one", "2": b"two", "3": b"three"},
            FileConflictResolution.OVERWRITE: {"1": b"one", "2": b"two again", "3": b"three"},
            FileConflictResolution.CREATE_COPY: {"1": b"one", "2": b"two", "2 (1)": b"two again", "3": b"three"},
        }[resolution]
    )


@pytest.mark.parametrize("rest", ["FAILED", "CANCELED"])
def test_what_succeeded_of_a_job_that_failed_or_was_canceled_is_downloaded(sync: Sync, rest: str) -> None:
    job = sync.queue.new_job("Render", sync.root, tasks=3)
    job.run(0, {"1": b"one"})
    job.run(1, {"broken": b"half"}, status="FAILED")
    job.end(ago=300, rest=rest)

    result = sync.run()

    assert (sync.files, result.failures) == ({"1": b"one"}, ())
    # It is known in full until it is not found any more, which is told then.
    retired = sync.run()
    assert (retired.jobs, retired.has_news) == ({Category.INACTIVE: 1}, True)
    assert sync.run().has_news is False


def test_jobs_that_have_nothing_to_download_are_asked_for_once(sync: Sync) -> None:
    bare = sync.queue.new_job("No attachments", None)
    bare.run(0)
    silent = sync.queue.new_job("No output", sync.root)
    silent.run(0)
    waiting = sync.queue.new_job("Not begun", sync.root)

    host = Listener()
    result = sync.run(host)

    assert result.jobs == {Category.ATTACHMENTS_FREE: 1, Category.ADDED: 1}
    assert any("had no output" in warning and silent.job_id in warning for warning in host.warnings)
    assert sync.entry(bare.job_id) == {"job": {"jobId": bare.job_id, "name": "No attachments", "attachments": None}}
    assert sync.entry(waiting.job_id) is None
    assert sync.calls() == {"GetQueue": 1, "SearchJobs": 2}
    bare.end()
    assert sync.run().has_news is False


def test_jobs_that_wait_are_looked_at_too(sync: Sync) -> None:
    job = sync.queue.new_job("Suspended", sync.root)
    job.run(0, {"1": b"one"})
    with sync.queue.running.database.transaction() as db:
        db.execute("UPDATE tasks SET run_status = 'SUSPENDED' WHERE task_id = ?", (job.task_ids[1],))
    sync.run()
    assert sync.files == {"1": b"one"}


def test_manifests_that_the_service_does_not_tell_are_found_in_s3(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"}, told=False)
    job.run(1, {"2": b"two"}, told=False, chunk=True)
    job.end(ago=300)
    assert sync.run().files == 2
    assert sync.files == {"1": b"one", "2": b"two"}


def test_of_a_path_that_several_wrote_the_newest_file_counts(sync: Sync) -> None:
    jobs = [sync.queue.new_job(f"Version {number}", sync.root, tasks=1, age=600 - number) for number in range(3)]
    # S3 tells times in whole seconds; what was stored later has a greater key besides.
    for number, job in enumerate(sorted(jobs, key=lambda job: job.job_id)):
        job.run(0, {"shared": f"version {number}".encode(), f"own {number}": b"x"})
        job.end(ago=300)

    result = sync.run()

    assert result.files == 4
    assert sync.files["shared"] == b"version 2"
    assert result.downloaded_jobs == 3


def test_the_first_run_looks_back_as_far_as_it_is_told(sync: Sync) -> None:
    old = sync.queue.new_job("Old", f"{sync.root}/old", age=3 * HOUR)
    old.run(0, {"1": b"one"})
    old.run(1, {"2": b"two"})
    old.end(ago=2 * HOUR)
    new = sync.queue.new_job("New", f"{sync.root}/new")
    new.run(0, {"1": b"one"})
    new.end(ago=0.25 * HOUR, rest="CANCELED")

    sync.run(bootstrap_lookback_minutes=30)
    assert set(sync.files) == {"new/1"}
    result = sync.run(bootstrap_lookback_minutes=180, force_bootstrap=True)
    assert (result.bootstrap, set(sync.files)) == ("forced", {"new/1", "old/1", "old/2"})


def test_the_checkpoint_has_the_form_that_other_versions_read(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    sync.run()

    text = sync.state_file().read_text(encoding="utf-8")
    document = json.loads(text)
    assert text == json.dumps(document, indent=2)
    assert list(document) == [
        "localStorageProfileId",
        "downloadsStartedTimestamp",
        "eventualConsistencyMaxSeconds",
        "jobs",
        "downloadsCompletedTimestamp",
    ]
    assert (document["localStorageProfileId"], document["eventualConsistencyMaxSeconds"]) == (None, 120)
    (entry,) = document["jobs"]
    assert entry["job"]["name"] == "Render"
    assert entry["job"]["taskRunStatusCounts"]["SUCCEEDED"] == 1
    assert entry["job"]["attachments"]["manifests"][0]["rootPath"] == sync.root
    assert entry["job"]["storageProfileId"] is None
    assert entry["job"]["createdAt"].endswith("+00:00")
    assert "ResponseMetadata" not in entry["job"]
    assert list(entry["sessionCompletedIndexes"].values()) == [0]
    assert not [path for path in sync.checkpoints.iterdir() if ".pid" in path.name or path.suffix == ".tmp"]


@pytest.mark.parametrize("force", [False, True])
def test_a_dry_run_downloads_nothing_and_keeps_nothing(sync: Sync, force: bool) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    job.run(1, {"2": b"two"})
    job.end(ago=300)
    sync.checkpoints.mkdir()
    if force:
        failed = sync.state_file(kind="failed_jobs")
        failed.write_text('{"job-1": 5}', encoding="utf-8")
    before = sorted(sync.checkpoints.iterdir())

    result = sync.run(dry_run=True, force_bootstrap=force)

    assert (result.dry_run, result.files, result.bytes, result.status_files) == (True, 2, 6, ())
    assert not Path(sync.root).exists()
    assert sorted(sync.checkpoints.iterdir()) == before
    assert sync.run().files == 2


def test_paths_are_mapped_from_other_storage_profiles(sync: Sync, tmp_path: Path) -> None:
    local = sync.queue.new_profile(Projects=f"{sync.root}/p", Tools=f"{sync.root}/t")
    linux = sync.queue.new_profile(Projects="/mnt/projects")
    windows = sync.queue.new_profile("WINDOWS", Projects="P:\\Work", Tools="T:\\")
    here = sync.queue.new_job("Here", f"{sync.root}/p/here", profile=local)
    there = sync.queue.new_job("There", "/mnt/projects/there", profile=linux)
    other = sync.queue.new_job("Other", "p:\\work", profile=windows, root_format="windows")
    bare = sync.queue.new_job("Bare", f"{sync.root}/p/bare")
    for job in (here, there, other, bare):
        job.run(0, {"1": job.job_id.encode()})
        job.end(ago=300, rest="CANCELED")

    result = sync.run(storage_profile_id=local)

    assert sync.files == {
        "p/here/1": here.job_id.encode(),
        "p/there/1": there.job_id.encode(),
        "p/1": other.job_id.encode(),
    }
    assert result.jobs == {Category.ADDED: 3, Category.MISSING_STORAGE_PROFILE: 1}
    assert sync.checkpoint(local)["localStorageProfileId"] == local
    assert sync.entry(bare.job_id, local)["job"]["storageProfileId"] is None


def test_files_without_a_place_are_told_and_brought_when_the_profile_gives_them_one(sync: Sync) -> None:
    local = sync.queue.new_profile(Projects=f"{sync.root}/p")
    source = sync.queue.new_profile(Projects="/mnt/projects", Caches="/mnt/caches")
    job = sync.queue.new_job("Render", "/mnt", profile=source)
    job.run(0, {"projects/1": b"one", "caches/2": b"two"})
    job.end(ago=300, rest="CANCELED")

    result = sync.run(storage_profile_id=local)
    assert (result.files, result.unmapped_files, result.failures) == (1, 1, ())
    assert sync.files == {"p/1": b"one"}
    # It costs nothing as long as nothing changes but to look at the other profile.
    for _ in range(2):
        calls = sync.calls(storage_profile_id=local)
    assert calls == {"GetQueue": 1, "SearchJobs": 2, "GetStorageProfileForQueue": 2}

    sync.queue.set_places(local, Projects=f"{sync.root}/p", Caches=f"{sync.root}/c")
    assert sync.run(storage_profile_id=local).unmapped_files == 0
    assert sync.files == {"p/1": b"one", "c/2": b"two"}
    sync.run(storage_profile_id=local)
    assert "sessionActionsToRetry" not in str(sync.checkpoint(local))


def test_profiles_without_a_place_in_common_are_named(sync: Sync) -> None:
    local = sync.queue.new_profile(Projects=sync.root)
    source = sync.queue.new_profile(Elsewhere="/mnt")
    job = sync.queue.new_job("Render", "/mnt", profile=source)
    job.run(0, {"1": b"one"})

    host = Listener()
    result = sync.run(host, storage_profile_id=local)

    assert (result.files, result.unmapped_files) == (0, 1)
    (warning,) = [text for text in host.warnings if "no file system location of the same name" in text]
    assert source in warning
    assert local in warning


def test_an_output_that_would_leave_its_root_is_not_downloaded(sync: Sync) -> None:
    job = sync.queue.new_job("Evil", sync.root)
    job.run(0, {"../outside": b"evil", "inside": b"good"})
    assert sync.run().unmapped_files == 1
    assert sync.files == {"inside": b"good"}
    assert not (Path(sync.root).parent / "outside").exists()


def test_a_service_that_asks_for_patience_gets_it(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    faults = sync.queue.running.faults
    faults.throttle("ListSessions", times=1)
    try:
        assert sync.run().files == 1
    finally:
        faults.clear()


def test_a_service_that_refuses_ends_the_run_and_nothing_is_lost(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    sync.queue.running.faults.deny("ListSessions")
    try:
        with pytest.raises(DeadlineOperationError, match="Failed to list the sessions"):
            sync.run()
    finally:
        sync.queue.running.faults.clear()
    assert sync.run().files == 1


def test_a_run_that_is_canceled_is_gone_on_with(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    job.end(ago=300, rest="CANCELED")
    for event in (WindowKnown, DownloadPlanned):
        with pytest.raises(DeadlineOperationCanceled):
            sync.run(Listener(until=event))
        assert sync.files == {}
        assert not list(sync.checkpoints.glob("*.pid*"))
    # What the first one looked back for is not lost to the ones after it.
    assert sync.run(bootstrap_lookback_minutes=0).files == 1
    assert sync.failed_jobs() == {}


def test_what_makes_no_sense_is_refused_before_anything_is_asked(sync: Sync) -> None:
    sync.queue.running.calls.reset()
    for options, reason in (
        ({"storage_profile_id": "sp-1", "ignore_storage_profiles": True}, "not both"),
        ({"conflict_resolution": FileConflictResolution.NOT_SELECTED}, "files that exist"),
        ({"bootstrap_lookback_minutes": -1}, "lookback"),
        ({"bootstrap_lookback_minutes": float("nan")}, "lookback"),
    ):
        with pytest.raises(DeadlineOperationError, match=reason):
            sync.run(**options)
    assert sync.queue.running.calls.reset() == {}


def test_a_machine_needs_a_storage_profile_unless_they_are_ignored(
    sync: Sync, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEADLINE_CONFIG_FILE_PATH", str(tmp_path / "settings"))
    with pytest.raises(DeadlineOperationError, match="--ignore-storage-profiles"):
        sync.run(ignore_storage_profiles=False)
    nowhere = f"sp-{'0' * 32}"
    with pytest.raises(DeadlineOperationError, match=f"{nowhere}, which the option"):
        sync.run(storage_profile_id=nowhere)
    set_setting("settings.storage_profile_id", nowhere)
    with pytest.raises(DeadlineOperationError, match=f"{nowhere}, which the setting"):
        sync.run(ignore_storage_profiles=False)


def test_a_queue_without_job_attachments_is_named(running: LocalFarm, isolated: Farm, tmp_path: Path) -> None:
    sync = Sync(ScriptedQueue(running, isolated), tmp_path)
    sync.queue.queue_id = isolated.new_queue()
    with pytest.raises(DeadlineOperationError, match="Queue Another queue has no job attachments"):
        sync.run()
