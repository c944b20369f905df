"""Owners and modes for files that a worker brings to a job's user."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Iterable, Set, Union


@dataclass
class PosixFileSystemPermissionSettings:
    """The group of files and folders, and mode bits that are added to theirs."""

    os_user: str
    os_group: str
    dir_mode: int
    file_mode: int


class WindowsPermissionEnum(Enum):
    """What a user may do with a file."""

    READ = "READ"
    WRITE = "WRITE"
    EXECUTE = "EXECUTE"
    READ_WRITE = "READ_WRITE"
    FULL_CONTROL = "FULL_CONTROL"


@dataclass
class WindowsFileSystemPermissionSettings:
    """What a user may do with folders and files."""

    os_user: str
    dir_mode: WindowsPermissionEnum
    file_mode: WindowsPermissionEnum


FileSystemPermissionSettings = Union[PosixFileSystemPermissionSettings, WindowsFileSystemPermissionSettings]


def give_to_group(files: Iterable[Path], root: Path, settings: FileSystemPermissionSettings) -> None:
    """Give files below ``root``, and the folders from it down to them, the group and the mode bits of ``settings``.

    Raises :class:`TypeError` for settings of another operating system.
    """
    if os.name == "nt" or not isinstance(settings, PosixFileSystemPermissionSettings):
        raise TypeError(f"{type(settings).__name__} cannot be applied to files on this operating system.")
    folders: Set[Path] = set()
    for file in files:
        _add(file, settings.os_group, settings.file_mode)
        folders.update(parent for parent in file.parents if parent == root or root in parent.parents)
    for folder in folders:
        _add(folder, settings.os_group, settings.dir_mode)


def _add(path: Path, group: str, mode: int) -> None:
    shutil.chown(path, group=group)
    path.chmod(stat.S_IMODE(path.stat().st_mode) | mode)
