"""The worker resources of the farm: one for each slot of this machine in each fleet that it serves."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
import uuid

KIND = "worker"


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

    def ensure(self, db: sqlite3.Connection, fleet_id: str, slot: int) -> str:
        """The id of the worker in ``slot`` of the fleet, which is made where it does not exist."""
        for row in db.execute("SELECT id, doc FROM resources WHERE kind = ? AND parent_id = ?", (KIND, fleet_id)):
            doc = json.loads(row["doc"])
            if doc.get("slot") == slot:
                if doc["status"] == "STOPPED":
                    set_status(db, row["id"], "IDLE")
                return str(row["id"])
        worker_id = f"worker-{uuid.uuid4().hex}"
        doc = {"status": "IDLE", "slot": slot, "hostProperties": {"hostName": socket.gethostname()}}
        db.execute(
            "INSERT INTO resources (kind, id, parent_id, created_at, doc) VALUES (?, ?, ?, ?, ?)",
            (KIND, worker_id, fleet_id, time.time(), json.dumps(doc)),
        )
        return worker_id


def set_status(db: sqlite3.Connection, worker_id: str, status: str) -> None:
    """Set the status of one worker."""
    db.execute(
        "UPDATE resources SET doc = json_set(doc, '$.status', ?) WHERE kind = ? AND id = ?", (status, KIND, worker_id)
    )


def stop_all(db: sqlite3.Connection) -> None:
    """Show every worker as stopped."""
    db.execute("UPDATE resources SET doc = json_set(doc, '$.status', 'STOPPED') WHERE kind = ?", (KIND,))
