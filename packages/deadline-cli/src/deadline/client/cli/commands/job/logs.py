"""``deadline job logs``."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional

import click

from deadline.client.exceptions import DeadlineOperationError

from ...errors import FAILED, explain
from ...options import configuration, job_options, output_option, required_job
from ...output import print_json, wants_json
from ...services import service_errors

if TYPE_CHECKING:
    from deadline.client.api.log_spans import LogSpan
    from deadline.client.api.session_logs import SessionLogResult

Clock = Callable[[datetime.datetime], str]


def _moment(context: click.Context, option: click.Parameter, text: Optional[str]) -> Optional[datetime.datetime]:
    """A moment in ISO 8601, such as ``2025-07-03T10:49:33Z``."""
    if text is None:
        return None
    try:
        # Python before 3.11 does not know the Z.
        return datetime.datetime.fromisoformat(re.sub("[Zz]$", "+00:00", text.strip()))
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no time in ISO 8601, such as 2025-07-03T10:49:33Z.", ctx=context, param=option
        ) from None


@click.command()
@job_options
@click.option("--session-id", metavar="ID", help="The session. Default: one that runs, else the one that ended last.")
@click.option("--session-action-id", metavar="ID", help="Only what this action of a session logged.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="The most lines to show.")
@click.option("--start-time", callback=_moment, metavar="TIME", help="No lines before this time, in ISO 8601.")
@click.option("--end-time", callback=_moment, metavar="TIME", help="No lines from this time on.")
@click.option("--next-token", metavar="TOKEN", help="Go on where an earlier call ended: a token that it printed.")
@output_option
@click.option(
    "--timestamp-format",
    type=click.Choice(["utc", "local", "relative"], case_sensitive=False),
    help="How to show times; relative ones count from the beginning of the session or its action. Default: utc.",
)
@click.option(
    "--timezone",
    type=click.Choice(["utc", "local"], case_sensitive=False),
    help="Deprecated: use --timestamp-format.",
)
def logs(
    session_id: Optional[str],
    session_action_id: Optional[str],
    limit: int,
    start_time: Optional[datetime.datetime],
    end_time: Optional[datetime.datetime],
    next_token: Optional[str],
    output: Optional[str],
    timestamp_format: Optional[str],
    timezone: Optional[str],
    **options: Any,
) -> None:
    """Show what a job logged: the last lines of one of its sessions, the oldest first.

    Times without an offset are those of this machine.

    \b
    Examples:
      deadline job logs
      deadline job logs --timestamp-format relative --limit 1000
      deadline job logs --start-time 2025-07-03T10:49:33Z --output json
      deadline job logs --session-id session-0123456789abcdef0123456789abcdef
    """
    from deadline.client import api
    from deadline.client.api.log_spans import find_log_span

    as_json = wants_json(output)
    form = _timestamp_format(timestamp_format, timezone, quiet=as_json)
    config = configuration(**options)
    ids, job_id = required_job(config)
    with service_errors(f"get job {job_id}", config, farm_id=ids.farm_id, queue_id=ids.queue_id):
        job = api.get_job(farmId=ids.farm_id, queueId=ids.queue_id, jobId=job_id, config=config)
    span = find_log_span(
        ids.farm_id,
        ids.queue_id,
        job_id,
        session_id=session_id,
        session_action_id=session_action_id,
        start_time=start_time,
        end_time=end_time,
        config=config,
    )
    try:
        result = api.get_session_logs(
            ids.farm_id,
            ids.queue_id,
            session_id=span.session_id,
            limit=limit,
            start_time=span.start_time,
            end_time=span.end_time,
            next_token=next_token,
            config=config,
        )
    except Exception as error:
        if not as_json:
            raise
        print_json({"error": explain(error)}, indent=2)
        raise click.exceptions.Exit(FAILED) from error
    clock = _clock(form, span.began)
    if as_json:
        _print_as_json(job_id, job["name"], result, clock)
        return
    _print_header(job, result, span, form, session_action_id)
    _print_events(result, clock, limit)


def _timestamp_format(timestamp_format: Optional[str], timezone: Optional[str], *, quiet: bool) -> str:
    if timezone is None:
        return (timestamp_format or "utc").lower()
    if timestamp_format is not None:
        raise DeadlineOperationError("Give either --timestamp-format or --timezone, its old name, not both.")
    if not quiet:
        click.echo("--timezone is deprecated; use --timestamp-format.", err=True)
    return timezone.lower()


def _clock(form: str, began: datetime.datetime) -> Clock:
    """How moments are written."""
    if form == "relative":
        return lambda moment: _duration(moment - began)
    zone = datetime.timezone.utc if form == "utc" else None
    return lambda moment: moment.astimezone(zone).isoformat(timespec="microseconds")


def _duration(delta: datetime.timedelta) -> str:
    return f"-{-delta}" if delta < datetime.timedelta() else str(delta)


def _print_as_json(job_id: str, job_name: str, result: SessionLogResult, clock: Clock) -> None:
    print_json(
        {
            "jobId": job_id,
            "jobName": job_name,
            "events": [
                {
                    "timestamp": clock(event.timestamp),
                    "message": event.message,
                    "ingestionTime": clock(event.ingestion_time) if event.ingestion_time else None,
                    "eventId": event.event_id,
                }
                for event in result.events
            ],
            "count": result.count,
            "nextToken": result.next_token,
            "previousToken": result.previous_token,
            "logGroup": result.log_group,
            "logStream": result.log_stream,
        },
        indent=2,
    )


def _print_header(
    job: Mapping[str, Any], result: SessionLogResult, span: LogSpan, form: str, session_action_id: Optional[str]
) -> None:
    absolute = _clock("utc" if form == "relative" else form, span.began)
    ended = absolute(span.ended) if span.ended else None
    click.echo(f"Job: {job['name']} ({job['jobId']})")
    click.echo(f"Session: {span.session_id}" if ended or session_action_id else f"Session: {span.session_id}, running")
    if session_action_id:
        click.echo(f"Session action: {session_action_id}")
        click.echo(f"Started: {absolute(span.began)}")
        click.echo(f"Ended: {ended or 'no, it is running'}")
        if span.ended:
            click.echo(f"Duration: {_duration(span.ended - span.began)}")
    click.echo(f"Log group: {result.log_group}")
    if form == "relative":
        click.echo(f"Times count from: {absolute(span.began)}")
    click.echo()


def _print_events(result: SessionLogResult, clock: Clock, limit: int) -> None:
    if not result.events:
        click.echo("There are no lines.")
        return
    for event in result.events:
        click.echo(f"[{clock(event.timestamp)}] {event.message}")
    click.echo(f"\n{result.count} {'line' if result.count == 1 else 'lines'}.")
    if result.count >= limit and result.previous_token:
        click.echo(f"For older ones use --limit with a larger number, or --next-token {result.previous_token}")
