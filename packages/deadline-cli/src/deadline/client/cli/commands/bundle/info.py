"""``deadline bundle info``."""

from __future__ import annotations

from typing import Any, Optional

import click

from ...options import configuration, output_option, queue_options
from ...output import print_json, wants_json
from .queue_bundles import queue_bundles, shown


@click.command()
@click.argument("bundle_name")
@click.option("--queue", "of_queue", is_flag=True, help="The bundle is one that the users of the queue share.")
@queue_options
@output_option
def info(bundle_name: str, of_queue: bool, output: Optional[str], **options: Any) -> None:
    """Show the name, the steps and the job parameters of the job bundle BUNDLE_NAME.

    It is the path of a folder or an .ojd file, or the name of one in the working directory or in the folder of the setting
    settings.job_bundle_default_directory; with --queue, the name of one that the users of a queue share.

    \b
    Examples:
      deadline bundle info my-job/
      deadline bundle info Turntable --queue --output json
    """
    from deadline.client.job_bundle.repository.local_repository import LocalBundleRepository, find_local_bundle

    if of_queue:
        with queue_bundles("read a job bundle", **options) as repository:
            found = repository.read_bundle_info(repository.find(bundle_name).path)
    else:
        found = LocalBundleRepository().read_bundle_info(find_local_bundle(bundle_name, configuration(**options)))
    if wants_json(output):
        print_json({**found.to_dict(), "path": found.path}, indent=2)
    else:
        click.echo(f"Path: {shown(found.path)}\n{found.format_text()}")
