"""Tools about farms."""

from __future__ import annotations

from datetime import datetime
from typing import Optional

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from ..errors import ToolFailed, explain
from ..tool import Arguments, Result, Tool, Unadvertised


class ListFarmsArguments(Arguments):
    """Which farms to list."""

    principal_id: Optional[str] = Field(
        default=None,
        validation_alias=AliasChoices("principal_id", "principalId"),
        description="List the farms of which this user or group is a member. Default: for a Deadline Cloud monitor "
        "login its user, else every farm that the AWS profile may see.",
    )
    # Older configurations of assistants pass it. All pages come at once, so that there is nothing to go on with.
    next_token: Unadvertised[Optional[str]] = Field(
        default=None, validation_alias=AliasChoices("next_token", "nextToken")
    )


class Farm(BaseModel):
    """A farm, as ListFarms describes it, and the region in which it is."""

    model_config = ConfigDict(extra="allow")

    farmId: str
    displayName: str
    region: Optional[str] = Field(description="The AWS region, where it is known.")
    createdAt: Optional[datetime] = None


class UnreachedRegion(BaseModel):
    """A region whose farms could not be listed."""

    region: Optional[str]
    reason: str


class FarmList(Result):
    """Farms by region, then by name."""

    farms: list[Farm]
    unreachedRegions: list[UnreachedRegion] = Field(
        default_factory=list, description="Regions that could not be asked; they may have farms that are not listed."
    )


def list_farms(arguments: ListFarmsArguments) -> FarmList:
    """The farms of every region that answers; an error where none does."""
    from deadline.client.api.farms_by_region import farm_regions, iter_farms_by_region
    from deadline.client.config.config_file import read_config

    config = read_config()
    regions = farm_regions(config)
    principal = {"principalId": arguments.principal_id} if arguments.principal_id else {}
    farms: dict[Optional[str], list[Farm]] = {}
    errors: dict[Optional[str], Exception] = {}
    for region, found, error in iter_farms_by_region(config, regions, **principal):
        if error is not None:
            errors[region] = error
        else:
            farms[region] = sorted(
                (Farm.model_validate(farm) for farm in found or []), key=lambda farm: (farm.displayName, farm.farmId)
            )
    unreached = [region for region in regions if region in errors]
    if unreached and not farms:
        raise ToolFailed(explain(_ACTION, errors[unreached[0]]))
    return FarmList(
        farms=[farm for region in regions for farm in farms.get(region, [])],
        unreachedRegions=[UnreachedRegion(region=region, reason=str(errors[region])) for region in unreached],
    )


_ACTION = "list farms"

LIST_FARMS = Tool(
    name="deadline_list_farms",
    title="List farms",
    description="List the AWS Deadline Cloud farms that the configured AWS profile can see, in every configured region, "
    "each with its id, name and region. Start here to find the farm id that other questions need.",
    action=_ACTION,
    arguments=ListFarmsArguments,
    result=FarmList,
    function=list_farms,
)
