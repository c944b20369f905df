"""A farm in a process of its own: who it is, whether it answers, how it ends."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Sequence
from urllib.parse import urlsplit

from local_farm.settings import HEALTH, Settings


class FarmProcessError(Exception):
    """A farm could not be started or stopped, for the reason that the message gives."""


@dataclass(frozen=True)
class RunningFarm:
    """A farm that runs in some process; written into its data folder."""

    pid: int
    endpoint_url: str
    workers: int
    s3_endpoint: str | None

    def answers(self) -> bool:
        """Whether this very process serves the endpoint."""
        url = urlsplit(self.endpoint_url)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=2)
        try:
            connection.request("GET", HEALTH)
            word = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return False
        finally:
            connection.close()
        return bool(word.get("service") == "local-farm" and word.get("pid") == self.pid)

    def settings(self, data_dir: Path) -> Settings:
        """The settings that clients' variables are made of."""
        return Settings(data_dir=data_dir, s3_endpoint=self.s3_endpoint, workers=self.workers)


def _state_file(data_dir: Path) -> Path:
    return data_dir / "running.json"


def announce(data_dir: Path, farm: RunningFarm) -> None:
    """Let others find the farm by its data folder."""
    written = _state_file(data_dir).with_suffix(".new")
    written.write_text(json.dumps(asdict(farm)), encoding="utf-8")
    written.replace(_state_file(data_dir))


def withdraw(data_dir: Path) -> None:
    """The farm of this process is gone."""
    found = _read(data_dir)
    if found is not None and found.pid == os.getpid():
        _state_file(data_dir).unlink()


def find(data_dir: Path) -> RunningFarm | None:
    """The farm that runs in a data folder, if one does and answers."""
    found = _read(data_dir)
    return found if found is not None and found.answers() else None


def stop(data_dir: Path, timeout: float = 30) -> bool:
    """End the farm of a data folder; whether there was one.

    Raises :class:`FarmProcessError` when it does not end within ``timeout`` seconds.
    """
    farm = find(data_dir)
    if farm is None:
        return False
    # It answered with its own id a moment ago, so this is no other process that got the id since.
    os.kill(farm.pid, signal.SIGTERM)
    deadline = time.monotonic() + timeout
    while farm.answers() or _read(data_dir) == farm:
        if time.monotonic() > deadline:
            raise FarmProcessError(f"The farm (process {farm.pid}) does not end. Its log is {log_file(data_dir)}.")
        time.sleep(0.05)
    return True


def log_file(data_dir: Path) -> Path:
    """The log of a farm in the background."""
    return data_dir / "farm.log"


def start_in_background(arguments: Sequence[str], data_dir: Path, timeout: float = 60) -> RunningFarm:
    """Run ``local-farm start`` with ``arguments`` in a process that outlives this one, and wait until it answers.

    Raises :class:`FarmProcessError`, with the end of its log, when it does not come up.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with log_file(data_dir).open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "local_farm", "start", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + timeout
    while True:
        farm = find(data_dir)
        if farm is not None and farm.pid == child.pid:
            return farm
        if child.poll() is not None or time.monotonic() > deadline:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            child.wait()
            last = "\n".join(log_file(data_dir).read_text(encoding="utf-8", errors="replace").splitlines()[-10:])
            raise FarmProcessError(f"The farm did not start. The end of its log {log_file(data_dir)}:\n{last}")
        time.sleep(0.05)


def _read(data_dir: Path) -> RunningFarm | None:
    try:
        return RunningFarm(**json.loads(_state_file(data_dir).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
