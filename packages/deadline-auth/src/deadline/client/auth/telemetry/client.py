"""Recording telemetry events.

>>> from deadline.client.auth.telemetry import get_deadline_cloud_library_telemetry_client
>>> client = get_deadline_cloud_library_telemetry_client()  # doctest: +SKIP
>>> client.record_event("com.amazon.rum.deadline.example", {"frames": 24})  # doctest: +SKIP

Programs that use the library, such as submitters, have a client of their own: :func:`get_telemetry_client`.
"""

from __future__ import annotations

import functools
import json
import logging
import threading
import time
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, TypeVar, cast

from deadline.client import version
from deadline.client.exceptions import DeadlineOperationCanceled

from . import details, sender
from .opt_out import is_opted_out
from .stack_traces import qualified_name, sanitize_exception

logger = logging.getLogger(__name__)

EVENT_PREFIX = "com.amazon.rum.deadline."
CONTENT_TYPE = "application-json"
"""No name of a media type, but what the service has been sent by every client so far."""
SECONDS_PER_REQUEST = 3

_SUMMARY_FIELDS = (
    *("total_time", "total_files", "total_bytes", "processed_files", "processed_bytes"),
    *("skipped_files", "skipped_bytes", "transfer_rate"),
)

F = TypeVar("F", bound=Callable[..., Any])


def _never_raises(method: F) -> F:
    """Telemetry must not break what it tells about."""

    @functools.wraps(method)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except Exception as error:
            logger.debug("A telemetry event was not recorded: %s", type(error).__name__)
            return None

    return cast(F, guarded)


@dataclass(frozen=True)
class TelemetryEvent:
    """Something that happened, and when, in seconds since 1970."""

    event_type: str
    event_details: Dict[str, Any]
    timestamp: int


class TelemetryClient:
    """Records the events of one program.

    Args:
        package_name: How telemetry calls the program.
        package_ver: Its version, of which the first three numbers count.
        config: A configuration to read from instead of the settings file.
    """

    MAX_QUEUE_SIZE = sender.MAX_QUEUE_SIZE
    BASE_TIME = sender.BASE_TIME
    MAX_BACKOFF_SECONDS = sender.MAX_BACKOFF_SECONDS
    MAX_RETRY_ATTEMPTS = sender.MAX_RETRY_ATTEMPTS
    ENDPOINT_PREFIX = details.ENDPOINT_PREFIX

    def __init__(self, package_name: str, package_ver: str, config: Optional[ConfigParser] = None) -> None:
        self.package_name = package_name
        self.package_ver = ".".join(package_ver.split(".")[:3])
        self._config = config
        self._common: Dict[str, Any] = {}
        self._sender: Optional[sender.Sender] = None
        self._envelope: Optional[_Envelope] = None
        self.initialize(config)

    @property
    def is_initialized(self) -> bool:
        """Whether events are sent."""
        return self._sender is not None

    @property
    def telemetry_opted_out(self) -> bool:
        """Whether the user has opted out, as of now."""
        return is_opted_out(self._config)

    @_never_raises
    def initialize(self, config: Optional[ConfigParser] = None) -> None:
        """Begin to send events, unless the user has opted out or it was done before."""
        if config is not None:
            self._config = config
        if self._sender is not None:
            return
        if self.telemetry_opted_out:
            logger.info("Telemetry is off.")
            return
        self._envelope = None
        self._sender = sender.Sender(self._send, lambda: not self.telemetry_opted_out)
        self.record_event(f"{EVENT_PREFIX}process_start", {})

    @_never_raises
    def set_opt_out(self, config: Optional[ConfigParser] = None) -> None:
        """Heed at once what ``config`` says about opting out."""
        if config is not None:
            self._config = config
        if self.telemetry_opted_out:
            self.close(0)

    def close(self, seconds: float = sender.SECONDS_AT_EXIT) -> None:
        """Send no further events, and wait for the end of those that are queued for at most this time."""
        closing, self._sender = self._sender, None
        if closing is not None:
            closing.stop()
            closing.join(seconds)

    @_never_raises
    def record_event(self, event_type: str, event_details: Dict[str, Any], *, from_gui: bool = False) -> None:
        """Record an event.

        Args:
            event_type: Its full name, such as ``com.amazon.rum.deadline.submission``.
            event_details: What to tell about it; values that JSON has.
            from_gui: Whether a window was used; ``usage_mode`` in the details goes before it.
        """
        if self._sender is not None and not self.telemetry_opted_out:
            said = {"usage_mode": "GUI" if from_gui else "CLI", **event_details}
            self._sender.put(TelemetryEvent(event_type, said, int(time.time())))

    @_never_raises
    def record_error(self, event_details: Dict[str, Any], exception_type: str, from_gui: bool = False) -> None:
        """Record that an error of this type occurred."""
        self.record_event(
            f"{EVENT_PREFIX}error", {**event_details, "exception_type": exception_type}, from_gui=from_gui
        )

    @_never_raises
    def record_error_with_trace(
        self,
        exc: BaseException,
        exception_scope: str,
        extra_details: Optional[Dict[str, Any]] = None,
        from_gui: bool = False,
    ) -> None:
        """Record an error and where it arose, without its message; that a user canceled is no error.

        Args:
            exc: The error.
            exception_scope: What was going on, such as ``on_submit``.
            extra_details: What else to tell.
            from_gui: Whether a window was used.
        """
        if isinstance(exc, DeadlineOperationCanceled) or not self.is_initialized:
            return
        said = {**(extra_details or {}), "exception_scope": exception_scope, "stack_trace": sanitize_exception(exc)}
        self.record_error(said, qualified_name(exc), from_gui=from_gui)

    @_never_raises
    def record_hashing_summary(self, summary: Any, *, from_gui: bool = False) -> None:
        """Record the ``SummaryStatistics`` of hashing files."""
        self._record_summary("hashing", summary, from_gui)

    @_never_raises
    def record_upload_summary(self, summary: Any, *, from_gui: bool = False) -> None:
        """Record the ``SummaryStatistics`` of uploading files."""
        self._record_summary("upload", summary, from_gui)

    @_never_raises
    def record_vfs_mounting(self, successfully_mounted: bool) -> None:
        """Record whether a virtual file system could be mounted."""
        said = {"successfully_mounted": successfully_mounted}
        self.record_event(f"{EVENT_PREFIX}job_attachments.vfs_mount", said)

    def get_account_id(self, boto3_session: Any) -> Optional[str]:
        """The AWS account of a session's credentials, or ``None`` where it is not known."""
        return details.account_id(boto3_session)

    @_never_raises
    def update_common_details(self, details: Dict[str, Any]) -> None:
        """Tell ``details`` with every event, those that are queued included."""
        self._common = {**self._common, **details}

    def _record_summary(self, what: str, summary: Any, from_gui: bool) -> None:
        said = {name: getattr(summary, name) for name in _SUMMARY_FIELDS}
        self.record_event(f"{EVENT_PREFIX}job_attachments.{what}_summary", said, from_gui=from_gui)

    def _send(self, event: TelemetryEvent) -> None:
        """Send one event; called by the sender's thread, which all slow things are left to."""
        from ..web import request

        if self._envelope is None:
            self._envelope = _Envelope(self.package_name, self.package_ver, self._config)
        try:
            body = self._envelope.request(event, self._common)
        except (TypeError, ValueError):
            return  # JSON has no such values; nothing is wrong with the way to the service
        headers = {"Content-Type": CONTENT_TYPE, "Accept": CONTENT_TYPE}
        request(
            self._envelope.endpoint,
            body=body,
            headers=headers,
            timeout=SECONDS_PER_REQUEST,
            maximum_size=64 * 1024,
            config=self._config,
        )


