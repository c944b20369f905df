"""``deadline job why``."""

from __future__ import annotations

import dataclasses
import shutil
import sys
from configparser import ConfigParser
from typing import TYPE_CHECKING, Any, Dict, List, Optional

import click

from ...options import WholeNumber, configuration, job_options, output_option, required_job
from ...output import is_terminal, print_json, printable, styled, styled_state, wants_json

if TYPE_CHECKING:
    from deadline.client.api import JobFailure

_LINES = 30
_ERROR_LINES = 10
_FEWEST_LINES = 8
"""As many lines of the log are shown also where the terminal has no room for them."""


@click.command()
@job_options
@click.option(
    "--lines",
    type=WholeNumber(1, 1000),
    metavar="NUMBER",
    help=f"How many of the last lines of the log to show. Default: what the terminal has room for, else {_LINES}.",
)
@output_option
def why(lines: Optional[int], output: Optional[str], **options: Any) -> None:
    """Tell why a job failed: its first failure, from which others tend to follow.

    That is the step, the task and its parameters, the exit code, the lines of the log that look like errors, and the last
    lines. A job of which nothing has failed is no error.

    \b
    Examples:
      deadline job why
      deadline job why --job-id job-0123456789abcdef0123456789abcdef --lines 100
      deadline job why --output json | jq -r '.errorLines[]'
    """
    from deadline.client import api

    config = configuration(**options)
    ids, job_id = required_job(config)
    as_json = wants_json(output)
    failure = api.find_job_failure(
        *(ids.farm_id, ids.queue_id, job_id), last_lines=lines or _LINES, error_lines=_ERROR_LINES, config=config
    )
    if failure is None:
        _tell_that_nothing_failed(ids, job_id, config, as_json=as_json)
    elif as_json:
        print_json({"failed": True, **failure.to_dict()}, indent=2)
    else:
        _print_failure(_fitted(failure) if lines is None and is_terminal(sys.stdout) else failure)


def _fitted(failure: JobFailure) -> JobFailure:
    """The failure with as much of its log as fits on the screen beside all the rest."""
    log = failure.log
    all_lines = len(failure.describe().split("\n")) + len(_next_steps(failure))
    others = all_lines - len(log.error_lines) - len(log.last_lines)
    # The last row is for the prompt of the shell.
    room = max(shutil.get_terminal_size().lines - 1 - others, _FEWEST_LINES)
    errors = log.error_lines[: room // 3]
    last = log.last_lines[-(room - len(errors)) :]
    return dataclasses.replace(failure, log=dataclasses.replace(log, error_lines=errors, last_lines=last))


def _next_steps(failure: JobFailure) -> List[str]:
    """What to do next, as commands."""
    job = f"--job-id {failure.job_id}"
    lines = []
    if failure.session_action_id:
        lines.append(f"See all of it: deadline job logs {job} \\")
        lines.append(f"  --session-action-id {failure.session_action_id} --limit 10000")
    if (failure.exit_code_meaning or "").startswith("ended by signal"):
        lines.append(f"See what befell its worker: deadline job logs {job} \\")
        lines.append(f"  --session-id {failure.session_id} --worker")
    if failure.failed_task_count:
        lines.append(f"Run it again: deadline job requeue-tasks {job} \\")
        lines.append("  --run-status FAILED")
    return ["", *lines] if lines else []


def _tell_that_nothing_failed(ids: Any, job_id: str, config: ConfigParser, *, as_json: bool) -> None:
    from deadline.client.api.job_progress import find_job_progress

    progress = find_job_progress(ids.farm_id, ids.queue_id, job_id, config=config)
    if as_json:
        document: Dict[str, Any] = {"failed": False, "farmId": ids.farm_id, "queueId": ids.queue_id}
        print_json({**document, **progress.to_dict()}, indent=2)
        return
    click.echo(f"Nothing of job {printable(progress.job_name)} ({job_id}) has failed.")
    state = progress.describe()
    click.echo(f"{styled_state(progress.status)}{state[len(progress.status) :]}")


def _print_failure(failure: JobFailure) -> None:
    """What the failure says of itself, with colours; a line of the log may be anything, and is no more than a line."""
    from deadline.client.api.log_excerpts import looks_like_error

    heading, *lines = failure.describe().split("\n")
    click.echo(styled(printable(heading), fg="red", bold=True))
    in_log = False
    for line in map(printable, lines):
        if not line.startswith("  "):
            in_log = line.endswith(":")
            click.echo(styled(line, bold=True) if in_log else line)
        elif in_log:
            click.echo(styled(line, fg="red") if looks_like_error(line) else line)
        else:
            name, colon, value = line.partition(":")
            click.echo(f"{styled(name, fg='cyan')}{colon}{value}")
    for line in _next_steps(failure):
        click.echo(line)
