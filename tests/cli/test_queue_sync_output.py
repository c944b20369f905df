"""``deadline queue sync-output``: what it prints, its exit codes, Ctrl-C."""

from __future__ import annotations

import json
import re
import signal
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .test_interrupts import LIMIT, gate, interrupt

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm

__all__ = ["gate"]

NOWHERE = f"sp-{'0' * 32}"


class Queue:
    """A queue of its own with jobs that have written files below a folder."""

    def __init__(self, running: LocalFarm, farm: Any, folder: Path) -> None:
        shared = farm.client.get_queue(farmId=farm.farm_id, queueId=farm.queue_id)
        self._running = running
        self.root = folder / "project"
        self.checkpoints = folder / "checkpoints"
        self.queue_id: str = farm.client.create_queue(
            farmId=farm.farm_id, displayName="Sync queue", jobAttachmentSettings=shared["jobAttachmentSettings"]
        )["queueId"]

    def add_jobs(self, jobs: int = 2, **options: Any) -> list[str]:
        from local_farm.synthetic import SyntheticJobs, add_jobs

        shape = SyntheticJobs(
            jobs,
            tasks_per_step=2,
            with_outputs=True,
            root_path=str(self.root),
            ended_before=datetime.now(timezone.utc) - timedelta(minutes=10),
            spread=timedelta(minutes=10),
            **options,
        )
        return add_jobs(self._running, shape, queue_id=self.queue_id)

    @property
    def files(self) -> int:
        return sum(path.is_file() for path in self.root.rglob("*"))


@pytest.fixture
def queue(running: LocalFarm, farm: Any, tmp_path: Path) -> Queue:
    return Queue(running, farm, tmp_path)


@pytest.fixture
def arguments(queue: Queue) -> list[str]:
    return [
        *("queue", "sync-output", "--queue-id", queue.queue_id, "--ignore-storage-profiles"),
        *("--checkpoint-dir", str(queue.checkpoints), "--bootstrap-lookback-minutes", "60"),
    ]


@pytest.fixture
def sync(deadline: Any, arguments: list[str]) -> Any:
    """``sync("--json")`` runs the command for the queue."""
    return lambda *more: deadline(*arguments, *more)


def test_a_report_tells_what_was_downloaded_and_a_line_that_nothing_is_new(sync: Any, queue: Queue) -> None:
    (job, _) = queue.add_jobs(name="Comet")

    result = sync()

    assert result.code == 0
    assert queue.files == 4
    assert re.search(r"^Queue Sync queue\n  checkpoint  .*_download_checkpoint\.json$", result.out, re.MULTILINE)
    assert "\n  storage     storage profiles are ignored\n" in result.out
    assert f"\n    NEW       Comet 1 (2/2 tasks succeeded)\n{' ' * 14}{job}\n" in result.out
    assert "\nSummary\n  files       4 downloaded (4.1 KB)\n  jobs        2 with new files\n" in result.out
    assert re.search(r"\nOK  4 files, 4\.1 KB, 2 jobs, \S+\n$", result.out)

    idle = sync()
    assert idle.code == 0
    assert re.fullmatch(r"OK  Sync queue: nothing new, \S+ checked at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n", idle.out)
    verbose = sync("--verbose")
    assert "\nService queries\n" in verbose.out
    assert re.search(r"\nOK  nothing to download, \S+\n$", verbose.out)


def test_programs_get_one_object(sync: Any, queue: Queue) -> None:
    queue.add_jobs(failed_share=0.5, finished_share=0.5)

    result = sync("--json")

    assert result.code == 0
    found = result.json
    assert (found["queueId"], found["queueName"], found["dryRun"], found["bootstrap"]) == (
        *(queue.queue_id, "Sync queue"),
        *(False, "first"),
    )
    assert (found["files"], found["bytes"], found["taskRuns"], found["failedJobs"]) == (3, 3072, 3, [])
    assert (found["jobs"]["completed"], found["jobs"]["added"]) == (1, 1)
    assert sync("--output", "json").json["files"] == 0


