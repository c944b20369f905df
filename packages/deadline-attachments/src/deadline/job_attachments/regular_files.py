"""Opening files to read them without ever waiting: what stands in a file's place may be a pipe to which nobody writes."""

from __future__ import annotations

import errno
import os
import stat

READ_ONLY = (
    os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
)  # fmt: skip
"""Flags to read a file with. Of a file none of them makes a difference; a pipe opens and is empty."""


def open_regular(path: str, _flags: int = 0) -> int:
    """A handle to read a file with; an ``opener`` for :func:`open`.

    Raises :class:`OSError` for what cannot be opened or is no regular file.
    """
    handle = os.open(path, READ_ONLY)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "It is not a regular file", path)
    return handle
