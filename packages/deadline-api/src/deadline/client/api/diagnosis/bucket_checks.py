"""Checks of what the queue's role may do in the bucket of its job attachments. Nothing is left there.

Writing is tried by an upload that S3 has to refuse: the hash that goes with it is not that of its content. S3 looks at
permissions first, so that the refusal tells whether the upload would have been allowed.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from typing import Any

from botocore.exceptions import ClientError

from ..advice import is_denial
from .explaining import explain
from .findings import Finding, error, ok, warning
from .subject import Subject

_NOT_THERE = ("404", "NoSuchKey", "NotFound")
_WRONG_HASH = ("BadDigest", "InvalidDigest")
_PROBE = "deadline-doctor"


def check_listing(subject: Subject) -> Finding:
    """Whether objects may be listed."""
    settings = subject.attachments
    where = settings.to_s3_root_uri()
    try:
        answer = subject.role_client("s3").list_objects_v2(
            Bucket=settings.s3BucketName, Prefix=f"{settings.rootPrefix}/", MaxKeys=1
        )
    except ClientError as failure:
        return _refused(failure, where, "listed", "s3:ListBucket")
    keys = [item["Key"] for item in answer.get("Contents", [])]
    subject.object_key = keys[0] if keys else None
    return ok(f"{where} may be listed" + ("" if keys else " and has no objects yet"))


def check_reading(subject: Subject) -> Finding:
    """Whether objects may be read, and with which key they are encrypted."""
    settings = subject.attachments
    where = settings.to_s3_root_uri()
    client = subject.role_client("s3")
    if subject.object_key is None:
        return _read_nothing(client, settings.s3BucketName, _probe_key(subject), where)
    try:
        answer = client.get_object(Bucket=settings.s3BucketName, Key=subject.object_key, Range="bytes=0-0")
    except ClientError as failure:
        # It is empty, or has just been deleted: S3 says neither to those who may not read it.
        if failure.response.get("Error", {}).get("Code") in ("InvalidRange", *_NOT_THERE):
            return ok(f"{where} may be read")
        return _refused(failure, where, "read", "s3:GetObject")
    answer["Body"].close()
    key = answer.get("SSEKMSKeyId")
    encryption = f", decrypted with {key}" if key else ""
    return ok(f"{where} may be read{encryption}")


def check_writing(subject: Subject) -> Finding:
    """Whether objects may be written."""
    settings = subject.attachments
    where = settings.to_s3_root_uri()
    client, bucket, key = subject.role_client("s3"), settings.s3BucketName, _probe_key(subject)
    wrong = base64.b64encode(hashlib.md5(b"something else").digest()).decode()  # noqa: S324 (S3's choice, and no secret)
    try:
        client.put_object(Bucket=bucket, Key=key, Body=b"", ContentMD5=wrong)
    except ClientError as failure:
        if failure.response.get("Error", {}).get("Code") in _WRONG_HASH:
            return ok(f"{where} may be written to")
        return _refused(failure, where, "written to", "s3:PutObject")
    return _remove(client, bucket, key, where)


def _remove(client: Any, bucket: str, key: str, where: str) -> Finding:
    """Some servers that stand in for S3 do not look at the hash."""
    try:
        client.delete_object(Bucket=bucket, Key=key)
    except ClientError as failure:
        return warning(
            f"{where} may be written to",
            f"An empty object was left there, {key}: {explain(failure)[0]}",
            "Delete it, or leave it: it does no harm.",
        )
    return ok(f"{where} may be written to")


def _read_nothing(client: Any, bucket: str, key: str, where: str) -> Finding:
    """S3 says that an object is not there to those alone who may read it and list."""
    try:
        client.head_object(Bucket=bucket, Key=key)
    except ClientError as failure:
        if failure.response.get("Error", {}).get("Code") not in _NOT_THERE:
            return _refused(failure, where, "read", "s3:GetObject")
    return ok(f"{where} may be read")


def _probe_key(subject: Subject) -> str:
    return f"{subject.attachments.full_cas_prefix()}/{_PROBE}-{uuid.uuid4().hex}"


def _refused(failure: Any, where: str, what: str, permission: str) -> Finding:
    code = failure.response.get("Error", {}).get("Code", "")
    why, next_step = explain(failure)
    if code == "NoSuchBucket":
        next_step = (
            "Ask the farm's administrator which bucket the queue is to have; the one that it names is not there."
        )
    elif is_denial(failure) and "kms:" not in why:
        next_step = (
            f"Ask the farm's administrator to allow {permission} to the queue's role, and in the bucket's policy."
        )
    return error(f"{where} cannot be {what}", why, next_step)
