"""Mount points: making them, asking about them, waiting for them, and unmounting."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import time
from typing import Any, List, Optional

from ..exceptions import VFSExecutableMissingError, VFSFailedToMountError
from ..posix_permissions import group_id
from .program import link_folder

logger = logging.getLogger("deadline.job_attachments.vfs")

WAIT_SECONDS = 60.0
_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 1.0


def create_mount_point(path: str, group: Optional[str] = None) -> None:
    """Make the folder to mount at, unless it is there: for its owner and ``group``, and for nobody else.

    Without a group only the user of this process can mount there.
    """
    if os.path.isdir(path):
        return
    try:
        os.makedirs(path, mode=0o755)
        if group:
            os.chown(path, -1, group_id(group))
            os.chmod(path, 0o770)  # noqa: S103 (the job's user, in that group, has to mount there)
    except OSError as error:
        raise VFSFailedToMountError(f"The mount point {path} could not be made: {error.strerror or error}.") from error


def is_mount(path: str) -> bool:
    """Whether something is mounted at ``path``."""
    try:
        asked = subprocess.run(
            ["findmnt", path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )  # fmt: skip
    except FileNotFoundError:
        return os.path.ismount(path)
    return asked.returncode == 0


def wait_for_mount(
    path: str, seconds: float = WAIT_SECONDS, *, expected: bool = True, process: Optional[subprocess.Popen[Any]] = None
) -> bool:
    """Wait until something is mounted at ``path`` or, where that is not ``expected``, nothing any more.

    Args:
        path: The mount point.
        seconds: How long to wait.
        expected: What to wait for.
        process: The one that is to mount; when it has ended nobody will.

    Returns:
        Whether it came to that.
    """
    until = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while is_mount(path) != expected:
        left = until - time.monotonic()
        if left <= 0 or (process is not None and process.poll() is not None):
            return False
        time.sleep(min(pause, left))
        pause = min(2 * pause, _LONGEST_PAUSE)
    return True


def unmount_command(path: str, os_user: str) -> List[str]:
    """The command that unmounts ``path`` as ``os_user``; raises :class:`VFSExecutableMissingError` without the helper."""
    helper = shutil.which("fusermount3", path=link_folder())
    if helper is None:
        raise VFSExecutableMissingError(f"{path} cannot be unmounted: fusermount3 is not in {link_folder()}.")
    return ["sudo", "-u", os_user, helper, "-u", path]


def unmount(path: str, os_user: str, seconds: float = WAIT_SECONDS) -> bool:
    """Unmount ``path`` and wait until that is done; whether it came to that. Why not is in the log."""
    command = unmount_command(path, os_user)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.error("%s could not be unmounted: %s", path, error)
        return False
    if done.returncode:
        said = done.stdout.decode("utf-8", errors="replace").strip()
        logger.error("%s could not be unmounted: fusermount3 ended with %d: %s", path, done.returncode, said)
        return False
    if not wait_for_mount(path, seconds, expected=False):
        logger.error("%s is still mounted %d seconds after it was unmounted.", path, seconds)
        return False
    return True
