"""Making the clients of a submission before they are needed, for instance while a window opens."""

from __future__ import annotations

import logging
from configparser import ConfigParser
from typing import Any

from botocore.config import Config

from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError

from .queue_role import get_queue_user_boto3_session
from .regions import resolve_region
from .session import get_boto3_client, get_session_client

logger = logging.getLogger(__name__)


def precache_clients(
    deadline: Any = None,
    config: ConfigParser | None = None,
    farm_id: str | None = None,
    queue_id: str | None = None,
    queue_display_name: str | None = None,
) -> tuple[Any, Any]:
    """Make the clients that a submission to a queue needs, and fetch the credentials of the queue's role.

    Takes a few calls of the service; meant for a thread in the background.

    Args:
        deadline: The Deadline Cloud client to use; that of the configured profile where left out.
        config: A configuration to read from instead of the settings file.
        farm_id: The farm; the default farm where left out.
        queue_id: The queue; the default queue where left out.
        queue_display_name: The queue's name, which is asked for where left out.

    Returns:
        The Deadline Cloud client, and the S3 client with the role of the queue.

    Raises:
        botocore.exceptions.ClientError: The queue cannot be read.
    """
    farm_id = farm_id or get_setting("defaults.farm_id", config)
    queue_id = queue_id or get_setting("defaults.queue_id", config)
    if deadline is None:
        deadline = get_boto3_client("deadline", config=config, region=resolve_region(config, farm_id=farm_id))
    if queue_display_name is None:
        queue_display_name = deadline.get_queue(farmId=farm_id, queueId=queue_id)["displayName"]
    session: Any = get_queue_user_boto3_session(deadline, config, farm_id, queue_id, queue_display_name)
    connections = int(get_setting("settings.s3_max_pool_connections", config))
    s3 = get_session_client(session, "s3", client_config=Config(max_pool_connections=connections))
    try:
        session.get_credentials().get_frozen_credentials()
    except DeadlineOperationError as error:
        logger.info("%s", error)  # whoever uses the clients will be told
    return deadline, s3
