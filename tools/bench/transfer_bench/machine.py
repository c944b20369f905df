"""On what was measured: figures mean nothing without it."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Iterable, Sequence

from .errors import BenchError
from .workbench import EXISTING, Workbench


def machine_facts() -> dict[str, str]:
    """Processor, cores, memory, kernel, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def versions(bench: Workbench, peers: Iterable[str]) -> dict[str, str]:
    """Our version, and that of each of ``peers`` or why there is none."""
    found = {"ours": _answer([str(bench.options.ours), "-c", _ATTACHMENTS])}
    for peer in peers:
        try:
            found[peer] = _version(bench, peer)
        except BenchError as error:
            found[peer] = f"missing: {error}"
    return found


_ATTACHMENTS = "import deadline.job_attachments as found; print(found.version)"


def _version(bench: Workbench, peer: str) -> str:
    if peer in (EXISTING, "awscrt"):
        python = str(bench.environments.program(peer, "python"))
        distribution = "deadline" if peer == EXISTING else peer
        return _answer([python, "-c", f"from importlib import metadata; print(metadata.version({distribution!r}))"])
    argument = {"s5cmd": "version", "rclone": "version"}.get(peer, "--version")
    return _answer([str(bench.environments.program(peer, peer)), argument])


def _answer(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"{command[0]} does not tell its version: {error}") from error
    return next(iter((done.stdout or done.stderr).splitlines()), "").strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
