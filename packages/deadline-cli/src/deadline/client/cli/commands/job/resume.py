"""``deadline job resume``."""

from __future__ import annotations

from typing import Any

import click

from ...options import configuration, job_options, required_job
from .changing import Wording, change_options, shown
from .requeueing import run_requeue


@click.command()
@job_options
@change_options
def resume(dry_run: bool, yes: bool, output: str, **options: Any) -> None:
    """Let a suspended job go on: its suspended tasks run, and nothing that has ended runs again.

    You are asked before, unless --yes is given.

    \b
    Examples:
      deadline job resume
      deadline job resume --job-id job-0123456789abcdef0123456789abcdef --yes
      deadline job resume --dry-run
    """
    from deadline.client import api

    config = configuration(yes=yes, **options)
    ids, job_id = required_job(config)
    plan = api.plan_job_resumption(ids.farm_id, ids.queue_id, job_id, config=config)
    wording = Wording(
        question="Let this job go on?",
        refused="The job was not resumed.",
        beginning=f"Resuming job {shown(plan.job_name)}.",
        done=f"may run now. To see them run: deadline job watch --job-id {job_id}",
        default=True,
    )
    run_requeue(plan, wording, dry_run=dry_run, output=output, config=config)
