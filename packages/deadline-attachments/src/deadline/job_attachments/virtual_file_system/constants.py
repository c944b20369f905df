"""Names of files, folders and environment variables of the virtual file system."""

from __future__ import annotations

from ..os_file_permission import PosixFileSystemPermissionSettings

DEADLINE_VFS_ENV_VAR = "DEADLINE_VFS_PATH"
"""Names the folder in which the program is installed."""
DEADLINE_VFS_CACHE_ENV_VAR = "DEADLINE_VFS_CACHE"
"""Passed through to the program."""
DEADLINE_VFS_EXECUTABLE = "deadline_vfs"
DEADLINE_VFS_INSTALL_PATH = "/opt/deadline_vfs"
DEADLINE_VFS_EXECUTABLE_SCRIPT = "scripts/production/al2/run_deadline_vfs_al2.sh"
"""The script that starts the program, below the folder in which it is installed."""
DEADLINE_VFS_PID_FILE_NAME = "vfs_pids.txt"
DEADLINE_MANIFEST_GROUP_READ_PERMS = 0o640

VFS_CACHE_FOLDER_IN_SESSION = ".vfs_object_cache"
VFS_MANIFEST_FOLDER_IN_SESSION = ".vfs_manifests"
VFS_LOGS_FOLDER_IN_SESSION = ".vfs_logs"

VFS_MANIFEST_FOLDER_PERMISSIONS = PosixFileSystemPermissionSettings(
    os_user="", os_group="", dir_mode=0o31, file_mode=0o64
)
"""The modes of the manifests' folder; user and group are those of a session, set in a copy."""
