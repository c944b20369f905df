"""Archives of job bundles as objects in S3. Errors are those of boto3.

An upload of up to a few megabytes is one request, a larger one goes in parts; a download is one stream, which begins
anew where the connection breaks.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from dataclasses import dataclass, field
from typing import IO, Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

from deadline.client.exceptions import DeadlineOperationError

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/zip"
ATTEMPTS = 3
"""How often a download is begun."""
_BLOCK = 1024 * 1024

OnBytes = Callable[[int], object]
"""Gets the bytes since the last call; they are negative where something has to be sent or fetched anew. What it raises
ends the transfer, and is how to cancel it."""


@dataclass(frozen=True)
class StoredArchive:
    """What S3 says about an object.

    Attributes:
        etag: What tells one version from another.
        last_modified: When it was written, as ISO 8601.
        size: Its bytes.
        metadata: What was stored with it.
    """

    etag: str
    last_modified: str
    size: int
    metadata: Mapping[str, str] = field(default_factory=dict)


class S3Archives:
    """The objects of a bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def head(self, key: str) -> StoredArchive:
        """What S3 says about an object."""
        return _described(self._client.head_object(Bucket=self._bucket, Key=key))

    def exists(self, key: str) -> bool:
        """Whether there is such an object; that it cannot be seen is an error."""
        from botocore.exceptions import ClientError

        try:
            self.head(key)
        except ClientError as error:
            if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
                return False
            raise
        return True

    def list_level(self, prefix: str) -> Tuple[List[str], List[str]]:
        """The keys directly below a prefix, and the prefixes there, which end in a slash."""
        keys: List[str] = []
        prefixes: List[str] = []
        for page in self._pages(Prefix=prefix, Delimiter="/"):
            keys += [item["Key"] for item in page.get("Contents", [])]
            prefixes += [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        return keys, prefixes

    def list_keys(self, prefix: str) -> Iterator[str]:
        """All keys below a prefix."""
        for page in self._pages(Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"]

    def upload(self, file: IO[bytes], key: str, metadata: Mapping[str, str], on_bytes: Optional[OnBytes]) -> None:
        """Store a file as an object, over the one that may be there."""
        from boto3.s3.transfer import TransferConfig

        config = TransferConfig()
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        told = _Told(on_bytes)
        told(0)
        try:
            self._client.upload_fileobj(
                file,
                self._bucket,
                key,
                ExtraArgs={"ContentType": CONTENT_TYPE, "Metadata": dict(metadata)},
                Callback=told,
                Config=config,
            )
        except Exception as error:
            if told.error is None:
                raise
            # The last bytes of an object in one request are told when it is stored, which is too late to cancel.
            if error is told.error and told.total >= size and size < config.multipart_threshold:
                return
            # What is raised while a request is being sent comes back as an error of the connection.
            raise told.error from None

    def download(self, key: str, file: IO[bytes], on_bytes: Optional[OnBytes]) -> StoredArchive:
        """Fetch an object into an empty file.

        Raises:
            DeadlineOperationError: The disk is full.
        """
        from botocore.exceptions import HTTPClientError, IncompleteReadError

        for attempt in range(1, ATTEMPTS + 1):
            told = _Told(on_bytes)
            try:
                return self._download_once(key, file, told)
            except (HTTPClientError, IncompleteReadError) as error:
                if attempt == ATTEMPTS:
                    raise
                logger.info("The download of s3://%s/%s begins anew: %s", self._bucket, key, error)
                file.seek(0)
                file.truncate()
                told(-told.total)
        raise AssertionError("the last attempt returns or raises")

    def _download_once(self, key: str, file: IO[bytes], told: _Told) -> StoredArchive:
        answer = self._client.get_object(Bucket=self._bucket, Key=key)
        # Not by itself: within a block of its own it would not notice that the end is missing.
        with contextlib.closing(answer["Body"]) as body:
            while True:
                block = body.read(_BLOCK)
                if not block:
                    return _described(answer)
                try:
                    file.write(block)
                except OSError as error:
                    raise DeadlineOperationError(
                        f"s3://{self._bucket}/{key} could not be downloaded into the cache, of which the file system says: "
                        f"{error.strerror or error}."
                    ) from error
                told(len(block))

    def _pages(self, **arguments: str) -> Iterator[Dict[str, Any]]:
        yield from self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, **arguments)


class _Told:
    """Counts the bytes that a caller was told of, by one thread at a time, and keeps what the caller raised."""

    def __init__(self, on_bytes: Optional[OnBytes]) -> None:
        self.total = 0
        self.error: Optional[BaseException] = None
        self._on_bytes = on_bytes
        self._lock = threading.Lock()

    def __call__(self, count: int) -> None:
        with self._lock:
            self.total += count
            if self._on_bytes is None:
                return
            try:
                self._on_bytes(count)
            except BaseException as error:
                self.error = error
                raise


def _described(answer: Mapping[str, Any]) -> StoredArchive:
    return StoredArchive(
        etag=answer["ETag"],
        last_modified=answer["LastModified"].isoformat(),
        size=answer["ContentLength"],
        metadata=answer.get("Metadata", {}),
    )
