"""``deadline job get``."""

from __future__ import annotations

from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

import click

from ...options import configuration, details_output_option, job_options, required_farm_and_queue, required_job
from ...output import print_details, print_json, printable, styled, styled_state, wants_json
from ...services import service_errors

if TYPE_CHECKING:
    from deadline.client.api.job_search import JobMatches

LONGEST_NAME = 80


@click.command()
@click.argument("search_term", required=False)
@job_options
@details_output_option
def get(search_term: Optional[str], output: str, **options: Any) -> None:
    """Show a job: the one submitted last, the one with an id, or those with SEARCH_TERM in their names.

    As JSON a job is an object with the names of the service. What a SEARCH_TERM that is no id finds is an object with jobs,
    the newest five of them, and totalResults.

    \b
    Examples:
      deadline job get
      deadline job get job-0123456789abcdef0123456789abcdef
      deadline job get "Shot 7"
      deadline job get --output json | jq -r .taskRunStatus
    """
    from deadline.client.api.job_search import is_job_id

    term = (search_term or "").strip()
    if is_job_id(term):
        options["job_id"], term = term, ""
    config = configuration(**options)
    if term:
        _search(term, required_farm_and_queue(config), output, config)
    else:
        ids, job_id = required_job(config)
        print_details(_with_estimate(_job(ids, job_id, config)), output)


def _job(ids: Any, job_id: str, config: ConfigParser) -> Dict[str, Any]:
    from deadline.client import api

    place = {"farm_id": ids.farm_id, "queue_id": ids.queue_id, "job_id": job_id}
    with service_errors(f"get job {job_id}", config, **place):
        job: Dict[str, Any] = api.get_job(farmId=ids.farm_id, queueId=ids.queue_id, jobId=job_id, config=config)
    return job


def _search(term: str, ids: Any, output: str, config: ConfigParser) -> None:
    from deadline.client import api

    found = api.find_jobs(ids.farm_id, ids.queue_id, term, config=config)
    if wants_json(output):
        jobs = [_with_estimate(job) for job in found.jobs]
        print_json({"jobs": jobs, "totalResults": found.total}, indent=2)
    elif found.only is not None:
        print_details(_with_estimate(found.only), output)
    elif not found.jobs:
        click.echo(f"No job of queue {ids.queue_id} matches {term!r}.")
    else:
        _show_in_brief(found)


def _show_in_brief(found: JobMatches) -> None:
    more = found.total - len(found.jobs)
    click.echo(f"{found.total} jobs match {found.term!r}" + (f"; the newest {len(found.jobs)}:" if more > 0 else ":"))
    for job in found.jobs:
        click.echo()
        _show_one_in_brief(job)
    if more > 0:
        click.echo(f"\n... and {more} more.")
    click.echo("\nSee one of them with: deadline job get --job-id <job id>")


def _show_one_in_brief(job: Mapping[str, Any]) -> None:
    from deadline.client.api.job_progress import TaskCounts

    created = job.get("createdAt")
    moment = created.astimezone().strftime("%Y-%m-%d %H:%M:%S %z") if created else ""
    status = job.get("taskRunStatus", "")
    click.echo(styled(_shortened(printable(job.get("name") or job.get("displayName", ""))), bold=True))
    click.echo(f"  {job['jobId']}  {styled_state(status)}{' ' * (12 - len(status))}  {moment}".rstrip())
    click.echo(f"  {TaskCounts(job.get('taskRunStatusCounts') or {}).describe()}")


def _shortened(name: str) -> str:
    """A long name without its middle: beginning and end tell jobs apart."""
    if len(name) <= LONGEST_NAME:
        return name
    kept = LONGEST_NAME - len("...")
    start = kept * 2 // 3
    return f"{name[:start]}...{name[start - kept :]}"


def _with_estimate(job: Mapping[str, Any]) -> Dict[str, Any]:
    from deadline.client.api.job_estimate import estimated_time_remaining

    return {**job, "estimatedTimeRemaining": estimated_time_remaining(job)}
