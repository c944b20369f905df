"""What each event says about the program, the computer and the account it comes from."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict

from deadline.client import version
from deadline.client.config import config_file, get_setting
from deadline.client.exceptions import DeadlineOperationError

from ..invoking_agent import detect_invoking_agent

LIBRARY = "deadline-cloud-library"
"""How telemetry calls this client, among the programs that use it."""
ENDPOINT_PREFIX = "management."


def who_calls(package_name: str) -> Dict[str, Any]:
    """Details of every event: which client, and whether a person or an AI agent calls it."""
    details: Dict[str, Any] = {} if package_name == LIBRARY else {"deadline-cloud-version": version}
    agent = detect_invoking_agent()
    details["invoked_by"] = "AGENT" if agent else "HUMAN"
    if agent:
        details["agent_name"] = agent
    return details


def monitor_session(config: ConfigParser | None = None) -> Dict[str, Any]:
    """The monitor's own session where it has left its name in the settings file, for the profile or at all."""
    try:
        config = config or config_file.read_config()
        profile = get_setting("defaults.aws_profile_name", config)
    except DeadlineOperationError:
        return {}
    for section in (f"profile-{profile} deadline-cloud-monitor", "deadline-cloud-monitor"):
        session = config.get(section, "session_id", raw=True, fallback=None)
        if session:
            return {"monitor_session_id": session}
    return {}


def computer(package_name: str, package_version: str) -> Dict[str, Any]:
    """What the event comes from."""
    import platform

    system = platform.system()
    return {
        "service": package_name,
        "version": package_version,
        "python_version": platform.python_version(),
        "osName": "macOS" if system == "Darwin" else system,
        "osVersion": platform.release(),
    }


def monitor_user(config: ConfigParser | None = None) -> Dict[str, Any]:
    """The user and the monitor of a profile that the monitor made, else nothing."""
    from ..credentials import get_monitor_id, get_user_and_identity_store_id

    try:
        monitor_id, (user_id, _) = get_monitor_id(config), get_user_and_identity_store_id(config)
    except Exception:  # a profile that does not exist or says too little
        return {}
    found = {"user_id": user_id, "monitor_id": monitor_id}
    return {name: value for name, value in found.items() if value}


def account_id(boto3_session: Any) -> str | None:
    """The AWS account of a session's credentials, from them or else from AWS; ``None`` where neither tells."""
    from botocore.config import Config

    try:
        credentials = boto3_session.get_credentials()
        if credentials is None:
            return None
        known = getattr(credentials.get_frozen_credentials(), "account_id", None) or getattr(
            credentials, "account_id", None
        )
        if known:
            return str(known)
        limits = Config(connect_timeout=2, read_timeout=2, retries={"total_max_attempts": 2})
        answer = boto3_session.client("sts", config=limits).get_caller_identity()
        return str(answer["Account"])
    except Exception:  # without a network, a region or the right
        return None


def telemetry_endpoint(config: ConfigParser | None = None) -> str:
    """Where to send events: the endpoint of the service's management, in the region of the client."""
    from ..session import get_boto3_client

    url: str = get_boto3_client("deadline", config=config).meta.endpoint_url
    if url.startswith("https://"):
        url = f"https://{ENDPOINT_PREFIX}{url[len('https://') :]}"
    return f"{url.rstrip('/')}/2023-10-12/telemetry"
