"""Canceling: soon, in the middle of anything, and with nothing begun afterwards.

A server that is slow, or says nothing, shows it: what is under way does not come to its end by itself.
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator, List, Optional

import pytest

from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments._engine.events import Event, Resumed
from deadline.job_attachments.asset_manifests import hash_data
from deadline.job_attachments.caches import S3CheckCache, UploadJournal
from deadline.job_attachments.download_plan import plan_download
from deadline.job_attachments.exceptions import AssetSyncCancelledError
from deadline.job_attachments.existence import known_objects
from deadline.job_attachments.hashing import hash_files
from deadline.job_attachments.models import FileConflictResolution
from deadline.job_attachments.object_store.endpoint import Endpoint
from deadline.job_attachments.object_store.http_store import HttpObjectStore
from deadline.job_attachments.object_store.signing import Signer
from deadline.job_attachments.receiving import Receiver
from deadline.job_attachments.sending import FileToSend, Sender

from .conftest import (
    ALGORITHM,
    DATA,
    PART,
    RESUMABLE,
    Credentials,
    MakeStore,
    MiB,
    file_of,
    files_below,
    key_of,
    large_bytes,
    linux_only,
    manifest_of,
)
from .s3_server import Asked, Fault, S3Server

SOON = 1.0 + 1.0
"""Seconds within which a canceled operation is over: one, and another for a busy machine. What it was doing would take
eight or more."""
SLOW = Fault(bytes_a_second=MiB)
SILENT = Fault(stall_after=5000)


def canceled_after(
    condition: Callable[[], None], operation: Callable[[CancelToken], Any], limit: float = SOON
) -> CancelToken:
    """Cancel an operation when ``condition`` returns; an error unless it is over soon after that."""
    cancel = CancelToken()
    ended: List[float] = []

    def run() -> None:
        with pytest.raises(AssetSyncCancelledError):
            operation(cancel)
        ended.append(time.monotonic())

    thread = threading.Thread(target=run)
    thread.start()
    condition()
    canceled = time.monotonic()
    cancel.cancel()
    thread.join(30)
    assert ended, "it did not end, or not as a cancellation"
    assert ended[0] - canceled < limit
    return cancel


def many(size: int) -> int:
    """How many files there are; of the largest one is enough."""
    return 1 if size == RESUMABLE else 3


@pytest.mark.parametrize("fault", [SLOW, SILENT], ids=["slow", "silent"])
@pytest.mark.parametrize("size", [200_000, PART, 20 * MiB, RESUMABLE])
def test_an_upload_ends_in_the_middle_of_a_body(
    server: S3Server, make_store: MakeStore, tmp_path: Path, size: int, fault: Fault
) -> None:
    files = [file_of(tmp_path / f"{number}", large_bytes(number, size)) for number in range(many(size))]
    server.fault = lambda asked: fault if asked.length > 100 else None
    store = make_store()

    def send(cancel: CancelToken) -> None:
        Sender(store, ALGORITHM, cancel).send(files, lambda keys: None)

    canceled_after(lambda: server.wait_until(lambda: any(asked.received for asked in server.log)), send)

    # What fits into the buffers on the way arrives all the same; no large body does.
    assert not [asked for asked in server.log if asked.received == asked.length >= PART]
    assert all(len(content) < PART for content in server.objects.values())


@pytest.mark.parametrize("fault", [SLOW, SILENT], ids=["slow", "silent"])
@pytest.mark.parametrize("size", [200_000, PART, RESUMABLE])
def test_a_download_ends_in_the_middle_of_a_body(
    server: S3Server, make_store: MakeStore, tmp_path: Path, size: int, fault: Fault
) -> None:
    files = {f"{number}": large_bytes(number, size) for number in range(many(size))}
    server.objects.update((key_of(content), content) for content in files.values())
    server.fault = lambda asked: fault
    plan = plan_download(tmp_path, manifest_of(files).paths, ALGORITHM, FileConflictResolution.SKIP)
    store = make_store()

    def receive(cancel: CancelToken) -> None:
        list(Receiver(store, DATA, ALGORITHM, cancel).receive(plan.contents))

    canceled_after(lambda: server.wait_until(lambda: any(asked.status for asked in server.log)), receive)

    # Only what the next download can go on with is there.
    assert all(".part" in name for name in files_below(tmp_path))
    assert size == RESUMABLE or files_below(tmp_path) == {}


@pytest.mark.parametrize("operation", ["HeadObject", "ListObjectsV2", "CreateMultipartUpload"])
def test_an_upload_ends_in_the_middle_of_a_question(
    server: S3Server, make_store: MakeStore, tmp_path: Path, operation: str
) -> None:
    files = [file_of(tmp_path / f"{number}", f"content {number}".encode()) for number in range(100)]
    files.append(file_of(tmp_path / "large", large_bytes(1, PART + 1)))
    keys = {file.key for file in files}
    waits = threading.Event()

    def stall() -> None:
        waits.set()
        server.closing.wait()

    server.fault = lambda asked: Fault(at_arrival=stall) if asked.operation == operation else None
    store = make_store()

    def ask_and_send(cancel: CancelToken) -> None:
        with S3CheckCache(str(tmp_path / "caches")) as cache:
            known_objects(store, keys, f"{DATA}/", cache, cancel, ask_about_each=operation == "HeadObject")
        Sender(store, ALGORITHM, cancel).send(files, lambda present: None)

    canceled_after(lambda: waits.wait(20) or pytest.fail("it did not ask"), ask_and_send)


@linux_only
@pytest.mark.parametrize("size", [100, PART])
def test_an_upload_ends_while_it_waits_for_a_connection(tmp_path: Path, size: int) -> None:
    file = file_of(tmp_path / "file", large_bytes(1, size))
    with socket.socket() as listening:
        # Its queue is full, so that nobody gets an answer to the first packet.
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        port = listening.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            signer = Signer(
                host="host", path_prefix="/", region="us-west-2", credentials=Credentials, user_agent="test"
            )
            with HttpObjectStore(Endpoint("127.0.0.1", port, None), "bucket", signer) as store:

                def connecting() -> None:
                    state = f":{port:04X} 02 "  # SYN_SENT
                    while state not in Path("/proc/net/tcp").read_text(encoding="ascii"):
                        time.sleep(0.01)

                canceled_after(
                    connecting,
                    lambda cancel: Sender(store, ALGORITHM, cancel).send([file], lambda keys: None),
                )


def test_of_ten_thousand_small_files_no_request_begins_after_a_cancel_w_c9(
    server: S3Server, make_store: MakeStore, tmp_path: Path
) -> None:
    files = []
    for number in range(10_000):
        content = b"%d" % number
        digest = hash_data(content, ALGORITHM)
        path = tmp_path / digest
        path.write_bytes(content)
        files.append(FileToSend(str(path), f"{DATA}/{digest}.xxh128", digest, len(content)))
    store = make_store()

    def send(cancel: CancelToken) -> None:
        Sender(store, ALGORITHM, cancel).send(files, lambda keys: None)

    begun: List[int] = []

    def hundreds() -> None:
        server.wait_until(lambda: len(server.log) >= 300)
        begun.append(len(server.log))

    canceled_after(hundreds, send)

    # What was under way then may have come to its end; that is no more than may be under way at all.
    assert len(server.log) <= begun[0] + 50
    server.wait_until(lambda: server.idle)
    assert len(server.log) <= begun[0] + 50
    assert all(asked.status == 200 or not asked.stored for asked in server.log[: begun[0] - 50])


def test_a_cancel_from_within_an_event_ends_the_operation_too(
    server: S3Server, make_store: MakeStore, tmp_path: Path
) -> None:
    files = [file_of(tmp_path / f"{number}", f"content {number}".encode()) for number in range(500)]
    cancel = CancelToken()
    seen: List[Event] = []

    def sink(event: Event) -> None:
        seen.append(event)
        cancel.cancel()

    with pytest.raises(AssetSyncCancelledError):
        Sender(make_store(), ALGORITHM, cancel, sink).send(files, lambda keys: None)

    assert 1 <= len(seen) <= 50
    assert len(server.log) <= 100


def test_what_a_canceled_upload_has_sent_of_a_large_file_is_not_sent_again(
    server: S3Server, make_store: MakeStore, tmp_path: Path
) -> None:
    content = large_bytes(1)
    file = file_of(tmp_path / "file", content)
    server.fault = lambda asked: SILENT if asked.part > 4 else None
    store = make_store()

    with UploadJournal(str(tmp_path / "caches")) as journal:

        def send(cancel: CancelToken) -> None:
            Sender(store, ALGORITHM, cancel, journal=journal).send([file], lambda keys: None)

        canceled_after(
            lambda: server.wait_until(lambda: sum(asked.status == 200 for asked in server.asked("UploadPart")) == 4),
            send,
        )
        server.fault = lambda asked: None
        server.forget()
        events: List[Event] = []
        Sender(store, ALGORITHM, CancelToken(), events.append, journal=journal).send([file], lambda keys: None)

    assert {asked.part for asked in server.asked("UploadPart")} == {5, 6, 7, 8, 9}
    assert sum(event.size for event in events if isinstance(event, Resumed)) == 4 * PART
    assert server.objects == {file.key: content}


def test_nobody_waits_for_a_silent_server_to_drop_what_was_sent_and_the_next_run_goes_on_with_it(
    server: S3Server, make_store: MakeStore, tmp_path: Path
) -> None:
    files = [file_of(tmp_path / f"{number}", large_bytes(number, 20 * MiB)) for number in range(4)]
    silent = threading.Event()

    def fault(asked: Asked) -> Optional[Fault]:
        return SILENT if asked.part else Fault(at_arrival=server.closing.wait) if silent.is_set() else None

    server.fault = fault
    store = make_store()
    with UploadJournal(str(tmp_path / "caches")) as journal:

        def send(cancel: CancelToken) -> None:
            Sender(store, ALGORITHM, cancel, journal=journal).send(files, lambda keys: None)

        def parts_under_way() -> None:
            server.wait_until(lambda: len(server.asked("UploadPart")) > 1)
            silent.set()

        canceled_after(parts_under_way, send, limit=SOON + 1)
        # An upload whose id nobody has heard has no parts.
        left = {asked.query["uploadId"] for asked in server.asked("UploadPart")}
        assert left

        server.fault = lambda asked: None
        server.forget()
        Sender(store, ALGORITHM, CancelToken(), journal=journal).send(files, lambda keys: None)

    assert set(server.objects) == {file.key for file in files}
    assert not [upload for upload in server.uploads.values() if upload.parts]
    assert {asked.query["uploadId"] for asked in server.asked("UploadPart")} >= left


def test_a_canceled_upload_drops_what_no_later_run_goes_on_with(
    server: S3Server, make_store: MakeStore, tmp_path: Path
) -> None:
    files = [file_of(tmp_path / f"{number}", large_bytes(number, 20 * MiB)) for number in range(2)]
    server.fault = lambda asked: SILENT if asked.part else None
    store = make_store()
    with UploadJournal(str(tmp_path / "caches")) as journal:
        canceled_after(
            lambda: server.wait_until(lambda: len(server.asked("UploadPart")) > 1),
            lambda cancel: Sender(store, ALGORITHM, cancel, journal=journal).send(files, lambda keys: None),
        )
        assert journal.query("SELECT * FROM uploadsV1") == []
    assert server.uploads == {}


class CountingToken(CancelToken):
    """Is cancelled when it has been asked a number of times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.asked = itertools.count(1)
        self.times = times
        self.last = 0

    @property
    def cancelled(self) -> bool:
        self.last = next(self.asked)
        if self.last == self.times:
            self.cancel()
        return super().cancelled


