"""Runs of incremental downloads with a queue and a checkpoint folder of the test's own.

Making AWS clients takes longer than a run, so the tests of a module share them: see :func:`farm_of_a_module`.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Optional

import pytest

from deadline.client.api.incremental_download import (
    QuietSyncHost,
    SyncOutputRequest,
    SyncOutputResult,
    sync_queue_output,
)
from deadline.client.api.incremental_download.events import Warned
from deadline.client.auth.session import invalidate_boto3_session_cache

from .conftest import Farm
from .scripted_jobs import ScriptedQueue

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm


@contextlib.contextmanager
def farm_of_a_module(running: LocalFarm, home: Path) -> Iterator[Farm]:
    """Let this process's AWS clients and settings reach a farm, with a home folder and clients for many tests."""
    environment = running.environment()
    settings = home / "settings"
    shutil.copyfile(environment["DEADLINE_CONFIG_FILE_PATH"], settings)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "HTTP_PROXY", "HTTPS_PROXY"):
            patch.delenv(name, raising=False)
        for name, value in {
            **environment,
            "DEADLINE_CONFIG_FILE_PATH": str(settings),
            "HOME": str(home),
            "USERPROFILE": str(home),
        }.items():
            patch.setenv(name, value)
        invalidate_boto3_session_cache()
        yield Farm()
        invalidate_boto3_session_cache()


class Sync:
    """Runs with one queue and one checkpoint folder; paths are left as they are unless there is a profile."""

    def __init__(self, queue: ScriptedQueue, folder: Path) -> None:
        self.queue = queue
        self.checkpoints = folder / "checkpoints"
        self.root = str(folder / "project")

    def run(self, host: Optional[QuietSyncHost] = None, **options: Any) -> SyncOutputResult:
        options.setdefault("ignore_storage_profiles", "storage_profile_id" not in options)
        options.setdefault("bootstrap_lookback_minutes", 60)
        request = SyncOutputRequest(
            self.queue.farm.farm_id, self.queue.queue_id, checkpoint_dir=str(self.checkpoints), **options
        )
        return sync_queue_output(request, host)

    def calls(self, **options: Any) -> Dict[str, int]:
        """How often each operation is called by a run."""
        self.queue.running.calls.reset()
        self.run(**options)
        return {name: number for name, number in self.queue.running.calls.reset().items() if ":" not in name}

    @property
    def files(self) -> Dict[str, bytes]:
        """What was downloaded."""
        root = Path(self.root)
        return {
            path.relative_to(root).as_posix(): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and ".deadline" not in path.parts
        }

    def state_file(self, profile: str = "ignore-storage-profiles", kind: str = "download_checkpoint") -> Path:
        return self.checkpoints / f"{self.queue.queue_id}_{profile}_{kind}.json"

    def checkpoint(self, profile: str = "ignore-storage-profiles") -> Dict[str, Any]:
        document: Dict[str, Any] = json.loads(self.state_file(profile).read_text(encoding="utf-8"))
        return document

    def entry(self, job_id: str, profile: str = "ignore-storage-profiles") -> Any:
        """What the checkpoint says of a job."""
        return next((job for job in self.checkpoint(profile)["jobs"] if job["job"]["jobId"] == job_id), None)

    def failed_jobs(self) -> Any:
        path = self.state_file(kind="failed_jobs")
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


class Listener(QuietSyncHost):
    """Remembers what it was told, and goes on for as long as it is wanted."""

    def __init__(self, until: Optional[type] = None) -> None:
        self.events: List[Any] = []
        self._until = until

    def show(self, event: Any) -> None:
        self.events.append(event)

    def keep_going(self) -> bool:
        return self._until is None or not any(isinstance(event, self._until) for event in self.events)

    @property
    def warnings(self) -> List[str]:
        return [event.text for event in self.events if isinstance(event, Warned)]
