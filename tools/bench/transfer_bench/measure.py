"""Running a command, and the operating system's account of it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from .errors import RunFailed
from .model import Command, Measurement

LAUNCHER = Path(__file__).with_name("launcher.py")


def run(command: Command, folder: Path, timeout: float) -> Measurement:
    """Run ``command`` to its end and give its figures, those of its ``finish`` included.

    Args:
        command: What to run.
        folder: Gets what it prints: ``stdout``, ``stderr``.
        timeout: Seconds after which it, and what it started, is killed.

    Raises:
        RunFailed: It could not be started, failed, took too long, or its work was not done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    account, stdout, stderr = folder / "account.json", folder / "stdout", folder / "stderr"
    account.unlink(missing_ok=True)
    argv = [sys.executable, "-I", "-S", str(LAUNCHER), str(account), *command.argv]
    with stdout.open("wb") as out, stderr.open("wb") as err:
        # A session of its own, so that everything it starts can be ended with it.
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=dict(command.environment),
            cwd=folder,
            start_new_session=True,
        )
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise RunFailed(f"took longer than {timeout:g} s") from None
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    measurement = _measurement(account, stdout, stderr, command.reports)
    if command.finish is None:
        return measurement
    extra = {**measurement.extra, **command.finish(measurement)}
    return Measurement(measurement.wall, measurement.cpu, measurement.rss, extra)


def _measurement(account: Path, stdout: Path, stderr: Path, reports: bool) -> Measurement:
    if not account.exists():
        raise RunFailed(_last_words(stderr, stdout) or "could not be started")
    figures: dict[str, Any] = json.loads(account.read_text(encoding="utf-8"))
    if figures["code"]:
        raise RunFailed(_last_words(stderr, stdout) or f"ended with status {figures['code']}")
    extra: dict[str, float] = {}
    if reports:
        try:
            extra = json.loads(stdout.read_text(encoding="utf-8", errors="replace").splitlines()[-1])
        except (IndexError, ValueError):
            raise RunFailed("printed no report") from None
    return Measurement(figures["wall"], figures["cpu"], figures["rss"], extra)


def _last_words(*files: Path) -> str:
    """The last line that was printed, shortened: of a traceback, that is the exception."""
    for file in files:
        with file.open("rb") as stream:
            stream.seek(max(0, file.stat().st_size - 4096))
            lines = stream.read().decode("utf-8", errors="replace").split("\n")
        for line in reversed(lines):
            if line.strip():
                return line.strip()[:200]
    return ""
