"""What a farm has from the start: a farm, a queue with job attachments, a fleet and a storage profile."""

from __future__ import annotations

import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any

from deadline.client import config
from local_farm.operations.context import Context
from local_farm.operations.farms import create_farm
from local_farm.operations.fleets import create_fleet
from local_farm.operations.queues import create_association, create_queue
from local_farm.operations.storage_profiles import create_storage_profile
from local_farm.settings import REGION
from local_farm.state import resources
from local_farm.state.ids import new_id

ROLE = "arn:aws:iam::123456789012:role/local-farm"
ROOT_PREFIX = "DeadlineCloud"
_OS_FAMILIES = {"win32": "WINDOWS", "darwin": "MACOS"}


def seed(context: Context) -> dict[str, Any]:
    """Make the farm and what belongs to it where there is none yet; the queue, as GetQueue describes it."""
    with context.database.transaction() as db:
        farms = resources.children(db, "farm", "")
        if farms:
            return resources.children(db, "queue", farms[0]["farmId"])[0]
    farm_id = create_farm(context, {"displayName": "Local farm", "description": "A farm on this machine"})["farmId"]
    os_family = _OS_FAMILIES.get(sys.platform, "LINUX")
    profile = create_storage_profile(
        context, {"farmId": farm_id, "displayName": "This machine", "osFamily": os_family, "fileSystemLocations": []}
    )
    queue = create_queue(
        context,
        {
            "farmId": farm_id,
            "displayName": "Local queue",
            "roleArn": ROLE,
            "jobAttachmentSettings": {
                # A name of its own: farms of one process, and farms that share an S3 server, must not share a bucket.
                "s3BucketName": f"deadline-{new_id('local')[:20]}",
                "rootPrefix": ROOT_PREFIX,
            },
            "allowedStorageProfileIds": [profile["storageProfileId"]],
            "jobRunAsUser": {"runAs": "WORKER_AGENT_USER"},
        },
    )
    fleet = create_fleet(
        context,
        {
            "farmId": farm_id,
            "displayName": "Local fleet",
            "roleArn": ROLE,
            "maxWorkerCount": 100,
            "configuration": {
                "customerManaged": {
                    "mode": "NO_SCALING",
                    "workerCapabilities": {
                        "vCpuCount": {"min": 1},
                        "memoryMiB": {"min": 1024},
                        "osFamily": os_family,
                        "cpuArchitectureType": "x86_64",
                    },
                }
            },
        },
    )
    create_association(context, {"farmId": farm_id, **queue, **fleet})
    with context.database.transaction() as db:
        return resources.get(db, "queue", queue["queueId"])


def write_client_config(path: Path, queue: dict[str, Any], storage_profile_id: str) -> None:
    """Write a settings file whose defaults are the farm and the queue, unless clients have one already."""
    if path.exists():
        return
    defaults = ConfigParser(interpolation=None)
    config.set_setting("defaults.farm_id", queue["farmId"], defaults)
    config.set_setting("defaults.farm_region", REGION, defaults)
    config.set_setting("defaults.queue_id", queue["queueId"], defaults)
    config.set_setting("settings.storage_profile_id", storage_profile_id, defaults)
    config.set_setting("telemetry.opt_out", "true", defaults)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        defaults.write(file)
