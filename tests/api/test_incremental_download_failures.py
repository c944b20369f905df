"""Outputs that cannot be downloaded: whose fault it is, what is tried again, and what other programs are told."""

from __future__ import annotations

import http.client
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator
from urllib.parse import urlsplit

import pytest

from deadline.job_attachments.models import FileConflictResolution

from .conftest import Farm
from .scripted_jobs import ScriptedQueue
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


def missing(sync: Sync) -> bytes:
    """A content that no other test has put into the bucket."""
    return f"of {sync.root}".encode()


def status_of(sync: Sync) -> Dict[str, Any]:
    path = sync.checkpoints / f"{sync.queue.queue_id}_ignore-storage-profiles_download_status.json"
    document: Dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def test_a_missing_object_fails_its_task_alone_and_is_fetched_when_it_is_there(sync: Sync) -> None:
    bad = sync.queue.new_job("Bad", f"{sync.root}/bad")
    bad.run(0, {"1": missing(sync)}, stored=False)
    bad.run(1, {"2": b"two"})
    bad.end(ago=300)
    good = sync.queue.new_job("Good", f"{sync.root}/good")
    good.run(0, {"1": b"one"})
    good.end(ago=300, rest="CANCELED")

    result = sync.run()

    assert sync.files == {"bad/2": b"two", "good/1": b"one"}
    (failure,) = result.failures
    assert (failure.job_id, failure.code, failure.attempts, failure.abandoned) == (
        *(bad.job_id, "PATH_NOT_FOUND"),
        *(1, False),
    )
    assert (result.files, result.downloaded_jobs) == (2, 1)
    assert sync.failed_jobs() == {bad.job_id: 1}
    entry = status_of(sync)["jobs"][bad.job_id]
    assert (entry["download_status"], entry["error_code"]) == ("failed", "PATH_NOT_FOUND")
    assert (entry["total_files"], entry["downloaded_files"], entry["failed_files"]) == (2, 1, 1)
    assert {task_id: task["download_status"] for task_id, task in entry["tasks"].items()} == {
        bad.task_ids[0]: "failed",
        bad.task_ids[1]: "downloaded",
    }
    assert status_of(sync)["sync_metadata"]["last_run_status"] == "failed"

    # Only what failed is asked for again.
    sync.queue.put_content(missing(sync))
    (Path(sync.root) / "bad" / "2").unlink()
    again = sync.run()
    assert (again.files, again.task_runs, again.retried_jobs, again.failures) == (1, 1, 1, ())
    assert sync.files == {"bad/1": missing(sync), "good/1": b"one"}
    assert sync.failed_jobs() == {}
    entry = status_of(sync)["jobs"][bad.job_id]
    assert (entry["download_status"], entry["failed_files"], entry["downloaded_files"]) == ("downloaded", 0, 2)
    assert sync.run().has_news is False


def test_what_fails_five_times_is_given_up_and_later_outputs_are_not(sync: Sync) -> None:
    job = sync.queue.new_job("Bad", sync.root, tasks=3)
    job.run(0, {"1": missing(sync)}, stored=False)
    for attempt in range(1, 6):
        host = Listener()
        (failure,) = sync.run(host).failures
        assert (failure.attempts, failure.abandoned) == (attempt, attempt == 5)
    assert any("given up" in warning for warning in host.warnings)
    assert sync.failed_jobs() == {job.job_id: 5}
    assert sync.calls() == {"GetQueue": 1, "SearchJobs": 2}

    job.run(1, {"2": b"two"})
    assert sync.run().failures == ()
    assert sync.files == {"2": b"two"}
    assert sync.failed_jobs() == {}
    # And the status still says what is missing.
    assert status_of(sync)["jobs"][job.job_id]["tasks"][job.task_ids[0]]["download_status"] == "failed"

    # Until somebody wants it all once more.
    sync.queue.put_content(missing(sync))
    assert sync.run(force_bootstrap=True).failures == ()
    assert sync.files == {"1": missing(sync), "2": b"two"}


def test_an_older_file_never_replaces_a_newer_one_when_its_job_is_tried_again(sync: Sync) -> None:
    first, second = sorted((sync.queue.new_job(f"Job {n}", sync.root) for n in range(2)), key=lambda job: job.job_id)
    first.run(0, {"shared": b"old", "only here": missing(sync)}, stored=False)
    second.run(0, {"shared": b"new"})
    for job in (first, second):
        job.end(ago=300, rest="CANCELED")
    assert len(sync.run().failures) == 1
    assert sync.files == {"shared": b"new"}

    sync.queue.put_content(missing(sync))
    assert sync.run().failures == ()
    assert sync.files == {"shared": b"new", "only here": missing(sync)}


