"""What the commands have in common that let tasks of a job run: again, or on."""

from __future__ import annotations

from configparser import ConfigParser
from typing import TYPE_CHECKING, Callable, Optional

import click

from ...errors import FAILED
from ...interrupts import stopping_on_ctrl_c
from ...output import print_json, wants_json
from .changing import DRY_RUN, Wording, accepted, shown

if TYPE_CHECKING:
    from deadline.client.api import RequeueProgress, RequeueResult, TaskRequeuePlan


def run_requeue(
    plan: TaskRequeuePlan,
    wording: Wording,
    *,
    dry_run: bool,
    output: str,
    config: ConfigParser,
    show: Optional[Callable[[], None]] = None,
) -> None:
    """Show a plan, ask, and carry it out.

    Args:
        plan: The plan.
        wording: What to say; ``done`` follows a number of tasks.
        dry_run: Whether to show the plan only.
        output: The form of the output. As JSON, that is one object: the plan, with ``dryRun``, ``requeuedCount``,
            ``failures`` and ``notAttempted``.
        config: The configuration.
        show: Prints the plan for people, where its own description is not what they want to see.

    Raises:
        DeadlineOperationError: Some tasks could not be requeued.
        Interrupted: Ctrl-C was pressed.
    """
    from deadline.client import api

    as_json = wants_json(output)

    def finish(result: RequeueResult, message: str) -> None:
        if as_json:
            _print_as_json(plan, result, dry_run=dry_run)
        elif message:
            click.echo(message)

    nothing = api.RequeueResult(0)
    if not as_json and (show is None or not plan.total_tasks):
        click.echo(shown(plan.describe()))
    elif not as_json and show is not None:
        show()
    if not plan.total_tasks:
        finish(nothing, "")
        return
    if dry_run:
        if not as_json:
            _print_tasks(plan)
        finish(nothing, DRY_RUN)
        return
    question = f"{shown(plan.describe())}\n{wording.question}" if as_json else wording.question
    if not accepted(question, wording.default, config):
        finish(nothing, wording.refused)
        raise click.exceptions.Exit(FAILED)
    if not as_json:
        click.echo(wording.beginning)
    with stopping_on_ctrl_c() as interrupt:
        result = api.requeue_tasks(
            plan,
            progress_callback=None if as_json else _Lines(plan).tell,
            continue_callback=interrupt.go_on,
            config=config,
        )
        finish(result, f"{_tasks(result.requeued_count)} {wording.done}")
        result.raise_for_failures()


class _Lines:
    """A line for each task that was requeued, or could not be."""

    def __init__(self, plan: TaskRequeuePlan) -> None:
        self._names = {step.step_id: step.name for step in plan.steps}

    def tell(self, progress: RequeueProgress) -> None:
        """A task was called for."""
        problem = "" if progress.error is None else f": {progress.error}"
        click.echo(shown(f"  {self._names[progress.task.step_id]}: {progress.task.describe()}{problem}"))


def _print_tasks(plan: TaskRequeuePlan) -> None:
    for step in plan.steps:
        for task in step.tasks:
            click.echo(shown(f"  {step.name}: {task.describe()}"))


def _print_as_json(plan: TaskRequeuePlan, result: RequeueResult, *, dry_run: bool) -> None:
    failures = [
        {"stepId": failure.task.step_id, "taskId": failure.task.task_id, "reason": failure.reason}
        for failure in result.failures
    ]
    not_attempted = [{"stepId": task.step_id, "taskId": task.task_id} for task in result.not_attempted]
    done = {"requeuedCount": result.requeued_count, "failures": failures, "notAttempted": not_attempted}
    print_json({**plan.to_dict(), "dryRun": dry_run, **done}, indent=2)


def _tasks(number: int) -> str:
    return f"{number} task" if number == 1 else f"{number} tasks"
