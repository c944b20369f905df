"""What workers do, in CloudWatch Logs: a group for each fleet, with a stream for each worker."""

from __future__ import annotations

import logging

from local_farm.runner.logs import SESSION_LOG, SessionLogs
from local_farm.runner.workers import Worker

_log = logging.getLogger(__name__)


class WorkerLogs:
    """Writes through the logs of the sessions, in which each worker has a stream as each session has."""

    def __init__(self, logs: SessionLogs) -> None:
        self._logs = logs
        self._opened: set[str] = set()

    def say(self, worker: Worker, line: str) -> None:
        """Write a line into a worker's log; a line that cannot be written is no reason not to work."""
        if worker.worker_id not in self._opened:
            # A worker is one thread, so no other one opens the same stream meanwhile.
            try:
                self._logs.open_stream(worker.log_group, worker.worker_id)
            except Exception:
                _log.exception("The log of %s cannot be written", worker.worker_id)
                return
            self._opened.add(worker.worker_id)
        SESSION_LOG.info("%s", line, extra={"session_id": worker.worker_id})

    def close(self) -> None:
        """Send what is left."""
        for worker_id in self._opened:
            self._logs.close_stream(worker_id)
        self._opened.clear()
