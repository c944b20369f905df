"""The worker resources of the farm: one for each slot of this machine in each fleet that it serves."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
import uuid
from dataclasses import dataclass
from typing import Any

KIND = "worker"
LOG_DRIVER = "awslogs"


@dataclass(frozen=True)
class Worker:
    """A worker, by its ids."""

    farm_id: str
    fleet_id: str
    worker_id: str

    @property
    def log_group(self) -> str:
        """The group of CloudWatch Logs in which the workers of a fleet have their streams."""
        return f"/aws/deadline/{self.farm_id}/{self.fleet_id}"

    @property
    def log(self) -> dict[str, Any]:
        """Where the worker's log is, as the service says it."""
        options = {"logGroupName": self.log_group, "logStreamName": self.worker_id}
        return {"logDriver": LOG_DRIVER, "options": options}


class Workers:
    """Keeps the rows of the workers; a slot keeps its worker id over restarts."""

    def __init__(self, slots: int) -> None:
        self.slots = slots

    def register(self, db: sqlite3.Connection) -> None:
        """Make or bring back a worker of every slot in every fleet that there is."""
        fleets = [row["id"] for row in db.execute("SELECT id FROM resources WHERE kind = 'fleet' ORDER BY created_at")]
        for fleet_id in fleets:
            for slot in range(self.slots):
                self.ensure(db, fleet_id, slot)

    def ensure(self, db: sqlite3.Connection, fleet_id: str, slot: int) -> Worker:
        """The worker in ``slot`` of the fleet, which is made where it does not exist."""
        fleet = db.execute("SELECT parent_id FROM resources WHERE kind = 'fleet' AND id = ?", (fleet_id,)).fetchone()
        farm_id = fleet["parent_id"] if fleet else ""
        for row in db.execute("SELECT id, doc FROM resources WHERE kind = ? AND parent_id = ?", (KIND, fleet_id)):
            doc = json.loads(row["doc"])
            if doc.get("slot") == slot:
                if doc["status"] == "STOPPED":
                    set_status(db, row["id"], "IDLE")
                return Worker(farm_id, fleet_id, row["id"])
        worker = Worker(farm_id, fleet_id, f"worker-{uuid.uuid4().hex}")
        doc = {
            "status": "IDLE",
            "slot": slot,
            "hostProperties": {"hostName": socket.gethostname()},
            "log": worker.log,
        }
        db.execute(
            "INSERT INTO resources (kind, id, parent_id, created_at, doc) VALUES (?, ?, ?, ?, ?)",
            (KIND, worker.worker_id, fleet_id, time.time(), json.dumps(doc)),
        )
        return worker

    def in_slot(self, db: sqlite3.Connection, slot: int) -> list[Worker]:
        """The workers of a slot, one in each fleet."""
        rows = db.execute(
            "SELECT worker.id AS worker_id, fleet.id AS fleet_id, fleet.parent_id AS farm_id FROM resources AS worker"
            " JOIN resources AS fleet ON fleet.kind = 'fleet' AND fleet.id = worker.parent_id"
            " WHERE worker.kind = ? AND json_extract(worker.doc, '$.slot') = ? ORDER BY fleet.created_at",
            (KIND, slot),
        )
        return [Worker(row["farm_id"], row["fleet_id"], row["worker_id"]) for row in rows]


def set_status(db: sqlite3.Connection, worker_id: str, status: str) -> None:
    """Set the status of one worker."""
    db.execute(
        "UPDATE resources SET doc = json_set(doc, '$.status', ?, '$.updatedAt', ?) WHERE kind = ? AND id = ?",
        (status, time.time(), KIND, worker_id),
    )


def stop_all(db: sqlite3.Connection) -> None:
    """Show every worker as stopped."""
    db.execute("UPDATE resources SET doc = json_set(doc, '$.status', 'STOPPED') WHERE kind = ?", (KIND,))
