"""Groups and mode bits on POSIX.

Files and folders are opened first and changed through the open file, and no link is followed: a job's user, who may write
to the folder, must not be able to turn a file into a link meanwhile and so get hold of what that leads to.
"""

from __future__ import annotations

import os
import stat

from .exceptions import AssetSyncError
from .permission_settings import PosixFileSystemPermissionSettings

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class PosixAccess:
    """Gives files and folders a group, and adds mode bits to theirs."""

    def __init__(self, settings: PosixFileSystemPermissionSettings) -> None:
        """Raises :class:`AssetSyncError` when there is no such group."""
        self._settings = settings
        self._group = group_id(settings.os_group)

    def add_to_folder(self, path: str) -> None:
        self._add(path, self._settings.dir_mode)

    def add_to_file(self, path: str) -> None:
        self._add(path, self._settings.file_mode)

    def _add(self, path: str, bits: int) -> None:
        try:
            handle = os.open(path, _FLAGS)
            try:
                status = os.fstat(handle)
                mode = stat.S_IMODE(status.st_mode)
                if status.st_gid != self._group:
                    os.fchown(handle, -1, self._group)
                if mode | bits != mode:
                    os.fchmod(handle, mode | bits)
            finally:
                os.close(handle)
        except OSError as error:
            raise AssetSyncError(
                f"{path} could not be given to the group {self._settings.os_group} with the mode {oct(bits)}: "
                f"{error.strerror or error}."
            ) from error


def group_id(name: str) -> int:
    """The number of a group; raises :class:`AssetSyncError` when there is no such group."""
    import grp

    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise AssetSyncError(
            f"The group {name!r} does not exist on this machine, so no files can be given to it."
        ) from error
