"""The object store over plain HTTP: the fast path.

boto3 spends one to two milliseconds of processor time on a request, most of it in its event system and in building
headers anew. This client keeps connections open, keeps the signing key, and sends just the requests of the port.
Endpoint, region, credentials (which it asks for at each request, so that they refresh), certificates, bucket owner and
user agent are those of a boto3 session; :mod:`.factory` falls back to boto3 for what it cannot do.
"""

from __future__ import annotations

import functools
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Sequence, Tuple
from xml.sax.saxutils import escape

from .._engine.budget import RequestBudget
from .._engine.cancel import CancelToken
from ..exceptions import JobAttachmentsS3ClientError
from . import answers, errors, retry
from .connections import Connections
from .endpoint import Endpoint
from .judgement import PRESENT, Judge
from .multiplex import Lane
from .nonblocking import Request
from .port import Body, Content, Item, ObjectInfo, Small, Write, too_short
from .signing import Signer
from .wire import Answer

TIDY_UP_TIMEOUT = 0.5
"""Seconds of silence after which tidying up is given up: whoever cancels does not want to wait."""
_IF_ABSENT = {"if-none-match": "*"}


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
        self._judge = Judge(bucket, signer)
        self._budget: Optional[RequestBudget] = None
        # Opens none unless it is asked.
        self._tidying_up = Connections(endpoint, limit, TIDY_UP_TIMEOUT)

    def __enter__(self) -> HttpObjectStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def obey(self, budget: RequestBudget) -> None:
        self._budget = budget
        if self._connections.interrupted:
            self._connections = Connections(self._endpoint, self._limit)
        self._connections.bandwidth = budget.bandwidth

    def interrupt(self) -> None:
        self._connections.interrupt()

    def close(self) -> None:
        self._connections.close()
        self._tidying_up.close()

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
        size = int(total) if total.isdigit() else len(answer.body)
        return answer.body, answers.described(errors.DOWNLOADING, key, answer, size)

    def get_range(self, key: str, offset: int, length: int, write: Write) -> bool:
        wanted = _Range(offset, length, write)
        answer = self._ask(errors.DOWNLOADING, "GET", key, accepted=(200, 206, 404, 416), wanted=wanted)
        if answer.status == 404:
            return False
        if wanted.left and len(answer.body) == wanted.left and answer.status != 416:
            # It came without saying how long it would be.
            wanted.write(memoryview(answer.body))
        if wanted.left:
            raise too_short(self.bucket, key)
        return True

    def head(self, key: str) -> Optional[ObjectInfo]:
        answer = self._ask(errors.CHECKING, "HEAD", key, accepted=(200, 404))
        return None if answer.status == 404 else answers.described(errors.CHECKING, key, answer)

    def list(self, prefix: str, *, start_after: str = "") -> Iterator[ObjectInfo]:
        query = {"list-type": "2", "prefix": prefix, **({"start-after": start_after} if start_after else {})}
        while True:
            page = answers.document(errors.LISTING, self._ask(errors.LISTING, "GET", "", query=query, about=prefix))
            yield from map(answers.listed, page.iter("Contents"))
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
                yield Request(small, "PUT", head, small.body, size=len(small.body))

        lane: Lane[Small[Item]] = self._lane(errors.UPLOADING, "PUT", (200, PRESENT), budget, cancel)
        for small, answer in lane.run(requests()):
            yield small.item, answer.status == 200

    def get_many(
        self, objects: Iterator[Small[Item]], budget: RequestBudget, cancel: CancelToken
    ) -> Iterator[Tuple[Item, Optional[Content]]]:
        def requests() -> Iterator[Request[Small[Item]]]:
            for small in objects:
                head = functools.partial(self._signer.head, "GET", small.key)
                yield Request(small, "GET", head, size=small.size or 0, most=small.size)

        lane: Lane[Small[Item]] = self._lane(errors.DOWNLOADING, "GET", (200, 404), budget, cancel)
        for small, answer in lane.run(requests()):
            yield small.item, answer.body if answer.status == 200 else None

    def create_multipart(self, key: str) -> str:
        answer = self._ask(errors.UPLOADING, "POST", key, query={"uploads": ""}, body=b"")
        return answers.text(answers.document(errors.UPLOADING, answer), "UploadId")

    def put_part(self, key: str, upload_id: str, number: int, body: Body) -> str:
        query = {"partNumber": str(number), "uploadId": upload_id}
        answer = self._ask(errors.UPLOADING, "PUT", key, query=query, body=body)
        return answers.header(errors.UPLOADING, answer, "etag").strip('"')

    def list_parts(self, key: str, upload_id: str) -> Optional[Dict[int, str]]:
        query = {"uploadId": upload_id}
        tags: Dict[int, str] = {}
        while True:
            answer = self._ask(errors.LISTING, "GET", key, query=query, accepted=(200, 404))
            if answer.status == 404:
                return None
            page = answers.document(errors.LISTING, answer)
            for part in page.iter("Part"):
                tags[int(answers.text(part, "PartNumber"))] = answers.text(part, "ETag").strip('"')
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
        query = {"uploadId": upload_id}
        self._ask(errors.UPLOADING, "DELETE", key, query=query, accepted=(200, 204, 404), tidies_up=True)

    def _put_unless_present(
        self, method: str, key: str, query: Dict[str, str], body: Body, headers: Dict[str, str], if_absent: bool
    ) -> bool:
        accepted: Tuple[int, ...] = (200,)
        if if_absent:
            headers = {**headers, **_IF_ABSENT}
            accepted = (200, PRESENT)
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
        wanted: Optional[_Range] = None,
        tidies_up: bool = False,
    ) -> Answer:
        """The answer to a request, tried again where that may help; an error unless its status is ``accepted``."""
        length = None if body is None else len(body)
        connections, attempt = self._connections, 1
        if tidies_up and connections.interrupted:
            # Once, which is the last time.
            connections, attempt = self._tidying_up, retry.ATTEMPTS_WHEN_THROTTLED
        while True:
            answer: Optional[Answer] = None
            failure: Optional[Exception] = None
            if wanted is not None:
                headers = wanted.headers()
            head = self._signer.head(method, key, query=query, headers=headers, length=length)
            try:
                if wanted is None:
                    answer = connections.request(method, head, body)
                else:
                    answer = connections.request(method, head, body, wanted.left, wanted.write)
            except OSError as error:
                if connections.interrupted:
                    raise errors.unreachable(action, error) from error
                failure = error
            if answer is not None and answer.status in retry.THROTTLED and self._budget is not None:
                self._budget.slow_down()
            key_or_prefix = key if about is None else about
            pause = self._judge.pause(action, method, key_or_prefix, accepted, attempt, answer, failure)
            if pause is None:
                assert answer is not None
                return answer
            (self._wait or connections.pause)(pause)
            attempt += 1

    def _lane(
        self, action: str, method: str, accepted: Sequence[int], budget: RequestBudget, cancel: CancelToken
    ) -> Lane[Small[Item]]:
        def verdict(request: Request[Any], answer: Optional[Answer], failure: Optional[Exception]) -> Optional[float]:
            pause = self._judge.pause(action, method, request.item.key, accepted, request.attempts, answer, failure)
            # Who gives a way of waiting decides how long.
            return pause if pause is None or self._wait is None else 0.0

        return Lane(self._endpoint, budget, cancel, verdict)


class _Range:
    """A range of an object that is being received; an attempt asks for what those before it left."""

    def __init__(self, offset: int, length: int, write: Write) -> None:
        self.left = length
        self._end = offset + length
        self._write = write

    def headers(self) -> Mapping[str, str]:
        return {"range": f"bytes={self._end - self.left}-{self._end - 1}"}

    def write(self, piece: memoryview) -> None:
        self._write(piece)
        self.left -= len(piece)
