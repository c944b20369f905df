"""``deadline job trace-schedule``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Dict, Optional

import click

from deadline.client.exceptions import DeadlineOperationError

from ...completion import values
from ...interrupts import stopping_on_ctrl_c
from ...options import Choice, configuration, job_options, report_output_option, required_job
from ...output import is_terminal, print_json, print_yaml, wants_json

if TYPE_CHECKING:
    from deadline.client.api.schedule_trace import JobSchedule, ScheduledAction, ScheduledSession


@click.command("trace-schedule")
@job_options
@click.option("-v", "--verbose", is_flag=True, help="Print the job, and its sessions with all that they did.")
@click.option(
    "--trace-format",
    type=Choice(["chrome"]),
    help="The format of --trace-file: chrome is for chrome://tracing and https://ui.perfetto.dev.",
)
@click.option(
    "--trace-file",
    metavar="FILE",
    shell_complete=values.files,
    help="Write a trace to this file; give --trace-format too.",
)
@report_output_option
def trace_schedule(
    verbose: bool, trace_format: Optional[str], trace_file: Optional[str], output: str, **options: Any
) -> None:
    """Tell what the workers of a job did with their time: running tasks, fetching files, entering environments, waiting.

    What still runs counts up to now. As JSON, durations are microseconds, in total, by worker and by session.

    \b
    Examples:
      deadline job trace-schedule
      deadline job trace-schedule --trace-format chrome --trace-file trace.json
      deadline job trace-schedule --output json | jq .taskRunDuration
    """
    if trace_file and not trace_format:
        raise DeadlineOperationError("--trace-file needs a format: give --trace-format chrome too.")
    from deadline.client import api

    config = configuration(**options)
    ids, job_id = required_job(config)
    progress = _Progress()
    with stopping_on_ctrl_c() as interrupt:
        try:
            schedule = api.collect_schedule(
                *(ids.farm_id, ids.queue_id, job_id),
                progress_callback=progress.show,
                continue_callback=interrupt.go_on,
                config=config,
            )
        finally:
            progress.end()
    for line in schedule.warnings():
        click.echo(line, err=True)
    if trace_file:
        api.write_chrome_trace(schedule, trace_file)
    statistics = api.schedule_statistics(schedule)
    if wants_json(output):
        job = {"jobId": job_id, "jobName": schedule.job.get("name")}
        sessions = {"traceFile": trace_file} if trace_file else {}
        print_json({**job, **statistics.to_dict(), **sessions}, indent=2)
        return
    if verbose:
        click.echo("The job and its sessions:")
        print_yaml(_document(schedule))
    click.echo(statistics.describe())
    if trace_file:
        click.echo(f"\nThe trace was written to {trace_file}")


class _Progress:
    """Tells what is being fetched, on a line of stderr that changes; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._is_shown = is_terminal(sys.stderr)
        self._open = False

    def show(self, what: str, done: int, total: int) -> None:
        """So many requests of a kind were answered."""
        if self._is_shown:
            click.echo(f"\rFetching {what}: {done} of {total}\x1b[K", err=True, nl=False)
            self._open = True

    def end(self) -> None:
        """Take the line away."""
        if self._open:
            click.echo("\r\x1b[K", err=True, nl=False)


def _document(schedule: JobSchedule) -> Dict[str, Any]:
    return {
        "job": dict(schedule.job),
        "sessions": [_session(schedule, session) for session in schedule.sessions],
    }


def _session(schedule: JobSchedule, session: ScheduledSession) -> Dict[str, Any]:
    times = {"startedAt": session.started_at, "endedAt": session.ended_at}
    return {
        "index": session.index,
        "sessionId": session.session_id,
        "workerId": session.worker_id,
        "fleetId": session.fleet_id,
        "lifecycleStatus": session.lifecycle_status,
        **{name: moment for name, moment in times.items() if moment is not None},
        "step": session.step_name,
        "actions": [_action(schedule, action) for action in session.actions],
    }


def _action(schedule: JobSchedule, action: ScheduledAction) -> Dict[str, Any]:
    times = {"startedAt": action.started_at, "endedAt": action.ended_at}
    step, task = schedule.steps.get(action.step_id or ""), schedule.tasks.get(action.task_id or "")
    return {
        "sessionActionId": action.action_id,
        "status": action.status,
        **{name: moment for name, moment in times.items() if moment is not None},
        "definition": {action.kind: dict(action.definition)},
        **({"step": dict(step)} if step else {}),
        **({"task": dict(task)} if task else {}),
    }
