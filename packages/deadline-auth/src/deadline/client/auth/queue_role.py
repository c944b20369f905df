"""Sessions with the role of a queue, whose users reach the queue's job attachments and logs with it.

The role's credentials come from the service (``AssumeQueueRoleForUser``), last for an hour or less, and are renewed by
themselves. Nothing is called before they are needed.
"""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict

import boto3
import botocore.session
from botocore.credentials import CredentialProvider, DeferredRefreshableCredentials
from botocore.exceptions import ClientError

from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError

from .regions import resolve_region
from .service_model import add_bundled_service_model
from .session import (
    cached_session,
    get_boto3_client,
    get_boto3_session,
    invalidate_boto3_session_cache,
)
from .telemetry.decorators import record_function_latency_telemetry_event
from .transport import apply_proxy_settings


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

    def make() -> boto3.Session:
        profile = None if base.profile_name == "default" else base.profile_name
        session = botocore.session.Session(profile=profile)
        add_bundled_service_model(session)
        # First of all: other providers would find the user's own credentials.
        session.get_component("credential_provider").providers.insert(0, provider)
        return boto3.Session(botocore_session=session, region_name=region)

    key = ("queue role", deadline, base, farm_id, queue_id, queue_display_name, region)
    return apply_proxy_settings(cached_session(key, make), config)  # type: ignore[no-any-return]


class QueueUserCredentialProvider(CredentialProvider):
    """Gets a botocore session its credentials by assuming the role of a queue's users."""

    METHOD = "queue-credential-provider"
    CANONICAL_NAME = "custom-queue-credential-provider"

    def __init__(self, deadline: Any, farm_id: str, queue_id: str, queue_display_name: str | None = None) -> None:
        super().__init__()
        self._deadline = deadline
        self._farm_id = farm_id
        self._queue_id = queue_id
        self._queue_name = queue_display_name or queue_id

    def load(self) -> DeferredRefreshableCredentials:
        """Credentials that are fetched when they are first used, and again before they expire."""
        return DeferredRefreshableCredentials(refresh_using=self._fetch, method=self.METHOD)

    def _fetch(self) -> Dict[str, str]:
        try:
            answer = self._deadline.assume_queue_role_for_user(farmId=self._farm_id, queueId=self._queue_id)
        except ClientError as error:
            raise DeadlineOperationError(
                f"The role of queue {self._queue_name} could not be assumed: {error}\n{_what_to_do(error)}"
            ) from error
        credentials = answer.get("credentials")
        if not credentials:
            raise DeadlineOperationError(
                f"The service gave no credentials for queue {self._queue_name}. Ask the farm's administrator whether the "
                "queue has a role."
            )
        return {
            "access_key": credentials["accessKeyId"],
            "secret_key": credentials["secretAccessKey"],
            "token": credentials["sessionToken"],
            "expiry_time": credentials["expiration"].isoformat(),
        }


def _what_to_do(error: ClientError) -> str:
    code = error.response.get("Error", {}).get("Code")
    if code == "ThrottlingException":
        return "Too many requests were made at once. Try again later, or ask for a higher limit of your AWS account."
    if code == "InternalServerException":
        return "The service had an internal error. Try again in a moment."
    return "Ask the farm's administrator whether the queue has a role and whether you may use it."
