"""A target is met, missed by a factor, or unknown with the reason."""

from __future__ import annotations

import doctest

from transfer_bench import targets
from transfer_bench.targets import MiB, at_least, at_most, of_best, of_peer

PEERS = {"existing": {"wall": 60.0, "cpu": 48.0}, "s5cmd": {"wall": 10.0, "cpu": 6.0}}


def test_the_examples_in_the_module_are_true() -> None:
    assert doctest.testmod(targets).failed == 0


def test_a_figure_at_the_limit_is_met() -> None:
    assert of_peer("cpu", "existing", 1 / 8).judge({"cpu": 6.0}, PEERS).state == "met"


def test_a_figure_above_the_limit_is_missed_by_their_ratio() -> None:
    verdict = of_peer("wall", "s5cmd", 0.75).judge({"wall": 9.75}, PEERS)
    assert (verdict.ours, verdict.limit, verdict.state) == (9.75, 7.5, "missed 1.3x")


def test_a_narrow_miss_is_not_shown_as_none() -> None:
    assert of_best("wall", 1.03).judge({"wall": 10.4}, PEERS).state == "missed 1.010x"


def test_a_lower_bound_is_missed_from_below() -> None:
    assert at_least("rate", 8).judge({"rate": 9.0}, {}).state == "met"
    assert at_least("rate", 8).judge({"rate": 4.0}, {}).state == "missed 2.0x"


def test_nothing_allowed_is_missed_without_a_ratio() -> None:
    assert at_most("requests a file", 0).judge({"requests a file": 1.0}, {}).state == "missed"


def test_the_best_peer_is_the_one_with_the_smallest_figure_and_an_allowance_comes_on_top() -> None:
    verdict = of_best("cpu", plus=0.3).judge({"cpu": 6.2}, PEERS)
    assert (verdict.limit, verdict.state) == (6.3, "met")


def test_another_metric_of_the_peer_can_be_the_measure() -> None:
    verdict = of_peer("inner_wall", "s5cmd", 1.2, peer_metric="wall").judge({"inner_wall": 11.0}, PEERS)
    assert (verdict.limit, verdict.state) == (12.0, "met")


def test_without_the_peer_it_is_unknown_whether_a_target_is_met() -> None:
    assert of_peer("cpu", "rclone", 1).judge({"cpu": 1.0}, PEERS).state == "unknown: no figure of rclone"
    assert of_best("cpu").judge({"cpu": 1.0}, {}).state == "unknown: no figure of a peer"


def test_without_our_figure_it_is_unknown_whether_a_target_is_met() -> None:
    assert at_most("rss", 80 * MiB).judge({}, PEERS).state == "unknown: no figure of ours"
