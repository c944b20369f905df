"""How a local farm is set up: its folder, its address, its workers, its S3."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
DEFAULT_PORT = 8733
REGION = "us-west-2"
HEALTH = "/local-farm/health"
"""The path at which a farm says that it is one, and in which process."""
CALLS = "/local-farm/calls"
"""Where it says how often each operation was called."""
FAULTS = "/local-farm/faults"
"""Where it is told what shall go wrong."""


def default_data_dir() -> Path:
    """The folder of this user's farm."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "deadline-local-farm"


@dataclass(frozen=True)
class Settings:
    """A farm's settings.

    ``port`` 0 takes a free one. ``s3_endpoint`` is the URL of an S3 server to use instead of the farm's own. ``seed`` is a
    file with what a new farm has from the start, instead of one farm, one queue, one fleet and one storage profile.
    """

    data_dir: Path
    host: str = LOOPBACK
    port: int = 0
    workers: int = 0
    s3_endpoint: str | None = None
    seed: Path | None = None

    @property
    def database(self) -> Path:
        """The farm's state."""
        return self.data_dir / "farm.db"

    @property
    def client_config(self) -> Path:
        """The settings file for clients of this farm."""
        return self.data_dir / "client" / "config"

    @property
    def sessions(self) -> Path:
        """The folders of running sessions."""
        return self.data_dir / "sessions"
