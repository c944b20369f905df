"""What a caller asks for when it wants the new outputs of a queue."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Optional

from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.models import FileConflictResolution

LONGEST_LOOKBACK = timedelta(days=3650)


@dataclass(frozen=True)
class SyncOutputRequest:
    """Download what the jobs of a queue wrote since the last time."""

    farm_id: str
    queue_id: str
    storage_profile_id: Optional[str] = None
    """The storage profile of this machine; the setting ``settings.storage_profile_id`` where it is ``None``."""
    ignore_storage_profiles: bool = False
    """Whether files go to the paths that the jobs were submitted with, instead of being mapped."""
    checkpoint_dir: Optional[str] = None
    """The folder of the files that runs keep; ``~/.deadline/incremental_download`` where it is ``None``."""
    bootstrap_lookback_minutes: float = 0.0
    """How far back the first run looks."""
    force_bootstrap: bool = False
    """Whether to forget what runs before have handled, and to begin anew as the first run."""
    conflict_resolution: FileConflictResolution = FileConflictResolution.OVERWRITE
    """What to do with files that exist and have another content: SKIP, OVERWRITE or CREATE_COPY."""
    dry_run: bool = False
    """Whether to download nothing and to keep no files, and to find out what a run would do."""

    @property
    def bootstrap_lookback(self) -> timedelta:
        """How far back the first run looks."""
        return timedelta(minutes=self.bootstrap_lookback_minutes)

    def check(self) -> None:
        """Raise :class:`DeadlineOperationError` for what makes no sense."""
        if self.storage_profile_id and self.ignore_storage_profiles:
            raise DeadlineOperationError("Name a storage profile, or ignore storage profiles, but not both.")
        if self.conflict_resolution is FileConflictResolution.NOT_SELECTED:
            raise DeadlineOperationError("Say what to do with files that exist: SKIP, OVERWRITE or CREATE_COPY.")
        minutes = self.bootstrap_lookback_minutes
        if not math.isfinite(minutes) or not 0 <= minutes <= LONGEST_LOOKBACK.total_seconds() / 60:
            raise DeadlineOperationError(
                f"The lookback of {minutes:g} minutes makes no sense: it must be 0 or more, and no more than ten years."
            )
