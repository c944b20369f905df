"""``deadline bundle hide``."""

from __future__ import annotations

from typing import Any

import click

from ...options import queue_options, report_output_option
from ...output import print_json, shell_word, wants_json
from .queue_bundles import queue_bundles, shown


@click.command()
@click.argument("bundle_name")
@click.option("--dry-run", is_flag=True, help="Change nothing, but print what would be changed.")
@queue_options
@report_output_option
def hide(bundle_name: str, dry_run: bool, output: str, **options: Any) -> None:
    """Leave the job bundle BUNDLE_NAME that the users of a queue share out of your lists.

    It is your choice on this machine; nobody else is affected, and the bundle can be used as before.

    \b
    Example:
      deadline bundle hide Turntable
    """
    with queue_bundles("find a job bundle", **options) as repository:
        key = repository.visibility_key(repository.find(bundle_name).path)
    is_new = key not in repository.get_hidden_set()
    if is_new and not dry_run:
        repository.set_bundle_visibility(key, hidden=True)
    if wants_json(output):
        print_json({**({"dryRun": True} if dry_run else {}), "name": key, "hidden": True, "changed": is_new})
    elif not is_new:
        click.echo(f"{shown(key)} is hidden already.")
    elif dry_run:
        click.echo(f"{shown(key)} would be hidden.")
    else:
        click.echo(f"{shown(key)} is hidden now. Show it again with: deadline bundle unhide {shell_word(bundle_name)}")
