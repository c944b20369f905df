"""Credentials that expire in the middle of a transfer, and clocks that are wrong: met with what helps, or said plainly."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Dict, List

import pytest
from botocore.credentials import RefreshableCredentials

from deadline.job_attachments.exceptions import JobAttachmentS3BotoCoreError, JobAttachmentsS3ClientError

from .conftest import Credentials, MakeStore, MiB, file_of, files_below, key_of, large_bytes, receive, send
from .s3_server import Asked, Fault, S3Server

FILES: Dict[str, bytes] = {
    **{f"{number}": f"content {number}".encode() * 100 for number in range(60)},
    "large": large_bytes(1, 20 * MiB),
}


class Refreshing:
    """Temporary credentials as botocore refreshes them; the server accepts the latest ones only."""

    def __init__(self, server: S3Server) -> None:
        self.made = 0
        self.ahead = timedelta(0)
        self._server = server
        self._refreshable = RefreshableCredentials.create_from_metadata(
            self._new(), self._new, "test", advisory_timeout=60, mandatory_timeout=30
        )
        self._refreshable._time_fetcher = self._now

    def __call__(self) -> Any:
        return self._refreshable.get_frozen_credentials()

    def expire(self) -> None:
        """Let the ones that are in use end, as the clock of this machine knows too."""
        self._server.accepted_keys = set()
        self.ahead += timedelta(hours=2)

    def _now(self) -> datetime:
        return datetime.now(timezone.utc) + self.ahead

    def _new(self) -> Dict[str, str]:
        self.made += 1
        key = f"key-{self.made}"
        self._server.accepted_keys = {key}
        return {
            "access_key": key,
            "secret_key": "secret",
            "token": "token",
            "expiry_time": (self._now() + timedelta(hours=1)).isoformat(),
        }


def test_credentials_that_expire_in_the_middle_are_replaced_by_new_ones(
    server: S3Server, make_store: MakeStore, tmp_path: Path
) -> None:
    credentials = Refreshing(server)
    store = make_store(credentials)
    # Once among the small files and once among the parts of the large one.
    turns = iter([20, 50])
    moments = {next(turns): credentials.expire, next(turns): credentials.expire}

    def fault(asked: Asked) -> Fault:
        return Fault(at_arrival=moments.pop(asked.number, None))

    server.fault = fault
    files = [file_of(tmp_path / "in" / name, content) for name, content in FILES.items()]
    assert sorted(send(store, files)) == sorted(file.key for file in files)
    assert moments == {}
    assert credentials.made == 3
    assert {asked.access_key for asked in server.log} == {"key-1", "key-2", "key-3"}

    moments = {server.log[-1].number + 30: credentials.expire}
    receive(store, tmp_path / "out", FILES)
    assert files_below(tmp_path / "out") == FILES
    assert credentials.made == 4


@pytest.mark.parametrize("kind", ["small", "large"])
def test_credentials_that_cannot_be_refreshed_end_the_transfer_and_say_so(
    server: S3Server, make_store: MakeStore, tmp_path: Path, kind: str
) -> None:
    content = FILES["1" if kind == "small" else "large"]

    def gone() -> Any:
        raise RuntimeError("the credentials process ended with status 1")

    file = file_of(tmp_path / "texture.exr", content)
    with pytest.raises(JobAttachmentS3BotoCoreError, match=r"process ended with status 1.* Check the credentials"):
        send(make_store(gone), [file])
    assert server.log == []


def test_expired_credentials_are_told_from_a_missing_object_although_head_says_nothing(
    server: S3Server, make_store: MakeStore
) -> None:
    server.accepted_keys = set()
    with pytest.raises(JobAttachmentsS3ClientError, match="HTTP Status Code: 400"):
        make_store().head("key")

    given: List[Credentials] = []

    def fresh() -> Credentials:
        given.append(Credentials(f"key-{len(given)}"))
        return given[-1]

    server.accepted_keys = {"key-1"}
    assert make_store(fresh).head("key") is None


@pytest.mark.parametrize("hours", [-5, 1])
def test_a_wrong_clock_is_no_obstacle_to_any_request_that_is_under_way(
    server: S3Server, make_store: MakeStore, tmp_path: Path, hours: int
) -> None:
    server.skew = timedelta(hours=hours)
    store = make_store()
    files = [file_of(tmp_path / "in" / name, content) for name, content in FILES.items()]

    assert sorted(send(store, files)) == sorted(file.key for file in files)
    refused = [asked for asked in server.log if asked.status == 403]
    # As many as were signed before the first answer told the time.
    assert 1 <= len(refused) < 40

    receive(make_store(), tmp_path / "out", FILES)
    assert files_below(tmp_path / "out") == FILES


def test_many_threads_meet_the_right_time_together(server: S3Server, make_store: MakeStore) -> None:
    server.skew = timedelta(hours=3)
    server.objects["key"] = b"content"
    store = make_store()
    together = threading.Barrier(8)
    found = []

    def ask() -> None:
        together.wait()
        found.append(store.head("key"))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [info.size for info in found if info is not None] == [7] * 8


def test_a_clock_that_stays_wrong_is_said_to_be(server: S3Server, make_store: MakeStore) -> None:
    # A server whose clock nobody can follow.
    server.fault = lambda asked: Fault(403, "RequestTimeTooSkewed")

    with pytest.raises(JobAttachmentsS3ClientError, match="clock of this machine is wrong"):
        make_store().put(key_of(b""), b"")
    assert len(server.log) <= 3