def test_a_manifest_that_is_none_fails_its_task_alone(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    action = job.run(0, {"1": b"one"})
    job.run(1, {"2": b"two"})
    with sync.queue.running.database.transaction() as db:
        (doc,) = db.execute("SELECT doc FROM session_actions WHERE session_action_id = ?", (action,)).fetchone()
    key = json.loads(doc)["manifests"][0]["outputManifestPath"]
    sync.queue.put(f"Manifests/{key}", b"this is no manifest")
    job.end()

    (failure,) = sync.run().failures

    assert failure.code == "UNKNOWN"
    assert "cannot be read as a manifest" in failure.message
    assert sync.files == {"2": b"two"}


@pytest.mark.skipif(os.name == "nt" or os.getuid() == 0, reason="needs a folder that may not be written")
def test_a_folder_that_may_not_be_written_is_tried_again_for_ever(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    Path(sync.root).mkdir(mode=0o500)
    try:
        for _ in range(6):
            (failure,) = sync.run().failures
            assert (failure.code, failure.abandoned) == ("PERMISSION_DENIED", False)
    finally:
        Path(sync.root).chmod(0o700)
    assert sync.run().failures == ()
    assert sync.files == {"1": b"one"}


class Door(ThreadingHTTPServer):
    """Passes requests on to a server behind it; while it is shut, it hangs up on whoever wants the content of a file."""

    daemon_threads = True

    def __init__(self, endpoint_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Pass)
        self.behind = urlsplit(endpoint_url).netloc
        self.is_shut = True


class _Pass(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Door

    def do_GET(self) -> None:
        if self.server.is_shut and "/Data/" in self.path:
            self.close_connection = True
            return
        connection = http.client.HTTPConnection(self.server.behind)
        connection.request("GET", self.path, headers=dict(self.headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def test_a_network_that_is_down_is_no_fault_of_the_jobs(
    running: LocalFarm, isolated: Farm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Door(running.endpoint_url) as door:
        threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.02}).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{door.server_address[1]}")
        sync = Sync(ScriptedQueue(running, isolated), tmp_path)
        jobs = [sync.queue.new_job(f"Job {number}", f"{sync.root}/{number}") for number in range(2)]
        for job in jobs:
            job.run(0, {"1": b"one"})

        result = sync.run()

        assert {(failure.code, failure.abandoned) for failure in result.failures} == {("NETWORK_ERROR", False)}
        assert sync.failed_jobs() == {job.job_id: 1 for job in jobs}
        door.is_shut = False
        assert sync.run().failures == ()
        assert (len(sync.files), sync.failed_jobs()) == (2, {})
        door.shutdown()


def test_a_folder_in_the_place_of_a_file_fails_its_task_alone(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    job.run(1, {"2": b"two"})
    job.end()
    (Path(sync.root) / "1").mkdir(parents=True)
    (failure,) = sync.run().failures
    assert "is a folder" in failure.message
    assert sync.files == {"2": b"two"}


def test_equal_files_get_no_copies_when_a_run_is_repeated(sync: Sync) -> None:
    copy = {"conflict_resolution": FileConflictResolution.CREATE_COPY}
    job = sync.queue.new_job("Render", sync.root)
    Path(sync.root).mkdir()
    (Path(sync.root) / "1").write_bytes(b"mine")
    job.run(0, {"1": b"one", "2": b"two"})
    for forced in (False, True):
        sync.run(force_bootstrap=forced, **copy)
        assert sync.files == {"1": b"mine", "1 (1)": b"one", "2": b"two"}


def test_a_failed_job_that_is_gone_is_forgotten(sync: Sync) -> None:
    job = sync.queue.new_job("Bad", sync.root)
    job.run(0, {"1": missing(sync)}, stored=False)
    sync.run()
    job.delete()
    assert sync.run().failures == ()
    assert (sync.failed_jobs(), sync.checkpoint()["jobs"]) == ({}, [])


def test_failed_jobs_of_another_version_which_the_checkpoint_lost_are_tried_again(sync: Sync) -> None:
    job = sync.queue.new_job("Bad", sync.root)
    job.run(0, {"1": b"one"})
    job.end(ago=300, rest="CANCELED")
    sync.run()
    sync.run()
    (Path(sync.root) / "1").unlink()
    document = sync.checkpoint()
    sync.state_file().write_text(json.dumps({**document, "jobs": []}), encoding="utf-8")
    sync.state_file(kind="failed_jobs").write_text(json.dumps({job.job_id: 2, "job-?": "x"}), encoding="utf-8")

    assert sync.run().retried_jobs == 1
    assert (sync.files, sync.failed_jobs()) == ({"1": b"one"}, {})


def test_programs_are_told_how_each_job_is_going(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root, tasks=3)
    job.run(0, {"1": b"one"})
    job.run(1, status="FAILED")
    bare = sync.queue.new_job("Bare", None)
    bare.run(0)
    result = sync.run()

    (path,) = result.status_files
    text = Path(path).read_text(encoding="utf-8")
    document = json.loads(text)
    assert text == json.dumps(document, separators=(",", ":"))
    assert list(document) == ["schema_version", "sync_metadata", "jobs"]
    metadata = document["sync_metadata"]
    assert (document["schema_version"], metadata["queue_id"], metadata["storage_profile_id"]) == (
        *(1, sync.queue.queue_id),
        None,
    )
    assert metadata["last_run_status"] == "success"
    entry = document["jobs"][job.job_id]
    assert (entry["download_status"], entry["total_files"], entry["downloaded_files"]) == ("in_progress", 1, 1)
    assert {task_id: task["download_status"] for task_id, task in entry["tasks"].items()} == {
        job.task_ids[0]: "downloaded",
        job.task_ids[1]: "farm_failed",
    }
    assert document["jobs"][bare.job_id]["skip_reason"] == "no_attachments"

    job.run(1)
    job.run(2, {"3": b"three"})
    job.end()
    sync.run()
    entry = status_of(sync)["jobs"][job.job_id]
    assert (entry["download_status"], entry["total_files"], entry["downloaded_files"]) == ("downloaded", 2, 2)
    assert set(entry["tasks"]) == {job.task_ids[0], job.task_ids[2]}


def test_a_job_that_came_to_rest_unnoticed_is_no_longer_in_progress(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    sync.run()
    assert status_of(sync)["jobs"][job.job_id]["download_status"] == "in_progress"
    job.end(ago=600, rest="CANCELED")
    sync.run()
    assert status_of(sync)["jobs"][job.job_id]["download_status"] == "downloaded"


def test_a_status_file_that_is_damaged_is_mended(sync: Sync) -> None:
    job = sync.queue.new_job("Render", sync.root)
    job.run(0, {"1": b"one"})
    (path,) = sync.run().status_files
    damaged = {"jobs": {"job-1": 7, "job-2": {"tasks": {"task-1": 1, "task-2": {}}, "total_files": "x"}}}
    Path(path).write_text(json.dumps(damaged), encoding="utf-8")
    sync.run()
    jobs = status_of(sync)["jobs"]
    assert set(jobs) == {"job-2", job.job_id}
    assert (jobs["job-2"]["download_status"], jobs["job-2"]["total_files"]) == ("skipped", 0)
    assert set(jobs["job-2"]["tasks"]) == {"task-2"}
    Path(path).write_text("no JSON", encoding="utf-8")
    sync.run()
    assert set(status_of(sync)["jobs"]) == {job.job_id}


def test_the_usual_folder_points_to_a_status_file_elsewhere(sync: Sync) -> None:
    usual = Path.home() / ".deadline" / "incremental_download"
    pointer = usual / f"{sync.queue.queue_id}_ignore-storage-profiles_download_status.json"
    (path,) = sync.run().status_files
    assert json.loads(pointer.read_text(encoding="utf-8")) == {"schema_version": 1, "status_file_path": path}

    pointer.write_text('{"schema_version": 1, "jobs": {}}', encoding="utf-8")
    host = Listener()
    sync.run(host)
    assert any("points to" in warning for warning in host.warnings)
    assert json.loads(pointer.read_text(encoding="utf-8"))["superseded_path"] == str(pointer)

    sync.checkpoints = usual
    (own,) = sync.run().status_files
    assert own == str(pointer)
    assert "jobs" in json.loads(pointer.read_text(encoding="utf-8"))
    pointer.unlink()


def test_there_is_a_status_file_in_each_place_of_the_profile(sync: Sync) -> None:
    there = Path(sync.root) / "there"
    there.mkdir(parents=True)
    local = sync.queue.new_profile(There=str(there), Missing=f"{sync.root}/missing")
    host = Listener()
    result = sync.run(host, storage_profile_id=local)
    path = there / ".deadline" / f"{sync.queue.queue_id}_download_status.json"
    assert result.status_files == (str(path),)
    assert json.loads(path.read_text(encoding="utf-8"))["sync_metadata"]["storage_profile_id"] == local
    assert any(f"{sync.root}/missing" in warning for warning in host.warnings)
