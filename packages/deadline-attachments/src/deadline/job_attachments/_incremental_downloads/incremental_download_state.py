"""The checkpoint of incremental downloads: what was handled already, as a value and as a JSON file.

.. code-block:: json

    {
      "localStorageProfileId": "sp-1",
      "downloadsStartedTimestamp": "2025-01-01T00:00:00+00:00",
      "eventualConsistencyMaxSeconds": 120,
      "jobs": [
        {
          "job": {"jobId": "job-1", "name": "Render"},
          "sessionEndedTimestamp": "2025-01-01T01:00:00+00:00",
          "sessionCompletedIndexes": {"session-1": 3},
          "sessionActionsToRetry": {"sessionaction-1-2": "failed"}
        }
      ],
      "downloadsCompletedTimestamp": "2025-01-01T02:00:00+00:00"
    }

The file is replaced in one step, so that whoever reads it finds the old state or the new one.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Optional

EVENTUAL_CONSISTENCY_MAX_SECONDS = 120
"""How long the service may take until a search for jobs finds what has happened."""


def datetimes_to_str(value: Any) -> Any:
    """A copy of a JSON-like value of the service in which times are texts, as ISO 8601 writes them."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: datetimes_to_str(member) for key, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [datetimes_to_str(member) for member in value]
    return value


_datetimes_to_str = datetimes_to_str


class IncrementalDownloadJob:
    """What is known of a job.

    Attributes:
        job: The job as the service describes it, with times as texts; at least its ``jobId``.
        session_ended_timestamp: The latest end of its sessions that was seen.
        session_completed_indexes: For each session the highest index of a session action whose outputs were handled.
        session_actions_to_retry: Session actions up to those indexes whose outputs are not on this machine all the same,
            each with a word that says why. Other versions of this client know no such member, and drop it.
    """

    def __init__(
        self,
        job: Mapping[str, Any],
        session_ended_timestamp: Optional[datetime] = None,
        session_completed_indexes: Optional[Mapping[str, int]] = None,
        session_actions_to_retry: Optional[Mapping[str, str]] = None,
    ) -> None:
        self.job: Dict[str, Any] = datetimes_to_str(job)
        self.session_ended_timestamp = session_ended_timestamp
        self.session_completed_indexes: Dict[str, int] = dict(session_completed_indexes or {})
        self.session_actions_to_retry: Dict[str, str] = dict(session_actions_to_retry or {})

    @property
    def job_id(self) -> str:
        """The job's id."""
        return str(self.job["jobId"])

    @classmethod
    def from_dict(cls, data: Any) -> IncrementalDownloadJob:
        """From the form of :meth:`to_dict`; raises :class:`ValueError` for another form."""
        _require(data, "A job of the checkpoint", "job")
        job = data["job"]
        _require(job, "The job of an entry of the checkpoint", "jobId")
        ended = data.get("sessionEndedTimestamp")
        indexes = data.get("sessionCompletedIndexes") or {}
        if not isinstance(indexes, dict) or not all(isinstance(index, int) for index in indexes.values()):
            raise ValueError(f"The sessionCompletedIndexes of job {job['jobId']} are no object with numbers.")
        retry = data.get("sessionActionsToRetry") or {}
        if not isinstance(retry, dict) or not all(isinstance(reason, str) for reason in retry.values()):
            raise ValueError(f"The sessionActionsToRetry of job {job['jobId']} are no object with texts.")
        return cls(job, _time(ended, "sessionEndedTimestamp") if ended is not None else None, indexes, retry)

    def to_dict(self) -> Dict[str, Any]:
        """The form for JSON; members without a value are left out."""
        result: Dict[str, Any] = {"job": self.job}
        if self.session_ended_timestamp is not None:
            result["sessionEndedTimestamp"] = self.session_ended_timestamp.isoformat()
        if self.session_completed_indexes:
            result["sessionCompletedIndexes"] = self.session_completed_indexes
        if self.session_actions_to_retry:
            result["sessionActionsToRetry"] = self.session_actions_to_retry
        return result


