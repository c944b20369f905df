"""The farm and the queue to use, where only one makes sense."""

from __future__ import annotations

from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional

from deadline.client.config import get_setting, set_setting
from deadline.client.exceptions import DeadlineOperationError

from . import lists


@dataclass(frozen=True)
class FarmAndQueue:
    """The ids to use; ``queue_id`` is empty where no queue was wanted."""

    farm_id: str
    queue_id: str = ""


def resolve_farm_and_queue(config: ConfigParser, *, queue: bool = True) -> FarmAndQueue:
    """The default farm and queue of ``config``; where one is not set, the only one that there is.

    What is found is set in ``config`` too, for the calls that follow, and never stored in the settings file.

    Args:
        config: The configuration, which is changed.
        queue: Whether a queue is needed.

    Raises:
        DeadlineOperationError: There is none, or more than one; the message names the option and the setting.
    """
    farm_id = get_setting("defaults.farm_id", config)
    if not farm_id:
        farm_id = _only("farm", lambda: lists.list_farms(config=config)["farms"])["farmId"]
        set_setting("defaults.farm_id", farm_id, config)
    if not queue:
        return FarmAndQueue(farm_id)
    queue_id = get_setting("defaults.queue_id", config)
    if not queue_id:
        queue_id = _only("queue", lambda: lists.list_queues(config=config, farmId=farm_id)["queues"])["queueId"]
        set_setting("defaults.queue_id", queue_id, config)
    return FarmAndQueue(farm_id, queue_id)


def _only(kind: str, list_resources: Callable[[], List[Dict[str, Any]]]) -> Dict[str, Any]:
    from botocore.exceptions import BotoCoreError, ClientError

    cause: Optional[Exception] = None
    try:
        found = list_resources()
    except (BotoCoreError, ClientError, DeadlineOperationError) as error:
        cause, found = error, []
        why = f"no {kind} was given, and the {kind}s could not be listed: {error}"
    else:
        if len(found) == 1:
            return found[0]
        why = f"no {kind} was given, and there are {len(found) or 'none'}"
    raise DeadlineOperationError(
        f"Which {kind}? {why[0].upper()}{why[1:]}.\n"
        f"Name it with --{kind}-id, or for good with: deadline config set defaults.{kind}_id <{kind} id>"
    ) from cause
