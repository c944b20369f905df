"""How much is under way at once: less when S3 asks for less, and no more bytes a second than somebody wants."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Tuple

import pytest
from hypothesis import given, strategies as st

from deadline.job_attachments._engine.bandwidth import CREDIT, PIECE, Bandwidth
from deadline.job_attachments._engine.budget import RequestBudget
from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.exceptions import AssetSyncCancelledError
from deadline.job_attachments.object_store.http_store import HttpObjectStore
from deadline.job_attachments.object_store.port import Small

from ..conftest import random_bytes
from .conftest import PART, MakeStore, MiB, file_of, files_below, large_bytes, receive, send
from .s3_server import Asked, Fault, S3Server


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(
    rate=st.floats(1000, 1e9),
    steps=st.lists(st.tuples(st.integers(0, 300_000), st.floats(0, 5)), min_size=1, max_size=200),
)
def test_in_no_span_of_time_does_more_go_than_the_rate_allows(rate: float, steps: List[Tuple[int, float]]) -> None:
    clock = Clock()
    cap = Bandwidth(rate, clock)
    going: List[Tuple[float, int]] = []
    for count, pause in steps:
        going.append((clock.now + cap.take(count), count))
        clock.now += pause

    going.sort()
    for first in range(0, len(going), 7):
        total = 0
        for at, count in going[first:]:
            # A piece goes when all before it have gone, whatever its own size.
            assert total <= rate * (at - going[first][0] + CREDIT) * (1 + 1e-9) + going[first][1] + 1e-3
            total += count


@given(rate=st.floats(1000, 1e9), counts=st.lists(st.integers(1, PIECE), min_size=50, max_size=100))
def test_who_waits_as_long_as_told_gets_the_whole_rate(rate: float, counts: List[int]) -> None:
    clock = Clock()
    cap = Bandwidth(rate, clock)
    begun = clock.now
    for count in counts:
        clock.now += cap.take(count)
    assert clock.now - begun <= sum(counts) / rate + 1e-6


@pytest.mark.parametrize("rate", [0, -1, float("nan")])
def test_a_rate_that_lets_nothing_through_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="bytes a second above 0"):
        Bandwidth(rate)


def test_under_a_low_cap_few_connections_share_it_so_that_none_is_silent_for_long() -> None:
    assert RequestBudget(50, bandwidth=Bandwidth(PIECE)).most == 1
    assert RequestBudget(50, bandwidth=Bandwidth(10 * PIECE)).most == 10
    assert RequestBudget(50, bandwidth=Bandwidth(1e9)).most == 50
    budget = RequestBudget(50, bandwidth=Bandwidth(PIECE))
    budget.slow_down()
    assert budget.limit == 1


RATE = 16 * MiB


def test_small_and_large_transfers_share_one_cap_both_ways(
    server: S3Server, make_store: MakeStore, tmp_path: Path
) -> None:
    files: Dict[str, bytes] = {f"{number}": random_bytes(number, 100_000) for number in range(20)}
    files["large"] = large_bytes(1, PART + MiB)
    size = sum(map(len, files.values()))
    allowed = (size - 16 * PIECE) / RATE - CREDIT
    inputs = [file_of(tmp_path / "in" / name, content) for name, content in files.items()]

    started = time.monotonic()
    send(make_store(), inputs, bandwidth=Bandwidth(RATE))
    assert time.monotonic() - started > allowed

    started = time.monotonic()
    receive(make_store(), tmp_path / "out", files, bandwidth=Bandwidth(RATE))
    assert time.monotonic() - started > allowed
    assert files_below(tmp_path / "out") == files


def test_a_large_part_goes_piece_by_piece_under_a_cap(server: S3Server, make_store: MakeStore) -> None:
    store = make_store()
    store.obey(RequestBudget(4, bandwidth=Bandwidth(4 * MiB)))
    arrived: List[float] = []
    # The middle of it comes when half of its time is over, not at once.
    server.fault = lambda asked: Fault(in_body=lambda: arrived.append(time.monotonic()))
    started = time.monotonic()

    store.put("key", bytes(2 * MiB))

    assert server.objects == {"key": bytes(2 * MiB)}
    assert arrived[0] - started > 0.1


@pytest.mark.parametrize("kind", ["many", "single"])
@pytest.mark.parametrize("status", [503, 429])
def test_the_number_of_requests_is_halved_when_s3_asks_for_fewer(
    server: S3Server, store: HttpObjectStore, kind: str, status: int
) -> None:
    budget = RequestBudget(32, first=32)
    store.obey(budget)
    failures = iter([Fault(status, "SlowDown")])
    server.fault = lambda asked: next(failures, None)

    if kind == "many":
        objects = (Small(f"{number}", number, b"content") for number in range(20))
        assert dict(store.put_many(objects, budget, CancelToken())) == dict.fromkeys(range(20), True)
    else:
        upload = store.create_multipart("key")
        assert store.put_part("key", upload, 1, b"content")

    assert budget.limit == 16


def test_an_upload_outlives_a_store_that_asks_for_patience_again_and_again(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    attempts: Counter[Tuple[str, int]] = Counter()

    def refuse_eight_times(asked: Asked) -> Optional[Fault]:
        attempts[asked.key, asked.part] += 1
        return Fault(503, "SlowDown") if attempts[asked.key, asked.part] <= 8 else None

    server.fault = refuse_eight_times
    files = [file_of(tmp_path / f"{number}", f"content {number}".encode()) for number in range(20)]
    files.append(file_of(tmp_path / "large", large_bytes(1, 3 * MiB)))

    assert sorted(send(store, files)) == sorted(file.key for file in files)


def test_while_requests_are_refused_no_more_files_are_read(server: S3Server, make_store: MakeStore) -> None:
    cancel = CancelToken()
    drawn = []

    def refuse(asked: Asked) -> Fault:
        if len(server.log) > 64:
            cancel.cancel()
        return Fault(503, "SlowDown")

    def objects() -> Iterator[Small[int]]:
        for number in range(10_000):
            drawn.append(number)
            yield Small(f"{number}", number, b"content")

    server.fault = refuse
    with pytest.raises(AssetSyncCancelledError):
        next(make_store().put_many(objects(), RequestBudget(16), cancel))

    assert len(drawn) <= 32
