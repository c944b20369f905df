"""Credentials of a queue's role for other programs, in the form that AWS tools read from a ``credential_process``.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
"""

from __future__ import annotations

from configparser import ConfigParser
from datetime import timezone
from typing import Any, Dict, Optional

from deadline.client.auth.queue_role import assume_queue_role_for_read, assume_queue_role_for_user
from deadline.client.auth.telemetry import record_success_fail_telemetry_event
from deadline.client.exceptions import DeadlineOperationError

from .errors import describe_service_error

MODES = ("USER", "READ")


@record_success_fail_telemetry_event(metric_name="queue_export_credentials")
def export_queue_credentials(
    farm_id: str, queue_id: str, *, mode: str = "USER", config: Optional[ConfigParser] = None
) -> Dict[str, Any]:
    """Assume the role of a queue, and return the document that a ``credential_process`` prints.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        mode: ``USER`` for what users of the queue may do, ``READ`` for reading alone.
        config: A configuration to read from instead of the settings file.

    Raises:
        ValueError: There is no such mode.
        DeadlineOperationError: The role cannot be assumed.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    if mode not in MODES:
        raise ValueError(f"The mode {mode!r} is not one of {', '.join(MODES)}.")
    assume = assume_queue_role_for_user if mode == "USER" else assume_queue_role_for_read
    try:
        credentials = assume(farm_id, queue_id, config=config).get("credentials")
    except (BotoCoreError, ClientError) as error:
        action = f"assume the role of queue {queue_id}"
        described = describe_service_error(action, error, farm_id=farm_id, queue_id=queue_id, config=config)
        raise DeadlineOperationError("\n".join([str(described), *_what_to_do(error)])) from error
    if not credentials:
        raise DeadlineOperationError(
            f"The service gave no credentials for queue {queue_id}. Ask the farm's administrator whether it has a role."
        )
    return {
        "Version": 1,
        "AccessKeyId": credentials["accessKeyId"],
        "SecretAccessKey": credentials["secretAccessKey"],
        "SessionToken": credentials["sessionToken"],
        "Expiration": credentials["expiration"].astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _what_to_do(error: Any) -> list[str]:
    """What to do about an error, besides what holds for all calls."""
    if "AccessDenied" not in getattr(error, "response", {}).get("Error", {}).get("Code", ""):
        return []
    return ["Ask the farm's administrator whether the queue has a role and whether you may use it."]
