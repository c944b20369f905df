"""Running the Deadline Cloud monitor's executable, which the monitor names in the setting ``deadline-cloud-monitor.path``.

Its output is read all the time, since a program that writes into a full pipe stops; only the last part is kept.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from configparser import ConfigParser
from typing import List

from deadline.client.config import get_setting
from deadline.client.config.editing import DEFAULT_PROFILE_NAMES
from deadline.client.exceptions import DeadlineOperationError

KEPT_OUTPUT = 16 * 1024
"""The bytes at the end of the output that are kept for messages."""


def monitor_profile_name(config: ConfigParser | None = None) -> str:
    """The configured profile as the monitor knows it."""
    name = get_setting("defaults.aws_profile_name", config)
    return "default" if name in DEFAULT_PROFILE_NAMES else name


class MonitorProcess:
    """``<path> <action> --profile <profile>``, started and not waited for.

    It outlives this object and this process, unless it is ended with :meth:`kill`.

    Raises:
        DeadlineOperationError: No program can be started under that path.
    """

    def __init__(self, path: str, action: str, profile: str) -> None:
        command: List[str] = [os.path.expanduser(path), action, "--profile", profile]
        try:
            self._process = subprocess.Popen(
                command,
                # On Windows the monitor misbehaves when its input is the null device.
                stdin=subprocess.PIPE if sys.platform == "win32" else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl-C and closing the terminal are for this program; the monitor is a window of its own.
                start_new_session=True,
            )
        except OSError as error:
            raise DeadlineOperationError(
                f"The Deadline Cloud monitor could not be started for the {action} of the profile {profile}: {path}: "
                f"{error.strerror or error}. Install the monitor again, or create the profile again in it, which also "
                "tells this client where it is."
            ) from error
        self._output = bytearray()
        self._reader = threading.Thread(target=self._read, name="deadline-monitor-output", daemon=True)
        self._reader.start()

    def exit_code(self) -> int | None:
        """The exit code, or ``None`` while it runs."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """The exit code, or ``None`` when it still runs after that time."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def output(self) -> str:
        """The last part of what it has written; all of it that counts once it has ended."""
        if self.exit_code() is not None:
            # What it wrote last may still be on its way; but a program that it started may keep the pipe open.
            self._reader.join(1)
        return bytes(self._output[-KEPT_OUTPUT:]).decode("utf-8", errors="replace")

    def kill(self) -> None:
        """End it, and on POSIX what it has started."""
        if self.exit_code() is None:
            try:
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)
            except OSError:
                return  # it has just ended
            self.wait(5)

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            while True:
                piece = os.read(pipe.fileno(), 64 * 1024)
                if not piece:
                    break
                self._output += piece
                del self._output[:-KEPT_OUTPUT]
        # Nobody else may still care; without this an ended child would stay a zombie.
        self._process.wait()
