"""Table and JSON name every contestant, the ratios, and whether targets are met."""

from __future__ import annotations

import json

from transfer_bench.model import Case, Contestant, Measurement, Outcome, Result
from transfer_bench.report import as_json, ours_failed, table
from transfer_bench.rounds import medians
from transfer_bench.targets import MiB, of_peer


def measured(wall: float, cpu: float, rss: float, **extra: float) -> Outcome:
    runs = [Measurement(wall, cpu, rss * MiB, extra)] * 3
    return Outcome(runs, medians(runs))


def result(**outcomes: Outcome) -> Result:
    contestants = [Contestant(client) for client in outcomes]
    targets = [of_peer("cpu", "s5cmd", 1), of_peer("wall", "existing", 1 / 4)]
    return Result(Case("upload-S", "cold", contestants, targets, "tls", "S", {"requests": "requests"}), outcomes)


MEASURED = result(
    ours=measured(2.0, 1.3, 70, requests=10_001),
    existing=measured(20.0, 13.0, 90, requests=20_000),
    s5cmd=measured(4.0, 1.0, 50),
    rclone=Outcome(failure="failed: no such bucket"),
)


def test_the_table_has_a_line_for_each_client_with_its_figures_and_our_ratio() -> None:
    lines = table([MEASURED]).splitlines()
    assert lines[0].split() == [
        *("upload-S", "cold", "tls", "client", "wall", "s", "CPU", "s", "RSS", "MiB"),
        *("wall", "ratio", "CPU", "ratio", "requests"),
    ]
    assert lines[1].split() == ["ours", "2", "1.30", "70", "10001"]
    assert lines[2].split() == ["existing", "20", "13", "90", "0.100", "0.100", "20000"]
    assert lines[3].split() == ["s5cmd", "4", "1", "50", "0.500", "1.300"]


def test_the_table_gives_the_reason_where_a_client_has_no_figures() -> None:
    assert any(
        line.split(maxsplit=1) == ["rclone", "failed: no such bucket"] for line in table([MEASURED]).splitlines()
    )


def test_the_table_says_of_each_target_whether_it_is_met_and_counts_them() -> None:
    text = table([MEASURED])
    assert "target: CPU <= s5cmd: 1.30 of 1 s, missed 1.3x" in text
    assert "target: wall <= 1/4 of existing: 2 of 5 s, met" in text
    assert text.endswith("targets: 1 met, 1 missed, 0 unknown")


def test_peak_memory_is_the_largest_over_the_cases_of_a_data_set() -> None:
    text = table([MEASURED, result(ours=measured(1.0, 1.0, 90))])
    assert "target S: RSS <= 80 MiB: 90 of 80 MiB, missed 1.1x" in text


def test_the_json_has_every_run_and_is_json() -> None:
    document = json.loads(json.dumps(as_json([MEASURED], {"scale": 0.01})))
    case = document["cases"][0]
    assert document["scale"] == 0.01
    assert (case["row"], case["state"], case["transport"], case["data"]) == ("upload-S", "cold", "tls", "S")
    assert [run["wall"] for run in case["clients"]["existing"]["runs"]] == [20.0] * 3
    assert case["clients"]["existing"]["ours_over_it"] == {"wall": 0.1, "cpu": 0.1}
    assert case["clients"]["rclone"]["failure"] == "failed: no such bucket"
    assert [target["state"] for target in case["targets"]] == ["missed 1.3x", "met"]
    assert document["peak_rss"]["S"]["clients"] == {"ours": 70 * MiB, "existing": 90 * MiB, "s5cmd": 50 * MiB}


def test_a_failing_peer_is_no_failure_of_the_bench_but_ours_is() -> None:
    assert not ours_failed([MEASURED])
    assert ours_failed([result(ours=Outcome(failure="failed: it broke"))])
    assert ours_failed([Result(Case("upload-S", "", ()), {}, "no server")])
