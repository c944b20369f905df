"""The steps of a job as lines of text: a bar each on a terminal, all in one line in a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

from local_farm.demo.screen import INDENT, Screen

_RUNNING = ("RUNNING", "ASSIGNED", "STARTING", "SCHEDULED", "INTERRUPTING")
_LOST = ("FAILED", "CANCELED", "NOT_COMPATIBLE")
_LONGEST_BAR = 40
_SHORTEST_BAR = 5


@dataclass(frozen=True)
class StepProgress:
    """How many tasks of a step are where."""

    name: str
    total: int
    done: int
    running: int
    failed: int
    waiting: bool
    """Whether no task may run before another step has ended."""

    @classmethod
    def of(cls, step: Mapping[str, Any]) -> StepProgress:
        """From a step in the answer of ListSteps."""
        counts = step["taskRunStatusCounts"]
        return cls(
            name=step["name"],
            total=sum(counts.values()),
            done=counts.get("SUCCEEDED", 0),
            running=sum(counts.get(status, 0) for status in _RUNNING),
            failed=sum(counts.get(status, 0) for status in _LOST),
            waiting=counts.get("PENDING", 0) == sum(counts.values()),
        )

    @property
    def remark(self) -> str:
        """What is to be said of it besides the numbers."""
        if self.failed:
            return f"{self.failed} failed"
        if self.waiting:
            return "waits"
        return f"{self.running} running" if self.running else ""


def bars(steps: Sequence[StepProgress], screen: Screen) -> list[str]:
    """A line for each step: its name, a bar where there is room for one, and its numbers."""
    names = max((len(step.name) for step in steps), default=0)
    numbers = [f"{step.done}/{step.total}" for step in steps]
    widest = max(map(len, numbers), default=0)
    remarks = max((len(step.remark) for step in steps), default=0)
    room = screen.width - len(INDENT) - names - widest - max(remarks, len("24 running")) - 6
    length = min(room, _LONGEST_BAR)
    lines = []
    for step, number in zip(steps, numbers):
        bar = f"{_bar(step, length, screen)}  " if length >= _SHORTEST_BAR else ""
        remark = screen.style(step.remark, fg="red") if step.failed else screen.style(step.remark, dim=True)
        lines.append(f"{step.name:<{names}}  {bar}{number:>{widest}}  {remark}".rstrip())
    return lines


def one_line(steps: Sequence[StepProgress]) -> str:
    """All steps in a line."""
    return ", ".join(
        f"{step.name} {step.done}/{step.total}{f' ({step.remark})' if step.remark else ''}" for step in steps
    )


def _bar(step: StepProgress, length: int, screen: Screen) -> str:
    glyphs = screen.glyphs
    ends = [
        round(length * number / max(step.total, 1))
        for number in (step.failed, step.failed + step.done, step.failed + step.done + step.running)
    ]
    return "".join(
        [
            screen.style(glyphs.failed * ends[0], fg="red"),
            screen.style(glyphs.done * (ends[1] - ends[0]), fg="green"),
            screen.style(glyphs.running * (ends[2] - ends[1]), fg="yellow"),
            screen.style(glyphs.rest * (length - ends[2]), dim=True),
        ]
    )
