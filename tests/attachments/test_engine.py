from __future__ import annotations

import logging
import threading
from typing import Iterator

import pytest

from deadline.job_attachments._engine.budget import ByteBudget
from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments._engine.pipeline import Pipeline, Stage
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

    with Pipeline(stages, CancelToken()) as pipeline:
        results = list(pipeline.run(range(1000)))

    assert sorted(results) == sorted([-n for n in range(1000)] * 2)


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

    with Pipeline([Stage("slow", 1, slow, queue_size=4)], CancelToken()) as pipeline:
        results = pipeline.run(source())
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
        with Pipeline([Stage("work", 4, work)], CancelToken()) as pipeline:
            for number in pipeline.run(source()):
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

    with pytest.raises(AssetSyncCancelledError), Pipeline([Stage("work", 1, work)], cancel) as pipeline:
        list(pipeline.run(range(10_000)))

    assert started == list(range(11))


def test_a_token_that_is_cancelled_already_starts_nothing() -> None:
    cancel = CancelToken()
    cancel.cancel()

    with pytest.raises(AssetSyncCancelledError), Pipeline([Stage("work", 1, lambda n: [n])], cancel) as pipeline:
        list(pipeline.run(range(10)))


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
