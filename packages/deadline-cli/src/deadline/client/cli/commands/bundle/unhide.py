"""``deadline bundle unhide``."""

from __future__ import annotations

from typing import Any

import click

from ...options import queue_options
from .queue_bundles import queue_bundles, shown


@click.command()
@click.argument("bundle_name")
@queue_options
def unhide(bundle_name: str, **options: Any) -> None:
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
    if key not in hidden:
        click.echo(f"{shown(key)} is not hidden.")
        return
    repository.set_bundle_visibility(key, hidden=False)
    click.echo(f"{shown(key)} is no longer hidden.")
