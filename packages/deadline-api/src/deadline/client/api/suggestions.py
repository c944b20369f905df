"""What there is instead of a resource that the service does not know, or does not show to this user."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Callable, Iterable, List, Optional, Tuple

from deadline.client.exceptions import DeadlineOperationError

from . import lists

MAXIMUM_LINES = 10

_Step = Tuple[str, Callable[[], Iterable[Tuple[str, str]]]]


def suggestions_for(
    operation: str,
    *,
    farm_id: Optional[str] = None,
    queue_id: Optional[str] = None,
    fleet_id: Optional[str] = None,
    config: Optional[ConfigParser] = None,
) -> List[str]:
    """Lines that list resources near the one a failed operation asked about.

    Args:
        operation: The operation of the service, such as ``GetQueue``.
        farm_id: The farm that it asked about; without it little can be listed.
        queue_id: The queue that it asked about.
        fleet_id: The fleet that it asked about.
        config: The configuration that was used.

    Returns:
        A heading and lines of id and name; nothing for operations without a list of that kind; a remark where nothing
        could be listed.
    """
    steps = _steps(operation, farm_id, queue_id, fleet_id, config)
    for heading, list_resources in steps:
        resources = _try(list_resources)
        if resources:
            shown = [f"  {identifier}  {name}".rstrip() for identifier, name in resources[:MAXIMUM_LINES]]
            more = len(resources) - MAXIMUM_LINES
            return [heading, *shown, *([f"  ... and {more} more"] if more > 0 else [])]
    if not steps:
        return []
    return ["Nothing could be listed instead.", "Your user may lack the permission to list, or there is nothing."]


def _steps(
    operation: str,
    farm_id: Optional[str],
    queue_id: Optional[str],
    fleet_id: Optional[str],
    config: Optional[ConfigParser],
) -> List[_Step]:
    """Headings with what to list below them, the nearest first."""

    def listing(function: Any, key: str, id_field: str, **arguments: Any) -> Callable[[], Iterable[Tuple[str, str]]]:
        return lambda: [
            (item[id_field], item.get("displayName") or item.get("name") or item.get("status", ""))
            for item in function(config=config, **arguments)[key]
        ]

    farms = listing(lists.list_farms, "farms", "farmId")
    wrong_farm = (f"The farm id {farm_id} may be wrong. Available farms:", farms)
    if operation in ("GetFarm", "ListFarms"):
        return [("Available farms:", farms)]
    if not farm_id:
        return []
    queues = listing(lists.list_queues, "queues", "queueId", farmId=farm_id)
    fleets = listing(lists.list_fleets, "fleets", "fleetId", farmId=farm_id)
    if operation in ("GetQueue", "ListQueues", "ListQueueEnvironments"):
        return [(f"Queues of farm {farm_id}:", queues), wrong_farm]
    if operation in ("GetFleet", "ListFleets"):
        return [(f"Fleets of farm {farm_id}:", fleets), wrong_farm]
    if operation in ("GetWorker", "SearchWorkers") and fleet_id:
        return [(f"The fleet id {fleet_id} may be wrong. Fleets of farm {farm_id}:", fleets)]
    if operation in ("GetJob", "ListJobs", "SearchJobs") and queue_id:
        jobs = listing(lists.list_jobs, "jobs", "jobId", farmId=farm_id, queueId=queue_id)
        return [
            (f"Recent jobs of queue {queue_id}:", jobs),
            (f"The queue id {queue_id} may be wrong. Queues of farm {farm_id}:", queues),
            wrong_farm,
        ]
    if operation in ("GetStorageProfileForQueue", "ListStorageProfilesForQueue") and queue_id:
        profiles = listing(
            *(lists.list_storage_profiles_for_queue, "storageProfiles", "storageProfileId"),
            farmId=farm_id,
            queueId=queue_id,
        )
        return [(f"Storage profiles of queue {queue_id}:", profiles)]
    return []


def _try(list_resources: Callable[[], Iterable[Tuple[str, str]]]) -> List[Tuple[str, str]]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return list(list_resources())
    except (BotoCoreError, ClientError, DeadlineOperationError):
        return []
