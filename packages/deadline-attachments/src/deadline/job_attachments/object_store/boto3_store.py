"""The object store through boto3: the reference, which works with every configuration that boto3 knows."""

from __future__ import annotations

import contextlib
import threading
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Sequence, Tuple

from botocore.exceptions import BotoCoreError, ClientError

from .._engine.bandwidth import Bandwidth
from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from ..exceptions import JobAttachmentsS3ClientError
from . import errors, retry
from .port import Body, Content, Item, ObjectInfo, Small, Write, too_short
from .threads import many_by_threads

_NOT_FOUND = {"NoSuchKey", "NoSuchUpload", "404", "NotFound"}
_PRESENT = {"PreconditionFailed", "412"}
_PIECE = 64 * 1024


class Boto3ObjectStore:
    """A bucket reached through a boto3 S3 client."""

    def __init__(
        self,
        client: Any,
        bucket: str,
        *,
        account_id: Optional[str] = None,
        wait: Optional[Callable[[float], Optional[bool]]] = None,
    ) -> None:
        """
        Args:
            client: Of boto3, for S3.
            bucket: The bucket's name.
            account_id: The account that must own the bucket, where it is known.
            wait: Pauses for a number of seconds between attempts.
        """
        self.bucket = bucket
        self._client = client
        self._account_id = account_id
        self._interrupted = threading.Event()
        self._wait = wait or self._interrupted.wait
        self._bandwidth: Optional[Bandwidth] = None
        self._common = {"Bucket": bucket}
        if account_id:
            self._common["ExpectedBucketOwner"] = account_id

    def __enter__(self) -> Boto3ObjectStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def obey(self, budget: RequestBudget) -> None:
        """boto3 sends and receives at its own speed, so a bandwidth is kept to by pauses between bodies; what asks for
        fewer requests it hears itself."""
        self._bandwidth = budget.bandwidth

    def interrupt(self) -> None:
        """A client of boto3 cannot be interrupted: its requests end by themselves, or by its time-outs."""
        self._interrupted.set()

    def close(self) -> None:
        """The client may be shared and stays open."""

    def put(
        self, key: str, body: Body, *, if_absent: bool = False, metadata: Optional[Mapping[str, str]] = None
    ) -> bool:
        self._pace(len(body))
        condition = {"IfNoneMatch": "*"} if if_absent else {}
        arguments = {**self._common, "Key": key, "Body": bytes(body), "Metadata": dict(metadata or {}), **condition}
        return self._unless_present(errors.UPLOADING, key, self._client.put_object, arguments)

    def get(self, key: str, *, offset: int = 0, length: Optional[int] = None) -> Optional[Tuple[Content, ObjectInfo]]:
        arguments: Dict[str, Any] = {**self._common, "Key": key}
        if offset or length is not None:
            arguments["Range"] = f"bytes={offset}-{'' if length is None else offset + length - 1}"
        try:
            with self._translated(errors.DOWNLOADING, key):
                answer = self._client.get_object(**arguments)
                body: bytes = answer["Body"].read()
        except _NotFound:
            return None
        self._pace(len(body))
        total = answer.get("ContentRange", "").rpartition("/")[2]
        return body, _info(key, int(total) if total.isdigit() else len(body), answer)

    def get_range(self, key: str, offset: int, length: int, write: Write) -> bool:
        end = offset + length
        for attempt in range(1, retry.ATTEMPTS + 1):
            try:
                for piece in self._pieces(key, offset, end):
                    self._pace(len(piece))
                    write(memoryview(piece))
                    offset += len(piece)
            except _NotFound:
                return False
            except _BrokenOff as broken:
                # botocore tries a request again, but not a body that ends early.
                if attempt == retry.ATTEMPTS or self._interrupted.is_set():
                    raise errors.unreachable(errors.DOWNLOADING, broken.error) from broken.error
                retry.back_off(attempt, self._wait)
                continue
            if offset != end:
                raise too_short(self.bucket, key)
            return True
        raise AssertionError("the last attempt returns or raises")

    def _pieces(self, key: str, offset: int, end: int) -> Iterator[bytes]:
        with self._translated(errors.DOWNLOADING, key):
            answer = self._client.get_object(**self._common, Key=key, Range=f"bytes={offset}-{end - 1}")
        with contextlib.closing(answer["Body"]) as body:
            while True:
                try:
                    piece: bytes = body.read(_PIECE)
                except (BotoCoreError, OSError) as error:
                    raise _BrokenOff(error) from error
                if not piece:
                    return
                yield piece

    def head(self, key: str) -> Optional[ObjectInfo]:
        try:
            with self._translated(errors.CHECKING, key):
                answer = self._client.head_object(**self._common, Key=key)
        except _NotFound:
            return None
        return _info(key, answer["ContentLength"], answer)

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[ObjectInfo]:
        arguments = {**self._common, "Prefix": prefix, **({"StartAfter": start_after} if start_after else {})}
        while True:
            with self._translated(errors.LISTING, prefix):
                page = self._client.list_objects_v2(**arguments)
            for entry in page.get("Contents", []):
                yield ObjectInfo(entry["Key"], entry["Size"], entry["LastModified"], entry["ETag"].strip('"'))
            if not page.get("NextContinuationToken"):
                return
            arguments["ContinuationToken"] = page["NextContinuationToken"]

    def put_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, bool]]:
        return many_by_threads(objects, lambda small: self.put(small.key, small.body, if_absent=True), budget, cancel)

    def get_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, Optional[Content]]]:
        def get(small: Small[Item]) -> Optional[Content]:
            got = self.get(small.key)
            return None if got is None else got[0]

        return many_by_threads(objects, get, budget, cancel)

    def create_multipart(self, key: str) -> str:
        with self._translated(errors.UPLOADING, key):
            upload_id: str = self._client.create_multipart_upload(**self._common, Key=key)["UploadId"]
            return upload_id

    def put_part(self, key: str, upload_id: str, number: int, body: Body) -> str:
        self._pace(len(body))
        with self._translated(errors.UPLOADING, key):
            answer = self._client.upload_part(
                **self._common, Key=key, UploadId=upload_id, PartNumber=number, Body=bytes(body)
            )
        tag: str = answer["ETag"].strip('"')
        return tag

    def list_parts(self, key: str, upload_id: str) -> Optional[Dict[int, str]]:
        arguments = {**self._common, "Key": key, "UploadId": upload_id}
        tags: Dict[int, str] = {}
        while True:
            try:
                with self._translated(errors.LISTING, key):
                    page = self._client.list_parts(**arguments)
            except _NotFound:
                return None
            tags.update((part["PartNumber"], part["ETag"].strip('"')) for part in page.get("Parts", []))
            if not page.get("IsTruncated"):
                return tags
            arguments["PartNumberMarker"] = page["NextPartNumberMarker"]

    def complete_multipart(self, key: str, upload_id: str, tags: Sequence[str], *, if_absent: bool = False) -> bool:
        parts = [{"PartNumber": number, "ETag": tag} for number, tag in enumerate(tags, start=1)]
        condition = {"IfNoneMatch": "*"} if if_absent else {}
        arguments = {
            **self._common,
            "Key": key,
            "UploadId": upload_id,
            "MultipartUpload": {"Parts": parts},
            **condition,
        }
        try:
            return self._unless_present(errors.UPLOADING, key, self._client.complete_multipart_upload, arguments)
        except JobAttachmentsS3ClientError as error:
            # Completed by an attempt whose answer was lost, or ended by a conflict: the object itself tells.
            if error.status_code == 404 and if_absent and self.head(key) is not None:
                return False
            raise

    def abort_multipart(self, key: str, upload_id: str) -> None:
        with contextlib.suppress(_NotFound), self._translated(errors.UPLOADING, key):
            self._client.abort_multipart_upload(**self._common, Key=key, UploadId=upload_id)

    def _pace(self, count: int) -> None:
        if self._bandwidth is not None:
            self._interrupted.wait(self._bandwidth.take(count))

    def _unless_present(self, action: str, key: str, call: Any, arguments: Dict[str, Any]) -> bool:
        for attempt in range(retry.ATTEMPTS):
            try:
                with self._translated(action, key):
                    call(**arguments)
                return True
            except _Present:
                return False
            except _Conflict as conflict:
                if attempt == retry.ATTEMPTS - 1:
                    raise conflict.error from conflict.__cause__
                retry.back_off(attempt, self._wait)
        raise AssertionError("the last attempt returns or raises")

    @contextlib.contextmanager
    def _translated(self, action: str, key: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if code in _PRESENT:
                raise _Present from error
            if code in _NOT_FOUND and action != errors.UPLOADING:
                raise _NotFound from error
            text = error.response.get("Error", {}).get("Message", "")
            refused = errors.refused(action, status, self.bucket, key, code, text, self._account_id)
            # What else is worth another attempt, botocore has tried again already.
            raise (_Conflict(refused) if code == retry.CONFLICT else refused) from error
        except (BotoCoreError, OSError) as error:
            raise errors.unreachable(action, error) from error


class _NotFound(Exception):
    pass


class _Present(Exception):
    pass


class _BrokenOff(Exception):
    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class _Conflict(Exception):
    def __init__(self, error: JobAttachmentsS3ClientError) -> None:
        super().__init__(str(error))
        self.error = error


def _info(key: str, size: int, answer: Mapping[str, Any]) -> ObjectInfo:
    etag, metadata = answer.get("ETag", "").strip('"'), answer.get("Metadata", {})
    return ObjectInfo(key, size, answer["LastModified"], etag, metadata, "Expiration" in answer)
