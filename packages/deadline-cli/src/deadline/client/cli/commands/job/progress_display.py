"""How a job gets on, as lines for a terminal: its state, a bar, and a line with a bar for each step."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, List, Sequence, Tuple

from ...live import bar, cut
from ...output import display_width, printable, styled_state

if TYPE_CHECKING:
    from deadline.client.api.job_progress import JobProgress, StepProgress, TaskCounts

_LONGEST_BAR = 30
_SHORTEST_BAR = 5
_LONGEST_STEP_NAME = 24
_OTHER_ROWS = 4
"""Rows of the terminal that steps leave free: for the job itself, and for what was printed before."""


def display(progress: JobProgress, clock: str) -> List[str]:
    """The lines, as many as the terminal has room for.

    Args:
        progress: How the job gets on.
        clock: What to say about the time.
    """
    from deadline.client.api.job_estimate import estimated_time_remaining

    columns, rows = shutil.get_terminal_size()
    state = progress.describe()
    lines = [f"{styled_state(progress.status)}{state[len(progress.status) :]}, {clock}"]
    if progress.tasks.total:
        remaining = estimated_time_remaining(progress.job)
        end = "" if remaining == "N/A" else f", about {remaining} left"
        lines += _with_bars([("", progress.tasks, end)], columns)
    # The only step of a job would say it all again.
    if len(progress.steps) > 1:
        lines += _steps(progress.steps, columns, max(rows - _OTHER_ROWS, 1))
    return lines


def _steps(steps: Tuple[StepProgress, ...], columns: int, rows: int) -> List[str]:
    """A line for each step; where there is no room for all, those that are at work and the ones that come next go first."""
    width = min(max(display_width(step.name) for step in steps), _LONGEST_STEP_NAME)
    shown = steps
    if len(steps) > rows:
        chosen = sorted(steps, key=_how_far_from_now)[: rows - 1]
        shown = tuple(step for step in steps if step in chosen)
    rows_of_steps = []
    for step in shown:
        name = cut(printable(step.name), width)
        rows_of_steps.append((f"  {name}{' ' * (width - display_width(name))}  ", step.tasks, ""))
    lines = _with_bars(rows_of_steps, columns)
    hidden = len(steps) - len(shown)
    return [*lines, f"  ... and {hidden} more steps"] if hidden else lines


def _how_far_from_now(step: StepProgress) -> int:
    tasks = step.tasks
    if tasks.at_work:
        return 0
    if tasks.by_status.get("FAILED"):
        return 1
    return 3 if tasks.percent == 100 else 2


def _with_bars(rows: Sequence[Tuple[str, TaskCounts, str]], columns: int) -> List[str]:
    """Lines with bars of one length; of each line what stands before the bar, its tasks, and what is said at the end."""
    details = [f"  {tasks.percent:3} %  {tasks.describe()}{end}" for _, tasks, end in rows]
    room = columns - 1 - max(display_width(row[0]) + len(text) for row, text in zip(rows, details))
    length = max(min(room, _LONGEST_BAR), _SHORTEST_BAR)
    return [
        begin + bar(length, [(tasks.succeeded, "green"), (tasks.ended_otherwise, "red")], tasks.total) + text
        for (begin, tasks, _), text in zip(rows, details)
    ]
