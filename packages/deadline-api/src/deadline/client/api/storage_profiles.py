"""Storage profiles: which paths a workstation shares with the workers of a farm."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict

from deadline.job_attachments.models import (
    FileSystemLocation,
    FileSystemLocationType,
    StorageProfile,
    StorageProfileOperatingSystemFamily,
)

from .paging import call_paginated_list_api
from .service_client import deadline_client


def list_storage_profiles(farmId: str, config: ConfigParser | None = None, region: str | None = None) -> Dict[str, Any]:
    """``{"storageProfiles": [...]}`` of a farm, whichever queues may use them.

    Raises:
        botocore.exceptions.ClientError: The service refused.
    """
    client = deadline_client(farmId, config, region)
    return call_paginated_list_api(client.list_storage_profiles, "storageProfiles", farmId=farmId)


def get_storage_profile_for_queue(
    farm_id: str,
    queue_id: str,
    storage_profile_id: str,
    deadline: Any = None,
    config: ConfigParser | None = None,
    region: str | None = None,
) -> StorageProfile:
    """A storage profile with the locations that a queue may use.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        storage_profile_id: The storage profile.
        deadline: The Deadline Cloud client to use, instead of one for the farm's region.
        config: A configuration to read from instead of the settings file.
        region: The region of the farm, where it is not the stored one.

    Raises:
        botocore.exceptions.ClientError: The service refused.
    """
    client = deadline or deadline_client(farm_id, config, region)
    answer = client.get_storage_profile_for_queue(farmId=farm_id, queueId=queue_id, storageProfileId=storage_profile_id)
    return StorageProfile(
        storageProfileId=answer["storageProfileId"],
        displayName=answer["displayName"],
        osFamily=StorageProfileOperatingSystemFamily(answer["osFamily"]),
        fileSystemLocations=[
            FileSystemLocation(
                name=location["name"], path=location["path"], type=FileSystemLocationType(location["type"])
            )
            for location in answer.get("fileSystemLocations", [])
        ],
    )
