"""The object store over plain HTTP: the fast path.

boto3 spends one to two milliseconds of processor time on a request, most of it in its event system and in building
headers anew. This client keeps connections open, keeps the signing key, and sends just the requests of the port.
Endpoint, region, credentials (which it asks for at each request, so that they refresh), certificates, bucket owner and
user agent are those of a boto3 session; :mod:`.factory` falls back to boto3 for what it cannot do.
"""

from __future__ import annotations

import http.client
import threading
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, Callable, Dict, Iterator, Mapping, Optional, Sequence, Tuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from ..exceptions import JobAttachmentsS3ClientError
from . import errors, retry
from .connections import Answer, Connections
from .port import Body, ObjectInfo
from .sigv4 import quoted_path, quoted_query, signed_headers

_PRESENT = 412
_EXPIRED = {"ExpiredToken", "RequestExpired", "TokenRefreshRequired"}


class HttpObjectStore:
    """A bucket reached over HTTP."""

    def __init__(
        self,
        connections: Connections,
        bucket: str,
        *,
        host: str,
        path_prefix: str,
        region: str,
        credentials: Callable[[], Any],
        user_agent: str,
        account_id: Optional[str] = None,
        wait: Optional[Callable[[float], Optional[bool]]] = None,
    ) -> None:
        """
        Args:
            connections: To the server.
            bucket: The bucket's name, for messages.
            host: The ``Host`` header, which may carry the bucket's name.
            path_prefix: What stands before the key, ``/`` or ``/bucket/``.
            region: The bucket's region.
            credentials: Gives frozen credentials (``access_key``, ``secret_key``, ``token``) at each call.
            user_agent: The ``User-Agent`` header.
            account_id: The account that must own the bucket, where it is known.
            wait: Pauses for a number of seconds between attempts.
        """
        self.bucket = bucket
        self._connections = connections
        self._path_prefix = path_prefix
        self._region = region
        self._credentials = credentials
        self._account_id = account_id
        self._wait = wait or threading.Event().wait
        self._headers = {"host": host, "user-agent": user_agent}
        if account_id:
            self._headers["x-amz-expected-bucket-owner"] = account_id

    def __enter__(self) -> HttpObjectStore:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connections.close()

    def put(
        self, key: str, body: Body, *, if_absent: bool = False, metadata: Optional[Mapping[str, str]] = None
    ) -> bool:
        headers = {f"x-amz-meta-{name}": value for name, value in (metadata or {}).items()}
        return self._put_unless_present("PUT", key, {}, body, headers, if_absent)

    def get(self, key: str, *, offset: int = 0, length: Optional[int] = None) -> Optional[Tuple[bytes, ObjectInfo]]:
        headers = {}
        if offset or length is not None:
            headers["range"] = f"bytes={offset}-{'' if length is None else offset + length - 1}"
        answer = self._ask(errors.DOWNLOADING, "GET", key, headers=headers, accepted=(200, 206, 404))
        if answer.status == 404:
            return None
        total = answer.headers.get("content-range", "").rpartition("/")[2]
        return answer.body, _info(key, int(total) if total.isdigit() else len(answer.body), answer)

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

    def create_multipart(self, key: str) -> str:
        return _text(_xml(self._ask(errors.UPLOADING, "POST", key, query={"uploads": ""}, body=b"").body), "UploadId")

    def put_part(self, key: str, upload_id: str, number: int, body: Body) -> str:
        query = {"partNumber": str(number), "uploadId": upload_id}
        return self._ask(errors.UPLOADING, "PUT", key, query=query, body=body).headers["etag"].strip('"')

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
            headers = {**headers, "if-none-match": "*"}
            accepted = (200, _PRESENT)
        answer = self._ask(errors.UPLOADING, method, key, query=query, body=body, headers=headers, accepted=accepted)
        return answer.status == 200

    def _ask(
        self,
        action: str,
        method: str,
        key: str,
        *,
        query: Optional[Mapping[str, str]] = None,
        body: Optional[Body] = None,
        headers: Optional[Mapping[str, str]] = None,
        accepted: Sequence[int] = (200,),
        about: Optional[str] = None,
    ) -> Answer:
        """The answer to a request, tried again where that may help; an error unless its status is ``accepted``."""
        about = key if about is None else about
        for attempt in range(retry.ATTEMPTS):
            last = attempt == retry.ATTEMPTS - 1
            try:
                answer = self._send(method, key, query or {}, headers or {}, body)
            except (OSError, http.client.HTTPException) as error:
                if last:
                    raise errors.unreachable(action, error) from error
            else:
                code, text = _error_in(answer)
                if answer.status in accepted and not code:
                    return answer
                if answer.status in accepted and answer.status != 200:
                    # 404 is an answer where the object is missing, and an error where the bucket is.
                    if code != "NoSuchBucket":
                        return answer
                elif not last and (
                    answer.status in retry.RETRIED or code in retry.RETRIED_CODES or (code in _EXPIRED and attempt == 0)
                ):
                    retry.back_off(attempt, self._wait)
                    continue
                raise errors.refused(action, answer.status, self.bucket, about, code, text, self._account_id)
            retry.back_off(attempt, self._wait)
        raise AssertionError("the last attempt returns or raises")

    def _send(
        self, method: str, key: str, query: Mapping[str, str], headers: Mapping[str, str], body: Optional[Body]
    ) -> Answer:
        path = quoted_path(self._path_prefix + key)
        arguments = quoted_query(query)
        complete = {**self._headers, **headers}
        if body is not None:
            complete["content-length"] = str(len(body))
        credentials = self._credentials()
        signed = signed_headers(
            method,
            path,
            arguments,
            complete,
            region=self._region,
            access_key=credentials.access_key,
            secret_key=credentials.secret_key,
            token=credentials.token,
            now=datetime.now(timezone.utc),
        )
        return self._connections.request(method, f"{path}?{arguments}" if arguments else path, signed, body)


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


def _xml(body: bytes) -> ElementTree.Element:
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
