"""``deadline queue``: a module for each command."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "export-credentials": (
        "commands.queue.export_credentials:export_credentials",
        "Print credentials of a queue's role for other AWS tools.",
    ),
    "get": ("commands.queue.get:get", "Show a queue."),
    "list": ("commands.queue.list:list_", "List the queues of a farm."),
    "paramdefs": ("commands.queue.paramdefs:paramdefs", "Show the job parameters that a queue adds to its jobs."),
    "sync-output": (
        "commands.queue.sync_output:sync_output",
        "Download what the jobs of a queue wrote since the last time.",
    ),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def queue() -> None:
    """List queues and their details, download what their jobs write.

    \b
    Examples:
      deadline queue list
      deadline queue get
      deadline queue paramdefs
      deadline queue sync-output
    """
