"""``deadline bundle``: a module for each command."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "download": ("commands.bundle.download:download", "Download a job bundle that the users of a queue share."),
    "hide": ("commands.bundle.hide:hide", "Leave a shared job bundle out of your lists."),
    "info": ("commands.bundle.info:info", "Show what a job bundle is about."),
    "list": ("commands.bundle.list:list_", "List job bundles in a folder, or those that the users of a queue share."),
    "submit": ("commands.bundle.submit:submit", "Submit a job bundle."),
    "unhide": ("commands.bundle.unhide:unhide", "Show a hidden job bundle in your lists again."),
    "upload": ("commands.bundle.upload:upload", "Share a job bundle with the users of a queue."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def bundle() -> None:
    """Submit job bundles, and share them with the users of a queue.

    A job bundle is a folder with a job template, template.yaml or template.json, in the language of Open Job Description.
    parameter_values.yaml may give values to its parameters, and asset_references.yaml name further files.

    \b
    Examples:
      deadline bundle submit my-job/
      deadline bundle upload my-job/
      deadline bundle list --queue
    """
