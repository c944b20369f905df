"""S3 that fails: what passes is tried again, what stays is an error that says what to do, and nothing partial counts.

Everything is asked of both ways in which bytes travel: many small objects on one thread, and parts of large ones on many.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Callable, Dict, List, Optional

import pytest

from deadline.job_attachments.exceptions import (
    AssetSyncError,
    JobAttachmentS3BotoCoreError,
    JobAttachmentsS3ClientError,
)
from deadline.job_attachments.object_store.http_store import HttpObjectStore

from .conftest import DATA, PART, MakeStore, MiB, file_of, files_below, key_of, large_bytes, receive, send
from .s3_server import Asked, Fault, S3Server

CONTENTS = {"small": b"small content" * 1000, "large": large_bytes(1, 20 * MiB + 1)}
TIMEOUT = 0.2
MOVING_BYTES = ("PutObject", "UploadPart", "GetObject")

PASSING = {
    "500": Fault(500),
    "502": Fault(502, "BadGateway"),
    "throttled": Fault(503, "SlowDown"),
    "429": Fault(429, "TooManyRequests"),
    "request timeout": Fault(400, "RequestTimeout"),
    "reset in the body": Fault(reset_after=5000),
    "reset at the end": Fault(lose_answer=True),
    "closed in the body": Fault(truncate_to=5000),
    "stalled in the body": Fault(stall_after=5000),
}


@pytest.fixture
def impatient(make_store: MakeStore) -> HttpObjectStore:
    """A store that waits for a fifth of a second where others wait for half a minute, and does not pause."""
    return make_store(timeout=TIMEOUT, wait=lambda seconds: None)


def once_each(fault: Fault) -> object:
    """The fault for the first attempt at every object and every part."""
    seen = set()

    def faults(asked: Asked) -> Optional[Fault]:
        what = (asked.operation, asked.key, asked.part, asked.headers.get("range"))
        if asked.operation not in MOVING_BYTES or what in seen:
            return None
        seen.add(what)
        return fault

    return faults


@pytest.mark.parametrize("kind", ["small", "large"])
@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_a_fault_that_passes_is_overcome(
    server: S3Server, make_store: MakeStore, tmp_path: Path, kind: str, fault: Fault
) -> None:
    content = CONTENTS[kind]
    file = file_of(tmp_path / "in" / "texture.exr", content)

    # With less patience a busy machine answers too late, and a repeated CreateMultipartUpload leaves an upload to nobody.
    store = make_store(timeout=30 if fault.stall_after is None else 5 * TIMEOUT, wait=lambda seconds: None)

    server.fault = once_each(fault)  # type: ignore[assignment]
    assert send(store, [file]) == [file.key]
    assert server.objects == {file.key: content}
    assert server.uploads == {}

    receive(store, tmp_path / "out", {"texture.exr": content})
    assert files_below(tmp_path / "out") == {"texture.exr": content}


@pytest.mark.parametrize("kind", ["small", "large"])
@pytest.mark.parametrize(
    ("fault", "error", "message"),
    [
        (Fault(500), JobAttachmentsS3ClientError, r"S3 had an internal error\. Try again in a moment"),
        (Fault(503, "SlowDown"), JobAttachmentsS3ClientError, r"S3 is asking for fewer requests\. Try again"),
        (Fault(504, "GatewayTimeout"), JobAttachmentsS3ClientError, r"could not be asked just now\. Try again"),
        (Fault(403, "AccessDenied"), JobAttachmentsS3ClientError, r"Access is denied\. Check that the credentials"),
        (
            Fault(403, "InvalidAccessKeyId"),
            JobAttachmentsS3ClientError,
            r"does not know the credentials\. Sign in again",
        ),
        (Fault(400, "ExpiredToken"), JobAttachmentsS3ClientError, r"credentials have expired\. Sign in again"),
        (Fault(403, "RequestTimeTooSkewed"), JobAttachmentsS3ClientError, r"clock of this machine is wrong .* Set it"),
        (
            Fault(reset_after=5000),
            JobAttachmentS3BotoCoreError,
            r"reset by peer.* Check the credentials and the network",
        ),
        (Fault(stall_after=5000), JobAttachmentS3BotoCoreError, r"127\.0\.0\.1 was silent for 0\.2 seconds.* network"),
    ],
    ids=["500", "throttled", "504", "denied", "unknown key", "expired", "clock", "reset", "stalled"],
)
def test_a_fault_that_stays_is_an_error_that_says_what_to_do(
    server: S3Server, impatient: HttpObjectStore, tmp_path: Path, kind: str, fault: Fault, error: type, message: str
) -> None:
    content = CONTENTS[kind]
    file = file_of(tmp_path / "in" / "texture.exr", content)
    present: List[str] = []

    server.fault = lambda asked: fault if asked.operation in MOVING_BYTES else None
    with pytest.raises(error, match=f"(?s)Error uploading file.*{message}"):
        present += send(impatient, [file])
    assert (server.objects, present) == ({}, [])

    server.objects[file.key] = content
    with pytest.raises(error, match=f"(?s)Error downloading file.*{message}"):
        receive(impatient, tmp_path / "out", {"texture.exr": content})
    assert files_below(tmp_path / "out") == {}


@pytest.mark.parametrize("kind", ["small", "large"])
def test_bytes_that_were_corrupted_on_the_way_never_get_the_name_of_the_file(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, kind: str
) -> None:
    content = CONTENTS[kind]
    server.objects[key_of(content)] = content
    server.fault = lambda asked: Fault(corrupt=True)
    (tmp_path / "texture.exr").write_bytes(b"old")

    with pytest.raises(
        AssetSyncError, match=rf"s3://bucket/{key_of(content)} does not have the content .*texture\.exr"
    ):
        receive(store, tmp_path, {"texture.exr": content})

    assert files_below(tmp_path) == {"texture.exr": b"old"}


@pytest.mark.parametrize("kind", ["small", "large"])
@pytest.mark.parametrize("there", ["shorter", "longer", "nothing"])
def test_an_object_of_another_size_never_gets_the_name_of_the_file_w_c5(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, kind: str, there: str
) -> None:
    content = CONTENTS[kind]
    server.objects[key_of(content)] = {"shorter": content[:-1], "longer": content + b"!", "nothing": b""}[there]

    if (kind, there) == ("large", "longer"):
        # Ranges are fetched, and what they are of is right; what follows is nobody's.
        receive(store, tmp_path, {"texture.exr": content})
        assert files_below(tmp_path) == {"texture.exr": content}
        return
    with pytest.raises(AssetSyncError, match=f"s3://bucket/{key_of(content)}"):
        receive(store, tmp_path, {"texture.exr": content})
    assert files_below(tmp_path) == {}


def test_of_a_huge_object_in_the_place_of_a_small_one_no_bytes_are_received(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    content = CONTENTS["small"]
    server.objects[key_of(content)] = bytes(100 * MiB)
    given = []

    def fault(asked: Asked) -> Fault:
        # Its middle comes only if somebody reads the first half.
        return Fault(in_body=lambda: given.append(asked))

    server.fault = fault
    with pytest.raises(AssetSyncError, match="does not have the content"):
        receive(store, tmp_path, {"texture.exr": content})
    assert given == []


@pytest.mark.parametrize(
    "content", [b"<Error>not one</Error>", b"<html><Error> oops", b"<?xml version='1.0'?><Error/>"]
)
def test_a_file_that_looks_like_an_error_of_s3_is_a_file_like_others(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, content: bytes
) -> None:
    assert send(store, [file_of(tmp_path / "in" / "log.xml", content)]) == [key_of(content)]

    receive(store, tmp_path / "out", {"log.xml": content})

    assert files_below(tmp_path / "out") == {"log.xml": content}
    assert store.get(key_of(content))[0] == content  # type: ignore[index]


def test_an_error_that_comes_with_status_200_completes_nothing(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    file = file_of(tmp_path / "texture.exr", CONTENTS["large"])
    failures = iter([Fault(200, "InternalError")] * 2)
    server.fault = lambda asked: next(failures, None) if asked.operation == "CompleteMultipartUpload" else None

    assert send(store, [file]) == [file.key]

    assert len(server.asked("CompleteMultipartUpload")) == 3
    assert server.objects == {file.key: CONTENTS["large"]}


@pytest.mark.parametrize("ended", ["completed by another process", "ended by a rule of the bucket"])
def test_an_upload_that_somebody_else_has_ended_is_done_or_an_error_that_says_so(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, ended: str
) -> None:
    file = file_of(tmp_path / "texture.exr", CONTENTS["large"])

    def end() -> None:
        server.uploads.clear()
        if ended.startswith("completed"):
            server.objects[file.key] = CONTENTS["large"]

    server.fault = lambda asked: Fault(at_arrival=end) if asked.part == 2 else None
    if ended.startswith("completed"):
        assert send(store, [file]) == [file.key]
        return
    with pytest.raises(JobAttachmentsS3ClientError, match=r"upload of .*texture\.exr was ended .* Submit again"):
        send(store, [file])
    assert server.objects == {}


@pytest.mark.parametrize("page", [b"<html>Sign in<p></html>", b""], ids=["a sign-in page", "nothing"])
def test_an_answer_that_is_not_of_s3_is_an_error_and_no_traceback(
    server: S3Server, store: HttpObjectStore, page: bytes
) -> None:
    server.fault = lambda asked: Fault(page=page)
    for ask in (
        lambda: list(store.list("")),
        lambda: store.create_multipart("key"),
        lambda: store.list_parts("key", "upload"),
        lambda: store.put_part("key", "upload", 1, b""),
        lambda: store.head("key"),
        lambda: store.get("key"),
    ):
        with pytest.raises(JobAttachmentS3BotoCoreError, match="proxy or a sign-in page"):
            ask()


def test_whatever_s3_does_everything_arrives_or_an_error_says_what_did_not(
    seed: int, server: S3Server, impatient: HttpObjectStore, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    files: Dict[str, bytes] = {f"{number}": f"{seed} {number}".encode() * 200 for number in range(150)}
    files.update({f"large-{number}": large_bytes(number, chance.randrange(PART, 3 * PART)) for number in range(3)})
    faults = [*PASSING.values(), Fault(status=403, code="AccessDenied")]
    # Mostly what passes; now and then something that ends it all.
    weights = [10.0] * len(PASSING) + [chance.choice([0, 0.5])]

    def fault(asked: Asked) -> Optional[Fault]:
        return chance.choices(faults, weights)[0] if chance.random() < 0.1 else None

    inputs = [file_of(tmp_path / "in" / name, content) for name, content in files.items()]
    right = {file.key: files[Path(file.path).name] for file in inputs}
    server.fault = fault
    present: List[str] = []
    failed = error_of(lambda: present.extend(send(impatient, inputs)))
    assert (failed is None) == (sorted(present) == sorted(right))
    assert failed is None or "AccessDenied" in str(failed)
    assert all(right[key] == body for key, body in server.objects.items())
    assert set(present) <= server.objects.keys()

    server.objects.update(right)
    root = tmp_path / "out"
    failed = error_of(lambda: receive(impatient, root, files))
    assert (failed is None) == (files_below(root) == files)
    assert failed is None or "AccessDenied" in str(failed)
    assert all(files[name] == content for name, content in files_below(root).items())
    assert all(key.startswith(DATA) for key in server.objects)


def error_of(operation: Callable[[], object]) -> Optional[AssetSyncError]:
    """The error of the library that an operation ends with, if it does."""
    try:
        operation()
    except AssetSyncError as error:
        return error
    return None
