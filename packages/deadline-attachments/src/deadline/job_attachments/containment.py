"""Keeping what a manifest names within the folder that it is for.

Manifests come from S3, where a job's own tasks may write; their paths are not to be trusted. A path that is absolute,
climbs with ``..``, has a drive, a device name or an empty part, or passes through a link out of the root is refused
before anything is written.

A caller that has mapped paths to places of this machine itself gives them as absolute paths and names no root. Those are
kept within folders that the caller names; where it names none they are taken as they are, and only a link is refused
that a stranger could have put there.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Dict, Optional, Sequence

from .exceptions import PathOutsideDirectoryError
from .long_paths import ON_WINDOWS

_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


class Containment:
    """Turns paths of manifests into paths below ``root``, an absolute folder that need not exist yet."""

    def __init__(self, root: Path, *, windows: bool = ON_WINDOWS) -> None:
        """``windows`` says whose rules for names apply. Raises :class:`ValueError` when the root is not absolute."""
        if not root.is_absolute():
            raise ValueError(f"The folder to download to must be an absolute path; {str(root)!r} is not.")
        self.root = root
        self._windows = windows
        self._resolved_root = os.path.realpath(root)
        self._folders: Dict[str, bool] = {}

    def target_of(self, manifest_path: str) -> Path:
        """Where a file of a manifest belongs; raises :class:`PathOutsideDirectoryError` when that is not below."""
        parts = manifest_path.split("/")
        if any(_is_refused(part, self._windows) for part in parts):
            raise PathOutsideDirectoryError(
                f"The manifest names {manifest_path!r}, which is no plain path below {self.root}. Nothing was written."
            )
        target = self.root.joinpath(*parts)
        if not self._stays_inside(target.parent):
            raise PathOutsideDirectoryError(
                f"{target} passes through a link that leads out of {self.root}. Nothing was written; remove the link "
                "or download to another folder."
            )
        return target

    def _stays_inside(self, folder: Path) -> bool:
        key = str(folder)
        if key not in self._folders:
            resolved = os.path.realpath(folder)
            root = self._resolved_root
            self._folders[key] = resolved == root or resolved.startswith(root.rstrip(os.sep) + os.sep)
        return self._folders[key]


class AbsolutePaths:
    """Turns absolute paths of manifests into paths of this machine; an alternative to :class:`Containment`."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        """``folders`` are absolute; where there are any, every path has to lie in one of them, links resolved."""
        # The deepest first: it is the folder that a path in several of them belongs to.
        ordered = sorted(folders, key=lambda folder: len(folder.parts), reverse=True)
        self._containments = [Containment(folder) for folder in ordered]
        self._folders: Dict[Path, Optional[Path]] = {}

    def target_of(self, manifest_path: str) -> Path:
        """Where a file of a manifest belongs; raises :class:`PathOutsideDirectoryError` for a path that is refused."""
        target = Path(manifest_path)
        names = target.parts[1:]
        plain = str(target) == manifest_path.replace("/", os.sep) and not any(
            _is_refused(name, ON_WINDOWS) for name in names
        )
        if not (target.is_absolute() and names and plain):
            raise PathOutsideDirectoryError(
                f"The manifest names {manifest_path!r}, which is no plain absolute path. Nothing was written."
            )
        for containment in self._containments:
            if containment.root in target.parents:
                return containment.target_of(target.relative_to(containment.root).as_posix())
        if self._containments:
            folders = ", ".join(str(containment.root) for containment in self._containments)
            raise PathOutsideDirectoryError(f"{target} lies in none of {folders}. Nothing was written.")
        link = self._strange_link(target.parent)
        if link is not None:
            raise PathOutsideDirectoryError(
                f"{target} passes through {link}, a link that another user made where everybody may write. "
                "Nothing was written; remove the link or download to another folder."
            )
        return target

    def _strange_link(self, folder: Path) -> Optional[Path]:
        """The first link on the way to ``folder`` that a stranger could have made."""
        if folder not in self._folders:
            if folder == folder.parent:
                return None
            above = self._strange_link(folder.parent)
            self._folders[folder] = above or (folder if _is_strange_link(folder) else None)
        return self._folders[folder]


def _is_strange_link(path: Path) -> bool:
    """Whether a path is a link of another user in a folder in which everybody may make one."""
    if os.name == "nt":
        return False
    try:
        link = os.lstat(path)
        if not stat.S_ISLNK(link.st_mode):
            return False
        folder = os.stat(path.parent)
    except OSError:
        return False
    return bool(folder.st_mode & stat.S_IWOTH) and link.st_uid not in (os.getuid(), 0, folder.st_uid)


def _is_refused(part: str, windows: bool) -> bool:
    if part in ("", ".", "..") or "\0" in part or not _is_a_name(part):
        return True
    if not windows:
        return False
    # Windows drops trailing dots and blanks, so that `.. ` would climb after all.
    return bool(re.search(r'[\\:*?"<>|]|[. ]$', part) or _WINDOWS_DEVICE.fullmatch(part))


def _is_a_name(part: str) -> bool:
    """Whether this machine can write a name at all: JSON may have halves of characters that no file system takes."""
    if part.isascii():
        return True
    try:
        os.fsencode(part)
    except UnicodeEncodeError:
        return False
    return True
