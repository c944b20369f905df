"""What our figures are held to, and whether they keep it.

>>> target = of_peer("cpu", "existing", 1 / 12)
>>> str(target.judge({"cpu": 2.0}, {"existing": {"cpu": 36.0}}))
'CPU <= 1/12 of existing: 2 of 3 s, met'
>>> str(target.judge({"cpu": 4.0}, {"existing": {"cpu": 36.0}}))
'CPU <= 1/12 of existing: 4 of 3 s, missed 1.3x'
>>> str(target.judge({"cpu": 4.0}, {}))
'CPU <= 1/12 of existing: 4 s, unknown: no figure of existing'
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Callable, Mapping, Optional

MiB = 1024 * 1024
GiB = 1024 * MiB

_Figures = Mapping[str, float]
_Peers = Mapping[str, _Figures]

NAMES = {"wall": "wall", "cpu": "CPU", "rss": "RSS", "inner_wall": "wall within", "inner_cpu": "CPU within"}
UNITS = {"wall": "s", "cpu": "s", "rss": "MiB", "inner_wall": "s", "inner_cpu": "s", "rate": "GB/s a core"}


@dataclass(frozen=True)
class Verdict:
    """A target, our figure and the limit in the metric's own unit, and ``met``, ``missed ...`` or ``unknown: ...``."""

    text: str
    metric: str
    ours: Optional[float]
    limit: Optional[float]
    state: str

    def __str__(self) -> str:
        figures = " of ".join(shown(self.metric, figure) for figure in (self.ours, self.limit) if figure is not None)
        unit = UNITS.get(self.metric, "")
        return f"{self.text}: {', '.join(part for part in (f'{figures} {unit}'.strip(), self.state) if part)}"


@dataclass(frozen=True)
class Target:
    """A bound for one metric of ours. ``limit`` finds it from the peers' figures, or gives ``None`` without them.

    ``at_least`` makes it a lower bound; ``missing`` says what was needed where there is no limit.
    """

    metric: str
    text: str
    limit: Callable[[_Peers], Optional[float]]
    at_least: bool = False
    missing: str = "no figure of a peer"

    def judge(self, ours: _Figures, peers: _Peers) -> Verdict:
        """Hold our medians against the limit."""
        figure = ours.get(self.metric)
        limit = self.limit(peers)
        if figure is None:
            state = "unknown: no figure of ours"
        elif limit is None:
            state = f"unknown: {self.missing}"
        elif figure >= limit if self.at_least else figure <= limit:
            state = "met"
        else:
            state = _missed(limit, figure) if self.at_least else _missed(figure, limit)
        return Verdict(self.text, self.metric, figure, limit, state)


def at_most(metric: str, bound: float, text: str = "") -> Target:
    """A fixed upper bound."""
    return Target(
        metric, text or f"{_name(metric)} <= {shown(metric, bound)} {_unit(metric)}".rstrip(), lambda _: bound
    )


def at_least(metric: str, bound: float) -> Target:
    """A fixed lower bound."""
    return Target(metric, f"{_name(metric)} >= {bound:g} {_unit(metric)}".rstrip(), lambda _: bound, at_least=True)


def of_peer(metric: str, peer: str, factor: float, *, peer_metric: str = "") -> Target:
    """No more than ``factor`` times a peer's figure, of the same metric unless ``peer_metric`` names another."""

    def limit(peers: _Peers) -> Optional[float]:
        figure = peers.get(peer, {}).get(peer_metric or metric)
        return None if figure is None else figure * factor

    text = f"{_name(metric)} <= {_share(factor)}{peer}" + (f"'s {_name(peer_metric)}" if peer_metric else "")
    return Target(metric, text, limit, missing=f"no figure of {peer}")


def of_best(metric: str, factor: float = 1.0, *, plus: float = 0.0, text: str = "") -> Target:
    """No more than ``factor`` times the best peer's figure, ``plus`` an allowance."""

    def limit(peers: _Peers) -> Optional[float]:
        figures = [figures[metric] for figures in peers.values() if metric in figures]
        return min(figures) * factor + plus if figures else None

    return Target(metric, text or f"{_name(metric)} <= {_share(factor)}the best peer", limit)


def shown(metric: str, figure: float) -> str:
    """A figure in the unit of its metric."""
    if metric == "rss":
        return f"{figure / MiB:.0f}"
    if float(figure).is_integer():
        return f"{figure:.0f}"
    return f"{figure:.2f}" if abs(figure) >= 1 else f"{figure:.3f}"


def _missed(larger: float, smaller: float) -> str:
    if smaller <= 0:
        return "missed"
    ratio = larger / smaller
    # One digit would say "1.0x" of a narrow miss.
    return f"missed {ratio:.1f}x" if ratio >= 1.05 else f"missed {ratio:.3f}x"


def _share(factor: float) -> str:
    if factor == 1:
        return ""
    fraction = Fraction(factor).limit_denominator(100)
    return f"{fraction} of " if fraction.numerator == 1 else f"{factor:g} x "


def _name(metric: str) -> str:
    return NAMES.get(metric, metric)


def _unit(metric: str) -> str:
    return UNITS.get(metric, "")
