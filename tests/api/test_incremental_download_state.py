"""The files that runs keep: one run at a time, damaged files, and runs that were killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator

import pytest

from deadline.client.api.incremental_download.pid_lock import CheckpointInUse
from deadline.client.exceptions import DeadlineOperationError

from .conftest import Farm
from .scripted_jobs import ScriptedQueue
from .syncing import Sync, farm_of_a_module

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm

LIMIT = 60

RUN_UNTIL = """
import sys, time
from deadline.client.api.incremental_download import QuietSyncHost, SyncOutputRequest, sync_queue_output

farm_id, queue_id, folder, event_name, files = sys.argv[1:]

class Host(QuietSyncHost):
    def show(self, event):
        if type(event).__name__ == event_name and getattr(event, "files", 0) >= int(files):
            print("here", flush=True)
            time.sleep(600)

sync_queue_output(
    SyncOutputRequest(
        farm_id, queue_id, checkpoint_dir=folder, ignore_storage_profiles=True, bootstrap_lookback_minutes=60
    ),
    Host(),
)
print("ended", flush=True)
"""


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


@pytest.fixture
def stopped_at(sync: Sync) -> Iterator[Any]:
    """``stopped_at("JobsSorted")`` starts a run in a process of its own, which stands still at that event.

    Of events with a number of files, at the first one with at least ``files`` of them.
    """
    started = []

    def start(event: str, files: int = 0) -> subprocess.Popen[str]:
        arguments = [sync.queue.farm.farm_id, sync.queue.queue_id, str(sync.checkpoints), event, str(files)]
        process = subprocess.Popen(
            [sys.executable, "-c", RUN_UNTIL, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        word = process.stdout.readline()
        assert word == "here\n", process.stderr and process.stderr.read()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=LIMIT)


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
    process.wait(timeout=LIMIT)


def lock_of(sync: Sync) -> Path:
    path = sync.state_file()
    return path.with_name(f"{path.name}.pid")


@pytest.mark.parametrize("event", ["WindowKnown", "JobsSorted", "DownloadPlanned"])
def test_a_run_that_is_killed_before_it_downloads_loses_nothing(sync: Sync, stopped_at: Any, event: str) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    job.end(ago=300, rest="CANCELED")

    kill(stopped_at(event))

    assert lock_of(sync).exists()
    assert sync.files == {}
    # A later run looks back no further than the first one, which found what there was.
    assert sync.run(bootstrap_lookback_minutes=0).files == 1
    assert sync.files == {"1": b"one"}
    assert not list(sync.checkpoints.glob("*.pid*"))


def test_a_run_that_is_killed_in_the_middle_does_not_do_again_what_it_did(sync: Sync, stopped_at: Any) -> None:
    jobs = [sync.queue.new_job(f"Job {number}", f"{sync.root}/{number}", tasks=1) for number in range(2)]
    first, second = sorted(jobs, key=lambda job: job.job_id)
    # As much as is downloaded at once, so that it is noted before the rest.
    first.run(0, {f"{number}": b"same" for number in range(1000)})
    second.run(0, {"1": b"one"})
    for job in jobs:
        job.end(ago=300)

    kill(stopped_at("DownloadProgress", files=1001))

    assert len(sync.files) == 1001
    document = sync.checkpoint()
    assert [entry["job"]["jobId"] for entry in document["jobs"]] == [first.job_id]
    assert document["downloadsCompletedTimestamp"] == document["downloadsStartedTimestamp"]

    sync.queue.running.calls.reset()
    result = sync.run()
    calls = sync.queue.running.calls.reset()
    assert (result.files, result.skipped_files, result.failures) == (0, 1, ())
    assert calls["ListSessions"] == 1
    assert sync.checkpoint()["downloadsCompletedTimestamp"] > document["downloadsCompletedTimestamp"]


def test_two_runs_with_one_checkpoint_exclude_each_other(sync: Sync, stopped_at: Any) -> None:
    process = stopped_at("JobsSorted")
    with pytest.raises(CheckpointInUse, match=f"under way already, in process {process.pid}") as caught:
        sync.run()
    assert str(lock_of(sync)) in str(caught.value)
    with pytest.raises(CheckpointInUse):
        sync.run(dry_run=True)
    kill(process)
    sync.run()


@pytest.mark.parametrize(
    "text", ["", "no JSON", "[]", "{}", '{"jobs": []}', '{"localStorageProfileId": null, "jobs": 7}']
)
def test_a_damaged_checkpoint_is_an_error_that_says_what_to_do(sync: Sync, text: str) -> None:
    sync.checkpoints.mkdir()
    sync.state_file().write_text(text, encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match="--force-bootstrap") as caught:
        sync.run()
    assert str(sync.state_file()) in str(caught.value)
    assert sync.state_file().read_text(encoding="utf-8") == text
    sync.run(force_bootstrap=True)
    assert sync.run().bootstrap is None


def test_a_checkpoint_of_another_profile_is_refused(sync: Sync) -> None:
    one, other = sync.queue.new_profile(A="/a"), sync.queue.new_profile(A="/a", B="/b")
    sync.run()
    sync.run(storage_profile_id=one)
    document = sync.checkpoint()

    def expect(reason: str, made_with: Any, profile: str, **options: Any) -> None:
        path = sync.state_file(profile)
        path.write_text(json.dumps({**document, "localStorageProfileId": made_with}), encoding="utf-8")
        with pytest.raises(DeadlineOperationError, match=reason):
            sync.run(**options)

    expect("made with --ignore-storage-profiles", None, one, storage_profile_id=one)
    expect(f"made with the storage profile {one}", one, "ignore-storage-profiles")
    expect(f"with the storage profile {other}, and this run uses .* {one}", other, one, storage_profile_id=one)


def test_a_folder_that_cannot_be_used_is_named(sync: Sync, tmp_path: Path) -> None:
    sync.checkpoints = tmp_path / "file"
    sync.checkpoints.write_text("", encoding="utf-8")
    with pytest.raises(DeadlineOperationError, match="checkpoint folder"):
        sync.run()
