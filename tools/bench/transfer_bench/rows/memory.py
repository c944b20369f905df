"""Peak memory: a target of every case that moves or hashes a data set, and their largest figures together."""

from __future__ import annotations

from typing import Iterable

from ..model import OURS, Result
from ..targets import MiB, Target, Verdict, at_most

PEAKS = {"S": 80 * MiB, "M": 128 * MiB, "L": 128 * MiB, "H": 150 * MiB}
"""The most that our process may take, by data set."""


def peak_targets(data: str) -> list[Target]:
    """The bound of a data set."""
    return [at_most("rss", PEAKS[data])]


def peaks(results: Iterable[Result]) -> dict[str, dict[str, float]]:
    """The largest median of each client, by data set; only of cases in which our whole client takes part."""
    found: dict[str, dict[str, float]] = {}
    for result in results:
        if result.case.data not in PEAKS or result.case.ours != OURS:
            continue
        for client, outcome in result.outcomes.items():
            if "rss" in outcome.medians:
                clients = found.setdefault(result.case.data, {})
                clients[client] = max(clients.get(client, 0), outcome.medians["rss"])
    return found


def peak_verdicts(found: dict[str, dict[str, float]]) -> dict[str, Verdict]:
    """Whether ours keeps the bound, by data set."""
    return {
        data: target.judge({"rss": clients[OURS]}, {})
        for data, clients in found.items()
        if OURS in clients
        for target in peak_targets(data)
    }
