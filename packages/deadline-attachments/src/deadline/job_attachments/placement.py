"""Putting a downloaded file into its place in one step.

Content goes to a temporary name in the target's folder and is renamed when it is complete and verified, so that a crash
leaves the old file or the new one. Temporary names tell the machine and the process that made them; the next download
into the folder removes those whose process is gone.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import uuid
from pathlib import Path
from typing import Iterable, Optional, Union

from .folders import Folder
from .processes import is_running, this_host, this_process

_RUN = uuid.uuid4().hex[:20]
_NUMBERS = itertools.count()
_TEMPORARY = re.compile(r"\.deadline-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{32}\.tmp")
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EXDEV)
"""What file systems say that know no second name for a file."""


def temporary_name() -> str:
    """A name that nobody else uses."""
    return f".deadline-{this_process()}-{_RUN}{next(_NUMBERS):012x}.tmp"


def temporary_beside(target: Path) -> Path:
    """A name in the target's folder that nobody else uses."""
    return target.with_name(temporary_name())


def write_new(folder: Folder, name: str, content: Union[bytes, bytearray], mtime_us: int) -> None:
    """Write a file that must not exist, with its time (microseconds since the epoch)."""
    handle = folder.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]
        if os.utime in os.supports_fd:
            os.utime(handle, ns=(mtime_us * 1000, mtime_us * 1000))
    finally:
        os.close(handle)
    if os.utime not in os.supports_fd:
        folder.set_time(name, mtime_us * 1000)


def remove_stale(folder: Union[Path, Folder], names: Optional[Iterable[str]] = None) -> None:
    """Remove temporary files that ended processes of this machine left in a folder; ``names`` is what is in it."""
    with contextlib.suppress(OSError):
        opened = folder if isinstance(folder, Folder) else Folder(folder, None)
        for name in opened.names() if names is None else names:
            match = _TEMPORARY.fullmatch(name)
            if match and match.group(1) == this_host() and not is_running(int(match.group(2))):
                with contextlib.suppress(OSError):
                    opened.remove(name)


def place(folder: Folder, temporary: str, name: str, *, keep_existing: bool) -> str:
    """Give a complete file its name, and return it.

    Over whatever has the name; or, with ``keep_existing``, the first free one of ``name``, ``name (1)``, ``name (2)``...
    """
    if not keep_existing:
        folder.replace(temporary, name)
        return name
    number = 0
    while True:
        candidate = name if number == 0 else numbered(name, number)
        try:
            # A link fails where the name is taken, also when another process took it a moment ago.
            folder.link(temporary, candidate)
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if not _rename_to_free_name(folder, temporary, candidate):
                number += 1
                continue
            return candidate
        folder.remove(temporary)
        return candidate


def numbered(name: str, number: int) -> str:
    """``name (number).suffix`` beside ``name.suffix``."""
    path = Path(name)
    return f"{path.stem} ({number}){path.suffix}"


def _rename_to_free_name(folder: Folder, temporary: str, candidate: str) -> bool:
    """For file systems without links: claim the name with an empty file, then replace that."""
    try:
        os.close(folder.open(candidate, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    folder.replace(temporary, candidate)
    return True
