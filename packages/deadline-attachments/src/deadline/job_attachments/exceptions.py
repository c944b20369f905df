"""The exceptions of job attachments.

Two families matter to callers: :class:`AssetSyncError` is a transfer that failed, :class:`JobAttachmentsError` is input
or data that cannot be used. A cancellation is of the second family, so that a handler of failed transfers lets it pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .progress_tracker import SummaryStatistics

COMMON_ERROR_GUIDANCE_FOR_S3: dict[int, str] = {
    408: "The request took too long. Check the network connection and try again.",
    500: "S3 had an internal error. Try again in a moment.",
    503: "S3 is asking for fewer requests. Try again in a moment.",
}
"""What to do about an HTTP status, whatever the request was."""


class AssetSyncError(Exception):
    """Files could not be brought to or from the store."""


class JobAttachmentsS3ClientError(AssetSyncError):
    """S3 answered a request with an error.

    Attributes are those of the constructor: ``action`` (such as ``uploading file``), ``status_code`` (HTTP),
    ``bucket_name`` and ``key_or_prefix``; and ``guidance``, which is the constructor's ``message`` or empty.
    """

    def __init__(
        self, action: str, status_code: int, bucket_name: str, key_or_prefix: str, message: str | None = None
    ) -> None:
        self.action = action
        self.status_code = status_code
        self.bucket_name = bucket_name
        self.key_or_prefix = key_or_prefix
        self.guidance = message or ""
        super().__init__(
            f"Error {action} in bucket '{bucket_name}', Target key or prefix: '{key_or_prefix}', "
            f"HTTP Status Code: {status_code}, {self.guidance}".rstrip(", ")
        )


class JobAttachmentS3BotoCoreError(AssetSyncError):
    """S3 could not be reached, or a request could not be made; ``action`` says what was attempted."""

    def __init__(self, action: str, error_details: str) -> None:
        self.action = action
        super().__init__(
            f"Error {action}: {error_details} Check the credentials and the network connection, then try again."
        )


class JobAttachmentsError(Exception):
    """Input, settings or data that job attachments cannot work with."""


class AssetOutsideOfRootError(JobAttachmentsError):
    """A file does not lie within its asset root."""


class AssetSyncCancelledError(JobAttachmentsError):
    """A transfer was canceled; ``summary_statistics`` tells how far it got."""

    def __init__(self, message: str, summary_statistics: SummaryStatistics | None = None) -> None:
        super().__init__(message)
        self.summary_statistics = summary_statistics


class MalformedAttachmentSettingError(JobAttachmentsError):
    """The text that should name a bucket and a root prefix does not."""


class ManifestDecodeValidationError(JobAttachmentsError):
    """A manifest does not have the form that its version asks for."""


class MisconfiguredInputsError(JobAttachmentsError):
    """Input files are missing, or are not files."""


class MissingAssetRootError(JobAttachmentsError):
    """An output manifest does not say which asset root it belongs to."""


class MissingJobAttachmentSettingsError(JobAttachmentsError):
    """The queue has no job attachment settings."""


class MissingManifestError(JobAttachmentsError):
    """A manifest that should be there is not."""


class MissingS3BucketError(JobAttachmentsError):
    """The job attachment settings name no bucket."""


class MissingS3RootPrefixError(JobAttachmentsError):
    """The job attachment settings name no root prefix."""


class NonValidInputError(JobAttachmentsError):
    """The caller's input cannot be used."""


class PathOutsideDirectoryError(JobAttachmentsError):
    """A path would lead out of the directory that it must stay in."""


class UndeclaredAssetRootError(JobAttachmentsError):
    """Outputs name an asset root that the job does not have, and nobody confirmed where they go."""


class UnsupportedHashingAlgorithmError(JobAttachmentsError):
    """The hash algorithm is not one that job attachments know."""


class VFSExecutableMissingError(JobAttachmentsError):
    """The program of the virtual file system was not found."""


class VFSLaunchScriptMissingError(JobAttachmentsError):
    """The script that starts the virtual file system was not found."""


class VFSFailedToMountError(JobAttachmentsError):
    """The virtual file system did not appear."""


class VFSOSUserNotSetError(JobAttachmentsError):
    """The virtual file system needs the name of the user that it is for."""


class VFSRunPathNotSetError(JobAttachmentsError):
    """The virtual file system needs a folder to run in."""


class ManifestCreationException(Exception):
    """A manifest could not be made."""
