"""One run at a time for each checkpoint.

A run has a lock file with its process id in it, which others recognise as abandoned when no such process runs, or when the
process with that id began after the file was last touched: ids are used again. The file comes into being with its content
in one step, by a link.

A folder may be shared by machines. So an empty file beside the lock, ``<lock>.<process id>@<machine>``, says where the
process is, and the lock is touched now and then. One of another machine that was not touched for a while is abandoned, by
the clock of the file system that both use.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import socket
import threading
import time
from pathlib import Path
from typing import List, Optional

from deadline.client.exceptions import DeadlineOperationError

from .processes import start_of

TOUCHED_EVERY_SECONDS = 30.0
ABANDONED_AFTER_SECONDS = 300.0
CLOCK_SECONDS = 2.0
"""How exact the start of a process and the times of files are."""

logger = logging.getLogger("deadline.client.api.incremental_download")


class CheckpointInUse(DeadlineOperationError):
    """Another run is at work with the same checkpoint."""


class PidLock:
    """Held within a ``with`` block.

    Args:
        path: The lock file.
        operation: What it protects, for messages: ``The download of ...``.
    """

    def __init__(self, path: Path, operation: str) -> None:
        self._path = path
        self._operation = operation
        self._holder = str(os.getpid())
        self._host = _safe(socket.gethostname())
        self._marker = path.with_name(f"{path.name}.{self._holder}@{self._host}")
        self._temporary = path.with_name(f"{path.name}{self._holder}@{self._host}-{threading.get_ident()}~tmp")
        self._released = threading.Event()
        self._toucher = threading.Thread(target=self._touch, name="deadline-pid-lock", daemon=True)

    def __enter__(self) -> PidLock:
        try:
            self._acquire()
        except OSError as error:
            raise DeadlineOperationError(
                f"The lock {self._path} cannot be made: {error.strerror or error}. Choose another checkpoint folder."
            ) from error
        finally:
            _remove(self._temporary)
            if _read(self._path) != self._holder:
                _remove(self._marker)
        self._toucher.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._released.set()
        self._toucher.join()
        found = _read(self._path)
        if found == self._holder:
            _remove(self._path)
        else:
            what = "removed" if found is None else f"taken over by process {found}"
            logger.warning("The lock %s was %s while it was held.", self._path, what)
        _remove(self._marker)

    def _acquire(self) -> None:
        # The marker is first: nobody may find the lock without it.
        self._marker.touch()
        self._temporary.write_text(self._holder, encoding="utf-8")
        for last in (False, True):
            if self._claim():
                return
            if last or not self._remove_abandoned():
                raise CheckpointInUse(self._message())

    def _claim(self) -> bool:
        """Give the file with our id the name of the lock, unless somebody has that."""
        try:
            if os.name == "nt":
                os.rename(self._temporary, self._path)
            else:
                _link(self._temporary, self._path)
        except FileExistsError:
            return False
        return True

    def _remove_abandoned(self) -> bool:
        """Remove the lock where nobody holds it any more; whether it is gone."""
        holder = _read(self._path)
        if holder is None:
            return True
        reason = self._why_abandoned(holder)
        if reason is None:
            return False
        logger.warning("The lock %s is removed: %s.", self._path, reason)
        # Another run may have removed it too, and made its own, since it was read.
        aside = self._temporary.with_name(f"{self._temporary.name}.aside")
        try:
            os.replace(self._path, aside)
        except FileNotFoundError:
            return True
        try:
            if _read(aside) != holder:
                with contextlib.suppress(OSError):
                    _link(aside, self._path)
                return False
        finally:
            _remove(aside)
        for marker in self._markers(holder):
            if marker != self._marker:
                _remove(marker)
        return True

    def _why_abandoned(self, holder: str) -> Optional[str]:
        """Why nobody holds the lock any more, or ``None`` where somebody does, or may."""
        if not holder.isdigit():
            return "it names no process"
        age = self._age()
        if age is None:
            return "it is gone"
        if age <= ABANDONED_AFTER_SECONDS and any(marker != self._own(holder) for marker in self._markers(holder)):
            return None
        start = start_of(int(holder))
        if start is None:
            return f"process {holder} has ended"
        if start > time.time() - age + CLOCK_SECONDS:
            return f"process {holder} is another one by now"
        return None

    def _age(self) -> Optional[float]:
        """For how many seconds the lock was not touched, by the clock of its file system."""
        try:
            os.utime(self._temporary)
            return self._temporary.stat().st_mtime - self._path.stat().st_mtime
        except OSError:
            return None

    def _markers(self, holder: str) -> List[Path]:
        """The files that say on which machine the process of a lock is."""
        prefix = f"{self._path.name}.{holder}@"
        try:
            return [path for path in self._path.parent.iterdir() if path.name.startswith(prefix)]
        except OSError:
            return []

    def _own(self, holder: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{holder}@{self._host}")

    def _message(self) -> str:
        holder = _read(self._path) or "unknown"
        hosts = [marker.name.partition("@")[2] for marker in self._markers(holder) if marker != self._own(holder)]
        where = f" on {', '.join(hosts)}" if hosts else ""
        return (
            f"{self._operation} is under way already, in process {holder}{where}. Wait until it has ended; if there is no "
            f"such process, delete the lock {self._path}"
        )

    def _touch(self) -> None:
        while not self._released.wait(TOUCHED_EVERY_SECONDS):
            if _read(self._path) == self._holder:
                with contextlib.suppress(OSError):
                    os.utime(self._path)


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "_", name)


def _read(path: Path) -> Optional[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()


def _link(source: Path, target: Path) -> None:
    """A second name for a file; where there are no links, a second file that gets its content a moment later."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as file:
            file.write(source.read_text(encoding="utf-8"))
