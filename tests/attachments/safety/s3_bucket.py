"""What S3 does with requests, in memory: objects with ranges and conditional writes, uploads in parts, listings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Dict, Tuple
from xml.etree import ElementTree
from xml.sax.saxutils import escape

PAGE = 1000
Answer = Tuple[int, Dict[str, str], bytes]
"""Status, headers and body."""


@dataclass
class Asked:
    """A request, and what became of it."""

    number: int
    method: str
    key: str
    query: Dict[str, str]
    headers: Dict[str, str]
    length: int
    access_key: str
    at: float
    """When it arrived, by the monotonic clock."""
    received: int = 0
    """Bytes of the body that came."""
    stored: bool = False
    status: int = 0
    """Of the answer, as soon as it is given."""

    @property
    def part(self) -> int:
        """The number of the part that is sent or fetched, from 1; 0 for whole objects."""
        return int(self.query.get("partNumber", 0))

    @property
    def operation(self) -> str:
        """What is asked for, in the words of S3's interface."""
        if self.method == "PUT":
            return "UploadPart" if self.part else "PutObject"
        if self.method == "POST":
            return "CreateMultipartUpload" if "uploads" in self.query else "CompleteMultipartUpload"
        if self.method == "DELETE":
            return "AbortMultipartUpload"
        if self.method == "GET" and not self.key:
            return "ListObjectsV2"
        if self.method == "GET" and "uploadId" in self.query:
            return "ListParts"
        return "GetObject" if self.method == "GET" else "HeadObject"


@dataclass
class Upload:
    """An object that is sent in parts."""

    key: str
    parts: Dict[int, bytes] = field(default_factory=dict)


class Bucket:
    """The objects by key, and the uploads by id; used by one request at a time."""

    def __init__(self) -> None:
        self.objects: Dict[str, bytes] = {}
        self.uploads: Dict[str, Upload] = {}
        self.removes_objects = False
        """Whether it says of objects that it will remove them some day."""

    def do(self, asked: Asked, body: bytes) -> Answer:
        """Do what is asked for."""
        if not asked.key and asked.method == "POST":
            return 200, {}, _IDENTITY
        answer: Answer = getattr(self, f"_{asked.operation}")(asked, body)
        return answer

    def _PutObject(self, asked: Asked, body: bytes) -> Answer:
        return self._store(asked, body)

    def _store(self, asked: Asked, body: bytes) -> Answer:
        objects = self.objects
        if asked.headers.get("if-none-match") == "*" and asked.key in objects:
            return 412, {}, error_of(412, "PreconditionFailed")
        objects[asked.key] = body
        asked.stored = True
        return 200, {"ETag": f'"{etag_of(body)}"'}, b""

    def _UploadPart(self, asked: Asked, body: bytes) -> Answer:
        upload = self.uploads.get(asked.query["uploadId"])
        if upload is None:
            return NO_UPLOAD
        upload.parts[asked.part] = body
        asked.stored = True
        return 200, {"ETag": f'"{etag_of(body)}"'}, b""

    def _CreateMultipartUpload(self, asked: Asked, body: bytes) -> Answer:
        upload_id = f"upload-{asked.number}"
        self.uploads[upload_id] = Upload(asked.key)
        return 200, {}, f"<R><UploadId>{upload_id}</UploadId></R>".encode()

    def _CompleteMultipartUpload(self, asked: Asked, body: bytes) -> Answer:
        upload_id = asked.query["uploadId"]
        upload = self.uploads.get(upload_id)
        if upload is None:
            return NO_UPLOAD
        named = [
            (int(part.findtext("{*}PartNumber") or 0), (part.findtext("{*}ETag") or "").strip('"'))
            for part in ElementTree.fromstring(body).iter("{http://s3.amazonaws.com/doc/2006-03-01/}Part")
        ]
        if any(number not in upload.parts or etag_of(upload.parts[number]) != tag for number, tag in named):
            return 400, {}, error_of(400, "InvalidPart")
        status, _, answer = self._store(asked, b"".join(upload.parts[number] for number, _ in named))
        if status == 200:
            del self.uploads[upload_id]
            answer = b"<CompleteMultipartUploadResult/>"
        return status, {}, answer

    def _AbortMultipartUpload(self, asked: Asked, body: bytes) -> Answer:
        gone = self.uploads.pop(asked.query["uploadId"], None) is None
        return NO_UPLOAD if gone else (204, {}, b"")

    def _ListParts(self, asked: Asked, body: bytes) -> Answer:
        upload = self.uploads.get(asked.query["uploadId"])
        if upload is None:
            return NO_UPLOAD
        parts = "".join(
            f"<Part><PartNumber>{number}</PartNumber><ETag>&quot;{etag_of(part)}&quot;</ETag></Part>"
            for number, part in sorted(upload.parts.items())
        )
        return 200, {}, f"<R>{parts}<IsTruncated>false</IsTruncated></R>".encode()

    def _ListObjectsV2(self, asked: Asked, body: bytes) -> Answer:
        after = asked.query.get("continuation-token") or asked.query.get("start-after", "")
        prefix = asked.query.get("prefix", "")
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > after)
        page = keys[:PAGE]
        stamp = "2023-11-14T22:13:20.000Z"
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{stamp}</LastModified><ETag>&quot;tag&quot;</ETag>"
            f"<Size>{len(self.objects[key])}</Size></Contents>"
            for key in page
        )
        more = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if len(keys) > len(page) else ""
        return 200, {}, f"<R>{entries}{more}</R>".encode()

    def _GetObject(self, asked: Asked, body: bytes) -> Answer:
        found = self.objects.get(asked.key)
        if found is None:
            return 404, {}, error_of(404, "NoSuchKey")
        described = self._description(found)
        if "range" not in asked.headers:
            return 200, described, found
        first, _, last = asked.headers["range"].partition("=")[2].partition("-")
        if int(first) >= len(found):
            return 416, {}, error_of(416, "InvalidRange")
        piece = found[int(first) : int(last) + 1 if last else None]
        described["Content-Range"] = f"bytes {first}-{int(first) + len(piece) - 1}/{len(found)}"
        return 206, described, piece

    def _HeadObject(self, asked: Asked, body: bytes) -> Answer:
        found = self.objects.get(asked.key)
        if found is None:
            return 404, {}, b""
        return 200, {"Content-Length": str(len(found)), **self._description(found)}, b""

    def _description(self, body: bytes) -> Dict[str, str]:
        # A tag of the whole would cost more than sending it, and nobody looks at it.
        described = {"ETag": f'"{len(body)}"', "Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT"}
        if self.removes_objects:
            described["x-amz-expiration"] = 'expiry-date="Fri, 14 Nov 2025 00:00:00 GMT", rule-id="monthly"'
        return described


def etag_of(body: bytes) -> str:
    """As S3 makes it."""
    return hashlib.md5(body).hexdigest()


def error_of(status: int, code: str) -> bytes:
    return f"<Error><Code>{code}</Code><Message>As the test wants it ({status}).</Message></Error>".encode()


NO_UPLOAD: Answer = (404, {}, error_of(404, "NoSuchUpload"))
_IDENTITY = (
    b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    b"<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/test</Arn><UserId>id</UserId>"
    b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
)
