from __future__ import annotations

import logging
import threading
from typing import Iterator

import pytest

from deadline.job_attachments._engine.budget import ByteBudget, RequestBudget
from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments._engine.pipeline import Chain, Pipeline, Stage, StreamStage
from deadline.job_attachments.exceptions import AssetSyncCancelledError
from deadline.job_attachments.progress_tracker import ProgressReportMetadata, ProgressStatus, ProgressTracker

LIMIT = 20


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_every_item_passes_every_stage() -> None:
    stages = [Stage("double", 3, lambda n: [n, n]), Stage("negate", 2, lambda n: [-n])]

    with Pipeline(CancelToken()) as pipeline:
        results = list(pipeline.run(Chain(range(1000), stages)))

    assert sorted(results) == sorted([-n for n in range(1000)] * 2)


def test_a_worker_of_a_stream_stage_has_many_items_in_hand() -> None:
    def pairs(numbers: Iterator[int]) -> Iterator[int]:
        for first in numbers:
            yield first + next(numbers)

    with Pipeline(CancelToken()) as pipeline:
        results = list(pipeline.run(Chain(range(100), [StreamStage("pairs", 1, pairs)])))

    assert results == [4 * n + 1 for n in range(50)]


def test_chains_run_side_by_side() -> None:
    first_may_go_on = threading.Event()

    def wait(number: int) -> list[int]:
        assert first_may_go_on.wait(LIMIT)
        return [number]

    def allow(number: int) -> list[int]:
        first_may_go_on.set()
        return [number]

    with Pipeline(CancelToken()) as pipeline:
        chains = Chain([1], [Stage("wait", 1, wait)]), Chain([2], [Stage("allow", 1, allow)])
        assert sorted(pipeline.run(*chains)) == [1, 2]


def test_a_slow_stage_holds_back_the_source() -> None:
    go_on = threading.Event()
    taken = []

    def source() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    def slow(number: int) -> list[int]:
        assert go_on.wait(LIMIT)
        return [number]

    with Pipeline(CancelToken()) as pipeline:
        results = pipeline.run(Chain(source(), [Stage("slow", 1, slow, queue_size=4)]))
        timer = threading.Timer(0.3, go_on.set)
        timer.start()
        first = next(results)
        held = len(taken)
        rest = list(results)
        timer.join()

    assert first == 0
    assert held < 100
    assert rest == list(range(1, 1000))


@pytest.mark.parametrize("where", ["source", "stage", "caller"])
def test_the_first_error_ends_everything_and_reaches_the_caller(where: str) -> None:
    def source() -> Iterator[int]:
        yield from range(100)
        if where == "source":
            raise KeyError("source")
        yield from range(100, 10_000)

    def work(number: int) -> list[int]:
        if where == "stage" and number == 50:
            raise KeyError("stage")
        return [number]

    def consume() -> None:
        with Pipeline(CancelToken()) as pipeline:
            for number in pipeline.run(Chain(source(), [Stage("work", 4, work)])):
                if where == "caller" and number == 50:
                    raise KeyError("caller")

    with pytest.raises(KeyError, match=where):
        consume()


def test_cancelling_withdraws_what_is_queued() -> None:
    cancel = CancelToken()
    started = []

    def work(number: int) -> list[int]:
        started.append(number)
        if number == 10:
            cancel.cancel()
        return [number]

    with pytest.raises(AssetSyncCancelledError), Pipeline(cancel) as pipeline:
        list(pipeline.run(Chain(range(10_000), [Stage("work", 1, work)])))

    assert started == list(range(11))


def test_a_token_that_is_cancelled_already_starts_nothing() -> None:
    cancel = CancelToken()
    cancel.cancel()

    with pytest.raises(AssetSyncCancelledError), Pipeline(cancel) as pipeline:
        list(pipeline.run(Chain(range(10), [Stage("work", 1, lambda n: [n])])))


def test_a_budget_lets_nobody_hold_more_than_its_limit_but_one_alone() -> None:
    budget = ByteBudget(10)
    assert budget.take(25)
    waited = threading.Thread(target=lambda: budget.take(1))
    waited.start()
    budget.give_back(25)
    waited.join(LIMIT)
    assert not waited.is_alive()

    blocked = threading.Thread(target=lambda: budget.take(10))
    blocked.start()
    budget.close()
    blocked.join(LIMIT)
    assert not blocked.is_alive()
    assert not budget.take(1)


def test_progress_is_reported_at_the_start_in_steps_and_at_the_end() -> None:
    reports: list[ProgressReportMetadata] = []
    tracker = ProgressTracker(
        ProgressStatus.UPLOAD_IN_PROGRESS, 200, 2000, lambda report: not reports.append(report), callback_interval=3600
    )

    for _ in range(200):
        assert tracker.track_progress_callback(10, True)

    assert [report.processedFiles for report in reports] == [1, 51, 101, 151, 200]
    assert reports[-1].progress == 100.0
    assert reports[-1].progressMessage.startswith("Uploaded 2.0 KB / 2.0 KB of 200 files (Transfer rate: ")


