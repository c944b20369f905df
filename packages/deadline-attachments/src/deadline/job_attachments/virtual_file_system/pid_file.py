"""The mounts of a session, kept in a file of its folder so that the end of the session finds them.

A line is ``{mount point}:{process id}:{path of the manifest}``; a colon, a percent sign or a line break within a path is
written as ``%3A``, ``%25``, ``%0A``. The file is replaced as a whole, so that nobody reads half of it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import tempfile
import threading
from pathlib import Path
from typing import List, NamedTuple, Optional
from urllib.parse import unquote

from .constants import DEADLINE_VFS_PID_FILE_NAME

logger = logging.getLogger("deadline.job_attachments.vfs")

_lock = threading.Lock()


class Mount(NamedTuple):
    """A mounted asset root."""

    mount_point: str
    process_id: int
    manifest_path: str


class PidFile:
    """The mounts of one session."""

    def __init__(self, session_dir: Path) -> None:
        self.path = Path(session_dir, DEADLINE_VFS_PID_FILE_NAME)

    def mounts(self) -> List[Mount]:
        """The mounts, in the order in which they were made; none where there is no file."""
        with _lock:
            return self._read()

    def find(self, mount_point: str) -> Optional[Mount]:
        """The mount at a place."""
        return next((mount for mount in self.mounts() if mount.mount_point == mount_point), None)

    def add(self, mount: Mount) -> None:
        """Note a mount, in place of an earlier one at the same place."""
        with _lock:
            self._write([*(known for known in self._read() if known.mount_point != mount.mount_point), mount])

    def remove(self, mount_point: str) -> None:
        """Forget the mount at a place; with the last one the file goes."""
        with _lock:
            self._write([mount for mount in self._read() if mount.mount_point != mount_point])

    def _read(self) -> List[Mount]:
        try:
            text = self.path.read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return []
        mounts = []
        for line in text.split("\n"):
            parts = line.split(":")
            if len(parts) == 3 and parts[1].isdigit():
                place, manifest = (unquote(part, errors="surrogateescape") for part in parts[::2])
                mounts.append(Mount(place, int(parts[1]), manifest))
            elif line:
                logger.warning("A line of %s is no mount and is ignored: %s", self.path, line)
        return mounts

    def _write(self, mounts: List[Mount]) -> None:
        if not mounts:
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()
            return
        lines = [f"{_quoted(place)}:{process_id}:{_quoted(manifest)}\n" for place, process_id, manifest in mounts]
        handle, temporary = tempfile.mkstemp(prefix=self.path.name, dir=self.path.parent)
        with open(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(lines)
        os.replace(temporary, self.path)


def _quoted(path: str) -> str:
    return re.sub("[%:\n\r]", lambda match: f"%{ord(match.group()):02X}", path)
