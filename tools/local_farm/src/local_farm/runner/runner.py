"""The threads of the runner: a dispatcher, and one for each worker."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import Mapping

from local_farm.expansion import expand_job, fail_creation
from local_farm.runner import outcomes, workers
from local_farm.runner.aws import FarmSession
from local_farm.runner.claims import ClaimedSession, claim_session
from local_farm.runner.logs import SessionLogs
from local_farm.runner.recovery import recover, remove_session_folders
from local_farm.runner.session import JobSession, SessionContext
from local_farm.runner.wake import Wake
from local_farm.runner.workers import Workers
from local_farm.state.database import Database

_log = logging.getLogger(__name__)


class Runner:
    """Expands and runs the jobs in ``database``.

    Arguments:
        database: The farm's state.
        farm_environment: The variables that a client of the farm needs. The farm answers before the runner starts, and until
            it has stopped.
        workers: How many sessions run at the same time.
        sessions_root: Where sessions have their folders; made where it does not exist.
    """

    def __init__(
        self, database: Database, farm_environment: Mapping[str, str], workers: int, sessions_root: Path
    ) -> None:
        self._database = database
        self._sessions_root = sessions_root
        self._workers = Workers(workers)
        self._wake = Wake()
        self._stopping = threading.Event()
        self._sessions_lock = threading.Lock()
        self._sessions: set[JobSession] = set()
        aws = FarmSession(farm_environment)
        self._logs = SessionLogs(aws.client("logs"))
        self._context = SessionContext(
            database=database,
            logs=self._logs,
            aws=aws,
            farm_environment=farm_environment,
            sessions_root=sessions_root,
            settled=self._wake.ring,
        )
        self._threads = [threading.Thread(target=self._dispatch, name="dispatcher")]
        self._threads += [
            threading.Thread(target=self._work, args=(slot,), name=f"worker {slot}") for slot in range(workers)
        ]

    def start(self) -> None:
        """Put right what an earlier run left behind, then begin to run jobs."""
        self._sessions_root.mkdir(parents=True, exist_ok=True)
        remove_session_folders(self._sessions_root)
        with self._database.transaction() as db:
            recover(db)
            self._workers.register(db)
        self._logs.start()
        for thread in self._threads:
            thread.start()

    def notify(self) -> None:
        """Look for work: a job has come, or somebody wants a task to run, or not to run, any more."""
        self._wake.ring()

    def stop(self, timeout: float = 15.0) -> None:
        """Stop running: processes are killed, environments left, threads joined; tasks run again at the next start.

        Arguments:
            timeout: Seconds that sessions have to leave their environments before that is killed too.
        """
        give_up_at = time.monotonic() + timeout
        self._stopping.set()
        self._wake.ring()
        for session in self._live_sessions():
            session.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, give_up_at - time.monotonic()))
        for session in self._live_sessions():
            session.abandon()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        self._logs.close()
        with self._database.transaction() as db:
            workers.stop_all(db)

    # --- the dispatcher

    def _dispatch(self) -> None:
        while not self._stopping.is_set():
            seen = self._wake.seen
            try:
                self._expand_new_jobs()
                self._settle_jobs()
                for session in self._live_sessions():
                    session.interrupt_if_unwanted()
            except Exception:
                _log.exception("The local farm could not look after its jobs; it tries again when something changes.")
            self._wake.wait(seen)

    def _expand_new_jobs(self) -> None:
        with self._database.transaction() as db:
            rows = db.execute(
                "SELECT job_id FROM jobs WHERE lifecycle_status = 'CREATE_IN_PROGRESS' ORDER BY created_at"
            ).fetchall()
        for row in rows:
            try:
                expand_job(self._database, row["job_id"])
            except Exception as error:
                _log.exception("Job %s could not be created", row["job_id"])
                fail_creation(self._database, row["job_id"], f"Job creation failed in the local farm: {error!r}")
            self._wake.ring()

    def _settle_jobs(self) -> None:
        with self._database.transaction() as db:
            before = db.total_changes
            for job_id in outcomes.unsettled_jobs(db):
                outcomes.settle_job(db, job_id)
            changed = db.total_changes > before
        if changed:
            self._wake.ring()

    # --- the workers

    def _work(self, slot: int) -> None:
        while not self._stopping.is_set():
            seen = self._wake.seen
            claimed = self._claim(slot)
            if claimed is None:
                self._wake.wait(seen)
            else:
                self._run_session(claimed)

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
        try:
            session.run()
        except Exception:
            # Whatever befalls a session, its worker goes on.
            _log.exception("Session %s could not be recorded to its end", claimed.session_id)
        finally:
            with self._sessions_lock:
                self._sessions.discard(session)

    def _live_sessions(self) -> list[JobSession]:
        with self._sessions_lock:
            return list(self._sessions)
