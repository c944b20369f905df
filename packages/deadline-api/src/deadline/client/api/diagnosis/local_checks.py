"""Checks of what the client keeps on this machine: caches, and the folder of submitted jobs."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Callable
from urllib.request import pathname2url

from deadline.client.config import get_setting
from deadline.client.config.config_file import get_cache_directory

from .findings import Finding, error, ok, warning
from .subject import Subject

CACHES = ("hash_cache", "s3_check_cache", "upload_journal")


def cache_check(name: str) -> Callable[[Subject], Finding]:
    """The check of whether a cache can be opened and is whole. It is not changed."""

    def check(subject: Subject) -> Finding:
        path = Path(get_cache_directory(), f"{name}.db")
        if not path.exists():
            return _missing(path)
        size = sum(_size(Path(f"{path}{suffix}")) for suffix in ("", "-wal"))
        found = f"{path}, {_human(size)}"
        try:
            import sqlite3
        except ImportError:
            return warning(found, "This Python has no SQLite, so that nothing is remembered.", "Use another Python.")
        try:
            with closing(sqlite3.connect(f"file:{pathname2url(str(path))}?mode=ro", uri=True, timeout=2)) as database:
                (verdict,) = database.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as failure:
            return warning(
                found,
                f"It cannot be opened: {failure}.",
                "Check that you may read and write the file; uploads go without it meanwhile, and take longer.",
            )
        except sqlite3.DatabaseError as failure:
            verdict = str(failure)
        if verdict != "ok":
            return warning(
                found,
                f"It is damaged: {verdict}.",
                "Nothing is lost: the next upload sets the file aside and begins a new one. You may also delete it.",
            )
        if not os.access(path, os.W_OK):
            return warning(found, "It may not be written to.", "Make it writable for your user.")
        return ok(found)

    return check


def check_job_history(subject: Subject) -> Finding:
    """Whether submitted jobs can be saved in the folder of the job history."""
    folder = Path(get_setting("settings.job_history_dir", subject.config)).expanduser()
    choose = "Choose another folder with: deadline config set settings.job_history_dir <folder>"
    if folder.exists() and not folder.is_dir():
        return error(str(folder), "It is a file and no folder.", choose)
    if folder.is_dir():
        if not os.access(folder, os.W_OK | os.X_OK):
            return error(str(folder), "You may not write there, so that no job can be submitted.", choose)
        return ok(str(folder))
    parent = _nearest(folder)
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        return error(str(folder), f"It is not there and cannot be made: you may not write in {parent}.", choose)
    return ok(f"{folder}, which the first submission makes")


def _missing(path: Path) -> Finding:
    parent = _nearest(path.parent)
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        return warning(
            f"{path} is not there",
            f"It cannot be made either: you may not write in {parent}.",
            "Make the folder writable; uploads go without it meanwhile, and take longer.",
        )
    return ok(f"{path} is not there; the first upload makes it")


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next((one for one in (folder, *folder.parents) if one.exists()), folder)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _human(size: int) -> str:
    from deadline.job_attachments.api import human_readable_file_size

    return human_readable_file_size(size)
