"""Files that tell other programs, such as the Deadline Cloud monitor, how the downloads of a queue are going.

There is one in each place of the storage profile, where all machines see it; so a lock file keeps machines from writing at
once. Without storage profiles there is one beside the checkpoint, and a file in the usual folder points to it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Collection, Dict, Iterator, List, Mapping, Optional

from .files import CheckpointFiles, read_json_object, write_json
from .status_entries import JobFacts, merged

SCHEMA_VERSION = 1
ABANDONED_AFTER_SECONDS = 60.0
WAITED_SECONDS = 90.0
PAUSE_SECONDS = 1.0

logger = logging.getLogger("deadline.client.api.incremental_download")


def status_files(files: CheckpointFiles, profile: Optional[Mapping[str, Any]]) -> List[Path]:
    """The status files of this machine: one in each place of the profile that is a folder, or one beside the checkpoint."""
    if profile is None:
        return [files.status]
    name = f"{files.queue_id}_download_status.json"
    folders = dict.fromkeys(location["path"] for location in profile.get("fileSystemLocations") or ())
    return [Path(folder, ".deadline", name) for folder in folders if os.path.isdir(folder)]


def write_status(
    path: Path, files: CheckpointFiles, facts: Collection[JobFacts], now: datetime, *, failed: bool
) -> None:
    """Put what a run found out into a status file. Raises :class:`OSError`.

    Args:
        path: The status file.
        files: Of the queue and the storage profile.
        facts: What the run found out about jobs.
        now: When the run was.
        failed: Whether the outputs of a job could not be downloaded.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with status_lock(path):
        before: Any = read_json_object(path) or {}
        document = {
            "schema_version": SCHEMA_VERSION,
            "sync_metadata": {
                "queue_id": files.queue_id,
                "storage_profile_id": files.storage_profile_id,
                "last_sync_completed_at": now.isoformat(),
                "last_run_status": "failed" if failed else "success",
                "hostname": socket.gethostname(),
            },
            "jobs": merged(before.get("jobs"), facts, now.isoformat()),
        }
        write_json(path, document, compact=True)


def write_pointer(files: CheckpointFiles) -> Optional[str]:
    """Let programs that look in the usual folder find the status file beside the checkpoint.

    Returns a warning where a status was in the place of the pointer. Raises :class:`OSError`.
    """
    pointer, target = files.status_pointer, files.status
    if os.path.realpath(pointer) == os.path.realpath(target):
        return None
    pointer.parent.mkdir(parents=True, exist_ok=True)
    with status_lock(pointer):
        before: Any = read_json_object(pointer) or {}
        document: Dict[str, Any] = {"schema_version": SCHEMA_VERSION, "status_file_path": str(target)}
        superseded = isinstance(before.get("jobs"), dict)
        if superseded:
            document["superseded_path"] = str(pointer)
        elif before.get("superseded_path"):
            document["superseded_path"] = before["superseded_path"]
        if document != before:
            write_json(pointer, document, compact=True)
    return (
        f"{pointer} had the status of downloads with another checkpoint folder; it points to {target} from now on."
        if superseded
        else None
    )


@contextlib.contextmanager
def status_lock(
    path: Path, waited_seconds: float = WAITED_SECONDS, pause_seconds: float = PAUSE_SECONDS
) -> Iterator[None]:
    """Keep other machines from writing a status file within the block. Whoever waits too long does without."""
    lock = path.with_name(f"{path.name}.lock")
    held = _acquire(lock, waited_seconds, pause_seconds)
    try:
        yield
    finally:
        if held is not None and (read_json_object(lock) or {}).get("time") == held:
            with contextlib.suppress(OSError):
                lock.unlink()


def _acquire(lock: Path, waited_seconds: float, pause_seconds: float) -> Optional[float]:
    """Make the lock file, and return the time that stands in it; ``None`` where that could not be done in time."""
    give_up_at = time.monotonic() + waited_seconds
    while True:
        now = time.time()
        try:
            with open(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as file:
                json.dump({"hostname": socket.gethostname(), "time": now}, file)
            return now
        except FileExistsError:
            if _is_abandoned(lock, now) and _remove(lock):
                continue
        if time.monotonic() + pause_seconds > give_up_at:
            logger.warning("%s is not given free; the status is written all the same.", lock)
            return None
        time.sleep(pause_seconds)


def _remove(lock: Path) -> bool:
    try:
        lock.unlink()
    except OSError:
        return not lock.exists()
    return True


def _is_abandoned(lock: Path, now: float) -> bool:
    made: Any = (read_json_object(lock) or {}).get("time")
    if not isinstance(made, (int, float)):
        try:
            # Its content may be about to be written.
            made = lock.stat().st_mtime
        except OSError:
            return False
    return now - float(made) > ABANDONED_AFTER_SECONDS
