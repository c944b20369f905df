"""Which worker runs what.

A claim is one transaction: two workers never get the same task, and a session exists from the moment in which its first
task is assigned, so that ``maxWorkerCount`` holds. Jobs come by priority, then by age; tasks in the order of
their steps and parameter spaces.
"""

from __future__ import annotations

import dataclasses
import json
import socket
import sqlite3
import time
import uuid

from local_farm.runner.statuses import CREATED_JOB
from local_farm.runner.workers import LOG_DRIVER, Worker, Workers, set_status


@dataclasses.dataclass(frozen=True)
class ClaimedTask:
    """A task that a session holds."""

    task_id: str
    step_id: str
    step_name: str
    parameters: dict[str, dict[str, str]]
    """In the service's union form."""


@dataclasses.dataclass(frozen=True)
class ClaimedSession:
    """A session that has begun, with its first task."""

    session_id: str
    farm_id: str
    queue_id: str
    worker: Worker
    job_id: str
    first_task: ClaimedTask

    @property
    def fleet_id(self) -> str:
        """The fleet of the worker."""
        return self.worker.fleet_id

    @property
    def worker_id(self) -> str:
        """The worker's id."""
        return self.worker.worker_id

    @property
    def log_group(self) -> str:
        """The group of CloudWatch Logs in which the sessions of a queue stand."""
        return f"/aws/deadline/{self.farm_id}/{self.queue_id}"


def claim_session(db: sqlite3.Connection, workers: Workers, slot: int) -> ClaimedSession | None:
    """Begin a session of the most urgent job that has a task to run, on the worker in ``slot``; ``None`` without one."""
    jobs = db.execute(
        f"SELECT * FROM jobs WHERE lifecycle_status IN {CREATED_JOB}"
        " AND EXISTS (SELECT 1 FROM tasks WHERE tasks.job_id = jobs.job_id AND run_status = 'READY')"
        " ORDER BY priority DESC, created_at, job_id"
    )
    for job in jobs:
        fleet_id = _fleet_of_queue(db, job["queue_id"])
        if fleet_id is None or not _may_have_another_worker(db, job):
            continue
        task = claim_task(db, job["job_id"])
        if task is not None:
            return _begin_session(db, job, workers.ensure(db, fleet_id, slot), task)
    return None


def claim_task(db: sqlite3.Connection, job_id: str, *, step_id: str = "") -> ClaimedTask | None:
    """Assign the job's next task to the caller; one of ``step_id`` where that step has any. ``None`` without one."""
    steps = db.execute(
        f"SELECT step_id, steps.name FROM steps JOIN jobs USING (job_id) WHERE job_id = ?"
        f" AND lifecycle_status IN {CREATED_JOB} ORDER BY step_id <> ?, position",
        (job_id, step_id),
    )
    for step in steps:
        task = db.execute(
            "SELECT task_id, parameters FROM tasks WHERE step_id = ? AND run_status = 'READY' ORDER BY position LIMIT 1",
            (step["step_id"],),
        ).fetchone()
        if task is not None:
            db.execute(
                "UPDATE tasks SET run_status = 'ASSIGNED', target_status = NULL WHERE task_id = ?", (task["task_id"],)
            )
            return ClaimedTask(task["task_id"], step["step_id"], step["name"], json.loads(task["parameters"]))
    return None


def _fleet_of_queue(db: sqlite3.Connection, queue_id: str) -> str | None:
    """The first fleet that takes work from the queue."""
    associations = db.execute(
        "SELECT id, doc FROM resources WHERE kind = 'queueFleetAssociation' AND id LIKE ? || '/%' ORDER BY created_at",
        (queue_id,),
    )
    for association in associations:
        if json.loads(association["doc"]).get("status", "ACTIVE") == "ACTIVE":
            return str(association["id"]).partition("/")[2]
    return None


def _may_have_another_worker(db: sqlite3.Connection, job: sqlite3.Row) -> bool:
    limit = json.loads(job["doc"]).get("maxWorkerCount")
    if limit is None or limit < 0:
        return True
    (sessions,) = db.execute(
        "SELECT COUNT(*) FROM sessions WHERE job_id = ? AND lifecycle_status <> 'ENDED'", (job["job_id"],)
    ).fetchone()
    return bool(sessions < limit)


def _begin_session(db: sqlite3.Connection, job: sqlite3.Row, worker: Worker, task: ClaimedTask) -> ClaimedSession:
    session = ClaimedSession(
        session_id=f"session-{uuid.uuid4().hex}",
        farm_id=job["farm_id"],
        queue_id=job["queue_id"],
        worker=worker,
        job_id=job["job_id"],
        first_task=task,
    )
    doc = {
        "log": {
            "logDriver": LOG_DRIVER,
            "options": {"logGroupName": session.log_group, "logStreamName": session.session_id},
        },
        "hostProperties": {"hostName": socket.gethostname()},
        "workerLog": worker.log,
    }
    db.execute(
        "INSERT INTO sessions (session_id, farm_id, queue_id, job_id, fleet_id, worker_id, lifecycle_status, started_at,"
        " doc) VALUES (?, ?, ?, ?, ?, ?, 'STARTED', ?, ?)",
        (
            session.session_id,
            session.farm_id,
            session.queue_id,
            session.job_id,
            session.fleet_id,
            session.worker_id,
            time.time(),
            json.dumps(doc),
        ),
    )
    set_status(db, session.worker_id, "RUNNING")
    return session
