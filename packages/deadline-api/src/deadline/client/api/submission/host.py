"""Whom a submission tells what happens, whom it asks, and to whom it reports progress."""

from __future__ import annotations

import logging
from typing import Optional, Protocol

from deadline.job_attachments.progress_tracker import ProgressReportMetadata

logger = logging.getLogger("deadline.client.api.submission")


class SubmissionHost(Protocol):
    """The program within which a submission runs, or the part of it that deals with its user."""

    def show(self, message: str) -> None:
        """Show a message."""

    def confirm(self, message: str, default: bool) -> Optional[bool]:
        """Ask whether to go on; ``None`` where there is nobody to ask."""

    def hashing(self, report: ProgressReportMetadata) -> bool:
        """Take a report about the hashing of files, and say whether to go on."""

    def uploading(self, report: ProgressReportMetadata) -> bool:
        """Take a report about the upload of files, and say whether to go on."""

    def ready_to_create(self) -> bool:
        """Whether to create the job, now that its files are uploaded: the last moment to say no."""

    def keep_waiting(self) -> bool:
        """Whether to go on waiting for the job to be created."""


class QuietHost:
    """Logs what happens, has nobody to ask, and goes on to the end. A base for other hosts."""

    def show(self, message: str) -> None:
        """Log the message."""
        logger.info(message)

    def confirm(self, message: str, default: bool) -> Optional[bool]:
        """Nobody is there."""
        return None

    def hashing(self, report: ProgressReportMetadata) -> bool:
        """Go on."""
        return True

    def uploading(self, report: ProgressReportMetadata) -> bool:
        """Go on."""
        return True

    def ready_to_create(self) -> bool:
        """Go on."""
        return True

    def keep_waiting(self) -> bool:
        """Go on."""
        return True
