"""``deadline job requeue-tasks``."""

from __future__ import annotations

from typing import Any, Dict, Tuple

import click

from ...options import Choice, configuration, job_options, required_job
from ...output import print_yaml
from .changing import Wording, change_options, shown
from .requeueing import run_requeue


@click.command("requeue-tasks")
@job_options
@click.option(
    "--run-status",
    "run_statuses",
    type=Choice(["SUSPENDED", "CANCELED", "FAILED", "SUCCEEDED", "NOT_COMPATIBLE"]),
    multiple=True,
    help="Which tasks: those with this status. May be given several times. Default: SUSPENDED, CANCELED and FAILED.",
)
@click.option(
    "--step-id", "step_ids", metavar="ID", multiple=True, help="Only tasks of this step. May be given several times."
)
@change_options
def requeue_tasks(
    run_statuses: Tuple[str, ...],
    step_ids: Tuple[str, ...],
    dry_run: bool,
    yes: bool,
    output: str,
    **options: Any,
) -> None:
    """Run tasks of a job again: those that failed, were canceled or suspended.

    You are asked before, unless --yes is given. Ctrl-C leaves those that are requeued already; requeue again for the rest.

    \b
    Examples:
      deadline job requeue-tasks
      deadline job requeue-tasks --run-status FAILED --yes
      deadline job requeue-tasks --run-status SUCCEEDED --dry-run \\
        --step-id step-0123456789abcdef0123456789abcdef
    """
    from deadline.client import api

    config = configuration(yes=yes, **options)
    ids, job_id = required_job(config)
    which: Dict[str, Any] = {"run_statuses": run_statuses} if run_statuses else {}
    plan = api.plan_task_requeue(
        *(ids.farm_id, ids.queue_id, job_id), step_ids=step_ids or None, config=config, **which
    )

    def show() -> None:
        counts = (plan.job.get("taskRunStatusCounts") or {}).items()
        click.echo(f"Job: {shown(plan.job_name)} ({job_id})")
        print_yaml({"taskRunStatusCounts": {status: count for status, count in counts if count}})
        click.echo(f"Tasks to run again are those that are {', '.join(plan.run_statuses)}: {plan.total_tasks}")
        for step in plan.steps:
            what = f"{len(step.tasks)} to run again" if step.tasks else "nothing to run again"
            click.echo(shown(f"  Step {step.name} ({step.step_id}): {what}"))

    wording = Wording(
        question="Run these tasks again?",
        refused="No task was requeued.",
        beginning="Requeuing.",
        done=f"requeued. To see them run: deadline job watch --job-id {job_id}",
    )
    run_requeue(plan, wording, dry_run=dry_run, output=output, config=config, show=show)
