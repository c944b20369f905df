"""Large files on their way, and going on with those that an earlier download left unfinished.

A file of more than 64 MiB is received into ``.deadline-<hash>-<size>.part`` beside its place. Which of its parts are there
is kept in a file beside it (``.done``): the part size, then the number of each part, as 32-bit integers. When the process
is killed or canceled both stay, and the next download of that content into the folder fetches only what is missing. The
hash of the whole decides in the end, so that a journal that is wrong costs time and nothing else.

The journal is locked from before the file is opened until after it has its name, so that no other process writes into a
file that is about to be complete. Unfinished files that nobody came back for within a week are removed by the next
download into their folder, and so are journals whose files are gone.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import struct
import sys
import threading
import time
from typing import IO, Iterator, Optional, Set

from .. import placement
from ..folders import Folder

RESUMED_FROM = 64 * 1024 * 1024
KEPT_SECONDS = 7 * 24 * 3600
_NUMBER = struct.Struct("<I")
_AT_ONCE = 64 * 1024
"""Receiving and writing 2 GiB took Linux (6.18, ext4, a virtual machine) 4.8 to 6 seconds of processor time by 256 KiB or
8 MiB a call, and 1.7 by 64 KiB."""
_JOURNAL = ".done"
_UNFINISHED = re.compile(r"\.deadline-[0-9A-Za-z]+-[0-9a-f]+\.part(\.done)?")


class PartialFile:
    """A file that is being received; :attr:`done` are the parts that were there already, and :attr:`is_empty` tells whether
    there is none yet."""

    def __init__(self, folder: Folder, name: str, handle: int, journal: Optional[IO[bytes]], done: Set[int]) -> None:
        self.folder = folder
        self.name = name
        self.done = frozenset(done)
        self.is_empty = not done
        self._handle = handle
        self._journal = journal
        self._lock = threading.Lock()

    def read(self, offset: int, length: int) -> Iterator[bytes]:
        """Bytes that are there, in pieces; fewer where the file ends."""
        end = offset + length
        while offset < end:
            piece = self._read_at(offset, min(_AT_ONCE, end - offset))
            if not piece:
                return
            yield piece
            offset += len(piece)

    def write(self, piece: memoryview, offset: int) -> None:
        """Write bytes of a part."""
        self.is_empty = False
        while piece:
            count = self._write_at(piece[:_AT_ONCE], offset)
            piece, offset = piece[count:], offset + count

    def note(self, number: int) -> None:
        """Note that a part is there."""
        if self._journal is not None:
            with self._lock:
                self._journal.write(_NUMBER.pack(number))

    def place(self, name: str, mtime_us: int, *, keep_existing: bool) -> str:
        """Give the file, which is complete, its time and its name (see :func:`.placement.place`), and close it."""
        os.close(self._handle)
        try:
            self.folder.set_time(self.name, mtime_us * 1000)
            placed = placement.place(self.folder, self.name, name, keep_existing=keep_existing)
        except BaseException:
            self._remove(self.name)
            raise
        finally:
            self._end_journal()
        return placed

    def close(self) -> None:
        """Close the files and leave them for another time, where there is a journal of what they have."""
        os.close(self._handle)
        if self._journal is not None:
            self._journal.close()
        else:
            self._remove(self.name)

    def discard(self) -> None:
        """Close the files and remove them."""
        os.close(self._handle)
        self._remove(self.name)
        self._end_journal()

    def _end_journal(self) -> None:
        if self._journal is None:
            return
        if sys.platform == "win32":
            # There a file that is open cannot be removed.
            self._journal.close()
            self._remove(self.name + _JOURNAL)
        else:
            self._remove(self.name + _JOURNAL)
            self._journal.close()

    def _read_at(self, offset: int, length: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._handle, length, offset)
        with self._lock:
            os.lseek(self._handle, offset, os.SEEK_SET)
            return os.read(self._handle, length)

    def _write_at(self, piece: memoryview, offset: int) -> int:
        if hasattr(os, "pwrite"):
            return os.pwrite(self._handle, piece, offset)
        with self._lock:
            os.lseek(self._handle, offset, os.SEEK_SET)
            return os.write(self._handle, piece)

    def _remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self.folder.remove(name)


def open_partial(folder: Folder, digest: str, size: int, part_size: int) -> PartialFile:
    """The file into which a content is received; one that an earlier download left, where there is one.

    Raises :class:`OSError` where none can be made.
    """
    if size > RESUMED_FROM:
        resumed = _resume(folder, f".deadline-{digest}-{size:x}.part", size, part_size)
        if resumed is not None:
            return resumed
    name = placement.temporary_name()
    return PartialFile(folder, name, folder.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL), None, set())


def sweep(folder: Folder) -> None:
    """Remove what ended downloads left in a folder, and unfinished files that nobody came back for."""
    oldest = time.time() - KEPT_SECONDS
    with contextlib.suppress(OSError):
        names = folder.names()
        placement.remove_stale(folder, names)
        unfinished = {name for name in names if _UNFINISHED.fullmatch(name)}
        for name in unfinished:
            with contextlib.suppress(OSError):
                if folder.status(name).st_mtime < oldest:
                    folder.remove(name)
                elif name.endswith(_JOURNAL) and name[: -len(_JOURNAL)] not in unfinished:
                    _remove_journal(folder, name)


def _remove_journal(folder: Folder, name: str) -> None:
    """Remove a journal unless another process has it in hand."""
    with open(folder.open(name, os.O_RDWR), "r+b", buffering=0) as journal:
        if _lock(journal, folder, name):
            folder.remove(name)


def _resume(folder: Folder, name: str, size: int, part_size: int) -> Optional[PartialFile]:
    """The unfinished file of that name, made where there is none; ``None`` when it is not ours to write into."""
    with contextlib.ExitStack() as undo:
        try:
            opened = folder.open(name + _JOURNAL, os.O_RDWR | os.O_CREAT | os.O_APPEND)
            journal = undo.enter_context(open(opened, "a+b", buffering=0))
            if not _lock(journal, folder, name + _JOURNAL):
                return None
            handle = folder.open(name, os.O_RDWR | os.O_CREAT)
        except OSError:
            # Somebody put something else there, or the disk is full; then it shows again with another name.
            return None
        undo.callback(os.close, handle)
        status = os.fstat(handle)
        if not _is_ours_alone(status):
            return None
        done = _read_journal(journal, part_size)
        if not done or status.st_size < min(size, (max(done) + 1) * part_size):
            if status.st_size:
                # Only then: ext4 writes a file to the disk when it is closed that was truncated to nothing.
                os.ftruncate(handle, 0)
            journal.truncate(0)
            journal.write(_NUMBER.pack(part_size))
            done = set()
        undo.pop_all()
        return PartialFile(folder, name, handle, journal, done)


def _is_ours_alone(status: os.stat_result) -> bool:
    """Whether nobody else's file would be written: a stranger may have put a second name of one there."""
    return stat.S_ISREG(status.st_mode) and status.st_nlink == 1


def _read_journal(journal: IO[bytes], part_size: int) -> Optional[Set[int]]:
    """The parts that are there; ``None`` for a journal that is new, damaged, or of parts of another size."""
    journal.seek(0)
    content = journal.read()
    numbers = [number for (number,) in _NUMBER.iter_unpack(content[: len(content) // 4 * 4])]
    return set(numbers[1:]) if numbers and numbers[0] == part_size else None


def _lock(file: IO[bytes], folder: Folder, name: str) -> bool:
    """Whether no other process has the file; it is ours until it is closed."""
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            return True
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had it before may have removed it in the meantime, and then the next one makes a new file.
        return os.path.samestat(os.fstat(file.fileno()), folder.status(name))
    except OSError:
        return False
