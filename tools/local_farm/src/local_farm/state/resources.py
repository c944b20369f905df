"""Farms, queues, fleets and the other resources of which there are few: rows with a JSON document."""

from __future__ import annotations

import json
import sqlite3
import time
from typing import Any

from local_farm.protocol.errors import NotFoundError
from local_farm.state.ids import CALLER

_TYPES = {
    "farm": "farm",
    "queue": "queue",
    "fleet": "fleet",
    "queueFleetAssociation": "queue-fleet-association",
    "storageProfile": "storage-profile",
    "queueEnvironment": "queue-environment",
    "worker": "worker",
    "monitor": "monitor",
}
"""How the service's messages call each kind."""


def create(
    db: sqlite3.Connection, kind: str, id_: str, parent_id: str, doc: dict[str, Any], token: str | None = None
) -> str:
    """Add a resource and give its id: that of the resource which an earlier request with the same client token made."""
    if token is not None:
        row = db.execute(
            "SELECT id FROM resources WHERE kind = ? AND parent_id = ? AND json_extract(doc, '$.clientToken') = ?",
            (kind, parent_id, token),
        ).fetchone()
        if row is not None:
            return str(row["id"])
        doc = {**doc, "clientToken": token}
    insert(db, kind, id_, parent_id, {"createdBy": CALLER, **doc})
    return id_


def insert(db: sqlite3.Connection, kind: str, id_: str, parent_id: str, doc: dict[str, Any]) -> None:
    """Add a resource; an association that is made again replaces the one before."""
    db.execute(
        "INSERT OR REPLACE INTO resources (kind, id, parent_id, created_at, doc) VALUES (?, ?, ?, ?, ?)",
        (kind, id_, parent_id, time.time(), json.dumps(doc)),
    )


def get(db: sqlite3.Connection, kind: str, id_: str, parent_id: str | None = None) -> dict[str, Any]:
    """A resource's document with ``createdAt``; raises :class:`NotFoundError`, also when its parent is another."""
    row = db.execute("SELECT * FROM resources WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
    if row is None or (parent_id is not None and row["parent_id"] != parent_id):
        raise NotFoundError(_TYPES[kind], id_)
    return _document(row)


def children(db: sqlite3.Connection, kind: str, parent_id: str) -> list[dict[str, Any]]:
    """The documents of all resources of a kind below a parent, oldest first."""
    rows = db.execute(
        "SELECT * FROM resources WHERE kind = ? AND parent_id = ? ORDER BY created_at, rowid", (kind, parent_id)
    )
    return [_document(row) for row in rows]


def update(db: sqlite3.Connection, kind: str, id_: str, members: dict[str, Any]) -> None:
    """Change members of a resource; raises :class:`NotFoundError`."""
    row = db.execute("SELECT doc FROM resources WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
    if row is None:
        raise NotFoundError(_TYPES[kind], id_)
    doc = {**json.loads(row["doc"]), **members, "updatedAt": time.time(), "updatedBy": CALLER}
    db.execute("UPDATE resources SET doc = ? WHERE kind = ? AND id = ?", (json.dumps(doc), kind, id_))


def delete(db: sqlite3.Connection, kind: str, id_: str) -> None:
    """Remove a resource; raises :class:`NotFoundError`."""
    if db.execute("DELETE FROM resources WHERE kind = ? AND id = ?", (kind, id_)).rowcount == 0:
        raise NotFoundError(_TYPES[kind], id_)


def _document(row: sqlite3.Row) -> dict[str, Any]:
    return {**json.loads(row["doc"]), "createdAt": row["created_at"]}
