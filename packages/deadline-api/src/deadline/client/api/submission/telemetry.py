"""The telemetry events of a submission. Nothing is recorded where the user has opted out, and nothing here raises."""

from __future__ import annotations

import contextlib
import time
from configparser import ConfigParser
from typing import Any, Dict, Iterator, Optional

from deadline.client.auth.telemetry import TelemetryClient, get_deadline_cloud_library_telemetry_client
from deadline.client.auth.telemetry.client import EVENT_PREFIX
from deadline.client.auth.telemetry.opt_out import is_opted_out
from deadline.client.auth.telemetry.stack_traces import qualified_name
from deadline.job_attachments.progress_tracker import SummaryStatistics

from .request import SubmissionRequest


class SubmissionTelemetry:
    """Records the events of one submission."""

    def __init__(self, request: SubmissionRequest, config: Optional[ConfigParser] = None) -> None:
        self._request = request
        self._client: Optional[TelemetryClient] = None
        if not is_opted_out(config):
            self._client = get_deadline_cloud_library_telemetry_client(config)

    @contextlib.contextmanager
    def call(self) -> Iterator[None]:
        """Record how long the block took, which is a whole submission, and the error that ended it, if one did.

        The function has the name by which the programs of others call it.
        """
        begin = time.perf_counter_ns()
        said: Dict[str, Any] = {"function_call": "create_job_from_job_bundle"}
        try:
            yield
            said["is_success"] = True
        except BaseException as error:
            said.update(is_success=False, exception_type=qualified_name(error))
            if self._client is not None and isinstance(error, Exception):
                self._client.record_error_with_trace(error, "on_submit", from_gui=self._request.from_gui)
            raise
        finally:
            said["latency"] = time.perf_counter_ns() - begin
            self._record("latency", said)

    @contextlib.contextmanager
    def transfer(self, name: str) -> Iterator[None]:
        """Record whether the block succeeded, which brings files away: ``asset_upload`` or ``asset_snapshot``."""
        said: Dict[str, Any] = {"is_success": False}
        try:
            yield
            said["is_success"] = True
        except BaseException as error:
            said["exception_type"] = qualified_name(error)
            raise
        finally:
            self._record(name, said)

    def submission(self) -> None:
        """Record that a job is about to be created, or a snapshot about to be written."""
        self._record("submission", {"submitter_name": self._request.submitter_name})

    def create_job(self, is_success: bool) -> None:
        """Record whether the service could create the job."""
        self._record("create_job", {"is_success": is_success})

    def _record(self, name: str, details: Dict[str, Any]) -> None:
        if self._client is not None:
            self._client.record_event(f"{EVENT_PREFIX}{name}", details, from_gui=self._request.from_gui)


def hashing_telemetry_callback(hashing_summary: SummaryStatistics) -> None:
    """Record what hashing did; for functions that take such a callback."""
    if not is_opted_out():
        get_deadline_cloud_library_telemetry_client().record_hashing_summary(hashing_summary)
