"""How often the outputs of each job could not be downloaded: ``{"<job id>": count}`` in a file.

Only failures that are the job's own count, such as an object that is missing. After some of them the outputs that failed
are given up; what the job writes later is downloaded as ever. A network that is down, a disk that is full or a folder
that may not be written say nothing about the job: its outputs are tried again by every run.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Dict, List

from .files import read_json_object, write_json

GIVEN_UP_AFTER = 5

logger = logging.getLogger("deadline.client.api.incremental_download")


class FailedJobs:
    """The counts of jobs whose last download failed."""

    def __init__(self, path: Path) -> None:
        """Reads the file; what is no count in it is passed over."""
        self._path = path
        self._counts: Dict[str, int] = {
            job_id: count
            for job_id, count in (read_json_object(path) or {}).items()
            if isinstance(count, int) and not isinstance(count, bool) and count > 0
        }
        self._saved = dict(self._counts)

    def forget_all(self) -> None:
        """Begin anew."""
        self._counts.clear()

    def count(self, job_id: str) -> int:
        """How often in a row a job has failed."""
        return self._counts.get(job_id, 0)

    def is_given_up(self, job_id: str) -> bool:
        """Whether what failed of a job is not tried again."""
        return self.count(job_id) >= GIVEN_UP_AFTER

    def to_retry(self) -> List[str]:
        """The jobs that are to be tried again."""
        return [job_id for job_id in self._counts if not self.is_given_up(job_id)]

    def failed(self, job_id: str, *, counts: bool) -> int:
        """A job failed (again); ``counts`` when that was for a reason of its own. How often it has failed now.

        Where its outputs were given up before, these are others.
        """
        before = 0 if self.is_given_up(job_id) else self.count(job_id)
        self._counts[job_id] = max(before + counts, 1)
        return self._counts[job_id]

    def forget(self, job_id: str) -> None:
        """A job did not fail, or is gone."""
        self._counts.pop(job_id, None)

    def save(self) -> None:
        """Write the file where something changed; that this fails is logged only."""
        if self._counts == self._saved:
            return
        try:
            write_json(self._path, self._counts)
            self._saved = dict(self._counts)
        except OSError as error:
            logger.warning("%s could not be written: %s", self._path, error.strerror or error)
