"""The workers of the farm: threads that claim a job and run a session of it, one after the other."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path
from typing import Mapping

from local_farm.runner.aws import FarmSession
from local_farm.runner.claims import ClaimedSession, claim_session
from local_farm.runner.logs import SessionLogs
from local_farm.runner.session import JobSession, SessionContext
from local_farm.runner.wake import Wake
from local_farm.runner.worker_logs import WorkerLogs
from local_farm.runner.workers import Workers
from local_farm.state.database import Database

_log = logging.getLogger(__name__)


class Crew:
    """The threads of ``size`` workers, which are to be started by whoever owns them, and what they share."""

    def __init__(
        self,
        database: Database,
        farm_environment: Mapping[str, str],
        size: int,
        sessions_root: Path,
        wake: Wake,
        stopping: threading.Event,
    ) -> None:
        self._database = database
        self._workers = Workers(size)
        self._wake = wake
        self._stopping = stopping
        self._sessions_lock = threading.Lock()
        self._sessions: set[JobSession] = set()
        aws = FarmSession(farm_environment)
        self._logs = SessionLogs(lambda: aws.client("logs"))
        self._worker_logs = WorkerLogs(self._logs)
        self._context = SessionContext(
            database=database,
            logs=self._logs,
            aws=aws,
            farm_environment=farm_environment,
            sessions_root=sessions_root,
            settled=wake.ring,
        )
        self.threads = [
            threading.Thread(target=self._work, args=(slot,), name=f"worker {slot}") for slot in range(size)
        ]

    def register(self, db: sqlite3.Connection) -> None:
        """Make the workers known in every fleet."""
        self._workers.register(db)

    def start_logs(self) -> None:
        """Listen to what sessions print; before the threads start."""
        if self.threads:
            self._logs.start()

    def close_logs(self) -> None:
        """Keep the last lines; after the threads have ended."""
        if self.threads:
            self._worker_logs.close()
            self._logs.close()

    def live_sessions(self) -> list[JobSession]:
        """The sessions that run."""
        with self._sessions_lock:
            return list(self._sessions)

    def _work(self, slot: int) -> None:
        self._say_of_slot(slot, "The worker has started.")
        while not self._stopping.is_set():
            seen = self._wake.seen
            claimed = self._claim(slot)
            if claimed is None:
                self._wake.wait(seen)
            else:
                self._run_session(claimed)
        self._say_of_slot(slot, "The worker stops.")

    def _claim(self, slot: int) -> ClaimedSession | None:
        try:
            with self._database.transaction() as db:
                return claim_session(db, self._workers, slot)
        except Exception:
            _log.exception("Worker %d could not look for a task; it tries again when something changes.", slot)
            return None

    def _run_session(self, claimed: ClaimedSession) -> None:
        session = JobSession(claimed, self._context)
        with self._sessions_lock:
            self._sessions.add(session)
        if self._stopping.is_set():
            session.stop()
        self._worker_logs.say(
            claimed.worker, f"Session {claimed.session_id} of job {claimed.job_id} in {claimed.queue_id} begins."
        )
        try:
            session.run()
        except Exception:
            # Whatever befalls a session, its worker goes on.
            _log.exception("Session %s could not be recorded to its end", claimed.session_id)
        finally:
            with self._sessions_lock:
                self._sessions.discard(session)
        self._worker_logs.say(claimed.worker, f"Session {claimed.session_id} has ended.")

    def _say_of_slot(self, slot: int, line: str) -> None:
        try:
            with self._database.transaction() as db:
                registered = self._workers.in_slot(db, slot)
            for worker in registered:
                self._worker_logs.say(worker, line)
        except Exception:
            _log.exception("What worker %d does could not be logged", slot)
