"""``deadline job cancel``."""

from __future__ import annotations

from typing import Any, Mapping

import click

from ...options import Choice, configuration, job_options, required_job
from ...output import print_yaml
from .changing import Wording, change_options, run_change, shown

_MEMBERS = ("name", "jobId", "taskRunStatus", "taskRunStatusCounts", "startedAt", "endedAt", "createdBy", "createdAt")


@click.command()
@job_options
@click.option(
    "--mark-as",
    type=Choice(["SUSPENDED", "CANCELED", "FAILED", "SUCCEEDED"]),
    default="CANCELED",
    show_default=True,
    help="What the tasks become that have not ended.",
)
@change_options
def cancel(mark_as: str, dry_run: bool, yes: bool, output: str, **options: Any) -> None:
    """Cancel a job: its running tasks are interrupted, and no others begin.

    You are asked before, unless --yes is given. Tasks that were canceled can run again: `deadline job requeue-tasks`.

    \b
    Examples:
      deadline job cancel
      deadline job cancel --mark-as FAILED --yes
      deadline job cancel --job-id job-0123456789abcdef0123456789abcdef --dry-run
    """
    from deadline.client import api

    config = configuration(yes=yes, **options)
    ids, job_id = required_job(config)
    status = mark_as.upper()
    plan = api.plan_job_cancellation(ids.farm_id, ids.queue_id, job_id, status, config=config)
    as_what = "" if status == "CANCELED" else f" and mark it as {status}"

    def show() -> None:
        print_yaml(_summary(plan.job, plan.task_counts))
        click.echo(shown("\n".join(plan.consequences if plan.changes else [plan.nothing])))

    wording = Wording(
        question=f"Cancel this job{as_what}?",
        refused="The job was not canceled.",
        beginning=f"Canceling job {shown(plan.job_name)}{as_what}.",
        done=f"The job is being canceled. To see it end: deadline job watch --job-id {job_id}",
    )
    run_change(plan, wording, dry_run=dry_run, output=output, config=config, show=show)


def _summary(job: Mapping[str, Any], counts: Mapping[str, int]) -> Mapping[str, Any]:
    members = {**job, "taskRunStatusCounts": dict(counts)}
    return {name: members[name] for name in _MEMBERS if name in members}
