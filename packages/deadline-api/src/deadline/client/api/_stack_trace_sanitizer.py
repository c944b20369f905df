"""A door: tracebacks fit to be sent."""

from __future__ import annotations

from deadline.client.auth.telemetry.stack_traces import sanitize_exception

__all__ = ["sanitize_exception"]
