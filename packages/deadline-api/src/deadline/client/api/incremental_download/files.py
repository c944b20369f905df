"""The files that runs keep: where they are, and how they are written."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from deadline.client.config.config_file import DEFAULT_QUEUE_INCREMENTAL_DOWNLOAD_DIR
from deadline.client.exceptions import DeadlineOperationError

IGNORED = "ignore-storage-profiles"
"""What stands in names of files in the place of a storage profile, when those are ignored."""


@dataclass(frozen=True)
class CheckpointFiles:
    """The files of one queue and one storage profile in one folder."""

    folder: Path
    queue_id: str
    storage_profile_id: Optional[str]
    """``None`` when storage profiles are ignored."""

    @property
    def checkpoint(self) -> Path:
        """What was handled."""
        return self.folder / f"{self._stem}_download_checkpoint.json"

    @property
    def lock(self) -> Path:
        """There while a run goes on."""
        return self.checkpoint.with_name(f"{self.checkpoint.name}.pid")

    @property
    def failed_jobs(self) -> Path:
        """How often the outputs of jobs could not be downloaded."""
        return self.folder / f"{self._stem}_failed_jobs.json"

    @property
    def status(self) -> Path:
        """What other programs read, when storage profiles are ignored."""
        return self.folder / self._ignored_status_name

    @property
    def status_pointer(self) -> Path:
        """Where other programs look for :attr:`status`."""
        return default_folder() / self._ignored_status_name

    @property
    def _stem(self) -> str:
        return f"{self.queue_id}_{self.storage_profile_id or IGNORED}"

    @property
    def _ignored_status_name(self) -> str:
        return f"{self.queue_id}_{IGNORED}_download_status.json"


def default_folder() -> Path:
    """Where runs keep their files unless they are told otherwise."""
    return Path(os.path.expanduser(DEFAULT_QUEUE_INCREMENTAL_DOWNLOAD_DIR))


def open_folder(folder: Optional[str]) -> Path:
    """The folder for the files of a run, made where it is missing.

    Raises:
        DeadlineOperationError: It cannot be made, or nothing can be written there.
    """
    path = Path(os.path.abspath(os.path.expanduser(folder))) if folder else default_folder()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise DeadlineOperationError(
            f"The checkpoint folder {path} cannot be used: {error.strerror or error}. Choose a folder in which you may "
            "write."
        ) from error
    return path


def write_json(path: Path, document: Any, *, compact: bool = False) -> None:
    """Write or replace a JSON file in one step. Raises :class:`OSError`."""
    handle, temporary = tempfile.mkstemp(prefix=path.name, suffix=".tmp", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            # At once, which is several times as fast as piece by piece into the file.
            file.write(json.dumps(document, indent=None if compact else 2, separators=(",", ":") if compact else None))
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def read_json_object(path: Path) -> Any:
    """The object in a JSON file; ``None`` where there is no such file, or none with an object in it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None
