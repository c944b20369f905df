"""Searching jobs, steps, tasks and workers."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.workers import described as describe_worker
from local_farm.protocol.errors import NotFoundError
from local_farm.searching.fields import JOBS, STEPS, TASKS, WORKERS, Searchable
from local_farm.searching.search import Found, search
from local_farm.state import resources
from local_farm.state.jobs import describe_jobs, describe_steps, describe_task


def search_jobs(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        found = _in_queues(db, JOBS, parameters)
        return found.answer("jobs", describe_jobs(db, found.rows))


def search_steps(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        found = _in_queues(db, STEPS, parameters)
        return found.answer("steps", _with_queues(found, describe_steps(db, found.rows)))


def search_tasks(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        found = _in_queues(db, TASKS, parameters)
    return found.answer("tasks", _with_queues(found, [describe_task(row) for row in found.rows]))


def search_workers(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id = parameters["farmId"]
    with context.database.transaction() as db:
        for fleet_id in parameters["fleetIds"]:
            resources.get(db, "fleet", fleet_id, farm_id)
        found = search(db, WORKERS, parameters["fleetIds"], parameters, job_id=None)
    described = [
        describe_worker(
            {**json.loads(row["doc"]), "createdAt": row["created_at"]}, farm_id, row["parent_id"], row["id"]
        )
        for row in found.rows
    ]
    return found.answer("workers", described)


def _in_queues(db: sqlite3.Connection, kind: Searchable, parameters: dict[str, Any]) -> Found:
    queue_ids, job_id = parameters["queueIds"], parameters.get("jobId")
    for queue_id in queue_ids:
        resources.get(db, "queue", queue_id, parameters["farmId"])
    if job_id is not None and not db.execute("SELECT 1 FROM jobs WHERE job_id = ?", (job_id,)).fetchone():
        raise NotFoundError("job", job_id)
    return search(db, kind, queue_ids, parameters, job_id=job_id)


def _with_queues(found: Found, described: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**resource, "queueId": row["queue_id"]} for row, resource in zip(found.rows, described)]


OPERATIONS = {
    "SearchJobs": search_jobs,
    "SearchSteps": search_steps,
    "SearchTasks": search_tasks,
    "SearchWorkers": search_workers,
}
