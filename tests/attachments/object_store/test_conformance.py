"""What every object store promises, asked of each of them."""

from __future__ import annotations

import time
from typing import Any, Iterator

import boto3
import pytest

from deadline.job_attachments._aws.aws_clients import get_s3_client
from deadline.job_attachments._engine.bandwidth import Bandwidth
from deadline.job_attachments._engine.budget import RequestBudget
from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.exceptions import AssetSyncCancelledError, JobAttachmentsS3ClientError
from deadline.job_attachments.object_store import ObjectStore, open_store
from deadline.job_attachments.object_store.boto3_store import Boto3ObjectStore
from deadline.job_attachments.object_store.http_store import HttpObjectStore
from deadline.job_attachments.object_store.memory_store import MemoryObjectStore
from deadline.job_attachments.object_store.port import Small

PART = 5 * 1024 * 1024
ODD_KEY = "prefix/naïve 日本 +&=?#%~'()!*/a b.xxh128"


@pytest.fixture(params=["memory", "boto3", "http"])
def store(request: pytest.FixtureRequest) -> Iterator[ObjectStore]:
    if request.param == "memory":
        with MemoryObjectStore() as store:
            yield store
        return
    session: boto3.Session = request.getfixturevalue("session")
    bucket: str = request.getfixturevalue("bucket")
    if request.param == "boto3":
        with Boto3ObjectStore(get_s3_client(session), bucket) as store:
            yield store
    else:
        with open_store(session, bucket) as store:
            assert isinstance(store, HttpObjectStore)
            yield store


@pytest.mark.parametrize("key", ["key", "Data/0123.xxh128", ODD_KEY])
@pytest.mark.parametrize("body", [b"", b"content", bytes(100_000)])
def test_what_is_put_is_got(store: ObjectStore, key: str, body: bytes) -> None:
    assert store.put(key, body)

    got = store.get(key)

    assert got is not None
    assert got[0] == body
    assert (got[1].key, got[1].size) == (key, len(body))


def test_a_memoryview_is_a_body(store: ObjectStore) -> None:
    store.put("key", memoryview(bytearray(b"0123456789"))[2:5])

    got = store.get("key")

    assert got is not None
    assert got[0] == b"234"


def test_what_is_not_there_is_none(store: ObjectStore) -> None:
    assert store.get("missing") is None
    assert store.head("missing") is None


def test_an_object_that_is_there_stays_when_only_an_absent_one_is_to_be_put(store: ObjectStore) -> None:
    assert store.put("key", b"first", if_absent=True)
    assert not store.put("key", b"second", if_absent=True)
    assert store.get("key")[0] == b"first"  # type: ignore[index]

    assert store.put("key", b"third")
    assert store.get("key")[0] == b"third"  # type: ignore[index]


def test_a_range_gives_its_bytes_and_the_size_of_the_whole(store: ObjectStore) -> None:
    store.put("key", b"0123456789")

    body, info = store.get("key", offset=3, length=4)  # type: ignore[misc]
    rest, _ = store.get("key", offset=8, length=100)  # type: ignore[misc]

    assert (body, info.size, rest) == (b"3456", 10, b"89")


def test_head_tells_size_and_metadata(store: ObjectStore) -> None:
    store.put("key", b"12345", metadata={"asset-root": "/a b", "asset-root-json": '"/\\u00e9"'})

    info = store.head("key")

    assert info is not None
    assert info.size == 5
    assert dict(info.metadata) == {"asset-root": "/a b", "asset-root-json": '"/\\u00e9"'}
    assert info.last_modified.tzinfo is not None


def test_listing_goes_on_over_pages_in_order(store: ObjectStore) -> None:
    keys = [f"list/{number:05d} é" for number in range(1005)]
    for key in keys:
        store.put(key, b"")
    store.put("other", b"")

    assert [info.key for info in store.list("list/")] == keys
    assert [info.key for info in store.list("list/", start_after=keys[1000])] == keys[1001:]
    assert list(store.list("nothing/")) == []


def test_parts_make_an_object(store: ObjectStore) -> None:
    upload = store.create_multipart(ODD_KEY)
    tags = [
        store.put_part(ODD_KEY, upload, number, body) for number, body in enumerate((b"a" * PART, b"b" * PART, b"c"), 1)
    ]

    assert store.head(ODD_KEY) is None
    assert store.complete_multipart(ODD_KEY, upload, tags)
    body, info = store.get(ODD_KEY, offset=PART - 1, length=PART + 2)  # type: ignore[misc]

    assert body == b"a" + b"b" * PART + b"c"
    assert info.size == 2 * PART + 1


def test_an_object_that_was_given_up_never_appears(store: ObjectStore) -> None:
    upload = store.create_multipart("key")
    store.put_part("key", upload, 1, b"a" * PART)

    store.abort_multipart("key", upload)

    assert store.head("key") is None


@pytest.mark.parametrize("kind", ["boto3", "http"])
def test_a_bucket_that_does_not_exist_is_named_in_the_error(kind: str, session: boto3.Session) -> None:
    missing: Any = (
        open_store(session, "no-such-bucket")
        if kind == "http"
        else Boto3ObjectStore(get_s3_client(session), "no-such-bucket")
    )
    with missing, pytest.raises(JobAttachmentsS3ClientError, match=r"no-such-bucket.*does not exist"):
        missing.put("key", b"")


def test_single_requests_keep_to_a_bandwidth_both_ways(store: ObjectStore) -> None:
    if isinstance(store, MemoryObjectStore):
        pytest.skip("nothing travels to memory")
    store.obey(RequestBudget(4, bandwidth=Bandwidth(100_000)))
    started = time.monotonic()

    for number in range(3):
        store.put(f"{number}", bytes(20_000))
    put = time.monotonic() - started
    for number in range(2):
        store.get(f"{number}")

    # The first goes at once; each of the others when those before it have gone.
    assert put > 0.25
    assert time.monotonic() - started > 0.65


def smalls(count: int, size: int) -> Iterator[Small[int]]:
    return (Small(f"many/{number:04d}", number, bytes([number % 256]) * size) for number in range(count))


def test_many_small_objects_come_and_go_together(store: ObjectStore) -> None:
    store.put("many/0003", b"was there")

    created = dict(store.put_many(smalls(100, 5000), RequestBudget(8), CancelToken()))
    assert created == {number: number != 3 for number in range(100)}

    got = dict(store.get_many(smalls(101, 0), RequestBudget(8), CancelToken()))
    expected = {number: bytes([number]) * 5000 for number in range(100)}
    assert got == {**expected, 3: b"was there", 100: None}


def test_many_end_when_they_are_cancelled(store: ObjectStore) -> None:
    cancel = CancelToken()
    drawn = []

    def endless() -> Iterator[Small[int]]:
        for small in smalls(100_000, 10):
            drawn.append(small)
            yield small

    results = store.put_many(endless(), RequestBudget(8), cancel)
    next(results)
    cancel.cancel()
    with pytest.raises(AssetSyncCancelledError):
        list(results)
    assert len(drawn) < 100


def test_an_error_of_whoever_gives_the_objects_is_raised(store: ObjectStore) -> None:
    def failing() -> Iterator[Small[int]]:
        yield from smalls(20, 10)
        raise KeyError("file")

    with pytest.raises(KeyError, match="file"):
        list(store.put_many(failing(), RequestBudget(8), CancelToken()))
