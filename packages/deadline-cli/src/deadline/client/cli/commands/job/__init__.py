"""``deadline job``: a module for each command."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "archive": ("commands.job.archive:archive", "Archive a job that is over, for good."),
    "cancel": ("commands.job.cancel:cancel", "Cancel a job."),
    "download-input": (
        "commands.job.download_input:download_input",
        "Download the files that a job was submitted with.",
    ),
    "download-output": ("commands.job.download_output:download_output", "Download the files that a job wrote."),
    "get": ("commands.job.get:get", "Show a job, or the jobs that match a search term."),
    "list": ("commands.job.list:list_", "List the jobs of a queue."),
    "logs": ("commands.job.logs:logs", "Show what a job logged, or follow what it logs."),
    "requeue-tasks": ("commands.job.requeue_tasks:requeue_tasks", "Run tasks of a job again."),
    "resume": ("commands.job.resume:resume", "Let a suspended job go on."),
    "suspend": ("commands.job.suspend:suspend", "Suspend a job, until it is resumed."),
    "trace-schedule": (
        "commands.job.trace_schedule:trace_schedule",
        "Tell what the workers of a job did with their time.",
    ),
    "update": ("commands.job.update:update", "Change a job's priority, its limits, its name."),
    "wait": ("commands.job.wait:wait", "Wait until a job has ended."),
    "watch": ("commands.job.watch:watch", "Watch a job and its steps until it has ended."),
    "why": ("commands.job.why:why", "Tell why a job failed."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def job() -> None:
    """Watch jobs and change them, read their logs, download their outputs.

    Without --job-id the commands take the job that was submitted last.

    \b
    Examples:
      deadline job list
      deadline job watch
      deadline job why
      deadline job requeue-tasks --run-status FAILED
      deadline job download-output
    """
