"""Looks after the jobs: creates their tasks, releases steps, interrupts what is no longer wanted."""

from __future__ import annotations

import logging
import threading
from typing import Callable, Sequence

from local_farm.expansion import expand_job, fail_creation
from local_farm.runner import outcomes
from local_farm.runner.session import JobSession
from local_farm.runner.wake import Wake
from local_farm.state.database import Database
from local_farm.state.progress import settle_job

_log = logging.getLogger(__name__)


class Dispatcher:
    """Goes round whenever something has changed.

    Arguments:
        live_sessions: Gives the sessions that run.
        wake: Rings when something has changed; is rung when this changed something.
        stopping: Ends :meth:`run`, at the next ring.
    """

    def __init__(
        self,
        database: Database,
        live_sessions: Callable[[], Sequence[JobSession]],
        wake: Wake,
        stopping: threading.Event,
    ) -> None:
        self._database = database
        self._live_sessions = live_sessions
        self._wake = wake
        self._stopping = stopping

    def run(self) -> None:
        """Go round until the farm stops."""
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
                settle_job(db, job_id)
            changed = db.total_changes > before
        if changed:
            self._wake.ring()
