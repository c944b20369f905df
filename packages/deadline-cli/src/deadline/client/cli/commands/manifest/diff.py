"""``deadline manifest diff``."""

from __future__ import annotations

import os
import sys
from typing import Any, Tuple

import click

from ...completion import values
from ...interrupts import stopping_on_ctrl_c
from ...options import json_options
from ...output import colours_are_wanted, is_terminal, print_json
from ...progress import transfer_progress
from .patterns import pattern_options


@click.command()
@click.option(
    "--root",
    metavar="FOLDER",
    shell_complete=values.folders,
    required=True,
    help="The folder whose files are compared.",
)
@click.option(
    *("--manifest", "manifest_file"),
    metavar="FILE",
    shell_complete=values.files,
    required=True,
    help="The manifest with which they are compared.",
)
@pattern_options
@click.option("--force-rehash", is_flag=True, help="Compare contents, instead of sizes and times.")
@json_options
def diff(
    root: str,
    manifest_file: str,
    include: Tuple[str, ...],
    exclude: Tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Show which files of a folder are new, modified or deleted since a manifest was made.

    New files are marked with +, modified ones with M, deleted ones with -. With --json an object with the lists new, modified
    and deleted is printed, of paths relative to the root. The exit code is 0 whether anything differs or not.

    \b
    Examples:
      deadline manifest diff --root /shots/7 --manifest shot.manifest
      deadline manifest diff --root /shots/7 --manifest shot.manifest -e '**/*.tmp' --json
    """
    from deadline.client.api.manifest_files import compare_with_manifest

    with stopping_on_ctrl_c() as interrupt, transfer_progress(
        "Hashing Attachments", interrupt, shown=not as_json and is_terminal(sys.stdout)
    ) as on_progress:
        found = compare_with_manifest(
            root, manifest_file, include=include, exclude=exclude, on_progress=on_progress, **options
        )
    difference = found.difference
    if as_json:
        names = ("new", "modified", "deleted")
        print_json({name: getattr(difference, name) for name in names}, indent=4)
        return
    from deadline.job_attachments.difference_tree import difference_tree

    numbers = f"{len(difference.new)} new, {len(difference.modified)} modified, {len(difference.deleted)} deleted"
    click.echo(f"Files of {found.root} since {os.path.basename(manifest_file)}: {numbers}")
    for line in difference_tree(found.root, found.files, difference, coloured=colours_are_wanted()):
        click.echo(line)
