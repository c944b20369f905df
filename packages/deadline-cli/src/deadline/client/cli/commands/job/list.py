"""``deadline job list``."""

from __future__ import annotations

from typing import Any, Dict, Mapping

import click

from ...options import configuration, queue_options, required_farm_and_queue
from ...output import print_yaml
from ...services import service_errors

_MEMBERS = ("jobId", "taskRunStatus", "startedAt", "endedAt", "createdBy", "createdAt")


@click.command("list")
@queue_options
@click.option("--page-size", type=click.IntRange(1, 100), default=5, show_default=True, help="How many jobs to list.")
@click.option(
    "--item-offset", type=click.IntRange(0, 10_000), default=0, show_default=True, help="How many jobs to pass over."
)
def list_(page_size: int, item_offset: int, **options: Any) -> None:
    """List the jobs of a queue, the newest first.

    \b
    Examples:
      deadline job list
      deadline job list --page-size 20 --item-offset 20
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
    click.echo(f"Displaying {len(jobs)} of {found['totalResults']} jobs starting at {item_offset}\n")
    print_yaml([_summary(job) for job in jobs])


def _summary(job: Mapping[str, Any]) -> Dict[str, Any]:
    from deadline.client.api.job_estimate import estimated_time_remaining

    name = "name" if "name" in job else "displayName"
    return {
        name: job.get(name, ""),
        **{member: job.get(member, "") for member in _MEMBERS},
        "estimatedTimeRemaining": estimated_time_remaining(job),
    }
