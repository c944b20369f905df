"""Workers, which the farm's runner registers."""

from __future__ import annotations

import sqlite3
from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page, page_of_rows
from local_farm.state import resources
from local_farm.state.ids import CALLER
from local_farm.state.sessions import describe_session


def get_worker(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id, fleet_id, worker_id = (parameters[name] for name in ("farmId", "fleetId", "workerId"))
    with context.database.transaction() as db:
        resources.get(db, "fleet", fleet_id, farm_id)
        worker = resources.get(db, "worker", worker_id, fleet_id)
    return described(worker, farm_id, fleet_id, worker_id)


def list_workers(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    farm_id, fleet_id = parameters["farmId"], parameters["fleetId"]
    with context.database.transaction() as db:
        resources.get(db, "fleet", fleet_id, farm_id)
        rows = db.execute(
            "SELECT id FROM resources WHERE kind = 'worker' AND parent_id = ? ORDER BY created_at, id", (fleet_id,)
        ).fetchall()
        workers = [described(resources.get(db, "worker", row["id"]), farm_id, fleet_id, row["id"]) for row in rows]
    return page(workers, "workers", parameters)


def list_sessions_for_worker(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "fleet", parameters["fleetId"], parameters["farmId"])
        resources.get(db, "worker", parameters["workerId"], parameters["fleetId"])
        return page_of_rows(
            db,
            "SELECT * FROM sessions WHERE worker_id = ? AND fleet_id = ? ORDER BY started_at, session_id",
            (parameters["workerId"], parameters["fleetId"]),
            "sessions",
            parameters,
            _described_sessions,
        )


def described(worker: dict[str, Any], farm_id: str, fleet_id: str, worker_id: str) -> dict[str, Any]:
    """A worker with all of its members."""
    return {"createdBy": CALLER, **worker, "farmId": farm_id, "fleetId": fleet_id, "workerId": worker_id}


def _described_sessions(rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    return [describe_session(row) for row in rows]


OPERATIONS = {
    "GetWorker": get_worker,
    "ListWorkers": list_workers,
    "ListSessionsForWorker": list_sessions_for_worker,
}
