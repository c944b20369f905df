"""Where the program of the virtual file system and what belongs to it is installed."""

from __future__ import annotations

import os
import shutil

from ..exceptions import VFSExecutableMissingError, VFSLaunchScriptMissingError
from .constants import (
    DEADLINE_VFS_ENV_VAR,
    DEADLINE_VFS_EXECUTABLE,
    DEADLINE_VFS_EXECUTABLE_SCRIPT,
    DEADLINE_VFS_INSTALL_PATH,
)


def find_executable() -> str:
    """The program: on the search path, else where it is installed, else in ``bin`` of the present folder.

    Raises :class:`VFSExecutableMissingError` when it is in none of them.
    """
    found = shutil.which(DEADLINE_VFS_EXECUTABLE)
    if found:
        return os.path.realpath(found)
    places = [os.path.join(folder, "bin", DEADLINE_VFS_EXECUTABLE) for folder in (_installed_in(), os.getcwd())]
    for place in places:
        if os.path.isfile(place):
            return os.path.realpath(place)
    raise VFSExecutableMissingError(
        f"The virtual file system is not installed: {DEADLINE_VFS_EXECUTABLE} is neither on the search path nor at "
        f"{' or '.join(places)}. Install it, or name its folder in the environment variable {DEADLINE_VFS_ENV_VAR}."
    )


def find_launch_script() -> str:
    """The script that starts the program; raises :class:`VFSLaunchScriptMissingError` when there is none."""
    script = os.path.join(_installed_in(), DEADLINE_VFS_EXECUTABLE_SCRIPT)
    if not os.path.isfile(script):
        raise VFSLaunchScriptMissingError(
            f"The virtual file system cannot be started, because its script {script} does not exist. Install it anew, or "
            f"name its folder in the environment variable {DEADLINE_VFS_ENV_VAR}."
        )
    return script


def folder_of_program() -> str:
    """The folder that has the program's ``bin``, ``lib`` and ``link``."""
    return os.path.dirname(os.path.dirname(find_executable()))


def link_folder() -> str:
    """The folder of the helpers that the program calls, ``fusermount3`` among them."""
    return os.path.join(folder_of_program(), "link")


def library_folder() -> str:
    """The folder of the program's libraries."""
    return os.path.join(folder_of_program(), "lib")


def _installed_in() -> str:
    return os.environ.get(DEADLINE_VFS_ENV_VAR) or DEADLINE_VFS_INSTALL_PATH
