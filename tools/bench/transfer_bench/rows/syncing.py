"""Downloading what is new in a queue with many finished jobs: the first run, and runs that find nothing new."""

from __future__ import annotations

import contextlib
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Iterator, Mapping

from local_farm.farm import LocalFarm
from local_farm.synthetic import SyntheticJobs, add_jobs
from local_farm.testing import running_farm

from ..clients import DeadlineClient, environment
from ..errors import RunFailed
from ..model import Case, Command, Measurement
from ..targets import at_most
from ..workbench import Prepare, Workbench

JOBS = 2_000
FEWER = 0.1
"""The part of them with which idle runs are measured first, to see whether they grow."""
TASKS = 2
LOOKBACK_MINUTES = 3 * 24 * 60
IDLE_CALLS = 3
"""Of the service: one for the queue, two to search for jobs."""


def sync_output(bench: Workbench) -> Iterator[Case]:
    """``deadline queue sync-output`` against a local farm in this process, whose calls are counted."""
    if "cold" not in bench.options.states:
        return
    jobs = max(2, round(JOBS * bench.options.scale))
    yield from _cases(bench, max(1, round(jobs * FEWER)), idle_only=True)
    yield from _cases(bench, jobs, idle_only=False)


def _cases(bench: Workbench, jobs: int, *, idle_only: bool) -> Iterator[Case]:
    with running_farm(workers=0) as farm:
        project = bench.folder / "project"
        now = datetime.now(timezone.utc)
        bench.say(f"making {jobs} jobs that have finished")
        shape = SyntheticJobs(
            jobs,
            tasks_per_step=TASKS,
            with_outputs=True,
            root_path=str(project),
            ended_before=now - timedelta(minutes=10),
        )
        add_jobs(farm, shape)
        shown = {"calls": "calls", "S3 requests": "S3 requests"}
        place = _Place(bench, farm, project, jobs * TASKS)
        if not idle_only:
            yield Case("sync-output", f"first, {jobs} jobs", bench.deadline_contestants(place.first), shown=shown)
        targets = [
            at_most("calls", IDLE_CALLS, f"calls of an idle run after {jobs} jobs <= {IDLE_CALLS}"),
            at_most("S3 requests", 0, "requests of an idle run to S3: 0"),
        ]
        yield Case("sync-output", f"idle, {jobs} jobs", bench.deadline_contestants(place.idle), targets, shown=shown)


class _Place:
    """A farm, the folder that its jobs wrote to, and how many files they wrote."""

    def __init__(self, bench: Workbench, farm: LocalFarm, project: Path, files: int) -> None:
        self._bench = bench
        self._farm = farm
        self._project = project
        self._files = files

    def first(self, client: DeadlineClient) -> Prepare:
        """A run without a checkpoint, into an empty folder."""

        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            with self._bench.empty_folder(client.name, "checkpoint") as checkpoint:
                shutil.rmtree(self._project, ignore_errors=True)
                yield self._command(client, checkpoint, files=self._files)

        return prepare

    def idle(self, client: DeadlineClient) -> Prepare:
        """A run after others that have handled everything."""

        @contextlib.contextmanager
        def prepare() -> Iterator[Command]:
            checkpoint = self._bench.client_folder(client.name) / f"checkpoint-{self._files}"
            command = self._command(client, checkpoint, files=self._files)
            if not checkpoint.exists():
                # The second one still notes that the jobs of the first have come to rest.
                for _ in range(2):
                    self._bench.run(client.name, command)
            self._farm.calls.reset()
            yield command

        return prepare

    def _command(self, client: DeadlineClient, checkpoint: Path, *, files: int) -> Command:
        def count(_: Measurement) -> Mapping[str, float]:
            calls = self._farm.calls.reset()
            found = sum(path.is_file() for path in self._project.rglob("*"))
            if found != files:
                raise RunFailed(f"brought {found} of {files} files")
            to_s3 = sum(number for name, number in calls.items() if name.startswith("s3:"))
            service = sum(number for name, number in calls.items() if ":" not in name)
            return {"calls": service, "S3 requests": to_s3}

        argv = [
            *(str(client.python), "-m", "deadline", "queue", "sync-output", "--ignore-storage-profiles"),
            *("--checkpoint-dir", str(checkpoint), "--bootstrap-lookback-minutes", str(LOOKBACK_MINUTES)),
        ]
        self._farm.calls.reset()
        return Command(argv, {**environment(client.home), **self._farm.environment()}, finish=count)
