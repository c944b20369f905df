"""One farm at a time in a data folder.

The operating system holds the lock for the process and lets go of it when that ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import IO

_LOCKED_BYTE = 1 << 30
"""Far behind the process id, which others may read."""


class FolderInUseError(Exception):
    """Another farm uses the folder. The message says which."""


class FolderLock:
    """Holds ``folder`` from :meth:`acquire` to :meth:`release`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Take the folder; raises :class:`FolderInUseError` when another farm has it, in this process or another one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / "farm.lock").open("a+b")
        try:
            _lock(file)
        except OSError as error:
            holder = _holder(file)
            file.close()
            raise FolderInUseError(
                f"Another farm{holder} runs in {self._folder}. `local-farm stop --data-dir {self._folder}` ends it; "
                "another --data-dir is another farm."
            ) from error
        with contextlib.suppress(OSError):
            file.truncate(0)
            file.write(str(os.getpid()).encode())
            file.flush()
        self._file = file

    def release(self) -> None:
        """Let go of the folder."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _holder(file: IO[bytes]) -> str:
    with contextlib.suppress(OSError):
        file.seek(0)
        process_id = file.read(20).decode(errors="replace")
        if process_id.isdigit():
            return f" (process {process_id})"
    return ""


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
