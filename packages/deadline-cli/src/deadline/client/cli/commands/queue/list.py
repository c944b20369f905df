"""``deadline queue list``."""

from __future__ import annotations

from typing import Any, Optional

import click

from ...options import configuration, farm_options, listing_output_option, required_farm_and_queue
from ...output import print_listing
from ...services import service_errors


@click.command("list")
@farm_options
@listing_output_option
def list_(output: Optional[str], **options: Any) -> None:
    """List the queues of a farm.

    \b
    Examples:
      deadline queue list
      deadline queue list --farm-id farm-0123456789abcdef0123456789abcdef --output json
    """
    from deadline.client import api

    config = configuration(**options)
    ids = required_farm_and_queue(config, queue=False)
    with service_errors(f"list the queues of farm {ids.farm_id}", config, farm_id=ids.farm_id):
        answer = api.list_queues(config=config, farmId=ids.farm_id)
    print_listing(answer, "queues", ("queueId", "displayName"), output)