def test_a_dry_run_says_what_would_be_downloaded(sync: Any, queue: Queue) -> None:
    queue.add_jobs()
    result = sync("--dry-run")
    assert result.code == 0
    assert result.out.endswith("\nOK  dry run: 4 files, 4.1 KB would be downloaded\n")
    assert (queue.files, list(queue.checkpoints.iterdir())) == (0, [])


def test_failed_jobs_are_told_and_end_with_another_code_where_that_is_wanted(
    farm: Any, sync: Any, queue: Queue
) -> None:
    (job,) = queue.add_jobs(1, name="Comet", file_size=7919)
    bucket, objects = farm.objects("Data")
    sizes = {key: item["Size"] for key, item in objects.items()}
    for key in [key for key, size in sizes.items() if size == 7919]:
        farm.s3.delete_object(Bucket=bucket, Key=key)

    result = sync()

    assert result.code == 0
    assert f"  problems    PATH_NOT_FOUND     Comet 1 ({job})\n" in result.out
    assert re.search(r"\nFAILED  1 of 1 job failed, \S+, 0 files, 0 B\n$", result.out)
    assert sync("--fail-on-job-errors").code == 3
    found = sync("--json", "--fail-on-job-errors")
    assert found.code == 3
    (failure,) = found.json["failedJobs"]
    assert (failure["jobId"], failure["errorCode"], failure["attempts"]) == (job, "PATH_NOT_FOUND", 3)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("--storage-profile-id", NOWHERE), "not both"),
        (("--bootstrap-lookback-minutes", "-1"), "--bootstrap-lookback-minutes"),
        (("--conflict-resolution", "ASK"), "--conflict-resolution"),
    ],
)
def test_options_that_make_no_sense_are_a_usage_error(sync: Any, more: tuple[str, ...], reason: str) -> None:
    result = sync(*more)
    assert (result.code, result.out) == (2, "")
    assert reason in result.err


def test_what_keeps_a_run_from_beginning_is_an_error(deadline: Any, queue: Queue, farm: Any) -> None:
    unknown = deadline("queue", "sync-output", "--queue-id", queue.queue_id, "--storage-profile-id", NOWHERE)
    assert (unknown.code, unknown.out) == (1, "")
    assert f"{NOWHERE}, which the option --storage-profile-id names" in unknown.err
    bare = farm.client.create_queue(farmId=farm.farm_id, displayName="Bare queue")["queueId"]
    result = deadline("queue", "sync-output", "--queue-id", bare, "--ignore-storage-profiles", "--json")
    assert (result.code, result.out) == (1, "")
    assert "Queue Bare queue has no job attachments" in result.err


@pytest.mark.skipif(sys.platform == "win32", reason="processes on Windows get no SIGINT from others")
def test_ctrl_c_ends_with_130_and_the_next_run_goes_on(
    queue: Queue, arguments: list[str], gate: Any, process: Any, deadline: Any
) -> None:
    queue.add_jobs(3)
    server = gate("S3", "GET", "/Data/")

    one = process(*arguments)
    _, err = interrupt(one, server)

    assert one.returncode == 130
    assert "canceled" in err
    assert "Traceback" not in err
    assert not list(queue.checkpoints.glob("*.pid*"))
    failed = [path for path in queue.checkpoints.iterdir() if "failed_jobs" in path.name]
    assert failed == []
    assert deadline(*arguments).code == 0
    assert queue.files == 6


@pytest.mark.skipif(sys.platform == "win32", reason="processes on Windows get no SIGKILL")
def test_a_command_that_is_killed_while_it_downloads_is_gone_on_with(
    queue: Queue, arguments: list[str], gate: Any, process: Any, deadline: Any
) -> None:
    queue.add_jobs(3)
    server = gate("S3", "GET", "/Data/")
    one = process(*arguments)
    assert server.reached.wait(LIMIT)
    busy = deadline(*arguments)
    assert (busy.code, busy.out) == (1, "")
    assert f"under way already, in process {one.pid}" in busy.err
    one.send_signal(signal.SIGKILL)
    one.wait(timeout=LIMIT)
    server.released.set()

    result = deadline(*arguments, "--json")

    assert (result.code, json.loads(result.out)["failedJobs"]) == (0, [])
    assert queue.files == 6
    assert not [path for path in queue.root.rglob("*") if path.is_file() and path.suffix != ".exr"]
