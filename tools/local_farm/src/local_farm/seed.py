"""What a farm has from the start: one farm, queue, fleet and storage profile, or what a file says.

And the settings of its clients, whose defaults are the first farm and its first queue.
"""

from __future__ import annotations

import logging
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path

from deadline.client import config
from local_farm.operations.context import Context
from local_farm.seed_files import OS_FAMILY, plan, plant, read_document
from local_farm.settings import REGION
from local_farm.state import resources

logger = logging.getLogger("local_farm")

_DEFAULT = {
    "farms": [
        {
            "displayName": "Local farm",
            "description": "A farm on this machine",
            "storageProfiles": [{"displayName": "This machine", "osFamily": OS_FAMILY, "fileSystemLocations": []}],
            "fleets": [{"displayName": "Local fleet"}],
            "queues": [
                {
                    "displayName": "Local queue",
                    "jobAttachments": True,
                    "allowedStorageProfiles": ["This machine"],
                    "fleets": ["Local fleet"],
                }
            ],
        }
    ]
}


@dataclass(frozen=True)
class Defaults:
    """What clients use unless they say otherwise; empty where there is none."""

    farm_id: str
    queue_id: str
    storage_profile_id: str


def seed(context: Context, file: Path | None) -> Defaults:
    """Make what a farm has from the start where there is none yet.

    Raises :class:`~local_farm.seed_files.SeedError` for a file from which no farm can be made.
    """
    with context.database.transaction() as db:
        farms = resources.children(db, "farm", "")
    if farms and file is not None:
        logger.warning("The folder has a farm already; %s is not looked at.", file)
    if not farms:
        source = str(file) if file else "The farm's own seed"
        document = read_document(file) if file else _DEFAULT
        plant(context, plan(document, source, file.parent if file else Path()), source)
    return _defaults(context)


def buckets(context: Context) -> list[str]:
    """The buckets for job attachments of all queues."""
    with context.database.transaction() as db:
        queues = [
            queue
            for farm in resources.children(db, "farm", "")
            for queue in resources.children(db, "queue", farm["farmId"])
        ]
    settings = [queue["jobAttachmentSettings"] for queue in queues if "jobAttachmentSettings" in queue]
    return list(dict.fromkeys(each["s3BucketName"] for each in settings))


def write_client_config(path: Path, chosen: Defaults) -> None:
    """Write a settings file whose defaults are the farm and the queue, unless clients have one already."""
    if path.exists():
        return
    defaults = ConfigParser(interpolation=None)
    config.set_setting("defaults.farm_id", chosen.farm_id, defaults)
    config.set_setting("defaults.farm_region", REGION, defaults)
    config.set_setting("defaults.queue_id", chosen.queue_id, defaults)
    config.set_setting("settings.storage_profile_id", chosen.storage_profile_id, defaults)
    config.set_setting("telemetry.opt_out", "true", defaults)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        defaults.write(file)


def _defaults(context: Context) -> Defaults:
    with context.database.transaction() as db:
        farm_id = resources.children(db, "farm", "")[0]["farmId"]
        queues = resources.children(db, "queue", farm_id)
    queue = queues[0] if queues else {}
    profiles = queue.get("allowedStorageProfileIds", [])
    return Defaults(farm_id, queue.get("queueId", ""), profiles[0] if profiles else "")
