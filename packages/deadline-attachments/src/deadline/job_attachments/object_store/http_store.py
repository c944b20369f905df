"""The object store over plain HTTP: the fast path.

boto3 spends one to two milliseconds of processor time on a request, most of it in its event system and in building
headers anew. This client keeps connections open, keeps the signing key, and sends just the requests of the port.
Endpoint, region, credentials (which it asks for at each request, so that they refresh), certificates, bucket owner and
user agent are those of a boto3 session; :mod:`.factory` falls back to boto3 for what it cannot do.
"""

from __future__ import annotations

import functools
import http.client
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Sequence, Tuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from ..exceptions import JobAttachmentsS3ClientError
from . import errors, retry
from .connections import Connections
from .endpoint import Endpoint
from .multiplex import Lane, Request
from .port import Body, Content, Item, ObjectInfo, Small, too_short
from .signing import Signer
from .wire import Answer

_PRESENT = 412
_IF_ABSENT = {"if-none-match": "*"}
_EXPIRED = {"ExpiredToken", "RequestExpired", "TokenRefreshRequired"}
_SKEWED = "RequestTimeTooSkewed"


class HttpObjectStore:
    """A bucket reached over HTTP."""

    def __init__(
        self,
        endpoint: Endpoint,
        bucket: str,
        signer: Signer,
        *,
        limit: int = 50,
        wait: Optional[Callable[[float], Optional[bool]]] = None,
    ) -> None:
        """
        Args:
            endpoint: The server.
            bucket: The bucket's name, for messages.
            signer: Makes the heads of requests to the bucket.
            limit: The largest number of connections that single requests may use.
            wait: Pauses for a number of seconds between attempts.
        """
        self.bucket = bucket
        self._endpoint = endpoint
        self._signer = signer
        self._limit = limit
        self._connections = Connections(endpoint, limit)
        self._wait = wait

    def __enter__(self) -> HttpObjectStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def interrupt(self) -> None:
        # Requests that tidy up afterwards get connections of their own.
        interrupted, self._connections = self._connections, Connections(self._endpoint, self._limit)
        interrupted.interrupt()

    def close(self) -> None:
        self._connections.close()

    def put(
        self, key: str, body: Body, *, if_absent: bool = False, metadata: Optional[Mapping[str, str]] = None
    ) -> bool:
        headers = {f"x-amz-meta-{name}": value for name, value in (metadata or {}).items()}
        return self._put_unless_present("PUT", key, {}, body, headers, if_absent)

    def get(self, key: str, *, offset: int = 0, length: Optional[int] = None) -> Optional[Tuple[Content, ObjectInfo]]:
        headers = {}
        if offset or length is not None:
            headers["range"] = f"bytes={offset}-{'' if length is None else offset + length - 1}"
        answer = self._ask(errors.DOWNLOADING, "GET", key, headers=headers, accepted=(200, 206, 404))
        if answer.status == 404:
            return None
        total = answer.headers.get("content-range", "").rpartition("/")[2]
        return answer.body, _info(key, int(total) if total.isdigit() else len(answer.body), answer)

    def get_into(self, key: str, buffer: memoryview, *, offset: int = 0) -> bool:
        headers = {"range": f"bytes={offset}-{offset + len(buffer) - 1}"}
        answer = self._ask(errors.DOWNLOADING, "GET", key, headers=headers, accepted=(200, 206, 404, 416), into=buffer)
        if answer.status == 404:
            return False
        if answer.status == 416 or len(answer.body) != len(buffer):
            raise too_short(self.bucket, key)
        if answer.body is not buffer.obj:
            buffer[:] = answer.body
        return True

    def head(self, key: str) -> Optional[ObjectInfo]:
        answer = self._ask(errors.CHECKING, "HEAD", key, accepted=(200, 404))
        return None if answer.status == 404 else _info(key, int(answer.headers["content-length"]), answer)

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[ObjectInfo]:
        query = {"list-type": "2", "prefix": prefix, **({"start-after": start_after} if start_after else {})}
        while True:
            page = _xml(self._ask(errors.LISTING, "GET", "", query=query, about=prefix).body)
            for entry in page.iter("Contents"):
                yield ObjectInfo(
                    _text(entry, "Key"),
                    int(_text(entry, "Size")),
                    _iso_time(_text(entry, "LastModified")),
                    _text(entry, "ETag").strip('"'),
                )
            token = page.findtext("NextContinuationToken")
            if not token:
                return
            query["continuation-token"] = token

    def put_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, bool]]:
        def requests() -> Iterator[Request[Small[Item]]]:
            for small in objects:
                head = functools.partial(
                    self._signer.head, "PUT", small.key, headers=_IF_ABSENT, length=len(small.body)
                )
                yield Request(small, "PUT", head, small.body)

        lane: Lane[Small[Item]] = self._lane(errors.UPLOADING, (200, _PRESENT), budget, cancel)
        for small, answer in lane.run(requests()):
            yield small.item, answer.status == 200

    def get_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, Optional[Content]]]:
        def requests() -> Iterator[Request[Small[Item]]]:
            for small in objects:
                yield Request(small, "GET", functools.partial(self._signer.head, "GET", small.key))

        lane: Lane[Small[Item]] = self._lane(errors.DOWNLOADING, (200, 404), budget, cancel)
        for small, answer in lane.run(requests()):
            yield small.item, answer.body if answer.status == 200 else None

    def create_multipart(self, key: str) -> str:
        return _text(_xml(self._ask(errors.UPLOADING, "POST", key, query={"uploads": ""}, body=b"").body), "UploadId")

    def put_part(self, key: str, upload_id: str, number: int, body: Body) -> str:
        query = {"partNumber": str(number), "uploadId": upload_id}
        return self._ask(errors.UPLOADING, "PUT", key, query=query, body=body).headers["etag"].strip('"')

    def list_parts(self, key: str, upload_id: str) -> Optional[Dict[int, str]]:
        query = {"uploadId": upload_id}
        tags: Dict[int, str] = {}
        while True:
            answer = self._ask(errors.LISTING, "GET", key, query=query, accepted=(200, 404))
            if answer.status == 404:
                return None
            page = _xml(answer.body)
            tags.update((int(_text(part, "PartNumber")), _text(part, "ETag").strip('"')) for part in page.iter("Part"))
            if page.findtext("IsTruncated") != "true":
                return tags
            query["part-number-marker"] = page.findtext("NextPartNumberMarker") or ""

    def complete_multipart(self, key: str, upload_id: str, tags: Sequence[str], *, if_absent: bool = False) -> bool:
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{escape(tag)}&quot;</ETag></Part>"
            for number, tag in enumerate(tags, start=1)
        )
        body = (
            '<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"{parts}</CompleteMultipartUpload>"
        )
        try:
            return self._put_unless_present("POST", key, {"uploadId": upload_id}, body.encode(), {}, if_absent)
        except JobAttachmentsS3ClientError as error:
            # Completed by an attempt whose answer was lost, or ended by a conflict: the object itself tells.
            if error.status_code == 404 and if_absent and self.head(key) is not None:
                return False
            raise

    def abort_multipart(self, key: str, upload_id: str) -> None:
        self._ask(errors.UPLOADING, "DELETE", key, query={"uploadId": upload_id}, accepted=(200, 204, 404))

    def _put_unless_present(
        self, method: str, key: str, query: Dict[str, str], body: Body, headers: Dict[str, str], if_absent: bool
    ) -> bool:
        accepted: Tuple[int, ...] = (200,)
        if if_absent:
            headers = {**headers, **_IF_ABSENT}
            accepted = (200, _PRESENT)
        answer = self._ask(errors.UPLOADING, method, key, query=query, body=body, headers=headers, accepted=accepted)
        return answer.status == 200

    def _ask(
        self,
        action: str,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] = {},
        body: Optional[Body] = None,
        headers: Mapping[str, str] = {},
        accepted: Sequence[int] = (200,),
        about: Optional[str] = None,
        into: Optional[memoryview] = None,
    ) -> Answer:
        """The answer to a request, tried again where that may help; an error unless its status is ``accepted``."""
        length = None if body is None else len(body)
        connections = self._connections
        for attempt in range(1, retry.ATTEMPTS + 1):
            answer: Optional[Answer] = None
            failure: Optional[Exception] = None
            try:
                head = self._signer.head(method, key, query=query, headers=headers, length=length)
                answer = connections.request(method, head, body, into)
            except OSError as error:
                if connections.interrupted:
                    raise errors.unreachable(action, error) from error
                failure = error
            pause = self._pause(action, key if about is None else about, accepted, attempt, answer, failure)
            if pause is None:
                assert answer is not None
                return answer
            (self._wait or connections.pause)(pause)
        raise AssertionError("the last attempt returns or raises")

    def _lane(
        self, action: str, accepted: Sequence[int], budget: RequestBudget, cancel: CancelToken
    ) -> Lane[Small[Item]]:
        def verdict(request: Request[Any], answer: Optional[Answer], failure: Optional[Exception]) -> Optional[float]:
            pause = self._pause(action, request.item.key, accepted, request.attempts, answer, failure)
            # Who gives a way of waiting decides how long.
            return pause if pause is None or self._wait is None else 0.0

        return Lane(self._endpoint, budget, cancel, verdict)

    def _pause(
        self,
        action: str,
        about: str,
        accepted: Sequence[int],
        attempt: int,
        answer: Optional[Answer],
        failure: Optional[Exception],
    ) -> Optional[float]:
        """``None`` for an answer with an accepted status, else the pause before attempt ``attempt + 1``; or an error."""
        last = attempt == retry.ATTEMPTS
        if answer is None:
            assert failure is not None
            if last:
                raise errors.unreachable(action, failure) from failure
            return retry.pause_before(attempt)
        if answer.status in accepted and answer.status == _PRESENT:
            return None
        code, text = _error_in(answer)
        if answer.status in accepted and not code:
            return None
        if answer.status in accepted and answer.status != 200:
            # 404 is an answer where the object is missing, and an error where the bucket is.
            if code != "NoSuchBucket":
                return None
        elif not last:
            if answer.status in retry.RETRIED or code in retry.RETRIED_CODES:
                return retry.pause_before(attempt)
            if code in _EXPIRED and attempt == 1:
                return 0.0
            if code == _SKEWED and self._signer.correct_clock(answer.headers.get("date", "")):
                return 0.0
        raise errors.refused(action, answer.status, self.bucket, about, code, text, self._signer.account_id)


def _error_in(answer: Answer) -> Tuple[str, str]:
    """The code and text of the error that an answer carries, or empty; some errors come with status 200."""
    if answer.status < 300 and b"<Error>" not in answer.body[:200]:
        return "", ""
    try:
        root = _xml(answer.body) if answer.body else None
    except ElementTree.ParseError:
        root = None
    if root is None:
        return http.client.responses.get(answer.status, str(answer.status)), ""
    return root.findtext("Code") or "", root.findtext("Message") or ""


def _xml(body: Content) -> ElementTree.Element:
    root = ElementTree.fromstring(body)  # noqa: S314 (expat refuses entity expansion bombs since 2.4.1)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(name) or ""


def _iso_time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _info(key: str, size: int, answer: Answer) -> ObjectInfo:
    prefix = "x-amz-meta-"
    metadata = {name[len(prefix) :]: value for name, value in answer.headers.items() if name.startswith(prefix)}
    modified = parsedate_to_datetime(answer.headers["last-modified"])
    return ObjectInfo(key, size, modified, answer.headers.get("etag", "").strip('"'), metadata)
