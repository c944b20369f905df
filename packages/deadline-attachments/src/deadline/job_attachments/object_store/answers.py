"""What the answers of S3 say: descriptions of objects, documents, and errors."""

from __future__ import annotations

import http.client
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Optional, Tuple
from xml.etree import ElementTree

from . import errors
from .port import ObjectInfo
from .wire import Answer

_NOT_S3 = "The answer is none of S3's. A proxy or a sign-in page may stand between this machine and S3."


def error_in(answer: Answer, method: str) -> Tuple[str, str]:
    """The code and text of the error that an answer to ``method`` carries, or empty."""
    if answer.status < 300 and (method != "POST" or b"<Error>" not in answer.body[:200]):
        # Only who completes an object may get an error with status 200; what is got may begin with any bytes.
        return "", ""
    try:
        root = _parsed(answer) if answer.body else None
    except ElementTree.ParseError:
        root = None
    if root is None:
        return http.client.responses.get(answer.status, str(answer.status)), ""
    return root.findtext("Code") or "", root.findtext("Message") or ""


def document(action: str, answer: Answer) -> ElementTree.Element:
    """The XML document of an answer, without namespaces; ``action`` as of :mod:`.errors`, for an answer without one."""
    try:
        return _parsed(answer)
    except ElementTree.ParseError as error:
        raise errors.unreachable(action, ValueError(_NOT_S3)) from error


def header(action: str, answer: Answer, name: str) -> str:
    """A header that answers of S3 have."""
    value = answer.headers.get(name)
    if value is None:
        raise errors.unreachable(action, ValueError(_NOT_S3))
    return value


def text(element: ElementTree.Element, name: str) -> str:
    """The text of an element's child, or empty."""
    return element.findtext(name) or ""


def listed(entry: ElementTree.Element) -> ObjectInfo:
    """The object that an entry of a listing describes."""
    modified = datetime.fromisoformat(text(entry, "LastModified").replace("Z", "+00:00"))
    return ObjectInfo(text(entry, "Key"), int(text(entry, "Size")), modified, text(entry, "ETag").strip('"'))


def described(action: str, key: str, answer: Answer, size: Optional[int] = None) -> ObjectInfo:
    """The object that an answer's headers describe; ``size`` where its length is not that of the object."""
    prefix = "x-amz-meta-"
    metadata = {name[len(prefix) :]: value for name, value in answer.headers.items() if name.startswith(prefix)}
    try:
        modified = parsedate_to_datetime(header(action, answer, "last-modified"))
        length = int(header(action, answer, "content-length")) if size is None else size
    except (TypeError, ValueError) as error:
        raise errors.unreachable(action, ValueError(_NOT_S3)) from error
    etag = answer.headers.get("etag", "").strip('"')
    return ObjectInfo(key, length, modified, etag, metadata, "x-amz-expiration" in answer.headers)


def _parsed(answer: Answer) -> ElementTree.Element:
    root = ElementTree.fromstring(answer.body)  # noqa: S314 (expat refuses entity expansion bombs since 2.4.1)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root