def test_no_rate_is_told_where_nothing_had_to_be_sent() -> None:
    reports: list[ProgressReportMetadata] = []
    tracker = ProgressTracker(
        ProgressStatus.UPLOAD_IN_PROGRESS, 2, 20, lambda report: not reports.append(report), callback_interval=3600
    )

    tracker.increase_skipped(1, 10)
    tracker.report_progress()
    tracker.increase_skipped(1, 10)
    tracker.report_progress()

    assert [report.progressMessage for report in reports] == [
        "Uploaded 10 B / 20 B of 2 files",
        "Uploaded 20 B / 20 B of 2 files",
    ]
    assert "/s" not in str(tracker.get_summary_statistics())


def test_a_rate_is_told_of_what_was_sent_however_fast() -> None:
    reports: list[ProgressReportMetadata] = []
    tracker = ProgressTracker(
        ProgressStatus.UPLOAD_IN_PROGRESS, 2, 20, lambda report: not reports.append(report), callback_interval=3600
    )

    for _ in range(2):
        tracker.track_progress_callback(10, True)

    for report in reports:
        assert "(Transfer rate: " in report.progressMessage
        assert ": 0 B/s" not in report.progressMessage


def test_empty_files_make_progress_too() -> None:
    reports: list[float] = []
    tracker = ProgressTracker(
        ProgressStatus.PREPARING_IN_PROGRESS, 4, 0, lambda report: not reports.append(report.progress)
    )

    for _ in range(4):
        tracker.track_progress_callback(0, True)

    assert reports == [25.0, 50.0, 75.0, 100.0]


def test_an_answer_of_false_stops_and_is_not_asked_again() -> None:
    asked = []
    tracker = ProgressTracker(ProgressStatus.UPLOAD_IN_PROGRESS, 2, 2, lambda report: bool(asked.append(report)))

    assert not tracker.track_progress_callback(1, True)
    assert not tracker.track_progress_callback(1, True)
    assert len(asked) == 1


def test_a_callback_may_use_the_tracker_itself() -> None:
    tracker: ProgressTracker = ProgressTracker(
        ProgressStatus.UPLOAD_IN_PROGRESS, 2, 2, lambda report: tracker.get_summary_statistics().processed_files > 0
    )

    assert tracker.track_progress_callback(1, True)


def test_progress_is_logged_with_and_without_a_callback(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("deadline.job_attachments.test")
    for callback in (None, lambda report: True):
        caplog.clear()
        tracker = ProgressTracker(
            ProgressStatus.DOWNLOAD_IN_PROGRESS, 100, 0, callback, logger=logger, max_files_in_chunk=1
        )
        with caplog.at_level(logging.INFO):
            for _ in range(100):
                assert tracker.track_progress_callback(0, True)

        assert len(caplog.messages) == 10
        assert all(message.startswith("Downloaded 0 B") for message in caplog.messages)


class Store:
    """A store that answers ``rate`` requests a second, however many are under way, once there are ``needed``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, needed: int) -> None:
        self.now = 0.0
        self.needed = needed
        monkeypatch.setattr("time.monotonic", lambda: self.now)

    def answer(self, budget: RequestBudget, count: int) -> None:
        for _ in range(count):
            taken = 0
            while budget.try_take():
                taken += 1
            self.now += taken / (1000 * min(1, taken / self.needed))
            for _ in range(taken):
                budget.give_back()


def test_more_requests_are_under_way_while_that_brings_more_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    far, near = Store(monkeypatch, 200), Store(monkeypatch, 8)
    budget = RequestBudget(100)
    far.now = 10.0
    monkeypatch.setattr("time.monotonic", lambda: far.now)
    far.answer(budget, 300)
    assert budget.limit == 100

    budget = RequestBudget(100)
    monkeypatch.setattr("time.monotonic", lambda: near.now)
    near.answer(budget, 300)
    assert budget.limit <= 25


def test_an_answer_that_asks_for_fewer_requests_halves_them_once_for_all_that_were_under_way() -> None:
    budget = RequestBudget(64, first=64)
    for _ in range(10):
        assert budget.try_take()
    for _ in range(10):
        budget.give_back(slowed=True)
    assert budget.limit == 32


def test_whoever_has_no_request_under_way_may_send_one() -> None:
    budget = RequestBudget(1)
    assert budget.try_take()
    assert not budget.try_take()
    assert budget.try_take(at_least_one=True)
    budget.withdraw(2)
    assert budget.take()


def test_many_workers_at_a_queue_of_one_place_come_to_an_end() -> None:
    stages = [Stage("first", 8, lambda n: [n], queue_size=1), Stage("second", 8, lambda n: [n], queue_size=1)]
    for _ in range(20):
        with Pipeline(CancelToken()) as pipeline:
            assert sorted(pipeline.run(Chain(range(200), stages))) == list(range(200))
