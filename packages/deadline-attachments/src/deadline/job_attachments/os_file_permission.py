"""Who may use the files that a worker brings to a job's user: on POSIX a group and mode bits, on Windows an access entry.

Permissions are only ever added. How that is done on each operating system is in :mod:`.posix_permissions` and
:mod:`.windows_permissions`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Protocol

from .exceptions import PathOutsideDirectoryError
from .permission_settings import (
    FileSystemPermissionSettings as FileSystemPermissionSettings,
    PosixFileSystemPermissionSettings as PosixFileSystemPermissionSettings,
    WindowsFileSystemPermissionSettings as WindowsFileSystemPermissionSettings,
    WindowsPermissionEnum as WindowsPermissionEnum,
)


class Access(Protocol):
    """Gives access to one file or folder at a time, as some settings say; a path's last part is no link."""

    def add_to_folder(self, path: str) -> None:
        """Raises :class:`AssetSyncError`, naming the folder, where that fails."""

    def add_to_file(self, path: str) -> None:
        """Raises :class:`AssetSyncError`, naming the file, where that fails."""


def access_of(settings: FileSystemPermissionSettings) -> Access:
    """How ``settings`` are applied on this machine; raises :class:`TypeError` for those of another operating system."""
    if os.name == "nt":
        if isinstance(settings, WindowsFileSystemPermissionSettings):
            from .windows_permissions import WindowsAccess

            return WindowsAccess(settings)
    elif isinstance(settings, PosixFileSystemPermissionSettings):
        from .posix_permissions import PosixAccess

        return PosixAccess(settings)
    raise TypeError(f"{type(settings).__name__} cannot be applied to files on this operating system.")


def set_permissions(files: Iterable[Path], root: Optional[Path], access: Access) -> None:
    """Give access to files, and to the folders from ``root`` down to them; without a root to the files alone.

    Raises:
        PathOutsideDirectoryError: A file is not below the root, or passes through a link out of it; nothing was changed.
        AssetSyncError: The operating system refused.
    """
    resolved_root = os.path.realpath(root) if root is not None else None
    folders: Dict[str, None] = {}
    resolved_files: List[str] = []
    resolved_parents: Dict[Path, str] = {}
    for file in files:
        parent = file.parent
        if parent not in resolved_parents:
            resolved_parents[parent] = os.path.realpath(parent)
            if resolved_root is not None:
                folders.update(dict.fromkeys(_folders_down_to(resolved_parents[parent], resolved_root, file)))
        resolved_files.append(os.path.join(resolved_parents[parent], file.name))
    for path in resolved_files:
        access.add_to_file(path)
    for folder in folders:
        access.add_to_folder(folder)


def _folders_down_to(folder: str, root: str, file: Path) -> List[str]:
    """``folder`` and those above it up to ``root``."""
    folders = [folder]
    while os.path.normcase(folders[-1]) != os.path.normcase(root):
        above = os.path.dirname(folders[-1])
        if above == folders[-1]:
            raise PathOutsideDirectoryError(f"{file} is not in {root}, so its permissions were left alone.")
        folders.append(above)
    return folders