class IncrementalDownloadState:
    """The checkpoint.

    Attributes:
        local_storage_profile_id: Of the machine that downloads; ``None`` when storage profiles are ignored.
        downloads_started_timestamp: From when on outputs are wanted.
        downloads_completed_timestamp: Up to when all outputs were handled.
        eventual_consistency_max_seconds: For how long before now the service's answers may still change.
        jobs: What is known of jobs.
    """

    def __init__(
        self,
        local_storage_profile_id: Optional[str],
        downloads_started_timestamp: datetime,
        downloads_completed_timestamp: Optional[datetime] = None,
        jobs: Optional[List[IncrementalDownloadJob]] = None,
        eventual_consistency_max_seconds: Optional[int] = None,
    ) -> None:
        self.local_storage_profile_id = local_storage_profile_id
        self.downloads_started_timestamp = downloads_started_timestamp
        self.downloads_completed_timestamp = downloads_completed_timestamp or downloads_started_timestamp
        self.jobs: List[IncrementalDownloadJob] = list(jobs or [])
        self.eventual_consistency_max_seconds = eventual_consistency_max_seconds or EVENTUAL_CONSISTENCY_MAX_SECONDS

    @classmethod
    def from_dict(cls, data: Any) -> IncrementalDownloadState:
        """From the form of :meth:`to_dict`; raises :class:`ValueError` for another form."""
        required = (
            *("downloadsStartedTimestamp", "downloadsCompletedTimestamp", "eventualConsistencyMaxSeconds"),
            *("localStorageProfileId", "jobs"),
        )
        _require(data, "A checkpoint", *required)
        if not isinstance(data["jobs"], list):
            raise ValueError("The jobs of a checkpoint must be a list.")
        seconds = data["eventualConsistencyMaxSeconds"]
        if not isinstance(seconds, int) or seconds < 0:
            raise ValueError(f"The eventualConsistencyMaxSeconds {seconds!r} are no number of seconds.")
        return cls(
            data["localStorageProfileId"],
            _time(data["downloadsStartedTimestamp"], "downloadsStartedTimestamp"),
            _time(data["downloadsCompletedTimestamp"], "downloadsCompletedTimestamp"),
            [IncrementalDownloadJob.from_dict(job) for job in data["jobs"]],
            seconds,
        )

    def to_dict(self) -> Dict[str, Any]:
        """The form for JSON."""
        return {
            "localStorageProfileId": self.local_storage_profile_id,
            "downloadsStartedTimestamp": self.downloads_started_timestamp.isoformat(),
            "eventualConsistencyMaxSeconds": self.eventual_consistency_max_seconds,
            "jobs": [job.to_dict() for job in self.jobs],
            "downloadsCompletedTimestamp": self.downloads_completed_timestamp.isoformat(),
        }

    @classmethod
    def from_file(cls, file_path: str) -> IncrementalDownloadState:
        """From a file; raises :class:`ValueError` for one that is no checkpoint, and :class:`OSError`."""
        try:
            with open(file_path, encoding="utf-8") as file:
                return cls.from_dict(json.load(file))
        except ValueError as error:
            raise ValueError(f"{file_path} is no checkpoint of incremental downloads: {error}") from error

    def save_file(self, file_path: str) -> None:
        """Write or replace a file, in one step; its folder is made. Raises :class:`OSError`."""
        folder, name = os.path.split(os.path.abspath(file_path))
        os.makedirs(folder, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=name, suffix=".tmp", dir=folder)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(self.to_dict(), file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, file_path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise


def _require(data: Any, what: str, *members: str) -> None:
    if not isinstance(data, dict):
        raise ValueError(f"{what} must be an object, not a {type(data).__name__}.")
    missing = [member for member in members if member not in data]
    if missing:
        raise ValueError(f"{what} lacks {', '.join(missing)}.")


def _time(text: Any, member: str) -> datetime:
    try:
        # `Z` is known from Python 3.11 on.
        time = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    except (AttributeError, TypeError, ValueError):
        raise ValueError(f"The {member} {text!r} is no time such as 2025-01-01T00:00:00+00:00.") from None
    return time if time.tzinfo is not None else time.replace(tzinfo=timezone.utc)
