"""The telemetry events of a submission. Nothing is recorded where the user has opted out, and nothing here raises."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict, Optional

from deadline.client.auth.telemetry import TelemetryClient, get_deadline_cloud_library_telemetry_client
from deadline.client.auth.telemetry.client import EVENT_PREFIX
from deadline.client.auth.telemetry.opt_out import is_opted_out
from deadline.job_attachments.progress_tracker import SummaryStatistics

from .request import SubmissionRequest


class SubmissionTelemetry:
    """Records the events of one submission."""

    def __init__(self, request: SubmissionRequest, config: Optional[ConfigParser] = None) -> None:
        self._request = request
        self._client: Optional[TelemetryClient] = None
        if not is_opted_out(config):
            self._client = get_deadline_cloud_library_telemetry_client(config)

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
