"""``deadline queue export-credentials``."""

from __future__ import annotations

from typing import Any

import click

from ...options import Choice, configuration, queue_options, required_farm_and_queue
from ...output import print_json

FORMAT = "credentials_process"


@click.command("export-credentials")
@queue_options
@click.option(
    "--mode",
    type=Choice(["USER", "READ"]),
    default="USER",
    show_default=True,
    help="The queue's role for its users, or the one for reading alone.",
)
@click.option(
    "--output-format",
    type=Choice([FORMAT]),
    default=FORMAT,
    show_default=True,
    help="The form of the output: what AWS tools read from a credential_process.",
)
def export_credentials(mode: str, output_format: str, **options: Any) -> None:
    """Print credentials of a queue's role, for other AWS tools.

    Name the command in an AWS profile, and tools that use the profile act with the queue's role: they see the queue's S3
    bucket and logs. The credentials last for an hour or less; tools ask for new ones by themselves.

    \b
        [profile my-queue]
        credential_process = deadline queue export-credentials --queue-id queue-0123456789abcdef0123456789abcdef

    \b
    Examples:
      deadline queue export-credentials
      deadline queue export-credentials --mode READ
    """
    from deadline.client.api.queue_credentials import export_queue_credentials

    config = configuration(**options)
    ids = required_farm_and_queue(config)
    print_json(export_queue_credentials(ids.farm_id, ids.queue_id, mode=mode.upper(), config=config), indent=2)
