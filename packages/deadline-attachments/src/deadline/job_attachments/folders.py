"""Folders that are opened once and then used by what was opened, not by their path.

Whether a path stays within its root is found out when a download is planned, and the file is written later; in between
somebody who may write there can put a link in the place of a folder. So the way from the root to the folder is gone step
by step, links are not followed, and files are made, renamed and removed relative to the folder that was reached.

A link within the root that leads to another place within it is fine: then the way goes from the root to where the link
leads, again step by step. Where the system has no such calls (Windows) the path is used as it is.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence

from .exceptions import PathOutsideDirectoryError

_BINARY = getattr(os, "O_BINARY", 0)
_CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _CLOSED_ON_EXEC
_IS_A_LINK = (errno.ELOOP, errno.ENOTDIR)
"""What systems say when a folder was to be opened and there is a link."""
MOST_KEPT_OPEN = 512
_NEEDED = {os.open, os.mkdir, os.stat, os.unlink, os.link, os.rename, os.utime}
STEP_BY_STEP = os.supports_dir_fd >= _NEEDED and os.listdir in os.supports_fd and bool(_NO_LINK)


def most_kept_open() -> int:
    """How many folders may stay open at a time: a quarter of the files that the system lets this process open."""
    if sys.platform == "win32":
        return MOST_KEPT_OPEN
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_KEPT_OPEN if limit == resource.RLIM_INFINITY else min(MOST_KEPT_OPEN, limit // 4)


class Folder:
    """An open folder; every ``name`` is that of something directly in it."""

    def __init__(self, path: Path, handle: Optional[int]) -> None:
        self.path = path
        self._handle = handle

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the folder go; closing it again changes nothing."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def open(self, name: str, flags: int) -> int:
        """Open a file, never through a link; ``flags`` as of :func:`os.open`."""
        return os.open(self._at(name), flags | _BINARY | _NO_LINK | _CLOSED_ON_EXEC, 0o666, dir_fd=self._handle)

    def status(self, name: str) -> os.stat_result:
        """What a file, or a link, is."""
        return os.stat(self._at(name), dir_fd=self._handle, follow_symlinks=False)

    def names(self) -> List[str]:
        """What is in the folder."""
        return os.listdir(self.path if self._handle is None else self._handle)

    def remove(self, name: str) -> None:
        """Remove a file."""
        os.unlink(self._at(name), dir_fd=self._handle)

    def replace(self, old: str, new: str) -> None:
        """Rename a file, over whatever file or link has the new name."""
        os.replace(self._at(old), self._at(new), src_dir_fd=self._handle, dst_dir_fd=self._handle)

    def link(self, old: str, new: str) -> None:
        """Give a file another name, which must be free."""
        follow = {"follow_symlinks": False} if os.link in os.supports_follow_symlinks else {}
        os.link(self._at(old), self._at(new), src_dir_fd=self._handle, dst_dir_fd=self._handle, **follow)

    def set_time(self, name: str, time_ns: int) -> None:
        """Give a file, not what a link leads to, its times; nanoseconds since the epoch."""
        where: Dict[str, Any] = {"follow_symlinks": False} if os.utime in os.supports_follow_symlinks else {}
        if self._handle is not None:
            where["dir_fd"] = self._handle
        os.utime(self._at(name), ns=(time_ns, time_ns), **where)

    def _at(self, name: str) -> str:
        return name if self._handle is not None else os.path.join(self.path, name)


def open_folder(path: Path, root: Optional[Path] = None) -> Folder:
    """Open a folder, and make it and those above it where they are missing.

    With ``root``, of which ``path`` is a part, the folder lies within it whatever anybody does meanwhile.

    Raises:
        OSError: The folder cannot be made or opened.
        PathOutsideDirectoryError: A link on the way leads out of the root.
    """
    if root is None or not STEP_BY_STEP:
        os.makedirs(path, exist_ok=True)
        return Folder(path, os.open(path, _FOLDER) if STEP_BY_STEP else None)
    os.makedirs(root, exist_ok=True)
    try:
        return Folder(path, _walk(str(root), path.relative_to(root).parts))
    except OSError as error:
        if error.errno not in _IS_A_LINK:
            raise
        inside = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
        parts = Path(inside).parts
        if os.pardir in parts:
            raise PathOutsideDirectoryError(
                f"{path} passes through a link that leads out of {root}, so nothing was written there. Remove the link "
                "or download to another folder."
            ) from error
        return Folder(path, _walk(os.path.realpath(root), parts))


def ignores_case(folder: Path) -> bool:
    """Whether ``A`` and ``a`` are one file in a folder, which need not exist; found out from what is on the way to it."""
    for path in (folder, *folder.parents):
        other = path.name.swapcase()
        if other != path.name:
            with contextlib.suppress(OSError):
                return os.path.samestat(os.lstat(path), os.lstat(path.with_name(other)))
            if path.exists():
                return False
    return os.name == "nt"


def _walk(root: str, parts: Sequence[str]) -> int:
    """Open what is below ``root`` by ``parts``; an error where a link is on the way."""
    handle = os.open(root, _FOLDER)
    for part in parts:
        above, handle = handle, -1
        try:
            try:
                handle = os.open(part, _FOLDER | _NO_LINK, dir_fd=above)
            except FileNotFoundError:
                try:
                    os.mkdir(part, dir_fd=above)
                except FileExistsError:
                    pass  # somebody else made it a moment ago
                handle = os.open(part, _FOLDER | _NO_LINK, dir_fd=above)
        finally:
            os.close(above)
    return handle
