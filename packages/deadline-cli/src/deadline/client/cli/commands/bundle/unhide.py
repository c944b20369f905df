"""``deadline bundle unhide``."""

from __future__ import annotations

from typing import Any

import click

from ...options import queue_options, report_output_option
from ...output import print_json, wants_json
from .queue_bundles import queue_bundles, shown


@click.command()
@click.argument("bundle_name")
@click.option("--dry-run", is_flag=True, help="Change nothing, but print what would be changed.")
@queue_options
@report_output_option
def unhide(bundle_name: str, dry_run: bool, output: str, **options: Any) -> None:
    """Show the job bundle BUNDLE_NAME in your lists again.

    \b
    Example:
      deadline bundle unhide Turntable
    """
    from deadline.client.job_bundle.repository.names import without_archive_suffix

    # It may have been removed since it was hidden.
    key = without_archive_suffix(bundle_name)
    with queue_bundles("find the job bundles", **options) as repository:
        hidden = repository.get_hidden_set()
    is_new = key in hidden
    if is_new and not dry_run:
        repository.set_bundle_visibility(key, hidden=False)
    if wants_json(output):
        print_json({**({"dryRun": True} if dry_run else {}), "name": key, "hidden": False, "changed": is_new})
    elif not is_new:
        click.echo(f"{shown(key)} is not hidden.")
    else:
        click.echo(f"{shown(key)} {'would be shown again' if dry_run else 'is no longer hidden'}.")
