"""``deadline fleet``."""

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
from ..output import print_details, print_json, print_listing, without_metadata
from ..services import service_errors


@click.group(cls=LazyGroup)
def fleet() -> None:
    """List fleets and their details.

    \b
    Examples:
      deadline fleet list
      deadline fleet get --queue-id queue-0123456789abcdef0123456789abcdef
    """


@fleet.command("list")
@farm_options
@listing_output_option
def list_(output: Optional[str], **options: Any) -> None:
    """List the fleets of a farm.

    \b
    Examples:
      deadline fleet list
      deadline fleet list --farm-id farm-0123456789abcdef0123456789abcdef --output json
    """
    from deadline.client import api

    config = configuration(**options)
    ids = required_farm_and_queue(config, queue=False)
    with service_errors(f"list the fleets of farm {ids.farm_id}", config, farm_id=ids.farm_id):
        answer = api.list_fleets(config=config, farmId=ids.farm_id)
    print_listing(answer, "fleets", ("fleetId", "displayName"), output)


@fleet.command()
@farm_options
@click.option("--fleet-id", metavar="ID", shell_complete=values.resources("fleet"), help="The fleet to show.")
@click.option(
    "--queue-id",
    metavar="ID",
    shell_complete=values.resources("queue"),
    help="Show all fleets that serve this queue instead.",
)
@details_output_option
def get(fleet_id: Optional[str], queue_id: Optional[str], output: str, **options: Any) -> None:
    """Show a fleet, or the fleets that serve a queue.

    Without --fleet-id and --queue-id it is the fleets of the default queue.

    \b
    Examples:
      deadline fleet get --fleet-id fleet-0123456789abcdef0123456789abcdef
      deadline fleet get --queue-id queue-0123456789abcdef0123456789abcdef
    """
    from deadline.client import api
    from deadline.client.exceptions import DeadlineOperationError

    if fleet_id and queue_id:
        raise DeadlineOperationError("Give either --fleet-id or --queue-id, not both.")
    config = configuration(queue_id=queue_id, **options)
    if fleet_id:
        farm_id = required_farm_and_queue(config, queue=False).farm_id
        with service_errors(f"get fleet {fleet_id}", config, farm_id=farm_id, fleet_id=fleet_id):
            answer = api.get_fleet(farm_id, fleet_id, config=config)
        print_details(without_metadata(answer), output)
        return
    ids = required_farm_and_queue(config)
    with service_errors(f"list the fleets of queue {ids.queue_id}", config, farm_id=ids.farm_id, queue_id=ids.queue_id):
        name = api.get_queue(ids.farm_id, ids.queue_id, config=config)["displayName"]
        fleets = api.list_fleets_of_queue(ids.farm_id, ids.queue_id, config=config)["fleets"]
    if output.lower() == "json":
        print_json({"fleets": fleets}, indent=2)
        return
    click.echo(f"Showing all fleets ({len(fleets)} total) associated with queue: {name}")
    for found in fleets:
        click.echo()
        print_details(found, output)
