"""A door: telemetry."""

from __future__ import annotations

from deadline.client.auth.telemetry.client import (
    TelemetryClient,
    TelemetryEvent,
    get_deadline_cloud_library_telemetry_client,
    get_telemetry_client,
)
from deadline.client.auth.telemetry.decorators import (
    record_function_latency_telemetry_event,
    record_success_fail_telemetry_event,
)

__all__ = [
    "TelemetryClient",
    "TelemetryEvent",
    "get_deadline_cloud_library_telemetry_client",
    "get_telemetry_client",
    "record_function_latency_telemetry_event",
    "record_success_fail_telemetry_event",
]
