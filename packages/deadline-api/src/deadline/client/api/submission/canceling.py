"""Ending a submission from outside, by a token that any thread may cancel."""

from __future__ import annotations

from typing import Optional, Protocol

from deadline.client.exceptions import DeadlineOperationCanceled
from deadline.job_attachments.progress_tracker import ProgressReportMetadata

from .host import SubmissionHost


class Cancellation(Protocol):
    """Says whether to stop; asked again and again, from several threads."""

    @property
    def cancelled(self) -> bool:
        """Whether to stop."""


class CancelableHost:
    """A host that says no once a token is cancelled."""

    def __init__(self, host: SubmissionHost, cancel: Optional[Cancellation]) -> None:
        self._host, self._cancel = host, cancel

    @property
    def is_canceled(self) -> bool:
        """Whether to stop."""
        return self._cancel is not None and self._cancel.cancelled

    def check(self) -> None:
        """Raise :class:`DeadlineOperationCanceled` where it is time to stop, and there is no job yet."""
        if self.is_canceled:
            raise DeadlineOperationCanceled("The submission was canceled; no job was created.")

    def show(self, message: str) -> None:
        """Show a message."""
        self._host.show(message)

    def confirm(self, message: str, default: bool) -> Optional[bool]:
        """Ask, unless it is time to stop, also when the answer is there."""
        self.check()
        answer = self._host.confirm(message, default)
        self.check()
        return answer

    def hashing(self, report: ProgressReportMetadata) -> bool:
        """Take a report, and say whether to go on."""
        return self._host.hashing(report) and not self.is_canceled

    def uploading(self, report: ProgressReportMetadata) -> bool:
        """Take a report, and say whether to go on."""
        return self._host.uploading(report) and not self.is_canceled

    def ready_to_create(self) -> bool:
        """Whether to create the job."""
        return not self.is_canceled and self._host.ready_to_create()

    def keep_waiting(self) -> bool:
        """Whether to go on waiting."""
        return not self.is_canceled and self._host.keep_waiting()
