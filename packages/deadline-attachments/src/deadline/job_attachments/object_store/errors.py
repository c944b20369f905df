"""Errors of S3 as sentences that say what was attempted, where, and what to do."""

from __future__ import annotations

from typing import Optional

from ..exceptions import COMMON_ERROR_GUIDANCE_FOR_S3, JobAttachmentS3BotoCoreError, JobAttachmentsS3ClientError

_PERMISSIONS = {
    "uploading file": ("s3:PutObject", "kms:GenerateDataKey and kms:DescribeKey"),
    "downloading file": ("s3:GetObject", "kms:Decrypt and kms:DescribeKey"),
    "checking if object exists": ("s3:ListBucket", "kms:Decrypt and kms:DescribeKey"),
    "listing bucket contents": ("s3:ListBucket", "kms:Decrypt and kms:DescribeKey"),
}
UPLOADING = "uploading file"
DOWNLOADING = "downloading file"
CHECKING = "checking if object exists"
LISTING = "listing bucket contents"
"""What was attempted, in the words of the messages."""
EXPIRED = frozenset({"ExpiredToken", "RequestExpired", "TokenRefreshRequired"})
SKEWED = "RequestTimeTooSkewed"
_UNKNOWN = frozenset({"InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch"})
"""Codes of S3's answers to requests whose signature it does not accept."""


def refused(
    action: str, status: int, bucket: str, key: str, code: str, text: str, account_id: Optional[str] = None
) -> JobAttachmentsS3ClientError:
    """The error for an answer of S3 with the HTTP ``status``, the error ``code`` and its ``text``."""
    said = f"{code}: {text}" if text else code
    return JobAttachmentsS3ClientError(
        action, status, bucket, key, f"{_guidance(action, status, code, text, account_id)} ({said})"
    )


def unreachable(action: str, error: BaseException) -> JobAttachmentS3BotoCoreError:
    """The error for a request that got no answer."""
    text = str(error) or type(error).__name__
    return JobAttachmentS3BotoCoreError(action, text if text.endswith(".") else f"{text}.")


def _guidance(action: str, status: int, code: str, text: str, account_id: Optional[str]) -> str:
    permission, keys = _PERMISSIONS[action]
    if code in EXPIRED or status == 401 or (status == 403 and "expired" in text.lower()):
        return "The credentials have expired. Sign in again, then try again."
    if code == SKEWED:
        return "The clock of this machine is wrong by more than a quarter of an hour. Set it, then try again."
    if code in _UNKNOWN:
        return "S3 does not know the credentials. Sign in again, then try again."
    if status == 403 and "kms:" in text:
        return f"The credentials may not use the bucket's encryption key. They need {keys} for it."
    if status == 403:
        who = f" of account {account_id}" if account_id else ""
        return f"Access is denied. Check that the credentials{who} are those of the queue, and that they have {permission}."
    if status == 404:
        return "The bucket or the key does not exist. Check the queue's job attachment settings."
    if status == 429:
        return COMMON_ERROR_GUIDANCE_FOR_S3[503]
    if status >= 500:
        return COMMON_ERROR_GUIDANCE_FOR_S3.get(status, "S3 could not be asked just now. Try again in a moment.")
    return COMMON_ERROR_GUIDANCE_FOR_S3.get(status, "S3 did not accept the request.")
