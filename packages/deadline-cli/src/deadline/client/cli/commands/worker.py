"""``deadline worker``."""

from __future__ import annotations

from typing import Any, Optional

import click

from ..completion import values
from ..lazy import LazyGroup
from ..options import (
    configuration,
    details_output_option,
    farm_options,
    listing_output_option,
    required_farm_and_queue,
)
from ..output import print_details, print_listing, without_metadata
from ..services import service_errors

fleet_option = click.option(
    "--fleet-id",
    metavar="ID",
    shell_complete=values.resources("fleet"),
    required=True,
    help="The fleet of the workers.",
)


@click.group(cls=LazyGroup)
def worker() -> None:
    """List workers and their details.

    \b
    Example:
      deadline worker list --fleet-id fleet-0123456789abcdef0123456789abcdef
    """


@worker.command("list")
@farm_options
@fleet_option
@click.option(
    "--page-size", type=click.IntRange(1, 100), default=5, show_default=True, help="How many workers to list."
)
@click.option(
    "--item-offset", type=click.IntRange(0, 10_000), default=0, show_default=True, help="How many workers to pass over."
)
@listing_output_option
def list_(fleet_id: str, page_size: int, item_offset: int, output: Optional[str], **options: Any) -> None:
    """List the workers of a fleet.

    \b
    Examples:
      deadline worker list --fleet-id fleet-0123456789abcdef0123456789abcdef
      deadline worker list --fleet-id fleet-0123456789abcdef0123456789abcdef --page-size 20 --item-offset 20
    """
    from deadline.client.api.resources import search_workers

    config = configuration(**options)
    farm_id = required_farm_and_queue(config, queue=False).farm_id
    with service_errors(f"list the workers of fleet {fleet_id}", config, farm_id=farm_id, fleet_id=fleet_id):
        found = search_workers(farm_id, [fleet_id], pageSize=page_size, itemOffset=item_offset, config=config)
    heading = f"Displaying {len(found['workers'])} of {found['totalResults']} workers starting at {item_offset}"
    print_listing(found, "workers", ("workerId", "status", "createdAt"), output, heading=heading)


@worker.command()
@farm_options
@fleet_option
@click.option(
    "--worker-id", metavar="ID", shell_complete=values.resources("worker"), required=True, help="The worker to show."
)
@details_output_option
def get(fleet_id: str, worker_id: str, output: str, **options: Any) -> None:
    """Show a worker.

    \b
    Example:
      deadline worker get --fleet-id fleet-0123456789abcdef0123456789abcdef \\
        --worker-id worker-0123456789abcdef0123456789abcdef
    """
    from deadline.client.api.resources import get_worker

    config = configuration(**options)
    farm_id = required_farm_and_queue(config, queue=False).farm_id
    ids = {"farm_id": farm_id, "fleet_id": fleet_id, "worker_id": worker_id}
    with service_errors(f"get worker {worker_id}", config, **ids):
        answer = get_worker(farm_id, fleet_id, worker_id, config=config)
    print_details(without_metadata(answer), output)
