"""``deadline farm``."""

from __future__ import annotations

from typing import Any, Dict, Optional

import click

from ..completion import values
from ..lazy import LazyGroup
from ..options import (
    configuration,
    details_output_option,
    farm_options,
    listing_output_option,
    profile_option,
    required_farm_and_queue,
)
from ..output import print_details, print_listing, without_metadata
from ..services import service_errors


@click.group(cls=LazyGroup)
def farm() -> None:
    """List farms and their details.

    \b
    Examples:
      deadline farm list
      deadline farm get
    """


@farm.command("list")
@profile_option
@click.option(
    "--region",
    metavar="REGION",
    shell_complete=values.regions,
    help="Only the farms of this region. Default: of all regions of DEADLINE_CLOUD_REGIONS, or of the setting "
    "settings.deadline_regions.",
)
@listing_output_option
def list_(profile: Optional[str], region: Optional[str], output: Optional[str]) -> None:
    """List the farms that you can see, in all regions or in one.

    \b
    Examples:
      deadline farm list
      deadline farm list --region eu-west-1
      deadline farm list --output json
    """
    from deadline.client import api

    config = configuration(profile=profile)
    with service_errors("list farms", config):
        answer = api.list_farms(config=config, region=region)
    print_listing(answer, "farms", ("farmId", "displayName", "region"), output)


@farm.command()
@farm_options
@details_output_option
def get(output: str, **options: Any) -> None:
    """Show a farm.

    \b
    Examples:
      deadline farm get
      deadline farm get --farm-id farm-0123456789abcdef0123456789abcdef --output json
    """
    from deadline.client import api

    config = configuration(**options)
    ids = required_farm_and_queue(config, queue=False)
    with service_errors(f"get farm {ids.farm_id}", config, farm_id=ids.farm_id):
        answer: Dict[str, Any] = api.get_farm(ids.farm_id, config=config)
    print_details(without_metadata(answer), output)
