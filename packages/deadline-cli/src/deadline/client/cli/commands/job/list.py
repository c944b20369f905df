"""``deadline job list``."""

from __future__ import annotations

import sys
from typing import Any, Dict, Mapping, Optional

import click

from ...options import WholeNumber, configuration, listing_output_option, queue_options, required_farm_and_queue
from ...output import is_terminal, print_json, print_table, print_yaml
from ...services import service_errors

_MEMBERS = ("jobId", "taskRunStatus", "startedAt", "endedAt", "createdBy", "createdAt")


@click.command("list")
@queue_options
@click.option(
    "--page-size",
    type=WholeNumber(1, 100),
    metavar="NUMBER",
    default=5,
    show_default=True,
    help="How many jobs to list.",
)
@click.option(
    "--item-offset",
    type=WholeNumber(0, 10_000),
    metavar="NUMBER",
    default=0,
    show_default=True,
    help="How many jobs to pass over.",
)
@listing_output_option
def list_(page_size: int, item_offset: int, output: Optional[str], **options: Any) -> None:
    """List the jobs of a queue, the newest first.

    As JSON it is an object with jobs, as the service describes them, totalResults and nextItemOffset: what to give as
    --item-offset for the jobs after these, or null.

    \b
    Examples:
      deadline job list
      deadline job list --page-size 20 --item-offset 20
      deadline job list --page-size 100 --output json
    """
    from deadline.client import api

    config = configuration(**options)
    ids = required_farm_and_queue(config)
    with service_errors(f"list the jobs of queue {ids.queue_id}", config, farm_id=ids.farm_id, queue_id=ids.queue_id):
        found = api.search_jobs(
            farmId=ids.farm_id,
            queueIds=[ids.queue_id],
            pageSize=page_size,
            itemOffset=item_offset,
            config=config,
            newestFirst=True,
        )
    jobs = found["jobs"]
    form = output.lower() if output is not None else "table" if is_terminal(sys.stdout) else "verbose"
    if form == "json":
        print_json({**found, "jobs": [_with_estimate(job) for job in jobs]}, indent=2)
        return
    click.echo(f"Displaying {len(jobs)} of {found['totalResults']} jobs starting at {item_offset}\n")
    if form == "verbose":
        print_yaml([_summary(job) for job in jobs])
    elif jobs:
        print_table([_row(job) for job in jobs], list(_row(jobs[0])))


def _summary(job: Mapping[str, Any]) -> Dict[str, Any]:
    name = "name" if "name" in job else "displayName"
    members = {member: job.get(member, "") for member in _MEMBERS}
    return {name: job.get(name, ""), **members, "estimatedTimeRemaining": _estimate(job)}


def _with_estimate(job: Mapping[str, Any]) -> Dict[str, Any]:
    return {**job, "estimatedTimeRemaining": _estimate(job)}


def _row(job: Mapping[str, Any]) -> Dict[str, Any]:
    from deadline.client.api.job_progress import TaskCounts

    tasks = TaskCounts(job.get("taskRunStatusCounts") or {})
    return {
        "jobId": job["jobId"],
        "taskRunStatus": job.get("taskRunStatus") or job.get("lifecycleStatus"),
        "succeeded": f"{tasks.succeeded}/{tasks.total}",
        "createdAt": job.get("createdAt"),
        "name": job.get("name") or job.get("displayName"),
    }


def _estimate(job: Mapping[str, Any]) -> str:
    from deadline.client.api.job_estimate import estimated_time_remaining

    return estimated_time_remaining(job)
