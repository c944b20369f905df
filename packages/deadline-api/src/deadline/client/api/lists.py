"""Lists of farms, queues, fleets, jobs and storage profiles, each in one piece whatever the number of pages.

Members of a farm who signed in with the Deadline Cloud monitor may list only what they are a member of; for them the
lists ask for that, unless the caller passes ``principalId``.
"""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict

from deadline.client.auth.session import get_boto3_client
from deadline.client.auth.telemetry import record_function_latency_telemetry_event

from .farms_by_region import list_farms_of_all_regions
from .paging import call_paginated_list_api, with_principal


@record_function_latency_telemetry_event()
def list_farms(config: ConfigParser | None = None, region: str | None = None, **kwargs: Any) -> Dict[str, Any]:
    """The farms of a region, or of all regions of :func:`~deadline.client.config.config_file.get_deadline_regions`.

    Args:
        config: A configuration to read from instead of the settings file.
        region: The one region to ask.
        kwargs: Members of ListFarms, such as ``principalId``.

    Returns:
        ``{"farms": [...]}``; each farm has its ``region``. The order is that of the regions, then of the names.

    Raises:
        botocore.exceptions.ClientError: The one region refused.
        DeadlineOperationError: All regions refused.
    """
    arguments = with_principal(config, kwargs)
    if region is None:
        return {"farms": list_farms_of_all_regions(config, arguments)}
    client = get_boto3_client("deadline", config=config, region=region)
    farms = call_paginated_list_api(client.list_farms, "farms", **arguments)["farms"]
    return {"farms": [{**farm, "region": region} for farm in farms]}


@record_function_latency_telemetry_event()
def list_queues(config: ConfigParser | None = None, region: str | None = None, **kwargs: Any) -> Dict[str, Any]:
    """``{"queues": [...]}`` of a farm; arguments as of :func:`list_farms`, members of ListQueues such as ``farmId``."""
    client = get_boto3_client("deadline", config=config, region=region)
    return call_paginated_list_api(client.list_queues, "queues", **with_principal(config, kwargs))


@record_function_latency_telemetry_event()
def list_jobs(config: ConfigParser | None = None, region: str | None = None, **kwargs: Any) -> Dict[str, Any]:
    """``{"jobs": [...]}`` of a queue; arguments as of :func:`list_farms`, members of ListJobs such as ``queueId``."""
    client = get_boto3_client("deadline", config=config, region=region)
    return call_paginated_list_api(client.list_jobs, "jobs", **with_principal(config, kwargs))


@record_function_latency_telemetry_event()
def list_fleets(config: ConfigParser | None = None, region: str | None = None, **kwargs: Any) -> Dict[str, Any]:
    """``{"fleets": [...]}`` of a farm; arguments as of :func:`list_farms`, members of ListFleets such as ``farmId``."""
    client = get_boto3_client("deadline", config=config, region=region)
    return call_paginated_list_api(client.list_fleets, "fleets", **with_principal(config, kwargs))


@record_function_latency_telemetry_event()
def list_storage_profiles_for_queue(
    config: ConfigParser | None = None, region: str | None = None, **kwargs: Any
) -> Dict[str, Any]:
    """``{"storageProfiles": [...]}`` of a queue; arguments as of :func:`list_farms`."""
    client = get_boto3_client("deadline", config=config, region=region)
    return call_paginated_list_api(client.list_storage_profiles_for_queue, "storageProfiles", **kwargs)
