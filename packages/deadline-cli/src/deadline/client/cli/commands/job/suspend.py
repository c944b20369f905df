"""``deadline job suspend``."""

from __future__ import annotations

from typing import Any

import click

from ...options import configuration, job_options, required_job
from .changing import Wording, change_options, run_change, shown


@click.command()
@job_options
@change_options
def suspend(dry_run: bool, yes: bool, output: str, **options: Any) -> None:
    """Suspend a job: its running tasks are interrupted, and none begin until it is resumed.

    You are asked before, unless --yes is given.

    \b
    Examples:
      deadline job suspend
      deadline job suspend --job-id job-0123456789abcdef0123456789abcdef --yes
      deadline job suspend --dry-run
    """
    from deadline.client import api

    config = configuration(yes=yes, **options)
    ids, job_id = required_job(config)
    plan = api.plan_job_suspension(ids.farm_id, ids.queue_id, job_id, config=config)
    wording = Wording(
        question="Suspend this job?",
        refused="The job was not suspended.",
        beginning=f"Suspending job {shown(plan.job_name)}.",
        done=f"The job is being suspended. To let it go on: deadline job resume --job-id {job_id}",
    )
    run_change(plan, wording, dry_run=dry_run, output=output, config=config)
