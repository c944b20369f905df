"""Large files on their way, and going on with those that an earlier download left unfinished.

A file of more than 64 MiB is received into ``.deadline-<hash>-<size>.part`` beside its place. Which of its parts are there
is kept in a file beside it (``.done``): the part size, then the number of each part, as 32-bit integers. When the process
is killed or canceled both stay, and the next download of that content into the folder fetches only what is missing. The
hash of the whole decides in the end, so that a journal that is wrong costs time and nothing else.

Unfinished files that nobody came back for within a week are removed by the next download into their folder.
"""

from __future__ import annotations

import contextlib
import os
import struct
import sys
import threading
import time
from pathlib import Path
from typing import IO, Optional, Set

from .. import placement
from ..download_plan import Content

RESUMED_FROM = 64 * 1024 * 1024
KEPT_SECONDS = 7 * 24 * 3600
_NUMBER = struct.Struct("<I")
_BINARY = getattr(os, "O_BINARY", 0)


class PartialFile:
    """A file that is being received; :attr:`done` are the parts that were there already."""

    def __init__(self, path: Path, handle: int, journal: Optional[IO[bytes]], done: Set[int]) -> None:
        self.path = path
        self.handle = handle
        self.done = frozenset(done)
        self._journal = journal
        self._lock = threading.Lock()

    def read(self, offset: int, length: int) -> bytes:
        """The bytes of a part that is there."""
        with self._lock:
            os.lseek(self.handle, offset, os.SEEK_SET)
            pieces = []
            while length:
                piece = os.read(self.handle, length)
                if not piece:
                    break
                pieces.append(piece)
                length -= len(piece)
        return b"".join(pieces)

    def write(self, number: int, offset: int, body: memoryview) -> None:
        """Write a part, and note that it is there."""
        self._write_at(body, offset)
        if self._journal is not None:
            with self._lock:
                self._journal.write(_NUMBER.pack(number))

    def close(self) -> None:
        """Close the files and leave them for another time."""
        with contextlib.suppress(OSError):
            os.close(self.handle)
        if self._journal is not None:
            self._journal.close()
        else:
            self._remove(self.path)

    def finish(self) -> None:
        """Close the file, which is complete: it needs no journal any more."""
        os.close(self.handle)
        if self._journal is not None:
            self._journal.close()
            self._remove(_journal_of(self.path))

    def discard(self) -> None:
        """Close the files and remove them."""
        self.close()
        self._remove(self.path)
        self._remove(_journal_of(self.path))

    def _write_at(self, view: memoryview, offset: int) -> None:
        if hasattr(os, "pwrite"):
            while view:
                count = os.pwrite(self.handle, view, offset)
                view, offset = view[count:], offset + count
            return
        with self._lock:
            os.lseek(self.handle, offset, os.SEEK_SET)
            while view:
                view = view[os.write(self.handle, view) :]

    @staticmethod
    def _remove(path: Path) -> None:
        with contextlib.suppress(OSError):
            path.unlink()


def open_partial(content: Content, part_size: int) -> PartialFile:
    """The file into which a content is received; one that an earlier download left, where there is one.

    Raises :class:`OSError` where none can be made.
    """
    first = content.targets[0].path
    if content.size > RESUMED_FROM:
        path = first.with_name(f".deadline-{content.hash}-{content.size:x}.part")
        resumed = _resume(path, part_size)
        if resumed is not None:
            return resumed
    temporary = placement.temporary_beside(first)
    handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    return PartialFile(temporary, handle, None, set())


def remove_abandoned(folder: Path) -> None:
    """Remove unfinished files in ``folder`` that nobody came back for."""
    oldest = time.time() - KEPT_SECONDS
    for path in folder.glob(".deadline-*.part*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < oldest:
                path.unlink()


def _resume(path: Path, part_size: int) -> Optional[PartialFile]:
    """The unfinished file of that name, made where there is none; ``None`` when another process has it in hand."""
    journal = open(_journal_of(path), "a+b", buffering=0)  # noqa: SIM115 (it stays open)
    try:
        if not _lock(journal):
            journal.close()
            return None
        done = _read_journal(journal, part_size) if path.exists() else None
        if done is None:
            journal.truncate(0)
            journal.write(_NUMBER.pack(part_size))
            done = set()
        flags = os.O_RDWR | os.O_CREAT | _BINARY | (0 if done else os.O_TRUNC)
        handle = os.open(path, flags, 0o666)
    except BaseException:
        journal.close()
        raise
    return PartialFile(path, handle, journal, done)


def _read_journal(journal: IO[bytes], part_size: int) -> Optional[Set[int]]:
    """The parts that are there; ``None`` for a journal that is new, damaged, or of parts of another size."""
    journal.seek(0)
    content = journal.read()
    numbers = [number for (number,) in _NUMBER.iter_unpack(content[: len(content) // 4 * 4])]
    return set(numbers[1:]) if numbers and numbers[0] == part_size else None


def _journal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.done")


def _lock(file: IO[bytes]) -> bool:
    """Whether no other process has the file; it is ours until it is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
