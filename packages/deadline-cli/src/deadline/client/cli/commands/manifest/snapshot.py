"""``deadline manifest snapshot``."""

from __future__ import annotations

import textwrap
from typing import Any, Dict, List, Optional, Tuple

import click

from ...completion import values
from ...interrupts import stopping_on_ctrl_c
from ...options import json_options
from ...output import print_json
from ...progress import transfer_progress
from .patterns import pattern_options


@click.command()
@click.option(
    "--root",
    metavar="FOLDER",
    shell_complete=values.folders,
    required=True,
    help="The folder whose files the manifest lists.",
)
@click.option(
    *("-d", "--destination"),
    metavar="FOLDER",
    shell_complete=values.folders,
    help="Where to write the manifest. Default: the root.",
)
@click.option(
    *("-n", "--name"), metavar="TEXT", help="The beginning of the manifest's name. Default: made of the root."
)
@pattern_options
@click.option("--force-rehash", is_flag=True, help="Read all files again, instead of trusting their sizes and times.")
@click.option(
    "--diff",
    metavar="FILE",
    shell_complete=values.files,
    help="List only the files that are new or modified since this manifest was made.",
)
@json_options
def snapshot(
    root: str,
    destination: Optional[str],
    include: Tuple[str, ...],
    exclude: Tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Write a manifest of the files in a folder.

    Where there is nothing to list, none is written. With --json an object with root and manifest is printed, and nothing
    where none was written.

    \b
    Examples:
      deadline manifest snapshot --root /shots/7 --destination /manifests
      deadline manifest snapshot --root /shots/7 -i 'renders/**' -e '**/*.tmp' --json
      deadline manifest snapshot --root /shots/7 --destination /manifests --diff shot.manifest
    """
    from deadline.client.api.manifest_files import long_path_warning, take_snapshot
    from deadline.job_attachments.progress_tracker import SummaryStatistics

    summaries: List[SummaryStatistics] = []
    with stopping_on_ctrl_c() as interrupt, transfer_progress(
        "Hashing Attachments", interrupt, shown=not as_json
    ) as on_progress:
        made = take_snapshot(
            root,
            destination,
            include=include,
            exclude=exclude,
            on_progress=on_progress,
            on_summary=summaries.append,
            **options,
        )
    if made is None:
        if not as_json:
            click.echo("There are no files to list, so that no manifest was written.")
        return
    warning = long_path_warning(made.manifest)
    if as_json:
        result: Dict[str, Any] = {"root": made.root, "manifest": made.manifest}
        print_json({**result, "warning": warning} if warning else result)
        return
    if destination is None:
        click.echo(f"No destination was given: the manifest went to the root, {root}")
    for summary in summaries:
        click.echo(f"Hashing Summary:\n{textwrap.indent(str(summary), '    ')}")
    click.echo(f"Manifest generated at {made.manifest}")
    if warning:
        click.echo(f"{click.style('WARNING:', fg='yellow')} {warning}", err=True)
