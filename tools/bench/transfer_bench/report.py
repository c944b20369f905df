"""The results as a table for people and as JSON for programs."""

from __future__ import annotations

from collections import Counter
from typing import Any, Iterable, Mapping, Optional, Sequence

from .model import OURS, Outcome, Result
from .rows.memory import peak_verdicts, peaks
from .targets import Verdict, shown

COLUMNS = ("row", "client", "wall s", "CPU s", "RSS MiB", "wall ratio", "CPU ratio")
_GAP = "  "


def table(results: Sequence[Result]) -> str:
    """One block a case: a line for each client, with the ratio of our figure to its, then a line for each target."""
    blocks = [_block(result) for result in results]
    memory = _memory_block(results)
    states = Counter(verdict.state.split()[0].rstrip(":") for result in results for verdict in verdicts(result))
    counts = ", ".join(f"{states[state]} {state}" for state in ("met", "missed", "unknown"))
    return "\n\n".join(block for block in [*blocks, memory, f"targets: {counts}"] if block)


def as_json(results: Sequence[Result], about: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was measured; ``about`` tells on what, and with which options."""
    found = peaks(results)
    return {
        **about,
        "cases": [_case_as_json(result) for result in results],
        "peak_rss": {
            data: {"clients": clients, "target": _verdict_as_json(verdict)}
            for data, clients in found.items()
            for verdict in [peak_verdicts(found).get(data)]
        },
    }


def verdicts(result: Result) -> list[Verdict]:
    """Our figures of a case, held against its targets."""
    return [target.judge(result.ours, result.peers()) for target in result.case.targets]


def ratios(result: Result, client: str) -> dict[str, float]:
    """Our wall and processor time over a client's."""
    ours, other = result.ours, result.outcomes[client].medians
    return {
        metric: ours[metric] / other[metric]
        for metric in ("wall", "cpu")
        if client != result.case.ours and ours.get(metric) and other.get(metric)
    }


def _block(result: Result) -> str:
    case = result.case
    headings = [case.title, *COLUMNS[1:], *case.shown.values()]
    if result.failure:
        return f"{case.title}\n{_GAP}failed: {result.failure}"
    lines = [_line(result, client, outcome) for client, outcome in result.outcomes.items()]
    failures = {client: outcome.failure for client, outcome in result.outcomes.items() if outcome.failure}
    return _aligned([headings, *lines], failures) + "".join(
        f"\n{_GAP}target: {verdict}" for verdict in verdicts(result)
    )


def _line(result: Result, client: str, outcome: Outcome) -> list[str]:
    if outcome.failure:
        return ["", client]
    medians, ratio = outcome.medians, ratios(result, client)
    return [
        "",
        client,
        *(shown(metric, medians[metric]) for metric in ("wall", "cpu", "rss")),
        *(f"{ratio[metric]:.3f}" if metric in ratio else "" for metric in ("wall", "cpu")),
        *(shown(metric, medians[metric]) if metric in medians else "" for metric in result.case.shown),
    ]


def _memory_block(results: Sequence[Result]) -> str:
    found = peaks(results)
    if not found:
        return ""
    clients = list(dict.fromkeys(client for by_client in found.values() for client in by_client))
    lines = [["peak RSS MiB", *clients]]
    for data, by_client in found.items():
        lines.append([f"  {data}", *(shown("rss", by_client[each]) if each in by_client else "" for each in clients)])
    judged = (f"\n{_GAP}target {data}: {verdict}" for data, verdict in peak_verdicts(found).items())
    return _aligned(lines, {}) + "".join(judged)


def _aligned(lines: Sequence[Sequence[str]], failures: Mapping[str, str]) -> str:
    """Names to the left, figures to the right; who failed has the reason where the figures would be."""
    widths = [max(len(line[column]) for line in lines if column < len(line)) for column in range(len(lines[0]))]
    named = 2 if lines[0][1:2] == ["client"] else 1
    text = []
    for line in lines:
        cells = [
            cell.ljust(width) if column < named else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths))
        ]
        reason = failures.get(line[1], "") if named == 2 and len(line) == 2 else ""
        text.append(_GAP.join([*cells, reason]).rstrip())
    return "\n".join(text)


def _case_as_json(result: Result) -> dict[str, Any]:
    case = result.case
    return {
        "row": case.row,
        "state": case.state,
        "transport": case.transport,
        "data": case.data,
        "ours": case.ours,
        "failure": result.failure,
        "clients": {
            client: {
                "failure": outcome.failure,
                "medians": dict(outcome.medians),
                "runs": [run.metrics() for run in outcome.runs],
                "ours_over_it": ratios(result, client),
            }
            for client, outcome in result.outcomes.items()
        },
        "targets": [_verdict_as_json(verdict) for verdict in verdicts(result)],
    }


def _verdict_as_json(verdict: Optional[Verdict]) -> Optional[dict[str, Any]]:
    if verdict is None:
        return None
    return {
        "text": verdict.text,
        "metric": verdict.metric,
        "ours": verdict.ours,
        "limit": verdict.limit,
        "state": verdict.state,
    }


def ours_failed(results: Iterable[Result]) -> bool:
    """Whether a case could not be measured, or our own implementation failed in one."""
    return any(
        result.failure
        or any(outcome.failure for client, outcome in result.outcomes.items() if client in (OURS, result.case.ours))
        for result in results
    )
