"""What the last run of the farm left behind when it was killed.

At the start no session can be alive: processes of sessions that were running are ended, sessions and actions that look as
if they ran are ended, their tasks run again unless somebody asked for something else, and the folders of the sessions are
removed.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path

from local_farm.runner import workers
from local_farm.runner.orphans import end_orphans
from local_farm.runner.statuses import IN_PROGRESS
from local_farm.state.progress import hold_back, settle_job


def recover(db: sqlite3.Connection) -> None:
    """Bring the database into a state in which no worker does anything."""
    now = time.time()
    left = db.execute("SELECT session_id FROM sessions WHERE lifecycle_status <> 'ENDED'").fetchall()
    end_orphans({row["session_id"] for row in left})
    db.execute(
        "UPDATE session_actions SET status = 'INTERRUPTED', ended_at = ?"
        " WHERE status IN ('ASSIGNED', 'SCHEDULED', 'RUNNING', 'CANCELING')",
        (now,),
    )
    db.execute("UPDATE sessions SET lifecycle_status = 'ENDED', ended_at = ? WHERE lifecycle_status <> 'ENDED'", (now,))
    held = db.execute(f"SELECT DISTINCT job_id FROM tasks WHERE run_status IN {IN_PROGRESS}").fetchall()
    # The farm may have died between the end of a run and that of its task.
    db.execute(
        "UPDATE tasks SET target_status = NULL, run_status = 'SUCCEEDED', ended_at = ?"
        " WHERE run_status IN ('RUNNING', 'INTERRUPTING') AND EXISTS (SELECT 1 FROM session_actions AS run"
        " WHERE run.session_action_id = tasks.latest_session_action_id AND run.status = 'SUCCEEDED')",
        (now,),
    )
    db.execute(
        "UPDATE tasks SET target_status = NULL, run_status = CASE"
        " WHEN target_status IN ('FAILED', 'SUCCEEDED', 'CANCELED', 'SUSPENDED') THEN target_status ELSE 'READY' END,"
        " ended_at = CASE WHEN target_status IN ('FAILED', 'SUCCEEDED', 'CANCELED') THEN ? END"
        f" WHERE run_status IN {IN_PROGRESS}",
        (now,),
    )
    for row in held:
        hold_back(db, row["job_id"])
        settle_job(db, row["job_id"])
    workers.stop_all(db)


def remove_session_folders(sessions_root: Path) -> None:
    """Remove the working folders of sessions that did not live to do it."""
    for folder in sessions_root.glob("session-*"):
        shutil.rmtree(folder, ignore_errors=True)
