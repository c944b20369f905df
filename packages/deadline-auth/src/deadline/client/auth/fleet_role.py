"""Sessions with the role of a fleet, with which users of the Deadline Cloud monitor read the logs of its workers."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict

import boto3

from .assumed_role import RoleCredentialProvider, role_session
from .regions import resolve_region
from .session import get_boto3_client, get_boto3_session, invalidate_boto3_session_cache


def assume_fleet_role_for_read(
    farmId: str, fleetId: str, *, config: ConfigParser | None = None, region: str | None = None
) -> Dict[str, Any]:
    """The answer of ``AssumeFleetRoleForRead``: ``credentials`` that may read what the fleet's workers logged."""
    client = get_boto3_client("deadline", config=config, region=resolve_region(config, region, farmId))
    return dict(client.assume_fleet_role_for_read(farmId=farmId, fleetId=fleetId))


def get_fleet_read_boto3_session(
    deadline: Any,
    farm_id: str,
    fleet_id: str,
    config: ConfigParser | None = None,
    region: str | None = None,
    force_refresh: bool = False,
) -> boto3.Session:
    """A session that may read what a fleet's workers logged.

    Args:
        deadline: The Deadline Cloud client with which to assume the role.
        farm_id: The farm.
        fleet_id: The fleet.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.
        force_refresh: Throw every session away first.

    The role is assumed when the session's credentials are first needed, and again before they expire;
    :class:`DeadlineOperationError` is raised then where that fails.
    """
    if force_refresh:
        invalidate_boto3_session_cache()
    base: Any = get_boto3_session(config=config)
    region = resolve_region(config, region, farm_id) or base.region_name
    provider = RoleCredentialProvider(
        f"fleet {fleet_id}", lambda: deadline.assume_fleet_role_for_read(farmId=farm_id, fleetId=fleet_id)
    )
    return role_session(("fleet role", deadline, base, farm_id, fleet_id, region), base, provider, region, config)