def test_hashing_ends_in_the_middle_of_a_file_w_c9(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1024 * MiB)
    cancel = CountingToken(50)

    with pytest.raises(AssetSyncCancelledError):
        list(hash_files([str(tmp_path / "file")], ALGORITHM, None, cancel))

    # It asks once for each of a thousand blocks.
    assert cancel.last < 100


def test_comparing_with_a_file_that_is_there_ends_in_the_middle_of_it(
    server: S3Server, make_store: MakeStore, tmp_path: Path
) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(512 * MiB)
    cancel = CountingToken(50)
    entries = manifest_of({"file": b""}).paths
    entries[0].size = 512 * MiB
    plan = plan_download(tmp_path, entries, ALGORITHM, FileConflictResolution.OVERWRITE)

    with pytest.raises(AssetSyncCancelledError):
        list(Receiver(make_store(), DATA, ALGORITHM, cancel).receive(plan.contents))

    assert cancel.last < 100
    assert server.log == []


def walk_for_ever(folder: Path) -> Iterator[str]:
    for number in itertools.count():
        path = folder / f"{number % 100}"
        path.write_bytes(b"content")
        yield str(path)


def test_hashing_ends_between_files(tmp_path: Path) -> None:
    cancel = CancelToken()
    events: List[Event] = []

    def sink(event: Event) -> None:
        events.append(event)
        cancel.cancel()

    with pytest.raises(AssetSyncCancelledError):
        list(hash_files(walk_for_ever(tmp_path), ALGORITHM, None, cancel, sink))

    assert 1 <= len(events) <= 20
