"""``deadline manifest``: a module for each command."""

from __future__ import annotations

import click

from ...lazy import LazyGroup

COMMANDS = {
    "diff": ("commands.manifest.diff:diff", "Show what became of a folder's files since a manifest was made."),
    "download": ("commands.manifest.download:download", "Download the manifests of a job."),
    "snapshot": ("commands.manifest.snapshot:snapshot", "Write a manifest of a folder's files."),
    "upload": ("commands.manifest.upload:upload", "Upload a manifest file."),
}


@click.group(cls=LazyGroup, commands_by_name=COMMANDS)
def manifest() -> None:
    """Make manifest files, compare them, and bring them to S3 and back.

    A manifest is a list of files with their hashes, sizes and times. Its name ends with the hash of the folder whose files it
    lists, and the time when it was made. deadline attachment moves the files that a manifest lists.

    \b
    Examples:
      deadline manifest snapshot --root /shots/7 --destination /manifests
      deadline manifest diff --root /shots/7 --manifest /manifests/shot.manifest
      deadline manifest download /manifests --job-id job-0123456789abcdef0123456789abcdef
    """
