"""Storage profiles: which paths a workstation shares with the workers of a farm."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any

from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_client
from deadline.job_attachments.models import (
    FileSystemLocation,
    FileSystemLocationType,
    StorageProfile,
    StorageProfileOperatingSystemFamily,
)


def get_storage_profile_for_queue(
    farm_id: str,
    queue_id: str,
    storage_profile_id: str,
    deadline: Any = None,
    config: ConfigParser | None = None,
) -> StorageProfile:
    """A storage profile with the locations that a queue may use.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        storage_profile_id: The storage profile.
        deadline: The Deadline Cloud client to use, instead of one for the farm's region.
        config: A configuration to read from instead of the settings file.

    Raises:
        botocore.exceptions.ClientError: The service refused.
    """
    client = deadline or get_boto3_client("deadline", config=config, region=resolve_region(config, farm_id=farm_id))
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
