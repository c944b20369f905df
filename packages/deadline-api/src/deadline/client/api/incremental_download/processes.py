"""Whether a process of this machine runs, and since when."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Optional

UNKNOWN = 0.0
"""The start of a process that runs since nobody knows when."""


def start_of(process_id: int) -> Optional[float]:
    """When a process began, in seconds since the epoch: ``None`` for one that does not run, else :data:`UNKNOWN` where it
    cannot be found out."""
    if process_id <= 0:
        return None
    if sys.platform == "win32":
        return _start_on_windows(process_id)
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        return None
    except OSError:
        pass  # It runs, and is another user's.
    if Path("/proc/self/stat").exists():
        return _start_by_proc(process_id)
    return _start_by_ps(process_id)


def _start_by_proc(process_id: int) -> Optional[float]:
    try:
        # The name, in parentheses, may have anything in it.
        fields = (
            Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
        booted = next(
            float(line.split()[1])
            for line in Path("/proc/stat").read_text(encoding="utf-8").splitlines()
            if line.startswith("btime ")
        )
        if fields[0] in ("Z", "X"):
            return None
        return booted + float(fields[19]) / os.sysconf("SC_CLK_TCK")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, IndexError, StopIteration):
        return UNKNOWN


def _start_by_ps(process_id: int) -> float:
    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        done = subprocess.run(
            ["ps", "-o", "etime=", "-p", str(process_id)], capture_output=True, text=True, check=True, timeout=10
        )
        days, _, clock = done.stdout.strip().rpartition("-")
        seconds = 0
        for part in clock.split(":"):
            seconds = seconds * 60 + int(part)
        return time.time() - seconds - int(days or 0) * 86400
    return UNKNOWN


def _start_on_windows(process_id: int) -> Optional[float]:
    import ctypes
    from ctypes import wintypes

    query_limited_information, still_active, access_denied = 0x1000, 259, 5
    windows: Any = ctypes
    kernel = windows.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = wintypes.HANDLE
    kernel.CloseHandle.argtypes = [wintypes.HANDLE]
    handle = kernel.OpenProcess(query_limited_information, False, process_id)
    if not handle:
        denied = windows.get_last_error() == access_denied
        return UNKNOWN if denied else None
    try:
        code = wintypes.DWORD()
        kernel.GetExitCodeProcess.argtypes = [wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD)]
        if kernel.GetExitCodeProcess(handle, ctypes.byref(code)) and code.value != still_active:
            return None
        times = [wintypes.FILETIME() for _ in range(4)]
        kernel.GetProcessTimes.argtypes = [wintypes.HANDLE, *[ctypes.POINTER(wintypes.FILETIME)] * 4]
        if not kernel.GetProcessTimes(handle, *map(ctypes.byref, times)):
            return UNKNOWN
        # In units of 100 nanoseconds since the year 1601.
        return ((times[0].dwHighDateTime << 32) + times[0].dwLowDateTime) / 1e7 - 11_644_473_600
    finally:
        kernel.CloseHandle(handle)
