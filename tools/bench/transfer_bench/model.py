"""What is measured: commands, contestants, cases, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Callable, ContextManager, Mapping, Optional, Sequence

from .targets import Target

OURS = "ours"

Medians = Mapping[str, float]
"""Medians by metric: ``wall`` and ``cpu`` in seconds, ``rss`` in bytes, and whatever else a case measures."""


@dataclass(frozen=True)
class Measurement:
    """One run: wall-clock seconds, processor seconds of all its processes, peak resident bytes of the largest one."""

    wall: float
    cpu: float
    rss: float
    extra: Mapping[str, float] = field(default_factory=dict)

    def metrics(self) -> dict[str, float]:
        """All figures by metric."""
        return {"wall": self.wall, "cpu": self.cpu, "rss": self.rss, **self.extra}


Finish = Callable[[Measurement], Mapping[str, float]]


@dataclass(frozen=True)
class Command:
    """What one run starts.

    ``reports``: the last line that it prints is a JSON object of further figures. ``finish`` is called after the run,
    off the clock: it raises :class:`.errors.RunFailed` when the work was not done, and may give further figures.
    """

    argv: Sequence[str]
    environment: Mapping[str, str]
    reports: bool = False
    finish: Optional[Finish] = None


@dataclass(frozen=True)
class Contestant:
    """Who does the work. ``prepare`` sets a run up, off the clock, and clears it away; ``missing`` says why there is none."""

    client: str
    prepare: Optional[Callable[[], ContextManager[Command]]] = None
    missing: str = ""


@dataclass(frozen=True)
class Case:
    """One piece of work in one state, by all contestants.

    Args:
        row: The name by which it is chosen.
        state: Of the caches: ``cold``, ``warm``, ``lost`` (caches gone, objects there), or what else tells cases apart.
        transport: ``plain``, ``tls``, or nothing where no server takes part.
        data: The data set's name, or nothing.
        contestants: In the order in which they take turns.
        targets: For the figures of ``ours``.
        shown: Further metrics for the table: their headings, by metric.
        ours: The contestant whom the targets are about and whom ratios compare.
        runs: How many rounds, where that is not for the user to say.
    """

    row: str
    state: str
    contestants: Sequence[Contestant]
    targets: Sequence[Target] = ()
    transport: str = ""
    data: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)
    ours: str = OURS
    runs: Optional[int] = None

    @property
    def title(self) -> str:
        return " ".join(word for word in (self.row, self.state, self.transport) if word)


@dataclass(frozen=True)
class Outcome:
    """What a contestant's runs came to: medians, or why there are none."""

    runs: Sequence[Measurement] = ()
    medians: Medians = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True)
class Result:
    """A case and the outcomes by contestant; ``failure`` where the case itself could not be set up."""

    case: Case
    outcomes: Mapping[str, Outcome]
    failure: str = ""

    @property
    def ours(self) -> Medians:
        outcome = self.outcomes.get(self.case.ours)
        return outcome.medians if outcome else {}

    def peers(self) -> dict[str, Medians]:
        """The medians of the others that have some."""
        return {
            client: outcome.medians
            for client, outcome in self.outcomes.items()
            if client != self.case.ours and outcome.medians
        }
