"""Who is to have the files that a worker brings to a job's user, as callers say it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Union


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
