"""The farm and the queue to use, where only one makes sense."""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional

from deadline.client.config import get_setting, set_setting
from deadline.client.exceptions import DeadlineOperationError

from . import lists
from .errors import describe_service_error
from .suggestions import describe_available

_BELOW = {
    "defaults.farm_id": (
        "defaults.farm_region",
        "settings.storage_profile_id",
        "defaults.queue_id",
        "defaults.job_id",
    ),
    "defaults.queue_id": ("defaults.job_id",),
}
"""The settings that depend on each, a setting before those that depend on it in turn."""


@dataclass(frozen=True)
class FarmAndQueue:
    """The ids to use; ``queue_id`` is empty where no queue was wanted."""

    farm_id: str
    queue_id: str = ""


def resolve_farm_and_queue(config: ConfigParser, *, queue: bool = True) -> FarmAndQueue:
    """The default farm and queue of ``config``; where one is not set, the only one that there is.

    What is found is set in ``config`` too, for the calls that follow, and never stored in the settings file. What
    ``config`` says without a farm or a queue (a region, a queue, a storage profile, a job) holds for the one that is found.

    Args:
        config: The configuration, which is changed.
        queue: Whether a queue is needed.

    Raises:
        DeadlineOperationError: There is none, or more than one; the message names the option and the setting.
    """
    farm_id = get_setting("defaults.farm_id", config)
    if not farm_id:
        region = get_setting("defaults.farm_region", config)
        farm = _only("farm", lambda: lists.list_farms(config=config, region=region or None)["farms"], config)
        farm_id = farm["farmId"]
        _choose("defaults.farm_id", farm_id, config)
        if not region and farm.get("region"):
            set_setting("defaults.farm_region", farm["region"], config)
    if not queue:
        return FarmAndQueue(farm_id)
    queue_id = get_setting("defaults.queue_id", config)
    if not queue_id:
        found = _only(
            "queue", lambda: lists.list_queues(config=config, farmId=farm_id)["queues"], config, farm_id=farm_id
        )
        queue_id = found["queueId"]
        _choose("defaults.queue_id", queue_id, config)
    return FarmAndQueue(farm_id, queue_id)


def _choose(setting: str, value: str, config: ConfigParser) -> None:
    """Set a setting of ``config``, and keep what the settings say that depend on it."""
    kept = {name: get_setting(name, config) for name in _BELOW[setting]}
    set_setting(setting, value, config)
    for name, before in kept.items():
        if before:
            set_setting(name, before, config)


def _only(
    kind: str,
    list_resources: Callable[[], List[Dict[str, Any]]],
    config: ConfigParser,
    *,
    farm_id: Optional[str] = None,
) -> Dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    cause: Optional[Exception] = None
    try:
        found = list_resources()
    except (BotoCoreError, ClientError, DeadlineOperationError) as error:
        cause, found = error, []
        described = describe_service_error(f"list the {kind}s", error, farm_id=farm_id, config=config)
        why = f"no {kind} was given. {described}"
    else:
        if len(found) == 1:
            return found[0]
        why = f"no {kind} was given, and there are {len(found) or 'none'}."
    lines = [
        f"Which {kind}? {why[0].upper()}{why[1:]}",
        f"Name it with --{kind}-id, or for good with: deadline config set defaults.{kind}_id <{kind} id>",
        *describe_available(kind, [(item[f"{kind}Id"], item["displayName"]) for item in found], farm_id=farm_id),
    ]
    raise DeadlineOperationError("\n".join(lines)) from cause
