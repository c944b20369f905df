"""Putting a downloaded file into its place in one step.

Content goes to a temporary name in the target's folder and is renamed when it is complete and verified, so that a crash
leaves the old file or the new one. Temporary names tell the machine and the process that made them; the next download
into the folder removes those whose process is gone.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import itertools
import os
import re
import socket
import uuid
from pathlib import Path
from typing import Union

from .asset_manifests.hash_algorithms import HashAlgorithm, hash_data

_RUN = uuid.uuid4().hex[:20]
_NUMBERS = itertools.count()
_BINARY = getattr(os, "O_BINARY", 0)
_TEMPORARY = re.compile(r"\.deadline-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{32}\.tmp")


def temporary_beside(target: Path) -> Path:
    """A name in the target's folder that nobody else uses."""
    return target.with_name(f".deadline-{_host()}-{os.getpid()}-{_RUN}{next(_NUMBERS):012x}.tmp")


def write_new(path: Path, content: Union[bytes, bytearray], mtime_us: int) -> None:
    """Write a file that must not exist, with its time (microseconds since the epoch)."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        if os.utime in os.supports_fd:
            os.utime(handle, ns=(mtime_us * 1000, mtime_us * 1000))
    finally:
        os.close(handle)
    if os.utime not in os.supports_fd:
        os.utime(path, ns=(mtime_us * 1000, mtime_us * 1000))


def remove_stale(folder: Path) -> None:
    """Remove temporary files that ended processes of this machine left in ``folder``."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            match = _TEMPORARY.fullmatch(entry.name)
            if match and match.group(1) == _host() and not _is_running(int(match.group(2))):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def set_time(path: Path, mtime_us: int) -> None:
    """Give a file its time, in microseconds since the epoch."""
    os.utime(path, ns=(mtime_us * 1000, mtime_us * 1000))


def place(temporary: Path, target: Path, *, keep_existing: bool) -> Path:
    """Give a complete file its name, and return it.

    Over whatever has the name; or, with ``keep_existing``, the first free one of ``name``, ``name (1)``, ``name (2)``...
    """
    if not keep_existing:
        os.replace(temporary, target)
        return target
    number = 0
    while True:
        candidate = target if number == 0 else numbered(target, number)
        try:
            # A link fails where the name is taken, also when another process took it a moment ago.
            os.link(temporary, candidate)
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV):
                raise
            if not _rename_to_free_name(temporary, candidate):
                number += 1
                continue
            return candidate
        os.unlink(temporary)
        return candidate


def numbered(target: Path, number: int) -> Path:
    """``name (number).suffix`` beside ``name.suffix``."""
    return target.with_name(f"{target.stem} ({number}){target.suffix}")


def _rename_to_free_name(temporary: Path, candidate: Path) -> bool:
    """For file systems without links: claim the name with an empty file, then replace that."""
    try:
        with open(candidate, "xb"):
            pass
    except FileExistsError:
        return False
    os.replace(temporary, candidate)
    return True


@functools.lru_cache(maxsize=1)
def _host() -> str:
    return hash_data(socket.gethostname().encode(), HashAlgorithm.XXH128)[:8]


def _is_running(process_id: int) -> bool:
    if os.name == "nt":
        # Asking for a process by signal would end it there; a temporary file of a live run must not be lost.
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
