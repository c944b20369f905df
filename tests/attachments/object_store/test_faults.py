"""How the stores meet a server that fails now and then, played by a loopback server with prepared answers."""

from __future__ import annotations

import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable, Deque, Dict, Iterator, List, Optional, Tuple, Type

import boto3
import pytest
from botocore.config import Config

from deadline.job_attachments._engine.budget import RequestBudget
from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.exceptions import JobAttachmentS3BotoCoreError, JobAttachmentsS3ClientError
from deadline.job_attachments.object_store import ObjectStore
from deadline.job_attachments.object_store.boto3_store import Boto3ObjectStore
from deadline.job_attachments.object_store.endpoint import Endpoint
from deadline.job_attachments.object_store.http_store import HttpObjectStore
from deadline.job_attachments.object_store.port import Small
from deadline.job_attachments.object_store.signing import Signer

LAST_MODIFIED = {"Last-Modified": "Tue, 14 Nov 2023 22:13:20 GMT", "ETag": '"tag"'}
Answer = Tuple[int, dict, bytes]


def failure(status: int, code: str) -> Answer:
    return status, {}, f"<Error><Code>{code}</Code><Message>As prepared.</Message></Error>".encode()


PUT_DONE: Answer = (200, {"ETag": '"tag"'}, b"")
PRESENT = failure(412, "PreconditionFailed")
CONFLICT = failure(409, "ConditionalRequestConflict")
COMPLETED: Answer = (
    200,
    {},
    b"<CompleteMultipartUploadResult><ETag>&quot;tag&quot;</ETag></CompleteMultipartUploadResult>",
)
RESET: Answer = (0, {}, b"")
TRUNCATED: Answer = (200, {**LAST_MODIFIED, "Content-Length": "100"}, b"short")


