"""``deadline job``: a module for each command."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "download-output": ("commands.job.download_output:download_output", "Download the files that a job wrote."),
    "get": ("commands.job.get:get", "Show a job, or the jobs that match a search term."),
    "list": ("commands.job.list:list_", "List the jobs of a queue."),
    "logs": ("commands.job.logs:logs", "Show what a job logged."),
    "wait": ("commands.job.wait:wait", "Wait until a job has ended."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def job() -> None:
    """Watch jobs, read their logs, download their outputs.

    Without --job-id the commands take the job that was submitted last.

    \b
    Examples:
      deadline job list
      deadline job wait
      deadline job logs
      deadline job download-output
    """
