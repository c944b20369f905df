"""Writing synthetic jobs into a farm."""

from __future__ import annotations

import json
import sqlite3
import time
import uuid
from typing import Any

from local_farm.farm import LocalFarm
from local_farm.neighbours import put_into_moto
from local_farm.operations.associations import active_fleets
from local_farm.runner.aws import FarmSession
from local_farm.runner.workers import KIND as WORKER, Worker
from local_farm.state import resources
from local_farm.state.database import Database
from local_farm.synthetic.outputs import Outputs, Put
from local_farm.synthetic.rows import TABLES, JobRows, Place, add_actions, rows_of_job
from local_farm.synthetic.shape import SyntheticJobs

BATCH = 200
"""Jobs that are written in one transaction: the farm answers in between."""


def add_jobs(farm: LocalFarm, shape: SyntheticJobs, *, queue_id: str | None = None) -> list[str]:
    """Add synthetic jobs to a farm that runs in this process.

    Args:
        shape: How many, and how they look.
        queue_id: The queue; without one, the first queue of the first farm.

    Returns:
        The ids of the jobs, the one that ended first first.

    Raises:
        ValueError: There is no such queue; or outputs are wanted and the queue has no job attachment settings.
    """
    put = put_through(farm.environment()) if farm.settings.s3_endpoint else put_into_moto
    return write_jobs(farm.database, shape, queue_id, put)


def put_through(environment: dict[str, str]) -> Put:
    """A function that stores objects in the S3 which a farm's clients use."""
    client = FarmSession(environment).client("s3")

    def put(bucket: str, key: str, body: bytes, metadata: Any) -> None:
        client.put_object(Bucket=bucket, Key=key, Body=body, Metadata=dict(metadata))

    return put


def write_jobs(database: Database, shape: SyntheticJobs, queue_id: str | None, put: Put) -> list[str]:
    """The same by a farm's database, which may be that of another process; ``put`` stores objects."""
    with database.transaction() as db:
        queue = _queue(db, queue_id)
        place = Place(queue["farmId"], queue["queueId"], _worker(db, queue))
    outputs = None
    if shape.with_outputs:
        if "jobAttachmentSettings" not in queue:
            raise ValueError(f"The queue {queue['queueId']} has no job attachment settings, hence no bucket.")
        outputs = Outputs(shape, place, queue["jobAttachmentSettings"], put)
        outputs.put_contents()
    job_ids: list[str] = []
    for start in range(0, shape.jobs, BATCH):
        numbers = range(start, min(start + BATCH, shape.jobs))
        jobs = [rows_of_job(shape, place, number) for number in numbers]
        if outputs is not None:
            # Before the rows: who sees a task that succeeded finds what it wrote.
            outputs.put_manifests(jobs)
        for job in jobs:
            add_actions(job, shape)
        _insert(database, jobs)
        job_ids += [job.job_id for job in jobs]
    return job_ids


def _insert(database: Database, jobs: list[JobRows]) -> None:
    with database.transaction() as db:
        for table, columns in TABLES.items():
            marks = ",".join("?" * columns)
            db.executemany(f"INSERT INTO {table} VALUES ({marks})", (row for job in jobs for row in job.rows[table]))


def _queue(db: sqlite3.Connection, queue_id: str | None) -> dict[str, Any]:
    query = "SELECT id FROM resources WHERE kind = 'queue'" + (" AND id = ?" if queue_id else "")
    row = db.execute(f"{query} ORDER BY created_at, rowid LIMIT 1", (queue_id,) if queue_id else ()).fetchone()
    if row is None:
        raise ValueError(f"The farm has no queue {queue_id}." if queue_id else "The farm has no queue.")
    return resources.get(db, "queue", row["id"])


def _worker(db: sqlite3.Connection, queue: dict[str, Any]) -> Worker:
    """The worker that is said to have run the jobs: one of a fleet of the queue, or a new one that has stopped."""
    fleets = active_fleets(db, queue["farmId"], queue["queueId"])
    fleets = fleets or [fleet["fleetId"] for fleet in resources.children(db, "fleet", queue["farmId"])]
    fleet_id = fleets[0] if fleets else f"fleet-{uuid.uuid4().hex}"
    row = db.execute("SELECT id FROM resources WHERE kind = ? AND parent_id = ?", (WORKER, fleet_id)).fetchone()
    if row is not None:
        return Worker(queue["farmId"], fleet_id, row["id"])
    worker = Worker(queue["farmId"], fleet_id, f"worker-{uuid.uuid4().hex}")
    doc = {"status": "STOPPED", "hostProperties": {"hostName": "synthetic"}, "log": worker.log}
    db.execute(
        "INSERT INTO resources (kind, id, parent_id, created_at, doc) VALUES (?, ?, ?, ?, ?)",
        (WORKER, worker.worker_id, fleet_id, time.time(), json.dumps(doc)),
    )
    return worker
