"""Why outputs could not be downloaded: a code for programs, found in an error and in its causes."""

from __future__ import annotations

import errno
from typing import Any, Iterator, Optional

from deadline.job_attachments.exceptions import JobAttachmentS3BotoCoreError, JobAttachmentsS3ClientError

PERMISSION_DENIED = "PERMISSION_DENIED"
PATH_NOT_FOUND = "PATH_NOT_FOUND"
DISK_FULL = "DISK_FULL"
NETWORK_ERROR = "NETWORK_ERROR"
UNKNOWN = "UNKNOWN"

OF_THE_JOB = (PATH_NOT_FOUND, UNKNOWN)
"""Codes of failures that trying again will not mend by itself; the others come of this machine, or of the network."""

_FULL = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
_DENIED_CODES = ("AccessDenied", "AccessDeniedException", "403", "Forbidden")
_MISSING_CODES = ("NoSuchKey", "NoSuchBucket", "404", "NotFound")
_NETWORK_CODES = ("RequestTimeout", "RequestTimeTooSkewed")
_SLOW_OR_DOWN = (408, 429)


def code_of(error: BaseException) -> str:
    """The code of an error."""
    return next((code for code in map(_code, _chain(error)) if code is not None), UNKNOWN)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it."""
    seen = set()
    current: Optional[BaseException] = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _code(error: BaseException) -> Optional[str]:
    if isinstance(error, JobAttachmentsS3ClientError):
        return _code_of_status(error.status_code)
    if isinstance(error, JobAttachmentS3BotoCoreError):
        return NETWORK_ERROR
    if isinstance(error, OSError):
        return _code_of_system(error)
    return _code_of_boto3(error)


def _code_of_status(status: int) -> Optional[str]:
    if status == 403:
        return PERMISSION_DENIED
    if status == 404:
        return PATH_NOT_FOUND
    return NETWORK_ERROR if status >= 500 or status in _SLOW_OR_DOWN else None


def _code_of_system(error: OSError) -> Optional[str]:
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return PERMISSION_DENIED
    if isinstance(error, FileNotFoundError):
        return PATH_NOT_FOUND
    if error.errno in _FULL:
        return DISK_FULL
    return NETWORK_ERROR if isinstance(error, (ConnectionError, TimeoutError)) else None


def _code_of_boto3(error: Any) -> Optional[str]:
    from botocore import exceptions

    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):
        return NETWORK_ERROR
    if not isinstance(error, exceptions.ClientError):
        return None
    code = str(error.response.get("Error", {}).get("Code"))
    for codes, name in (
        (_DENIED_CODES, PERMISSION_DENIED),
        (_MISSING_CODES, PATH_NOT_FOUND),
        (_NETWORK_CODES, NETWORK_ERROR),
    ):
        if code in codes:
            return name
    return None
