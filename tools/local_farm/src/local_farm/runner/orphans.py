"""Processes of sessions that went on when their farm was killed.

The same task is about to run again, and two runs of it would write the same files. Each process of a session carries the
session's id in its environment, which nobody else has; where the system shows the environments of processes (Linux), they
are found by that.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Iterator

_VARIABLE = b"DEADLINE_SESSION_ID="


def end_orphans(session_ids: set[str]) -> None:
    """Kill the processes of these sessions, if any are left."""
    if sys.platform != "linux" or not session_ids:
        return
    marks = {_VARIABLE + session_id.encode() for session_id in session_ids}
    for process_id, environment in _environments():
        if not marks.isdisjoint(environment):
            with contextlib.suppress(OSError):
                os.kill(process_id, signal.SIGKILL)


def _environments() -> Iterator[tuple[int, list[bytes]]]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            yield int(folder.name), (folder / "environ").read_bytes().split(b"\0")
