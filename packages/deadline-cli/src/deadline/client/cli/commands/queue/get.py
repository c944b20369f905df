"""``deadline queue get``."""

from __future__ import annotations

from typing import Any

import click

from ...options import configuration, details_output_option, queue_options, required_farm_and_queue
from ...output import print_details, without_metadata
from ...services import service_errors


@click.command()
@queue_options
@details_output_option
def get(output: str, **options: Any) -> None:
    """Show a queue.

    \b
    Examples:
      deadline queue get
      deadline queue get --queue-id queue-0123456789abcdef0123456789abcdef --output json
    """
    from deadline.client import api

    config = configuration(**options)
    ids = required_farm_and_queue(config)
    with service_errors(f"get queue {ids.queue_id}", config, farm_id=ids.farm_id, queue_id=ids.queue_id):
        answer = api.get_queue(ids.farm_id, ids.queue_id, config=config)
    print_details(without_metadata(answer), output)
