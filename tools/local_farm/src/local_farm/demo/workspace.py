"""Folders and environment variables of the demo's own."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Callable, Iterator, Mapping

from local_farm.environment import REMOVED

DEFAULT_NAME = "local-farm-demo"


class OutputFolderError(Exception):
    """The output folder cannot be used, for the reason that the message gives."""


class OutputFolder:
    """The folder in which the job bundle and what it makes are left for the user.

    Arguments:
        path: The folder, which must be new or empty; without one a new folder in the working directory.
    """

    def __init__(self, path: Path | None) -> None:
        """Make the folder; raises :class:`OutputFolderError`."""
        try:
            self.path = _new_folder() if path is None else path.absolute()
            self._was_there = path is not None and self.path.exists()
            self.path.mkdir(parents=True, exist_ok=True)
            full = any(self.path.iterdir())
        except OSError as error:
            where = path or Path.cwd() / DEFAULT_NAME
            raise OutputFolderError(
                f"The folder {where} cannot be made: {error.strerror or error}. Choose another one with --output-dir."
            ) from error
        if full:
            raise OutputFolderError(f"The folder {self.path} is not empty. Choose another one with --output-dir.")

    @property
    def bundle(self) -> Path:
        """The job bundle."""
        return self.path / "job"

    @property
    def rendered(self) -> Path:
        """What the job makes."""
        return self.path / "output"

    def remove(self) -> None:
        """Take back everything that was made."""
        for folder in (self.bundle, self.rendered):
            shutil.rmtree(folder, ignore_errors=True)
        if not self._was_there:
            with contextlib.suppress(OSError):
                self.path.rmdir()


def _new_folder() -> Path:
    number = 1
    while True:
        path = Path.cwd() / (DEFAULT_NAME if number == 1 else f"{DEFAULT_NAME}-{number}")
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
            continue
        return path


@contextlib.contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that is gone after the block."""
    folder = Path(tempfile.mkdtemp(prefix="local-farm-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def own_environment(home: Path) -> Iterator[Callable[[Mapping[str, str]], None]]:
    """Within the block this process has a home folder, settings, caches and an AWS configuration of its own.

    Gives a function that takes the variables of a farm, to which AWS clients of this process talk from then on.
    """
    from deadline.client.auth.session import invalidate_boto3_session_cache

    def point_at(farm_environment: Mapping[str, str]) -> None:
        os.environ.update(farm_environment)
        invalidate_boto3_session_cache()

    before = dict(os.environ)
    home.mkdir()
    try:
        for name in REMOVED:
            os.environ.pop(name, None)
        # Tasks inherit it too: what they leave in the home folder goes with it.
        os.environ.update(HOME=str(home), USERPROFILE=str(home))
        yield point_at
    finally:
        os.environ.clear()
        os.environ.update(before)
        invalidate_boto3_session_cache()