class Server:
    """Gives the prepared answers in their order and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: Deque[Answer] = deque()
        self.asked: List[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append(self.command)
                status, headers, body = server.answers.popleft()
                if not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
                self.close_connection = headers is TRUNCATED[1]

            do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def do_not_wait(seconds: float) -> Optional[bool]:
    return None


@pytest.fixture(params=["boto3", "http"])
def store(request: pytest.FixtureRequest, server: Server) -> Iterator[ObjectStore]:
    session = boto3.Session(aws_access_key_id="id", aws_secret_access_key="secret", region_name="us-west-2")
    if request.param == "http":
        signer = Signer(
            host=f"127.0.0.1:{server.port}",
            path_prefix="/bucket/",
            region="us-west-2",
            credentials=session.get_credentials().get_frozen_credentials,
            user_agent="test",
        )
        endpoint = Endpoint("127.0.0.1", server.port, None)
        with HttpObjectStore(endpoint, "bucket", signer, limit=4, wait=do_not_wait) as store:
            yield store
        return
    client = session.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        config=Config(retries={"mode": "standard"}, s3={"addressing_style": "path"}, user_agent_extra="test"),
    )
    with Boto3ObjectStore(client, "bucket", wait=do_not_wait) as store:
        yield store
    client.close()


def smalls(*keys: str) -> Iterator[Small[str]]:
    return iter([Small(key, key, b"body") for key in keys])


def put_many(store: ObjectStore, *keys: str) -> Dict[str, bool]:
    return dict(store.put_many(smalls(*keys), RequestBudget(4), CancelToken()))


def get_many(store: ObjectStore, *keys: str) -> Dict[str, Optional[bytes]]:
    found = store.get_many(smalls(*keys), RequestBudget(4), CancelToken())
    return {key: None if body is None else bytes(body) for key, body in found}


def test_a_conflict_is_no_proof_that_the_object_is_there(store: ObjectStore, server: Server) -> None:
    server.answers.extend([CONFLICT, CONFLICT, PUT_DONE])
    assert store.put("key", b"body", if_absent=True)

    server.answers.extend([CONFLICT, PRESENT])
    assert not store.put("key", b"body", if_absent=True)

    assert server.asked == ["PUT"] * 5


def test_a_conflict_that_does_not_end_is_an_error(store: ObjectStore, server: Server) -> None:
    server.answers.extend([CONFLICT] * 20)

    with pytest.raises(JobAttachmentsS3ClientError, match="409"):
        store.put("key", b"body", if_absent=True)


def test_an_upload_that_is_gone_counts_when_its_object_is_there(store: ObjectStore, server: Server) -> None:
    server.answers.extend([failure(404, "NoSuchUpload"), (200, {**LAST_MODIFIED, "Content-Length": "0"}, b"")])
    assert not store.complete_multipart("key", "upload", ["tag"], if_absent=True)

    server.answers.extend([failure(404, "NoSuchUpload"), (404, {}, b"")])
    with pytest.raises(JobAttachmentsS3ClientError, match="NoSuchUpload"):
        store.complete_multipart("key", "upload", ["tag"], if_absent=True)

    server.answers.extend([CONFLICT, COMPLETED])
    assert store.complete_multipart("key", "upload", ["tag"], if_absent=True)


@pytest.mark.parametrize("fault", [failure(500, "InternalError"), failure(503, "SlowDown"), RESET])
@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        (lambda store: store.put("key", b"body"), PUT_DONE),
        (lambda store: store.get("key")[0], (200, LAST_MODIFIED, b"content")),
        (lambda store: store.head("key") is not None, (200, LAST_MODIFIED, b"")),
        (lambda store: put_many(store, "key") == {"key": True}, PUT_DONE),
        (lambda store: get_many(store, "key") == {"key": b"content"}, (200, LAST_MODIFIED, b"content")),
    ],
    ids=["put", "get", "head", "put_many", "get_many"],
)
def test_a_passing_fault_is_tried_again(
    store: ObjectStore, server: Server, fault: Answer, ask: Callable[[ObjectStore], object], answer: Answer
) -> None:
    server.answers.extend([fault, answer])

    assert ask(store)
    assert len(server.asked) == 2


def test_an_error_that_comes_with_status_200_is_an_error(store: ObjectStore, server: Server) -> None:
    server.answers.extend([failure(200, "InternalError"), COMPLETED])

    assert store.complete_multipart("key", "upload", ["tag"])


def test_an_answer_that_breaks_off_is_never_taken_for_the_whole(server: Server, store: ObjectStore) -> None:
    server.answers.extend([TRUNCATED] * 20)

    with pytest.raises(JobAttachmentS3BotoCoreError, match="downloading file"):
        store.get("key")


def test_what_is_denied_is_not_tried_again(store: ObjectStore, server: Server) -> None:
    server.answers.append(failure(403, "AccessDenied"))

    with pytest.raises(JobAttachmentsS3ClientError, match="s3:PutObject") as raised:
        store.put("key", b"body")

    assert (raised.value.status_code, raised.value.key_or_prefix) == (403, "key")
    assert server.asked == ["PUT"]


@pytest.mark.parametrize(
    ("answers", "error", "message"),
    [
        ([failure(403, "AccessDenied")], JobAttachmentsS3ClientError, "s3:PutObject"),
        ([RESET] * 50, JobAttachmentS3BotoCoreError, "uploading file"),
        ([failure(503, "SlowDown")] * 50, JobAttachmentsS3ClientError, "503"),
    ],
    ids=["denied", "reset", "slow down"],
)
def test_one_of_many_that_fails_for_good_ends_them(
    store: ObjectStore, server: Server, answers: List[Answer], error: Type[Exception], message: str
) -> None:
    server.answers.extend(answers)
    with pytest.raises(error, match=message):
        put_many(store, "key")


def test_a_connection_that_was_closed_while_it_was_idle_costs_no_attempt(server: Server, store: ObjectStore) -> None:
    for _ in range(10):
        server.answers.extend([(200, {"ETag": '"tag"', "Connection": "close"}, b"")])
        assert store.put("key", b"body")
    assert server.asked == ["PUT"] * 10


def test_many_survive_connections_that_close_after_every_answer(server: Server, store: ObjectStore) -> None:
    server.answers.extend([(200, {"ETag": '"tag"', "Connection": "close"}, b"")] * 20)
    keys = [f"key-{number}" for number in range(20)]
    assert put_many(store, *keys) == dict.fromkeys(keys, True)


def test_a_server_in_another_time_is_met_at_its_own(server: Server) -> None:
    session = boto3.Session(aws_access_key_id="id", aws_secret_access_key="secret", region_name="us-west-2")
    signer = Signer(
        host=f"127.0.0.1:{server.port}",
        path_prefix="/bucket/",
        region="us-west-2",
        credentials=session.get_credentials().get_frozen_credentials,
        user_agent="test",
    )
    status, _, body = failure(403, "RequestTimeTooSkewed")
    skewed: Answer = (status, {"Date": "Tue, 14 Nov 2023 22:13:20 GMT"}, body)
    server.answers.extend([skewed, PUT_DONE])
    with HttpObjectStore(Endpoint("127.0.0.1", server.port, None), "bucket", signer) as store:
        assert store.put("key", b"body")
    assert b"x-amz-date: 20231114T" in signer.head("GET", "key")
