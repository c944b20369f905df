"""Folders that the client keeps below ``~/.deadline``."""

from __future__ import annotations

import os

from ._settings import SETTINGS

DEFAULT_JOB_HISTORY_DIR: str = SETTINGS["settings.job_history_dir"]["default"]
DEFAULT_CACHE_DIR = os.path.join("~", ".deadline", "cache")
DEFAULT_QUEUE_INCREMENTAL_DOWNLOAD_DIR = os.path.join("~", ".deadline", "incremental_download")


def get_cache_directory() -> str:
    """The folder of the hash cache and of what is known to be in S3, with ``~`` expanded."""
    return os.path.expanduser(DEFAULT_CACHE_DIR)
