"""``deadline job logs``."""

from __future__ import annotations

import datetime
from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional

import click

from ...errors import FAILED, explain
from ...options import WholeNumber, configuration, job_options, output_option, required_job
from ...output import print_json, printable, wants_json
from ...services import service_errors
from .log_following import follow_logs
from .log_times import (
    Clock,
    chosen_format,
    clock,
    duration,
    event_as_json,
    moment,
    timestamp_format_option,
    timezone_option,
)

if TYPE_CHECKING:
    from deadline.client.api.log_spans import LogSpan

_NOT_FOLLOWED = ("session_action_id", "end_time", "next_token", "worker")
"""Options that are about a log as it is."""


@click.command()
@job_options
@click.option("--session-id", metavar="ID", help="The session. Default: one that runs, else the one that ended last.")
@click.option("--session-action-id", metavar="ID", help="Only what this action of a session logged.")
@click.option(
    "--limit",
    type=WholeNumber(1, 10_000),
    metavar="NUMBER",
    default=100,
    show_default=True,
    help="The most lines to show.",
)
@click.option("--start-time", callback=moment, metavar="TIME", help="No lines before this time, in ISO 8601.")
@click.option("--end-time", callback=moment, metavar="TIME", help="No lines from this time on.")
@click.option("--next-token", metavar="TOKEN", help="Go on where an earlier call ended: a token that it printed.")
@click.option(
    *("-f", "--follow"),
    is_flag=True,
    help="Go on with what is logged, by all sessions of the job as they come, until it has ended. --limit is for the "
    "lines of each session that there are already.",
)
@click.option(
    "--worker",
    is_flag=True,
    help="Show what the worker of the session logged meanwhile: it tells of hosts that went away or ran out of memory.",
)
@output_option
@timestamp_format_option
@timezone_option
def logs(
    session_id: Optional[str],
    session_action_id: Optional[str],
    limit: int,
    start_time: Optional[datetime.datetime],
    end_time: Optional[datetime.datetime],
    next_token: Optional[str],
    follow: bool,
    worker: bool,
    output: Optional[str],
    timestamp_format: Optional[str],
    timezone: Optional[str],
    **options: Any,
) -> None:
    """Show what a job logged: the last lines of one of its sessions, the oldest first.

    With --follow it goes on with what is logged until the job has ended, or the session that is named; as JSON a line of
    the log is an object on a line then. Ctrl-C ends that, with 130; the job goes on.

    Times without an offset are those of this machine.

    \b
    Examples:
      deadline job logs
      deadline job logs --follow
      deadline job logs --timestamp-format relative --limit 1000
      deadline job logs --start-time 2025-07-03T10:49:33Z --output json
      deadline job logs --session-id session-0123456789abcdef0123456789abcdef --worker
    """
    from deadline.client import api

    given = click.get_current_context().params
    if follow and any(given[name] for name in _NOT_FOLLOWED):
        names = " and ".join(f"--{name.replace('_', '-')}" for name in _NOT_FOLLOWED if given[name])
        raise click.UsageError(f"--follow shows what is still to come, and does not go with {names}.")
    as_json = wants_json(output)
    form = chosen_format(timestamp_format, timezone, quiet=as_json)
    config = configuration(**options)
    ids, job_id = required_job(config)
    place = {"farm_id": ids.farm_id, "queue_id": ids.queue_id, "job_id": job_id}
    with service_errors(f"get job {job_id}", config, **place):
        job: Dict[str, Any] = api.get_job(farmId=ids.farm_id, queueId=ids.queue_id, jobId=job_id, config=config)
    if follow:
        follow_logs(
            *(ids, job),
            session_id=session_id,
            limit=limit,
            start_time=start_time,
            form=form,
            as_json=as_json,
            config=config,
        )
        return
    from deadline.client.api.log_spans import find_log_span

    span = find_log_span(
        **place,
        session_id=session_id,
        session_action_id=session_action_id,
        start_time=start_time,
        end_time=end_time,
        config=config,
    )
    try:
        read = _read_worker if worker else _read_session
        result = read(ids, job_id, span, limit=limit, next_token=next_token, config=config)
    except Exception as error:
        if not as_json:
            raise
        print_json({"error": explain(error)}, indent=2)
        raise click.exceptions.Exit(FAILED) from error
    if as_json:
        _print_as_json(job, result, clock(form, span.began))
        return
    _print_header(job, result, span, form, session_action_id)
    _print_events(result, clock(form, span.began), limit)


def _read_session(ids: Any, job_id: str, span: LogSpan, *, config: ConfigParser, **which: Any) -> Any:
    """The lines of a session, a ``SessionLogResult``."""
    from deadline.client import api

    return api.get_session_logs(
        *(ids.farm_id, ids.queue_id),
        session_id=span.session_id,
        start_time=span.start_time,
        end_time=span.end_time,
        config=config,
        **which,
    )


def _read_worker(ids: Any, job_id: str, span: LogSpan, *, config: ConfigParser, **which: Any) -> Any:
    """The lines of the worker of a session, a ``WorkerLogResult``."""
    from deadline.client import api
    from deadline.client.api.worker_logs import get_worker_logs_of_session

    with service_errors(f"get session {span.session_id}", config):
        session = api.get_session(ids.farm_id, ids.queue_id, job_id, span.session_id, config=config)
    return get_worker_logs_of_session(
        ids.farm_id, session, start_time=span.start_time, end_time=span.end_time, config=config, **which
    )


def _print_as_json(job: Mapping[str, Any], result: Any, clock: Clock) -> None:
    of_worker = {"workerId": result.worker_id, "fleetId": result.fleet_id} if hasattr(result, "worker_id") else {}
    print_json(
        {
            "jobId": job["jobId"],
            "jobName": job["name"],
            "events": [event_as_json(event, clock) for event in result.events],
            "count": result.count,
            "nextToken": result.next_token,
            "previousToken": result.previous_token,
            "logGroup": result.log_group,
            "logStream": result.log_stream,
            **of_worker,
        },
        indent=2,
    )


def _print_header(
    job: Mapping[str, Any], result: Any, span: LogSpan, form: str, session_action_id: Optional[str]
) -> None:
    absolute = clock("utc" if form == "relative" else form, span.began)
    ended = absolute(span.ended) if span.ended else None
    click.echo(f"Job: {printable(job['name'])} ({job['jobId']})")
    click.echo(f"Session: {span.session_id}" if ended or session_action_id else f"Session: {span.session_id}, running")
    if session_action_id:
        click.echo(f"Session action: {session_action_id}")
        click.echo(f"Started: {absolute(span.began)}")
        click.echo(f"Ended: {ended or 'no, it is running'}")
        if span.ended:
            click.echo(f"Duration: {duration(span.ended - span.began)}")
    if hasattr(result, "worker_id"):
        click.echo(f"Worker: {result.worker_id}")
    click.echo(f"Log group: {result.log_group}")
    if form == "relative":
        click.echo(f"Times count from: {absolute(span.began)}")
    click.echo()


def _print_events(result: Any, clock: Clock, limit: int) -> None:
    if not result.events:
        click.echo("There are no lines.")
        return
    for event in result.events:
        click.echo(f"[{clock(event.timestamp)}] {event.message}")
    click.echo(f"\n{result.count} {'line' if result.count == 1 else 'lines'}.")
    if result.count >= limit and result.previous_token:
        click.echo(f"For older ones use --limit with a larger number, or --next-token {result.previous_token}")
