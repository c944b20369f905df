"""``deadline queue``."""

from __future__ import annotations

from typing import Any

import click

from ..lazy import LazyGroup
from ..options import configuration, farm_options, queue_options, required_farm_and_queue
from ..output import only, print_yaml, without_metadata
from ..services import service_errors


@click.group(cls=LazyGroup)
def queue() -> None:
    """List queues and their details.

    \b
    Examples:
      deadline queue list
      deadline queue get
    """


@queue.command("list")
@farm_options
def list_(**options: Any) -> None:
    """List the queues of a farm.

    \b
    Example:
      deadline queue list
    """
    from deadline.client import api

    config = configuration(**options)
    ids = required_farm_and_queue(config, queue=False)
    with service_errors(f"list the queues of farm {ids.farm_id}", config, farm_id=ids.farm_id):
        queues = api.list_queues(config=config, farmId=ids.farm_id)["queues"]
    print_yaml(only(("queueId", "displayName"), queues))


@queue.command()
@queue_options
def get(**options: Any) -> None:
    """Show a queue.

    \b
    Example:
      deadline queue get
    """
    from deadline.client import api

    config = configuration(**options)
    ids = required_farm_and_queue(config)
    with service_errors(f"get queue {ids.queue_id}", config, farm_id=ids.farm_id, queue_id=ids.queue_id):
        answer = api.get_queue(ids.farm_id, ids.queue_id, config=config)
    print_yaml(without_metadata(answer))
