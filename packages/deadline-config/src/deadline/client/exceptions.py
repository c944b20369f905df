"""The exceptions of the client. Their messages are shown to people as they are."""

from __future__ import annotations

__all__ = [
    "CreateJobWaiterCanceled",
    "DeadlineOperationCanceled",
    "DeadlineOperationError",
    "DeadlineOperationTimedOut",
    "ManifestOutdatedError",
    "NonValidInputError",
    "UserInitiatedCancel",
]


class DeadlineOperationError(Exception):
    """An operation failed for a reason that its message explains to the user."""


class DeadlineOperationCanceled(DeadlineOperationError):
    """An operation was canceled before it ended."""

    def __init__(self, message: str = "The operation was canceled.") -> None:
        super().__init__(message)


class DeadlineOperationTimedOut(DeadlineOperationError):
    """An operation did not end within its time limit.

    Args:
        message: What did not end.
        job_id: The job, where it was one that goes on.
    """

    def __init__(self, message: str = "The operation timed out.", *, job_id: str | None = None) -> None:
        super().__init__(message)
        self.job_id = job_id


class CreateJobWaiterCanceled(DeadlineOperationCanceled):
    """Waiting for a job's creation was canceled; the job itself may still be created.

    Args:
        message: What was canceled.
        job_id: The job, where it is known.
    """

    def __init__(
        self, message: str = "Waiting for the job to be created was canceled.", *, job_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.job_id = job_id


class UserInitiatedCancel(DeadlineOperationCanceled):
    """The user chose to cancel."""

    def __init__(self, message: str = "Canceled by the user.") -> None:
        super().__init__(message)


class NonValidInputError(Exception):
    """The caller's input cannot be used."""


class ManifestOutdatedError(Exception):
    """Local files differ from the manifest that was captured of them."""
