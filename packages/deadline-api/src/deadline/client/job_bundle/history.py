"""The folders in which submitted job bundles are kept."""

from __future__ import annotations

import datetime
import os
import re
from configparser import ConfigParser
from pathlib import Path

from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError

MAXIMUM_JOB_NAME_LENGTH = 128


def create_job_history_bundle_dir(submitter_name: str, job_name: str, config: ConfigParser | None = None) -> str:
    """Make a new folder for a job bundle below ``settings.job_history_dir``, and return its path.

    It is named ``YYYY-MM/YYYY-MM-DD-NN-<submitter>-<job>`` by local time, ``NN`` counting the day's submissions; of the
    names only letters, digits, blanks, ``-`` and ``_`` are kept.
    """
    now = datetime.datetime.now().astimezone()
    history = Path(get_setting("settings.job_history_dir", config)).expanduser()
    month = history / now.strftime("%Y-%m")
    day = now.strftime("%Y-%m-%d")
    # Windows drops blanks at the end of a name.
    names = f"{_plain(submitter_name)}-{_plain(job_name)[:MAXIMUM_JOB_NAME_LENGTH]}".rstrip()
    try:
        month.mkdir(parents=True, exist_ok=True)
        number = _last_number(month, day) + 1
        while True:
            folder = _claim(month, day, number, names)
            if folder is not None:
                return str(folder)
            number += 1
    except OSError as error:
        raise DeadlineOperationError(
            f"No folder for the job bundle could be made in {month}: {error.strerror or error}. Choose another one with: "
            "deadline config set settings.job_history_dir <folder>"
        ) from error


def _claim(month: Path, day: str, number: int, names: str) -> Path | None:
    """Make the folder with that number, or return ``None`` where another process has the number."""
    # Folders of one number may differ in their names, so that the number itself is what has to be claimed.
    claim = month / f".{day}-{number:02}"
    try:
        claim.mkdir()
    except FileExistsError:
        return None
    try:
        if _last_number(month, day) >= number:
            return None
        folder = month / f"{day}-{number:02}-{names}"
        folder.mkdir()
        return folder
    finally:
        claim.rmdir()


def _plain(name: str) -> str:
    return "".join(character for character in name if character.isalnum() or character in " -_")


def _last_number(month: Path, day: str) -> int:
    pattern = re.compile(rf"{day}-([0-9]+)")
    matches = (pattern.match(name) for name in os.listdir(month))
    return max((int(match.group(1)) for match in matches if match), default=0)
