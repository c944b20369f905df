"""``deadline job archive``."""

from __future__ import annotations

from typing import Any

import click

from ...options import configuration, job_options, required_job
from .changing import Wording, change_options, run_change, shown


@click.command()
@job_options
@change_options
def archive(dry_run: bool, yes: bool, output: str, **options: Any) -> None:
    """Archive a job that is over, for good: it leaves the lists, and the service deletes it after 120 days.

    A job that may still run has to be canceled or suspended first. You are asked before, unless --yes is given.

    \b
    Examples:
      deadline job archive --job-id job-0123456789abcdef0123456789abcdef
      deadline job archive --job-id job-0123456789abcdef0123456789abcdef --yes --output json
    """
    from deadline.client import api

    config = configuration(yes=yes, **options)
    ids, job_id = required_job(config)
    plan = api.plan_job_archiving(ids.farm_id, ids.queue_id, job_id, config=config)
    wording = Wording(
        question="Archive this job for good?",
        refused="The job was not archived.",
        beginning=f"Archiving job {shown(plan.job_name)}.",
        done="The job was archived.",
    )
    run_change(plan, wording, dry_run=dry_run, output=output, config=config)
