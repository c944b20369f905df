"""What the last run of the farm left behind when it was killed.

At the start no session can be alive: sessions and actions that look as if they ran are ended, their tasks run again
unless somebody asked for something else, and the folders of the sessions are removed.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path

from local_farm.runner import workers
from local_farm.runner.outcomes import settle_job
from local_farm.runner.statuses import IN_PROGRESS


def recover(db: sqlite3.Connection) -> None:
    """Bring the database into a state in which no worker does anything."""
    now = time.time()
    db.execute(
        "UPDATE session_actions SET status = 'INTERRUPTED', ended_at = ?"
        " WHERE status IN ('ASSIGNED', 'SCHEDULED', 'RUNNING', 'CANCELING')",
        (now,),
    )
    db.execute("UPDATE sessions SET lifecycle_status = 'ENDED', ended_at = ? WHERE lifecycle_status <> 'ENDED'", (now,))
    held = db.execute(f"SELECT DISTINCT job_id FROM tasks WHERE run_status IN {IN_PROGRESS}").fetchall()
    db.execute(
        "UPDATE tasks SET target_status = NULL, run_status = CASE"
        " WHEN target_status IN ('FAILED', 'SUCCEEDED', 'CANCELED', 'SUSPENDED') THEN target_status ELSE 'READY' END"
        f" WHERE run_status IN {IN_PROGRESS}"
    )
    for row in held:
        settle_job(db, row["job_id"])
    workers.stop_all(db)


def remove_session_folders(sessions_root: Path) -> None:
    """Remove the working folders of sessions that did not live to do it."""
    for folder in sessions_root.glob("session-*"):
        shutil.rmtree(folder, ignore_errors=True)
