"""The checkpoint: which outputs were handled, in a file, and how that changes while a run gets on.

A run takes a job up into the ledger when the new outputs of the job are on the disk, and writes the file now and then, with
the former end of the window: a run that follows on a crash finds the same jobs again, and those taken up unchanged. The end
of the window moves on when everything was handled.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Dict, List, Optional

from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments._incremental_downloads.incremental_download_state import (
    IncrementalDownloadJob,
    IncrementalDownloadState,
)

from .files import CheckpointFiles

FIRST = "first"
FORCED = "forced"
"""Why a run begins anew: there is no checkpoint, or the caller wants to."""

SAVING_SHARE = 0.05
"""The part of the time of a run that goes into writing the checkpoint, at the most, before the end."""
RETENTION = timedelta(days=180)
"""How long a job that came to rest is remembered, so that a run knows what it did of it should somebody requeue it."""


@dataclass(frozen=True)
class Window:
    """From when until when outputs are looked for."""

    started: datetime
    """From when on outputs are wanted at all."""
    since: datetime
    """Up to when all outputs were handled before."""
    until: datetime
    """Up to when all outputs will have been handled."""
    consistency: timedelta
    """For how long the service's answers may still change."""

    @property
    def oldest_of_unknown_jobs(self) -> datetime:
        """When the sessions of a job that is not known must have ended, at the earliest, to be wanted.

        Whatever ended before the jobs that are still remembered has been handled.
        """
        return max(self.started, self.since - RETENTION)


class Ledger:
    """What is known of jobs. Not for several threads at once."""

    def __init__(
        self, state: IncrementalDownloadState, path: Path, now: datetime, bootstrap: Optional[str], *, dry_run: bool
    ) -> None:
        self._state = state
        self._path = path
        self._dry_run = dry_run
        self._save_again_at = 0.0
        self._changed = False
        self._claims_files = False
        self.bootstrap = bootstrap
        self.jobs: Dict[str, IncrementalDownloadJob] = {job.job_id: job for job in state.jobs}
        consistency = timedelta(seconds=state.eventual_consistency_max_seconds)
        self.window = Window(
            started=state.downloads_started_timestamp,
            since=state.downloads_completed_timestamp,
            until=max(state.downloads_started_timestamp, now - consistency),
            consistency=consistency,
        )

    def take_up(self, jobs: List[IncrementalDownloadJob], *, with_files: bool = False) -> None:
        """Replace what is known of jobs, and write the file unless it was written a moment ago.

        Args:
            jobs: What is known of them now.
            with_files: Whether files were downloaded for them.
        """
        if not jobs:
            return
        self._claims_files = self._claims_files or with_files
        self.jobs.update((job.job_id, job) for job in jobs)
        self._changed = True
        if time.monotonic() >= self._save_again_at:
            self.save()

    def forget(self, job_id: str) -> None:
        """Nothing needs to be known of a job any more."""
        self._changed = self.jobs.pop(job_id, None) is not None or self._changed

    def save(self) -> None:
        """Write the file, with the former end of the window, where something changed.

        Raises:
            DeadlineOperationError: It cannot be written.
        """
        if self._changed:
            self._write()

    def finish(self) -> None:
        """Write the file: everything up to the end of the window was handled."""
        # Who set the clock back has handled no less for that.
        self._state.downloads_completed_timestamp = max(self.window.since, self.window.until)
        self._write()

    def _write(self) -> None:
        self._state.jobs = list(self.jobs.values())
        self._changed = False
        if self._dry_run:
            return
        begun = time.monotonic()
        if self._claims_files and sys.platform != "win32":
            # What the checkpoint claims has to be on the disk before it, should the power fail.
            os.sync()
            self._claims_files = False
        _save(self._state, self._path)
        ended = time.monotonic()
        self._save_again_at = ended + (ended - begun) / SAVING_SHARE


def open_ledger(
    files: CheckpointFiles, now: datetime, lookback: timedelta, *, force_bootstrap: bool, dry_run: bool
) -> Ledger:
    """The ledger of the runs before; a new one, which is written at once, where there is none or a new one is wanted.

    It is written at once so that a run that follows on a crash wants what this one does, and nothing is lost between them.

    Raises:
        DeadlineOperationError: The checkpoint cannot be read or written, or is of another storage profile.
    """
    found = None if force_bootstrap else _load(files)
    if found is not None:
        return Ledger(found, files.checkpoint, now, None, dry_run=dry_run)
    state = IncrementalDownloadState(files.storage_profile_id, now - lookback)
    if not dry_run:
        _save(state, files.checkpoint)
    return Ledger(state, files.checkpoint, now, FORCED if force_bootstrap else FIRST, dry_run=dry_run)


def _save(state: IncrementalDownloadState, path: Path) -> None:
    try:
        state.save_file(str(path))
    except OSError as error:
        raise DeadlineOperationError(
            f"The checkpoint {path} cannot be written: {error.strerror or error}. What was downloaded stays, and will be "
            "looked at again by the next run."
        ) from error


def _load(files: CheckpointFiles) -> Optional[IncrementalDownloadState]:
    path = files.checkpoint
    try:
        state = IncrementalDownloadState.from_file(str(path))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DeadlineOperationError(f"The checkpoint {path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise DeadlineOperationError(
            f"The checkpoint cannot be used: {error}\nPut back a copy of the file; or begin anew with --force-bootstrap, and "
            "with --bootstrap-lookback-minutes as long as it takes to reach back to the last run."
        ) from error
    theirs, ours = state.local_storage_profile_id, files.storage_profile_id
    if theirs != ours:
        made = f"with the storage profile {theirs}" if theirs else "with --ignore-storage-profiles"
        now = f"uses the storage profile {ours}" if ours else "ignores storage profiles"
        raise DeadlineOperationError(
            f"The checkpoint {path} was made {made}, and this run {now}. Run as it was made, choose another checkpoint "
            "folder, or begin anew with --force-bootstrap."
        )
    return state