class _Envelope:
    """What all events of a client have in common."""

    def __init__(self, package_name: str, package_ver: str, config: Optional[ConfigParser]) -> None:
        import uuid

        from ..session import get_boto3_session
        from .installation import installation_identifier

        self.endpoint = details.telemetry_endpoint(config)
        self._common = {**details.who_calls(package_name), **details.monitor_session(config)}
        account = details.account_id(get_boto3_session(config=config))
        if account:
            self._common["accountId"] = account
        self._metadata = {**details.computer(package_name, package_ver), **details.monitor_user(config)}
        self._user = {"sessionId": str(uuid.uuid4()), "userId": installation_identifier()}

    def request(self, event: TelemetryEvent, common: Dict[str, Any]) -> bytes:
        """The body of the request for an event."""
        import uuid

        said = {**event.event_details, **self._common, **common}
        rum_event = {
            "id": str(uuid.uuid4()),
            "timestamp": event.timestamp,
            "type": event.event_type,
            "details": json.dumps(said),
            "metadata": json.dumps(self._metadata),
        }
        batch = {"BatchId": str(uuid.uuid4()), "RumEvents": [rum_event], "UserDetails": self._user}
        return json.dumps(batch).encode()


_lock = threading.Lock()
_clients: Dict[str, TelemetryClient] = {}


def get_telemetry_client(package_name: str, package_ver: str, config: Optional[ConfigParser] = None) -> TelemetryClient:
    """The client of a program; the same one for the same name. Arguments as of :class:`TelemetryClient`."""
    with _lock:
        client = _clients.get(package_name)
        if client is None:
            client = _clients[package_name] = TelemetryClient(package_name, package_ver, config)
        elif not client.is_initialized:
            client.initialize(config)
        return client


def get_deadline_cloud_library_telemetry_client(config: Optional[ConfigParser] = None) -> TelemetryClient:
    """The client of this library."""
    return get_telemetry_client(details.LIBRARY, version, config)
