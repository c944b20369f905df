"""A door: the virtual file system under the names by which other programs import it; see :mod:`.virtual_file_system`."""

from __future__ import annotations

from .exceptions import (
    VFSExecutableMissingError,
    VFSFailedToMountError,
    VFSLaunchScriptMissingError,
    VFSOSUserNotSetError,
    VFSRunPathNotSetError,
)
from .virtual_file_system.constants import (
    DEADLINE_MANIFEST_GROUP_READ_PERMS,
    DEADLINE_VFS_CACHE_ENV_VAR,
    DEADLINE_VFS_ENV_VAR,
    DEADLINE_VFS_EXECUTABLE,
    DEADLINE_VFS_EXECUTABLE_SCRIPT,
    DEADLINE_VFS_INSTALL_PATH,
    DEADLINE_VFS_PID_FILE_NAME,
    VFS_CACHE_FOLDER_IN_SESSION,
    VFS_LOGS_FOLDER_IN_SESSION,
    VFS_MANIFEST_FOLDER_IN_SESSION,
    VFS_MANIFEST_FOLDER_PERMISSIONS,
)
from .virtual_file_system.process import VFSProcessManager

__all__ = [
    "DEADLINE_MANIFEST_GROUP_READ_PERMS",
    "DEADLINE_VFS_CACHE_ENV_VAR",
    "DEADLINE_VFS_ENV_VAR",
    "DEADLINE_VFS_EXECUTABLE",
    "DEADLINE_VFS_EXECUTABLE_SCRIPT",
    "DEADLINE_VFS_INSTALL_PATH",
    "DEADLINE_VFS_PID_FILE_NAME",
    "VFS_CACHE_FOLDER_IN_SESSION",
    "VFS_LOGS_FOLDER_IN_SESSION",
    "VFS_MANIFEST_FOLDER_IN_SESSION",
    "VFS_MANIFEST_FOLDER_PERMISSIONS",
    "VFSExecutableMissingError",
    "VFSFailedToMountError",
    "VFSLaunchScriptMissingError",
    "VFSOSUserNotSetError",
    "VFSProcessManager",
    "VFSRunPathNotSetError",
]
