"""``deadline attachment``: a module for each command."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "download": ("commands.attachment.download:download", "Download the files that manifest files name."),
    "upload": ("commands.attachment.upload:upload", "Upload the files that manifest files name."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def attachment() -> None:
    """Bring the files that manifest files name to S3 and back.

    Job attachments in parts, for pipelines that put them together by themselves: deadline manifest makes and compares
    manifest files, these commands move the files. To submit a job, deadline bundle submit does all of it.

    \b
    Examples:
      deadline attachment upload -m shot.manifest -r /shots/7
      deadline attachment download -m shot.manifest
    """
