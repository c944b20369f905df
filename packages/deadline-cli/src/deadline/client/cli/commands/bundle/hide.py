"""``deadline bundle hide``."""

from __future__ import annotations

from typing import Any

import click

from ...options import queue_options
from .queue_bundles import queue_bundles, shown


@click.command()
@click.argument("bundle_name")
@queue_options
def hide(bundle_name: str, **options: Any) -> None:
    """Leave the job bundle BUNDLE_NAME that the users of a queue share out of your lists.

    It is your choice on this machine; nobody else is affected, and the bundle can be used as before.

    \b
    Example:
      deadline bundle hide Turntable
    """
    with queue_bundles("find a job bundle", **options) as repository:
        key = repository.visibility_key(repository.find(bundle_name).path)
    if key in repository.get_hidden_set():
        click.echo(f"{shown(key)} is hidden already.")
        return
    repository.set_bundle_visibility(key, hidden=True)
    click.echo(f"{shown(key)} is hidden now. Show it again with: deadline bundle unhide {shown(bundle_name)}")
