"""Sending files: what reaches the store, what is proven to be there, and what an error or a stop leaves behind."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Iterator, Mapping, Optional, Sequence

import pytest

from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments._engine.events import Event, Sent, Skipped
from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_file
from deadline.job_attachments.exceptions import AssetSyncCancelledError, AssetSyncError, JobAttachmentsS3ClientError
from deadline.job_attachments.object_store.memory_store import MemoryObjectStore
from deadline.job_attachments.object_store.port import Body
from deadline.job_attachments.sending import FileToSend, Sender

from .conftest import random_bytes

MiB = 1024 * 1024
ALGORITHM = HashAlgorithm.XXH128


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture
def store() -> MemoryObjectStore:
    return MemoryObjectStore()


def file_of(path: Path, content: bytes) -> FileToSend:
    path.write_bytes(content)
    digest = hash_file(str(path), ALGORITHM)
    return FileToSend(str(path), f"Data/{digest}.xxh128", digest, len(content))


def send(
    store: MemoryObjectStore, files: Sequence[FileToSend], cancel: Optional[CancelToken] = None
) -> tuple[list[str], list[Event]]:
    present: list[str] = []
    events: list[Event] = []
    Sender(store, ALGORITHM, cancel or CancelToken(), events.append).send(files, present.extend)
    return present, events


def stored(store: MemoryObjectStore, file: FileToSend) -> Optional[bytes]:
    got = store.get(file.key)
    return None if got is None else got[0]


@pytest.mark.parametrize("size", [0, 1, MiB, 8 * MiB - 1, 8 * MiB, 8 * MiB + 1, 25 * MiB])
def test_files_of_every_size_arrive_whole(store: MemoryObjectStore, tmp_path: Path, size: int) -> None:
    content = random_bytes(size, size)
    file = file_of(tmp_path / "file", content)

    present, events = send(store, [file])

    assert stored(store, file) == content
    assert present == [file.key]
    assert [event.done for event in events if isinstance(event, Sent)].count(True) == 1
    assert sum(event.size for event in events) == size
    assert store.unfinished_uploads == 0


def test_a_large_object_that_is_there_is_neither_read_nor_sent(store: MemoryObjectStore, tmp_path: Path) -> None:
    file = file_of(tmp_path / "file", bytes(2 * MiB))
    store.put(file.key, b"there")
    store.requests.clear()
    (tmp_path / "file").unlink()

    present, events = send(store, [file])

    assert present == [file.key]
    assert events == [Skipped(file.path, 2 * MiB)]
    assert dict(store.requests) == {"head": 1}


def test_a_small_object_that_is_there_stays_and_costs_one_request(store: MemoryObjectStore, tmp_path: Path) -> None:
    file = file_of(tmp_path / "file", b"content")
    store.put(file.key, b"there")
    store.requests.clear()

    present, events = send(store, [file])

    assert present == [file.key]
    assert events == [Skipped(file.path, 7)]
    assert dict(store.requests) == {"put": 1}
    assert stored(store, file) == b"there"


@pytest.mark.parametrize("size", [100, 20 * MiB])
@pytest.mark.parametrize("change", [-1, 0, 1, 30 * MiB])
def test_a_file_that_is_not_what_was_hashed_is_an_error_and_stores_nothing(
    store: MemoryObjectStore, tmp_path: Path, size: int, change: int
) -> None:
    path = tmp_path / "file"
    file = file_of(path, bytes(size))
    path.write_bytes(b"x" + bytes(size - 1 + change) if change <= 0 else bytes(size + change))

    with pytest.raises(AssetSyncError, match="file changed after it was hashed"):
        send(store, [file])

    assert list(store.list("")) == []
    assert store.unfinished_uploads == 0


def test_a_file_that_cannot_be_read_is_named_and_nothing_counts_as_present(
    store: MemoryObjectStore, tmp_path: Path
) -> None:
    file = file_of(tmp_path / "file", b"content")
    (tmp_path / "file").unlink()
    (tmp_path / "file").mkdir()
    present: list[str] = []

    with pytest.raises(AssetSyncError, match="file could not be read"):
        Sender(store, ALGORITHM, CancelToken()).send([file], present.extend)

    assert present == []


class FailingStore(MemoryObjectStore):
    """Refuses one part and one object."""

    def __init__(self, part: int = 0, key: str = "") -> None:
        super().__init__()
        self.part = part
        self.key = key

    def put_part(self, key: str, upload_id: str, number: int, body: Body) -> str:
        if number == self.part:
            raise JobAttachmentsS3ClientError("uploading file", 503, self.bucket, key)
        return super().put_part(key, upload_id, number, body)

    def put(
        self, key: str, body: Body, *, if_absent: bool = False, metadata: Optional[Mapping[str, str]] = None
    ) -> bool:
        if key == self.key:
            raise JobAttachmentsS3ClientError("uploading file", 403, self.bucket, key)
        return super().put(key, body, if_absent=if_absent, metadata=metadata)


def test_a_part_that_fails_ends_the_upload_and_drops_the_other_parts(tmp_path: Path) -> None:
    store = FailingStore(part=2)
    file = file_of(tmp_path / "file", bytes(40 * MiB))

    with pytest.raises(JobAttachmentsS3ClientError, match="503"):
        send(store, [file])

    assert list(store.list("")) == []
    assert store.unfinished_uploads == 0


def test_after_an_error_exactly_what_was_stored_counts_as_present(tmp_path: Path) -> None:
    files = [file_of(tmp_path / f"file-{number}", f"content {number}".encode()) for number in range(200)]
    store = FailingStore(key=files[150].key)
    present: list[str] = []

    with pytest.raises(JobAttachmentsS3ClientError, match="403"):
        Sender(store, ALGORITHM, CancelToken()).send(files, present.extend)

    assert set(present) <= {info.key for info in store.list("")}
    assert files[150].key not in present


def test_a_stop_withdraws_what_was_not_begun(store: MemoryObjectStore, tmp_path: Path) -> None:
    files = [file_of(tmp_path / f"file-{number}", f"content {number}".encode()) for number in range(300)]
    cancel = CancelToken()
    sender = Sender(store, ALGORITHM, cancel, lambda event: cancel.cancel())

    with pytest.raises(AssetSyncCancelledError):
        sender.send(files, lambda keys: None)

    assert 1 <= store.requests["put"] <= 40


def test_a_stop_in_the_middle_of_a_large_file_drops_its_parts(store: MemoryObjectStore, tmp_path: Path) -> None:
    file = file_of(tmp_path / "file", bytes(100 * MiB))
    cancel = CancelToken()
    sender = Sender(store, ALGORITHM, cancel, lambda event: cancel.cancel())

    with pytest.raises(AssetSyncCancelledError):
        sender.send([file], lambda keys: None)

    assert list(store.list("")) == []
    assert store.unfinished_uploads == 0
    assert store.requests["abort_multipart"] == 1
