"""``deadline job logs --follow``."""

from __future__ import annotations

import datetime
from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, Mapping, Optional

import click

from ...errors import FAILED, Interrupted, explain
from ...interrupts import stopping_on_ctrl_c
from ...output import print_json, printable, styled, styled_state
from ...services import service_errors
from .log_times import clock, event_as_json

if TYPE_CHECKING:
    from deadline.client.api.job_logs import JobLogEvent


def follow_logs(
    ids: Any,
    job: Mapping[str, Any],
    *,
    session_id: Optional[str],
    limit: int,
    start_time: Optional[datetime.datetime],
    form: str,
    as_json: bool,
    config: ConfigParser,
) -> None:
    """Print what a job logs until it has ended, or one of its sessions has.

    Args:
        ids: The farm and the queue.
        job: The answer of GetJob.
        session_id: The session, where only one is wanted.
        limit: How many lines of each session to begin with that there are already.
        start_time: No lines before it.
        form: How to show times: ``utc``, ``local`` or ``relative``.
        as_json: Whether to print a JSON object for each line.
        config: The configuration.

    Raises:
        Interrupted: Ctrl-C was pressed.
    """
    from deadline.client import api
    from deadline.client.api.job_logs import follow_job_logs
    from deadline.client.exceptions import DeadlineOperationError

    job_id = job["jobId"]
    lines: Any = _JsonLines(form) if as_json else _Lines(form)
    lines.begin(job)
    with stopping_on_ctrl_c() as interrupt:
        try:
            for line in follow_job_logs(
                ids.farm_id,
                ids.queue_id,
                job_id,
                session_id=session_id,
                last_lines=limit,
                start_time=start_time,
                continue_callback=interrupt.go_on,
                config=config,
            ):
                lines.show(line)
        except DeadlineOperationError as error:
            if not as_json:
                raise
            print_json({"error": explain(error)})
            raise click.exceptions.Exit(FAILED) from error
        if not interrupt.go_on():
            raise Interrupted(f"Stopped following job {job_id}; the job goes on.")
        if not as_json:
            with service_errors(f"get job {job_id}", config):
                ended = None if session_id else api.get_job(ids.farm_id, ids.queue_id, job_id, config=config)
            lines.finish(ended)


class _JsonLines:
    """A JSON object for each line of the log."""

    def __init__(self, form: str) -> None:
        self._form = form

    def begin(self, job: Mapping[str, Any]) -> None:
        """Say nothing: programs want the lines."""

    def show(self, line: JobLogEvent) -> None:
        """Print a line."""
        session = line.session
        event = event_as_json(line.event, clock(self._form, session.get("startedAt")))
        print_json({"sessionId": session["sessionId"], **event})


class _Lines:
    """The lines of the log, with a heading where those of another session begin."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._session_id: Optional[str] = None

    def begin(self, job: Mapping[str, Any]) -> None:
        """Say which job it is."""
        click.echo(f"Job: {printable(job['name'])} ({job['jobId']})")
        if not job.get("startedAt"):
            click.echo("It has not begun yet; its lines will come when it does. Ctrl-C ends the waiting.")

    def show(self, line: JobLogEvent) -> None:
        """Print a line."""
        session = line.session
        if session["sessionId"] != self._session_id:
            self._session_id = session["sessionId"]
            where = f" on {session['workerId']}" if session.get("workerId") else ""
            click.echo(styled(f"\nSession: {self._session_id}{where}", bold=True))
        moment = clock(self._form, session.get("startedAt"))(line.event.timestamp)
        click.echo(f"[{moment}] {line.event.message}")

    def finish(self, job: Optional[Mapping[str, Any]]) -> None:
        """Say that no more lines will come."""
        if self._session_id is None:
            click.echo("There are no lines.")
        if job is None:
            click.echo("\nThe session has ended.")
        else:
            click.echo(f"\nThe job has ended: {styled_state(job.get('taskRunStatus') or job['lifecycleStatus'])}")
