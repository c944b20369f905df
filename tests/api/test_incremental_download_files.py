"""Locks, counts and codes of incremental downloads; no farm is needed for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deadline.client.api.incremental_download.failed_jobs import FailedJobs
from deadline.client.api.incremental_download.failures import code_of
from deadline.client.api.incremental_download.pid_lock import CheckpointInUse, PidLock
from deadline.client.api.incremental_download.processes import start_of
from deadline.client.api.incremental_download.status_file import status_lock
from deadline.job_attachments.exceptions import (
    AssetSyncError,
    JobAttachmentS3BotoCoreError,
    JobAttachmentsS3ClientError,
)

LIMIT = 60


def test_a_lock_holds_the_process_id_alone_and_is_gone_afterwards(tmp_path: Path) -> None:
    path = tmp_path / "lock.pid"
    with PidLock(path, "This test"):
        assert path.read_bytes() == str(os.getpid()).encode()
        with pytest.raises(CheckpointInUse, match="This test is under way"), PidLock(path, "This test"):
            pass
        assert path.exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "no number", "999999999", "0"])
def test_a_lock_that_nobody_holds_is_removed(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lock.pid"
    path.write_text(content, encoding="utf-8")
    with PidLock(path, "This test"):
        assert path.read_text(encoding="utf-8") == str(os.getpid())


def test_a_lock_of_a_process_whose_id_is_used_again_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "lock.pid"
    path.write_text(str(os.getpid()), encoding="utf-8")
    with pytest.raises(CheckpointInUse), PidLock(path, "This test"):
        pass
    # Nobody has touched it since before this process began.
    before = (start_of(os.getpid()) or 0.0) - 60
    os.utime(path, (before, before))
    with PidLock(path, "This test"):
        pass


def test_a_lock_of_another_machine_is_respected_until_it_is_abandoned(tmp_path: Path) -> None:
    path = tmp_path / "lock.pid"
    path.write_text("999999999", encoding="utf-8")
    (tmp_path / "lock.pid.999999999@render-7").touch()
    with pytest.raises(CheckpointInUse, match="in process 999999999 on render-7"), PidLock(path, "This test"):
        pass
    long_ago = time.time() - 3600
    os.utime(path, (long_ago, long_ago))
    with PidLock(path, "This test"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_somebody_took_over_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "lock.pid"
    with PidLock(path, "This test"):
        path.write_text("1", encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "1"


def test_processes_are_known_by_their_start() -> None:
    own = start_of(os.getpid())
    assert own is not None
    assert time.time() - 3600 * 24 < own < time.time() + 2
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(timeout=LIMIT)
    assert start_of(ended.pid) is None
    assert start_of(0) is None


def test_only_failures_that_are_a_jobs_own_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "failed_jobs.json"
    jobs = FailedJobs(path)
    for _ in range(9):
        jobs.failed("job-1", counts=False)
        if not jobs.is_given_up("job-2"):
            jobs.failed("job-2", counts=True)
    jobs.save()
    assert json.loads(path.read_text(encoding="utf-8")) == {"job-1": 1, "job-2": 5}
    assert (FailedJobs(path).to_retry(), FailedJobs(path).is_given_up("job-2")) == (["job-1"], True)


def test_causes_have_codes() -> None:
    def caused_by(cause: BaseException) -> Exception:
        error = AssetSyncError("It did not work.")
        error.__cause__ = cause
        return error

    def answered(status: int) -> Exception:
        return caused_by(JobAttachmentsS3ClientError("downloading file", status, "bucket", "key"))

    assert code_of(answered(403)) == code_of(caused_by(PermissionError())) == "PERMISSION_DENIED"
    assert code_of(answered(404)) == code_of(caused_by(FileNotFoundError())) == "PATH_NOT_FOUND"
    assert code_of(caused_by(OSError(28, "No space left on device"))) == "DISK_FULL"
    assert code_of(caused_by(JobAttachmentS3BotoCoreError("downloading file", "no route"))) == "NETWORK_ERROR"
    assert code_of(answered(503)) == code_of(caused_by(ConnectionResetError())) == "NETWORK_ERROR"
    assert code_of(answered(400)) == code_of(RuntimeError()) == "UNKNOWN"


def test_a_lock_of_a_status_file_is_waited_for_and_an_old_one_is_removed(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    lock = tmp_path / "status.json.lock"
    lock.write_text('{"hostname": "other", "time": 1}', encoding="utf-8")
    with status_lock(path):
        assert json.loads(lock.read_text(encoding="utf-8"))["time"] > 1
        # Who waits too long does without, and leaves the lock to its owner.
        with status_lock(path, waited_seconds=0.02, pause_seconds=0.01):
            pass
        assert lock.exists()
    assert not lock.exists()
