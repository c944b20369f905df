"""The threads of the runner: a dispatcher, and a crew with one for each worker."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Mapping

from local_farm.runner import workers
from local_farm.runner.crew import Crew
from local_farm.runner.dispatcher import Dispatcher
from local_farm.runner.recovery import recover, remove_session_folders
from local_farm.runner.wake import Wake
from local_farm.state.database import Database


class Runner:
    """Creates and runs the jobs in ``database``.

    Arguments:
        database: The farm's state.
        farm_environment: The variables that a client of the farm needs. The farm answers before the runner starts, and until
            it has stopped.
        workers: How many sessions run at the same time; without any, jobs get their steps and tasks, which wait.
        sessions_root: Where sessions have their folders; made where it does not exist.
    """

    def __init__(
        self, database: Database, farm_environment: Mapping[str, str], workers: int, sessions_root: Path
    ) -> None:
        self._database = database
        self._sessions_root = sessions_root
        self._wake = Wake()
        self._stopping = threading.Event()
        self._crew = Crew(database, farm_environment, workers, sessions_root, self._wake, self._stopping)
        self._dispatcher = Dispatcher(database, self._crew.live_sessions, self._wake, self._stopping)
        self._threads = [threading.Thread(target=self._dispatcher.run, name="dispatcher"), *self._crew.threads]

    def start(self) -> None:
        """Put right what an earlier run left behind, then begin to run jobs."""
        self._sessions_root.mkdir(parents=True, exist_ok=True)
        with self._database.transaction() as db:
            recover(db)
            self._crew.register(db)
        # After the processes of sessions that were left have ended.
        remove_session_folders(self._sessions_root)
        self._crew.start_logs()
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
        for session in self._crew.live_sessions():
            session.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(0.0, give_up_at - time.monotonic()))
        for session in self._crew.live_sessions():
            session.abandon()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        self._crew.close_logs()
        with self._database.transaction() as db:
            workers.stop_all(db)
