"""The tools that are measured beside ours, each in an environment of its own, made with uv and kept.

>>> environments = Environments(Path(".cache/bench/environments"))  # doctest: +SKIP
>>> environments.program("s5cmd", "s5cmd")  # doctest: +SKIP
PosixPath('.cache/bench/environments/s5cmd/bin/s5cmd')
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Callable

from .errors import BenchError

REQUIREMENTS = {
    # The last release of the client that ours takes the place of; ours has the same name on the package index.
    "existing": ["deadline==0.60.10"],
    "s5cmd": ["s5cmd"],
    "aws": ["awscli"],
    "awscrt": ["awscrt"],
}

FROM_PATH = {"rclone": "rclone", "xxhsum": "xxhash"}
"""Programs that are no Python distributions, and the Debian packages that bring them."""


class Environments:
    """Environments below one folder."""

    def __init__(self, folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self._folder = folder
        self._say = say
        self._failures: dict[str, str] = {}

    def program(self, peer: str, name: str) -> Path:
        """The path of a program of ``peer``, installed where it is not yet.

        Raises :class:`BenchError` where it cannot be had, and says how it could.
        """
        if peer in FROM_PATH:
            found = shutil.which(name)
            if found is None:
                raise BenchError(f"{name} is not on the PATH; Debian has it in the package {FROM_PATH[peer]}")
            return Path(found)
        if peer in self._failures:
            raise BenchError(self._failures[peer])
        folder = self._folder / peer
        program = folder / "bin" / name
        marker = folder / "installed"
        wanted = "\n".join([sys.version, *REQUIREMENTS[peer]])
        try:
            if not marker.exists() or marker.read_text(encoding="utf-8") != wanted:
                self._install(peer, folder)
                marker.write_text(wanted, encoding="utf-8")
            if not program.exists():
                raise BenchError(f"{' '.join(REQUIREMENTS[peer])} brings no {name}")
        except BenchError as error:
            self._failures[peer] = str(error)
            raise
        return program

    def _install(self, peer: str, folder: Path) -> None:
        uv = shutil.which("uv", path=sysconfig.get_path("scripts")) or shutil.which("uv")
        if uv is None:
            raise BenchError("uv is not installed")
        self._say(f"installing {' '.join(REQUIREMENTS[peer])}")
        shutil.rmtree(folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)
        # Away from the workspace, whose settings and members are not for these environments.
        options = ["--quiet", "--no-config"]
        for command in (
            [uv, "venv", *options, "--python", sys.executable, str(folder.absolute())],
            [
                # Compiled now, or the first run would do it on the clock.
                *(uv, "pip", "install", *options, "--compile-bytecode"),
                *("--python", str(folder.absolute() / "bin" / "python"), *REQUIREMENTS[peer]),
            ],
        ):
            environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
            done = subprocess.run(
                command, cwd=self._folder, env=environment, check=False, capture_output=True, text=True
            )
            if done.returncode:
                words = " ".join(done.stderr.split())[:200]
                raise BenchError(f"{' '.join(REQUIREMENTS[peer])} could not be installed: {words}")
