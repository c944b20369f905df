"""``deadline worker``."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Optional, Tuple

import click

from ..completion import values
from ..lazy import LazyGroup
from ..options import (
    WholeNumber,
    configuration,
    details_output_option,
    farm_options,
    listing_output_option,
    required_farm_and_queue,
    which_one,
)
from ..output import print_details, print_listing, without_metadata
from ..services import service_errors

fleet_option = click.option(
    "--fleet-id",
    metavar="ID",
    shell_complete=values.resources("fleet"),
    help="The fleet of the workers; it has to be given.",
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
    "--page-size",
    type=WholeNumber(1, 100),
    metavar="NUMBER",
    default=5,
    show_default=True,
    help="How many workers to list.",
)
@click.option(
    "--item-offset",
    type=WholeNumber(0, 10_000),
    metavar="NUMBER",
    default=0,
    show_default=True,
    help="How many workers to pass over.",
)
@listing_output_option
def list_(fleet_id: Optional[str], page_size: int, item_offset: int, output: Optional[str], **options: Any) -> None:
    """List the workers of a fleet.

    \b
    Examples:
      deadline worker list --fleet-id fleet-0123456789abcdef0123456789abcdef
      deadline worker list --fleet-id fleet-0123456789abcdef0123456789abcdef \\
        --page-size 20 --item-offset 20
    """
    from deadline.client.api.resources import search_workers

    config = configuration(**options)
    farm_id, fleet_id = _farm_and_fleet(config, fleet_id)
    with service_errors(f"list the workers of fleet {fleet_id}", config, farm_id=farm_id, fleet_id=fleet_id):
        found = search_workers(farm_id, [fleet_id], pageSize=page_size, itemOffset=item_offset, config=config)
    heading = f"Displaying {len(found['workers'])} of {found['totalResults']} workers starting at {item_offset}"
    print_listing(found, "workers", ("workerId", "status", "createdAt"), output, heading=heading)


@worker.command()
@farm_options
@fleet_option
@click.option(
    "--worker-id",
    metavar="ID",
    shell_complete=values.resources("worker"),
    help="The worker to show; it has to be given.",
)
@details_output_option
def get(fleet_id: Optional[str], worker_id: Optional[str], output: str, **options: Any) -> None:
    """Show a worker.

    \b
    Example:
      deadline worker get --fleet-id fleet-0123456789abcdef0123456789abcdef \\
        --worker-id worker-0123456789abcdef0123456789abcdef
    """
    from deadline.client.api.resources import get_worker

    config = configuration(**options)
    farm_id, fleet_id = _farm_and_fleet(config, fleet_id)
    if not worker_id:
        question = "Which worker? Name it with --worker-id."
        raise which_one(question, "worker", config, farm_id=farm_id, fleet_id=fleet_id)
    ids = {"farm_id": farm_id, "fleet_id": fleet_id, "worker_id": worker_id}
    with service_errors(f"get worker {worker_id}", config, **ids):
        answer = get_worker(farm_id, fleet_id, worker_id, config=config)
    print_details(without_metadata(answer), output)


def _farm_and_fleet(config: ConfigParser, fleet_id: Optional[str]) -> Tuple[str, str]:
    farm_id: str = required_farm_and_queue(config, queue=False).farm_id
    if not fleet_id:
        raise which_one("Which fleet? Name it with --fleet-id.", "fleet", config, farm_id=farm_id)
    return farm_id, fleet_id
