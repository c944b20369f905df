"""Workers, which the farm's runner registers."""

from __future__ import annotations

from typing import Any

from local_farm.operations.context import Context
from local_farm.operations.pages import page
from local_farm.state import resources
from local_farm.state.ids import CALLER


def get_worker(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    with context.database.transaction() as db:
        resources.get(db, "fleet", parameters["fleetId"], parameters["farmId"])
        worker = resources.get(db, "worker", parameters["workerId"], parameters["fleetId"])
    return {
        **_described(worker, parameters["fleetId"]),
        "workerId": parameters["workerId"],
        "farmId": parameters["farmId"],
    }


def list_workers(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    return page(_workers(context, parameters["farmId"], parameters["fleetId"]), "workers", parameters)


def search_workers(context: Context, parameters: dict[str, Any]) -> dict[str, Any]:
    found = [worker for fleet in parameters["fleetIds"] for worker in _workers(context, parameters["farmId"], fleet)]
    start = parameters["itemOffset"]
    end = start + parameters.get("pageSize", 100)
    result: dict[str, Any] = {"workers": found[start:end], "totalResults": len(found)}
    if end < len(found):
        result["nextItemOffset"] = end
    return result


def _workers(context: Context, farm_id: str, fleet_id: str) -> list[dict[str, Any]]:
    with context.database.transaction() as db:
        resources.get(db, "fleet", fleet_id, farm_id)
        rows = db.execute(
            "SELECT id FROM resources WHERE kind = 'worker' AND parent_id = ? ORDER BY created_at, id", (fleet_id,)
        ).fetchall()
        return [
            {**_described(resources.get(db, "worker", row["id"]), fleet_id), "workerId": row["id"], "farmId": farm_id}
            for row in rows
        ]


def _described(worker: dict[str, Any], fleet_id: str) -> dict[str, Any]:
    return {**worker, "fleetId": fleet_id, "createdBy": CALLER}


OPERATIONS = {"GetWorker": get_worker, "ListWorkers": list_workers, "SearchWorkers": search_workers}
