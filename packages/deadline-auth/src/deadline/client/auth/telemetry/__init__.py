"""Telemetry: which parts of the client are used, how long they take and where they fail.

Whoever opts out sends nothing, and nothing is prepared that could be sent: the variable
``DEADLINE_CLOUD_TELEMETRY_OPT_OUT`` and the setting ``telemetry.opt_out`` are read before anything else. Nothing here
raises or waits: events go into a short queue, a daemon thread sends each of them once, and the end of the program gives
that thread half a second.

=========================  =================================================================
module                     subject
=========================  =================================================================
:mod:`.opt_out`            who has opted out
:mod:`.client`             recording events
:mod:`.decorators`         recording the calls of functions
:mod:`.details`            what each event says about who sends it
:mod:`.sender`             the queue, the thread and the request
:mod:`.stack_traces`       where an error arose, without messages or names of the user's files
:mod:`.installation`       the random identifier of this installation
=========================  =================================================================
"""

from __future__ import annotations

from .client import TelemetryClient, get_deadline_cloud_library_telemetry_client, get_telemetry_client
from .decorators import record_function_latency_telemetry_event, record_success_fail_telemetry_event

__all__ = [
    "TelemetryClient",
    "get_deadline_cloud_library_telemetry_client",
    "get_telemetry_client",
    "record_function_latency_telemetry_event",
    "record_success_fail_telemetry_event",
]
