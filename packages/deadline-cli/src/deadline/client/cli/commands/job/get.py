"""``deadline job get``."""

from __future__ import annotations

import re
from configparser import ConfigParser
from typing import Any, Dict, Mapping, Optional

import click

from ...options import configuration, job_options, required_farm_and_queue, required_job
from ...output import print_yaml
from ...services import service_errors

SHOWN = 5
LONGEST_NAME = 80

_JOB_ID = re.compile(r"job-[0-9a-f]{32}")

_COUNTS = {
    "ready": ("READY",),
    "running": ("RUNNING", "STARTING", "ASSIGNED", "SCHEDULED"),
    "interrupting": ("INTERRUPTING",),
    "pending": ("PENDING",),
    "suspended": ("SUSPENDED",),
    "succeeded": ("SUCCEEDED",),
    "failed": ("FAILED",),
    "canceled": ("CANCELED",),
    "not compatible": ("NOT_COMPATIBLE",),
}
"""What tasks do, and the values of their status that say so."""


@click.command()
@click.argument("search_term", required=False)
@job_options
def get(search_term: Optional[str], **options: Any) -> None:
    """Show a job: the one submitted last, the one with an id, or those with SEARCH_TERM in their names.

    \b
    Examples:
      deadline job get
      deadline job get job-0123456789abcdef0123456789abcdef
      deadline job get "Shot 7"
    """
    term = (search_term or "").strip()
    if _JOB_ID.fullmatch(term):
        options["job_id"], term = term, ""
    config = configuration(**options)
    if term:
        _search(term, required_farm_and_queue(config), config)
    else:
        ids, job_id = required_job(config)
        _show(ids, job_id, config)


def _show(ids: Any, job_id: str, config: ConfigParser) -> None:
    from deadline.client import api
    from deadline.client.api.job_estimate import estimated_time_remaining

    with service_errors(f"get job {job_id}", config, farm_id=ids.farm_id, queue_id=ids.queue_id):
        job: Dict[str, Any] = api.get_job(farmId=ids.farm_id, queueId=ids.queue_id, jobId=job_id, config=config)
    print_yaml({**job, "estimatedTimeRemaining": estimated_time_remaining(job)})


def _search(term: str, ids: Any, config: ConfigParser) -> None:
    from deadline.client import api

    with service_errors(f"search queue {ids.queue_id} for jobs", config):
        found = api.search_jobs(
            farmId=ids.farm_id,
            queueIds=[ids.queue_id],
            nameContains=term,
            pageSize=SHOWN,
            config=config,
            exactTerm=True,
            newestFirst=True,
        )
    jobs, total = found["jobs"], found["totalResults"]
    if not jobs:
        click.echo(f"No job of queue {ids.queue_id} matches {term!r}.")
        return
    if total == 1:
        _show(ids, jobs[0]["jobId"], config)
        return
    click.echo(
        f"{total} jobs match {term!r}; the newest {len(jobs)}:"
        if total > len(jobs)
        else f"{total} jobs match {term!r}:"
    )
    for job in jobs:
        click.echo()
        _show_in_brief(job)
    if total > len(jobs):
        click.echo(f"\n... and {total - len(jobs)} more.")
    click.echo("\nSee one of them with: deadline job get --job-id <job id>")


def _show_in_brief(job: Mapping[str, Any]) -> None:
    created = job.get("createdAt")
    moment = created.astimezone().strftime("%Y-%m-%d %H:%M:%S %z") if created else ""
    counts = job.get("taskRunStatusCounts") or {}
    numbers = {what: sum(counts.get(status, 0) for status in statuses) for what, statuses in _COUNTS.items()}
    tasks = ", ".join(f"{number} {what}" for what, number in numbers.items() if number)
    click.echo(click.style(_shortened(job.get("name") or job.get("displayName", "")), bold=True))
    click.echo(f"  {job['jobId']}  {job.get('taskRunStatus', ''):12}  {moment}".rstrip())
    click.echo(f"  {tasks or 'no tasks'}")


def _shortened(name: str) -> str:
    """A long name without its middle: beginning and end tell jobs apart."""
    if len(name) <= LONGEST_NAME:
        return name
    kept = LONGEST_NAME - len("...")
    start = kept * 2 // 3
    return f"{name[:start]}...{name[start - kept :]}"
