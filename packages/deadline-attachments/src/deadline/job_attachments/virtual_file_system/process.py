"""One run of the virtual file system's program, for one asset root."""

from __future__ import annotations

import contextlib
import logging
import os
import shlex
import subprocess
import threading
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Union

from ..exceptions import VFSFailedToMountError, VFSRunPathNotSetError
from ..posix_permissions import group_id
from . import mounts, program
from .constants import (
    DEADLINE_MANIFEST_GROUP_READ_PERMS,
    DEADLINE_VFS_CACHE_ENV_VAR,
    VFS_LOGS_FOLDER_IN_SESSION,
)
from .pid_file import Mount, PidFile

logger = logging.getLogger("deadline.job_attachments.vfs")

_Path = Union[str, "os.PathLike[str]"]
_SECONDS_TO_END = 5


class VFSProcessManager:
    """Mounts an asset root, and ends the mounts of sessions."""

    def __init__(
        self,
        asset_bucket: str,
        region: str,
        manifest_path: str,
        mount_point: str,
        os_user: str,
        os_env_vars: Dict[str, str],
        os_group: Optional[str] = None,
        cas_prefix: Optional[str] = None,
        asset_cache_path: Optional[str] = None,
        on_mount_complete: Optional[Callable[[bool], None]] = None,
    ) -> None:
        """
        Args:
            asset_bucket: The bucket of the contents.
            region: Of the bucket.
            manifest_path: The file with the manifest of the asset root.
            mount_point: Where to mount.
            os_user: As whom the program runs.
            os_env_vars: The program's environment; names the AWS profile.
            os_group: Who may read the manifest and, through the mount point, the files.
            cas_prefix: The prefix of data objects.
            asset_cache_path: A folder for contents that were fetched.
            on_mount_complete: Is told whether the mount succeeded.
        """
        self._asset_bucket = asset_bucket
        self._region = region
        self._manifest_path = manifest_path
        self._mount_point = mount_point
        self._os_user = os_user
        self._os_env_vars = os_env_vars
        self._os_group = os_group
        self._cas_prefix = cas_prefix
        self._asset_cache_path = asset_cache_path
        self._on_mount_complete = on_mount_complete
        self._session_dir: Optional[Path] = None

    def start(self, session_dir: _Path) -> None:
        """Start the program in the session's folder and wait until its file system is there.

        Raises:
            VFSExecutableMissingError: The program is not installed.
            VFSLaunchScriptMissingError: Its script is missing.
            VFSFailedToMountError: It did not mount.
        """
        self._session_dir = Path(session_dir)
        mounted = False
        try:
            environment = self.get_launch_environ()
            arguments = self._launch_arguments(self._mount_point)
            self.create_mount_point(self._mount_point, self._os_group)
            self.set_manifest_owner()
            self._launch(arguments, environment)
            mounted = True
        finally:
            if self._on_mount_complete is not None:
                self._on_mount_complete(mounted)

    def build_launch_command(self, mount_point: _Path) -> List[str]:
        """The program's command, each argument quoted so that joined by blanks they are a command of a shell."""
        return [shlex.quote(argument) for argument in self._launch_arguments(mount_point)]

    def get_launch_environ(self) -> Dict[str, str]:
        """The environment of the program."""
        search = [program.link_folder(), *filter(None, [os.environ.get("PATH")])]
        environment = {
            **self._os_env_vars,
            "PATH": os.pathsep.join(search),
            "LD_LIBRARY_PATH": program.library_folder(),
        }
        if os.environ.get(DEADLINE_VFS_CACHE_ENV_VAR) is not None:
            environment[DEADLINE_VFS_CACHE_ENV_VAR] = os.environ[DEADLINE_VFS_CACHE_ENV_VAR]
        return environment

    def set_manifest_owner(self) -> None:
        """Let the group read the manifest, and others not."""
        try:
            if self._os_group:
                os.chown(self._manifest_path, -1, group_id(self._os_group))
            os.chmod(self._manifest_path, DEADLINE_MANIFEST_GROUP_READ_PERMS)
        except OSError as error:
            raise VFSFailedToMountError(
                f"The manifest {self._manifest_path} could not be given to the group {self._os_group}: "
                f"{error.strerror or error}."
            ) from error

    def get_mount_point(self) -> str:
        """Where the asset root is, or will be, mounted."""
        return self._mount_point

    def get_file_path(self, file_name: str) -> str:
        """Where a file of the asset root is."""
        return os.path.join(self._mount_point, file_name)

    def get_logs_folder(self) -> Path:
        """Where the program writes its logs; raises :class:`VFSRunPathNotSetError` before :meth:`start`."""
        if self._session_dir is None:
            raise VFSRunPathNotSetError("The virtual file system was not started yet, so it has no folder for logs.")
        return self.logs_folder_path(self._session_dir)

    @classmethod
    def find_vfs(cls) -> str:
        """See :func:`.program.find_executable`."""
        return program.find_executable()

    @classmethod
    def find_vfs_launch_script(cls) -> str:
        """See :func:`.program.find_launch_script`."""
        return program.find_launch_script()

    @classmethod
    def find_vfs_link_dir(cls) -> str:
        """See :func:`.program.link_folder`."""
        return program.link_folder()

    @classmethod
    def get_library_path(cls) -> str:
        """See :func:`.program.library_folder`."""
        return program.library_folder()

    @classmethod
    def get_cwd(cls) -> str:
        """See :func:`.program.folder_of_program`."""
        return program.folder_of_program()

    @classmethod
    def is_mount(cls, path: _Path) -> bool:
        """Whether something is mounted at ``path``."""
        return mounts.is_mount(os.fspath(path))

    @classmethod
    def wait_for_mount(
        cls, mount_path: _Path, session_dir: _Path, mount_wait_seconds: float = mounts.WAIT_SECONDS, expected: bool = True
    ) -> bool:  # fmt: skip
        """Wait until ``mount_path`` is mounted or, where not ``expected``, is not any more; whether it came to that."""
        done = mounts.wait_for_mount(os.fspath(mount_path), mount_wait_seconds, expected=expected)
        if not done:
            cls.print_log_end(session_dir)
        return done

    @classmethod
    def create_mount_point(cls, mount_point: _Path, group: Optional[str] = None) -> None:
        """See :func:`.mounts.create_mount_point`."""
        mounts.create_mount_point(os.fspath(mount_point), group)

    @classmethod
    def kill_all_processes(cls, session_dir: _Path, os_user: str) -> None:
        """Unmount everything that a session mounted; what cannot be unmounted stays noted, and the log says why."""
        for mount in PidFile(Path(session_dir)).mounts():
            cls.kill_process_at_mount(session_dir, mount.mount_point, os_user)

    @classmethod
    def kill_process_at_mount(cls, session_dir: _Path, mount_point: _Path, os_user: str) -> bool:
        """Unmount one asset root, which ends its process; whether nothing is mounted there any more."""
        path = os.fspath(mount_point)
        if cls.is_mount(path) and not cls.shutdown_libfuse_mount(path, os_user, session_dir):
            return False
        PidFile(Path(session_dir)).remove(path)
        return True

    @classmethod
    def get_shutdown_args(cls, mount_path: _Path, os_user: str) -> List[str]:
        """See :func:`.mounts.unmount_command`."""
        return mounts.unmount_command(os.fspath(mount_path), os_user)

    @classmethod
    def shutdown_libfuse_mount(cls, mount_path: _Path, os_user: str, session_dir: _Path) -> bool:
        """Unmount ``mount_path`` and wait until that is done; whether it came to that."""
        done = mounts.unmount(os.fspath(mount_path), os_user)
        if not done:
            cls.print_log_end(session_dir)
        return done

    @classmethod
    def get_manifest_path_for_mount(cls, session_dir: _Path, mount_point: _Path) -> Optional[Path]:
        """The file with the manifest of what is mounted at ``mount_point``; ``None`` where nobody knows."""
        mount = PidFile(Path(session_dir)).find(os.fspath(mount_point))
        path = Path(mount.manifest_path) if mount is not None else None
        return path if path is not None and path.is_file() else None

    @classmethod
    def logs_folder_path(cls, session_dir: _Path) -> Path:
        """Where the program writes its logs in a session."""
        return Path(session_dir, VFS_LOGS_FOLDER_IN_SESSION)

    @classmethod
    def print_log_end(cls, session_dir: _Path, *_: Any, **__: Any) -> None:
        """Say where the program's logs are."""
        logger.info("The logs of the virtual file system are in %s.", cls.logs_folder_path(session_dir))

    def _launch_arguments(self, mount_point: _Path) -> List[str]:
        arguments = [
            *("sudo", "-E", "-u", self._os_user, program.find_launch_script(), os.fspath(mount_point), "-f"),
            "--clienttype=deadline",
            f"--bucket={self._asset_bucket}",
            f"--manifest={self._manifest_path}",
            f"--region={self._region}",
            "-oallow_other",
        ]
        if self._cas_prefix:
            arguments.append(f"--casprefix={self._cas_prefix}")
        if self._asset_cache_path:
            arguments.append(f"--cachedir={self._asset_cache_path}")
        return arguments

    def _launch(self, arguments: List[str], environment: Dict[str, str]) -> None:
        assert self._session_dir is not None
        logger.info("Starting the virtual file system: %s", " ".join(map(shlex.quote, arguments)))
        try:
            process = subprocess.Popen(
                arguments,
                cwd=self._session_dir,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            raise VFSFailedToMountError(f"The virtual file system could not be started: {error}.") from error
        threading.Thread(target=_log_output, args=(process,), name=f"vfs-log-{process.pid}", daemon=True).start()
        pid_file = PidFile(self._session_dir)
        pid_file.add(Mount(self._mount_point, process.pid, self._manifest_path))
        if mounts.wait_for_mount(self._mount_point, process=process):
            return
        self.print_log_end(self._session_dir)
        if _end(process):
            pid_file.remove(self._mount_point)
        raise VFSFailedToMountError(
            f"The virtual file system did not appear at {self._mount_point}. Why is in the session's log and in "
            f"{self.get_logs_folder()}."
        )


def _log_output(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            logger.info("%s", line.decode("utf-8", errors="replace").rstrip())
    logger.info("The process %d of the virtual file system ended with %d.", process.pid, process.wait())


def _end(process: subprocess.Popen[bytes]) -> bool:
    """Ask a process to end, which the system may not allow; whether it has ended."""
    with contextlib.suppress(OSError):
        process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        return False
    return True
