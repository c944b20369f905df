"""Contestants take turns; one that fails stands aside."""

from __future__ import annotations

import contextlib
from typing import Iterator

from transfer_bench.errors import RunFailed
from transfer_bench.model import Command, Contestant, Measurement
from transfer_bench.rounds import medians, take_turns


def contestant(client: str, journal: list[str], fails_at_the_end: bool = False) -> Contestant:
    @contextlib.contextmanager
    def prepare() -> Iterator[Command]:
        journal.append(f"prepare {client}")
        yield Command([client], {})
        journal.append(f"clear {client}")
        if fails_at_the_end:
            raise RunFailed("stored 3 of 10 objects")

    return Contestant(client, prepare)


def test_contestants_run_in_turn_each_prepared_and_cleared_around_its_run() -> None:
    journal: list[str] = []

    def run(client: str, command: Command) -> Measurement:
        journal.append(f"run {client}")
        return Measurement(1.0, 1.0, 1.0)

    take_turns([contestant("a", journal), contestant("b", journal)], 2, run)
    one_round = [f"{step} {client}" for client in "ab" for step in ("prepare", "run", "clear")]
    assert journal == one_round * 2


def test_the_outcome_is_the_median_of_each_metric() -> None:
    walls = iter([5.0, 1.0, 2.0])

    def run(client: str, command: Command) -> Measurement:
        wall = next(walls)
        return Measurement(wall, wall * 2, 100.0, {"requests": wall * 10})

    outcome = take_turns([contestant("a", [])], 3, run)["a"]
    assert outcome.medians == {"wall": 2.0, "cpu": 4.0, "rss": 100.0, "requests": 20.0}
    assert [each.wall for each in outcome.runs] == [5.0, 1.0, 2.0]


def test_a_metric_that_one_run_lacks_has_no_median() -> None:
    runs = [Measurement(1.0, 1.0, 1.0, {"rate": 3.0}), Measurement(1.0, 1.0, 1.0)]
    assert set(medians(runs)) == {"wall", "cpu", "rss"}


def test_who_fails_is_out_with_the_reason_and_the_others_go_on() -> None:
    ran: list[str] = []

    def run(client: str, command: Command) -> Measurement:
        ran.append(client)
        if client == "b":
            raise RunFailed("no such bucket")
        return Measurement(1.0, 1.0, 1.0)

    outcomes = take_turns([contestant("a", []), contestant("b", []), contestant("c", [])], 3, run)
    assert ran == ["a", "b", "c", "a", "c", "a", "c"]
    assert outcomes["b"].failure == "failed: no such bucket"
    assert not outcomes["b"].medians
    assert outcomes["c"].medians["wall"] == 1.0


def test_a_run_whose_work_turns_out_undone_does_not_count() -> None:
    outcomes = take_turns([contestant("a", [], True)], 3, lambda *_: Measurement(0.1, 0.1, 1.0))
    assert outcomes["a"].failure == "failed: stored 3 of 10 objects"
    assert not outcomes["a"].runs


def test_who_is_missing_is_named_and_never_run() -> None:
    outcomes = take_turns(
        [Contestant("rclone", missing="rclone is not on the PATH")], 3, lambda *_: Measurement(1.0, 1.0, 1.0)
    )
    assert outcomes["rclone"].failure == "missing: rclone is not on the PATH"
