"""Sessions with the role of a queue, whose users reach the queue's job attachments and logs with it.

The role's credentials come from the service (``AssumeQueueRoleForUser``), last for an hour or less, and are renewed by
themselves. Nothing is called before they are needed.
"""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict

import boto3

from deadline.client.config import get_setting

from .assumed_role import RoleCredentialProvider, role_session
from .regions import resolve_region
from .session import get_boto3_client, get_boto3_session, invalidate_boto3_session_cache
from .telemetry.decorators import record_function_latency_telemetry_event


@record_function_latency_telemetry_event()
def assume_queue_role_for_user(farmId: str, queueId: str, *, config: ConfigParser | None = None) -> Dict[str, Any]:
    """The answer of ``AssumeQueueRoleForUser``: ``credentials`` that may submit to and read from the queue."""
    client = get_boto3_client("deadline", config=config, region=resolve_region(config, farm_id=farmId))
    return dict(client.assume_queue_role_for_user(farmId=farmId, queueId=queueId))


@record_function_latency_telemetry_event()
def assume_queue_role_for_read(farmId: str, queueId: str, *, config: ConfigParser | None = None) -> Dict[str, Any]:
    """The answer of ``AssumeQueueRoleForRead``: ``credentials`` that may read from the queue."""
    client = get_boto3_client("deadline", config=config, region=resolve_region(config, farm_id=farmId))
    return dict(client.assume_queue_role_for_read(farmId=farmId, queueId=queueId))


def get_queue_user_boto3_session(
    deadline: Any,
    config: ConfigParser | None = None,
    farm_id: str | None = None,
    queue_id: str | None = None,
    queue_display_name: str | None = None,
    force_refresh: bool = False,
) -> boto3.Session:
    """A session with the role of a queue's users.

    Args:
        deadline: The Deadline Cloud client with which to assume the role.
        config: A configuration to read from instead of the settings file.
        farm_id: The farm; the default farm where left out.
        queue_id: The queue; the default queue where left out.
        queue_display_name: How error messages call the queue, instead of its id.
        force_refresh: Throw every session away first.

    The role is assumed when the session's credentials are first needed; :class:`DeadlineOperationError` is raised then
    where that fails.
    """
    if force_refresh:
        invalidate_boto3_session_cache()
    base: Any = get_boto3_session(config=config)
    farm_id = farm_id or get_setting("defaults.farm_id", config)
    queue_id = queue_id or get_setting("defaults.queue_id", config)
    region = resolve_region(config, farm_id=farm_id) or base.region_name
    provider = QueueUserCredentialProvider(deadline, farm_id, queue_id, queue_display_name)

    key = ("queue role", deadline, base, farm_id, queue_id, queue_display_name, region)
    return role_session(key, base, provider, region, config)


class QueueUserCredentialProvider(RoleCredentialProvider):
    """Gets a botocore session its credentials by assuming the role of a queue's users."""

    METHOD = "queue-credential-provider"
    CANONICAL_NAME = "custom-queue-credential-provider"

    def __init__(self, deadline: Any, farm_id: str, queue_id: str, queue_display_name: str | None = None) -> None:
        super().__init__(
            f"queue {queue_display_name or queue_id}",
            lambda: deadline.assume_queue_role_for_user(farmId=farm_id, queueId=queue_id),
        )
