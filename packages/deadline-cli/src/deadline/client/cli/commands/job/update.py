"""``deadline job update``."""

from __future__ import annotations

from typing import Any, Optional

import click

from ...options import WholeNumber, configuration, job_options, required_job
from .changing import Wording, change_options, run_change, shown

_MEMBERS = ("priority", "max_failed_tasks_count", "max_retries_per_task", "max_worker_count", "name", "description")


@click.command()
@job_options
@click.option(
    "--priority",
    type=WholeNumber(0, 100),
    metavar="NUMBER",
    help="Its priority; jobs of higher priority get workers first.",
)
@click.option(
    "--max-failed-tasks-count",
    type=WholeNumber(min=0),
    metavar="NUMBER",
    help="After how many failed tasks the job fails.",
)
@click.option(
    "--max-retries-per-task",
    type=WholeNumber(min=0),
    metavar="NUMBER",
    help="How often a failed task is tried again.",
)
@click.option(
    "--max-worker-count",
    type=WholeNumber(min=-1),
    metavar="NUMBER",
    help="How many workers may work on the job; -1 is no limit.",
)
@click.option("--name", metavar="TEXT", help="Its name.")
@click.option("--description", metavar="TEXT", help="Its description.")
@change_options
def update(dry_run: bool, yes: bool, output: str, **options: Any) -> None:
    """Change what a job was submitted with: its priority, its limits, its name.

    You are asked before, unless --yes is given. What already is as you want it is left alone.

    \b
    Examples:
      deadline job update --priority 80
      deadline job update --max-worker-count 10 --max-retries-per-task 2 --yes
      deadline job update --name "Shot 7, final" --dry-run
    """
    wanted = {member: options.pop(member) for member in _MEMBERS}
    _check_that_something_is_wanted(wanted)
    from deadline.client import api

    config = configuration(yes=yes, **options)
    ids, job_id = required_job(config)
    plan = api.plan_job_settings(ids.farm_id, ids.queue_id, job_id, config=config, **wanted)
    wording = Wording(
        question="Change this job?",
        refused="The job was not changed.",
        beginning=f"Changing job {shown(plan.job_name)}.",
        done="The job was changed.",
        default=True,
    )
    run_change(plan, wording, dry_run=dry_run, output=output, config=config)


def _check_that_something_is_wanted(wanted: dict[str, Optional[Any]]) -> None:
    if all(value is None for value in wanted.values()):
        names = ", ".join(f"--{member.replace('_', '-')}" for member in _MEMBERS)
        raise click.UsageError(f"What to change? Give at least one of {names}.")
