"""Calls in threads: what comes back, and what does not any more."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Iterator

import pytest
from qtpy.QtWidgets import QApplication

from deadline.client.ui.background import Background

if TYPE_CHECKING:
    from conftest import WaitUntil

LIMIT = 20


class Outcomes:
    """What a background gave back, and on which threads."""

    def __init__(self) -> None:
        self.results: list[Any] = []
        self.errors: list[Exception] = []
        self.threads: set[threading.Thread] = set()

    def on_result(self, result: Any) -> None:
        self.results.append(result)
        self.threads.add(threading.current_thread())

    def on_error(self, error: Exception) -> None:
        self.errors.append(error)
        self.threads.add(threading.current_thread())


@pytest.fixture
def outcomes() -> Outcomes:
    return Outcomes()


@pytest.fixture
def background(application: QApplication) -> Iterator[Background]:
    background = Background()
    yield background
    background.cancel_all()
    background.deleteLater()


def test_a_result_comes_from_another_thread_to_that_of_the_window(
    background: Background, outcomes: Outcomes, wait_until: WaitUntil
) -> None:
    background.run("key", threading.current_thread, on_result=outcomes.on_result, on_error=outcomes.on_error)

    wait_until(lambda: outcomes.results)

    assert outcomes.results != [threading.main_thread()]
    assert outcomes.threads == {threading.main_thread()}
    assert outcomes.errors == []
    assert not background.is_running("key")


def test_an_error_comes_as_one(background: Background, outcomes: Outcomes, wait_until: WaitUntil) -> None:
    def fail() -> None:
        raise ValueError("no")

    background.run("key", fail, on_result=outcomes.on_result, on_error=outcomes.on_error)

    wait_until(lambda: outcomes.errors)

    assert [str(error) for error in outcomes.errors] == ["no"]
    assert outcomes.results == []


def test_a_later_call_takes_the_place_of_an_earlier_one_with_the_same_key(
    background: Background, outcomes: Outcomes, wait_until: WaitUntil
) -> None:
    may_end, ended = threading.Event(), threading.Event()

    def slow() -> str:
        assert may_end.wait(LIMIT)
        ended.set()
        return "earlier"

    background.run("key", slow, on_result=outcomes.on_result, on_error=outcomes.on_error)
    background.run("key", lambda: "later", on_result=outcomes.on_result, on_error=outcomes.on_error)
    wait_until(lambda: outcomes.results)
    may_end.set()
    wait_until(ended.is_set)
    background.run("other", lambda: "last", on_result=outcomes.on_result, on_error=outcomes.on_error)
    wait_until(lambda: len(outcomes.results) > 1)

    assert outcomes.results == ["later", "last"]


def test_of_twenty_quick_calls_only_the_last_one_counts(
    background: Background, outcomes: Outcomes, wait_until: WaitUntil
) -> None:
    for number in range(20):
        background.run("key", lambda n=number: n, on_result=outcomes.on_result, on_error=outcomes.on_error)

    wait_until(lambda: outcomes.results)

    assert outcomes.results == [19]


def test_nothing_comes_back_after_everything_was_canceled(
    background: Background, outcomes: Outcomes, wait_until: WaitUntil
) -> None:
    may_end = threading.Event()
    busy: list[tuple[str, bool]] = []
    background.busy_changed.connect(lambda key, is_busy: busy.append((key, is_busy)))
    background.run("key", lambda: may_end.wait(LIMIT), on_result=outcomes.on_result, on_error=outcomes.on_error)
    background.cancel_all()
    may_end.set()
    background.run("other", lambda: "after", on_result=outcomes.on_result, on_error=outcomes.on_error)

    wait_until(lambda: outcomes.results)

    assert outcomes.results == ["after"]
    assert busy == [("key", True), ("key", False), ("other", True), ("other", False)]
