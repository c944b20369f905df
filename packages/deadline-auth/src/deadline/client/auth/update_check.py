"""Whether a newer version of a submitter can be downloaded.

Submitters ask when they open their window, so that the answer comes within five seconds, whatever the network does, and
is never an exception.
"""

from __future__ import annotations

import json
import logging
import queue
import sys
import threading
from dataclasses import dataclass
from enum import Enum
from typing import Any, Optional

from deadline.client.config import get_setting, str2bool
from deadline.client.exceptions import DeadlineOperationError

logger = logging.getLogger(__name__)

MANIFEST_URL = "https://downloads.deadlinecloud.amazonaws.com/submitters/manifest.json"
DOWNLOAD_BASE_URL = MANIFEST_URL.rsplit("/", 1)[0]
TIMEOUT_SECONDS = 5
MAXIMUM_MANIFEST_SIZE = 4 * 1024 * 1024


class UpdateCheckStatus(Enum):
    """What came of looking for an update. The values are part of the programming interface."""

    SUCCESS = "success"
    NETWORK_ERROR = "network_error"
    TIMEOUT_ERROR = "timeout_error"
    PARSE_ERROR = "parse_error"
    INVALID_VERSION = "invalid_version"
    INTEGRATION_NOT_FOUND = "integration_not_found"
    UNEXPECTED_ERROR = "unexpected_error"


@dataclass
class UpdateCheckResult:
    """What is known about newer versions; ``error_message`` says why not more."""

    status: UpdateCheckStatus
    current_version: str
    update_available: bool = False
    latest_version: Optional[str] = None
    download_url: Optional[str] = None
    error_message: Optional[str] = None


class _Failed(Exception):
    """The manifest could not be had, or does not say what is asked."""

    def __init__(self, status: UpdateCheckStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def safe_check_for_updates(integration_name: str, current_version: str) -> UpdateCheckResult:
    """Look for a newer version of a submitter. Never raises, and asks nobody where the user does not want it.

    Args:
        integration_name: The submitter, as the manifest of downloads calls it.
        current_version: The version that runs.
    """
    result = UpdateCheckResult(UpdateCheckStatus.SUCCESS, current_version)
    try:
        if str2bool(get_setting("settings.submitter_update_notification")):
            _look(integration_name, result)
    except _Failed as failure:
        result.status, result.error_message = failure.status, str(failure)
    except Exception as error:
        logger.warning("Looking for updates of %s failed.", integration_name, exc_info=True)
        result.status, result.error_message = UpdateCheckStatus.UNEXPECTED_ERROR, f"{type(error).__name__}: {error}"
    return result


def get_current_platform() -> str:
    """The name of this platform in the manifest: ``linux``, ``macos`` or ``windows``."""
    if sys.platform in ("win32", "cygwin"):
        return "windows"
    return "macos" if sys.platform == "darwin" else "linux"


def _look(integration_name: str, result: UpdateCheckResult) -> None:
    latest = _latest(_fetch_in_time())
    versions = latest.get("componentVersions")
    version = versions.get(integration_name) if isinstance(versions, dict) else None
    if version is None:
        raise _Failed(
            UpdateCheckStatus.INTEGRATION_NOT_FOUND, f"The list of downloads has no submitter named {integration_name}."
        )
    result.latest_version = str(version)
    if not _is_newer(result.latest_version, result.current_version):
        return
    installer = latest.get("installer")
    if isinstance(installer, str) and installer:
        result.update_available = True
        result.download_url = f"{DOWNLOAD_BASE_URL}/{installer}"
    else:
        logger.warning("Version %s of %s has no installer for this platform.", version, integration_name)


def _latest(manifest: Any) -> Any:
    """The part of the manifest about the newest release for this platform."""
    path = ("DeadlineCloudSubmitter", "versions", "latest", get_current_platform())
    for name in path:
        manifest = manifest.get(name) if isinstance(manifest, dict) else None
    if not isinstance(manifest, dict):
        raise _Failed(UpdateCheckStatus.PARSE_ERROR, f"The list of downloads has no {'.'.join(path)}.")
    return manifest


def _is_newer(latest: str, current: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        return Version(latest) > Version(current)
    except InvalidVersion as error:
        raise _Failed(UpdateCheckStatus.INVALID_VERSION, f"{error}.") from error


def _fetch_in_time() -> Any:
    """The manifest; in a thread, since looking up a host's name knows no limit of time."""
    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def fetch() -> None:
        try:
            answers.put(_fetch())
        except Exception as error:
            answers.put(error)

    threading.Thread(target=fetch, name="deadline-update-check", daemon=True).start()
    try:
        answer = answers.get(timeout=TIMEOUT_SECONDS)
    except queue.Empty:
        raise _Failed(
            UpdateCheckStatus.TIMEOUT_ERROR, f"The list of downloads did not come within {TIMEOUT_SECONDS} seconds."
        ) from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _fetch() -> Any:
    text = _download()
    try:
        return json.loads(text)
    except ValueError as error:  # of JSON and of its encoding
        raise _Failed(UpdateCheckStatus.PARSE_ERROR, f"The list of downloads cannot be understood: {error}") from error


def _download() -> bytes:
    import http.client
    import socket

    from .web import request

    try:
        return request(MANIFEST_URL, timeout=TIMEOUT_SECONDS, maximum_size=MAXIMUM_MANIFEST_SIZE)
    except OSError as error:
        reason = getattr(error, "reason", None) or error
        late = isinstance(reason, socket.timeout)
        status = UpdateCheckStatus.TIMEOUT_ERROR if late else UpdateCheckStatus.NETWORK_ERROR
        raise _Failed(status, f"The list of downloads cannot be had: {reason}") from error
    except DeadlineOperationError as error:
        raise _Failed(UpdateCheckStatus.NETWORK_ERROR, str(error)) from error
    except (http.client.HTTPException, ValueError) as error:
        # Not what it says, which may be the URL of the proxy with its password.
        raise _Failed(
            UpdateCheckStatus.NETWORK_ERROR,
            f"The list of downloads cannot be had ({type(error).__name__}). Check the setting settings.https_proxy.",
        ) from None
