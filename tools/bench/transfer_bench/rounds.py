"""Letting contestants run in turn, and the medians of it.

A, B, C, A, B, C, ...: whatever else the machine is busy with meets all of them alike. Who fails once is out, with the
reason; the others go on.
"""

from __future__ import annotations

import statistics
from typing import Callable, Mapping, Sequence

from .errors import BenchError
from .model import Command, Contestant, Measurement, Medians, Outcome

RunCommand = Callable[[str, Command], Measurement]
Say = Callable[[str], None]


def take_turns(
    contestants: Sequence[Contestant], rounds: int, run: RunCommand, say: Say = lambda _: None
) -> dict[str, Outcome]:
    """Run every contestant once a round; the outcomes by client, in the order of the contestants.

    Args:
        contestants: In the order in which they run.
        rounds: How often each of them runs.
        run: Runs a client's command.
        say: Is told of each run.
    """
    runs: dict[str, list[Measurement]] = {contestant.client: [] for contestant in contestants}
    failures = {each.client: f"missing: {each.missing}" for each in contestants if each.missing}
    for number in range(1, rounds + 1):
        for contestant in contestants:
            client = contestant.client
            if client in failures or contestant.prepare is None:
                continue
            try:
                with contestant.prepare() as command:
                    measurement = run(client, command)
            except (BenchError, OSError) as error:
                failures[client] = f"failed: {error}"
                say(f"{number}/{rounds} {client}: {failures[client]}")
                continue
            runs[client].append(measurement)
            say(f"{number}/{rounds} {client}: {measurement.wall:.2f} s, CPU {measurement.cpu:.2f} s")
    return {
        client: Outcome(measured, {}, failures[client]) if client in failures else Outcome(measured, medians(measured))
        for client, measured in runs.items()
    }


def medians(runs: Sequence[Measurement]) -> Medians:
    """The median of each metric that every run has."""
    figures: list[Mapping[str, float]] = [run.metrics() for run in runs]
    shared = [metric for metric in figures[0] if all(metric in each for each in figures)] if figures else []
    return {metric: statistics.median(each[metric] for each in figures) for metric in shared}
