"""The SQLite file behind the local farm.

One :class:`Database` serves every thread of the farm: reads and writes run inside :meth:`Database.transaction`, which
lends a connection, takes the write lock at once (so that what is read stays true until the end of the block) and
commits when the block ends without an error.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
import threading
from pathlib import Path
from typing import Iterator

from local_farm.state import schema


class DatabaseVersionError(Exception):
    """The data folder was written by another version of the local farm."""


class Database:
    """The farm's state in ``path``; made with its tables where it does not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._make_tables()
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection within a transaction; rows come as :class:`sqlite3.Row`. Blocks do not nest in one thread."""
        db = self._borrow()
        try:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.commit()
        finally:
            self._give_back(db)

    def close(self) -> None:
        """Close every connection; one that is lent is closed when its transaction ends."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _make_tables(self) -> None:
        with self.transaction() as db:
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version == 0:
                for statement in re.sub(r"--.*", "", schema.TABLES).split(";"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {schema.VERSION}")
            elif version != schema.VERSION:
                raise DatabaseVersionError(
                    f"{self.path} has format {version}, this local farm reads format {schema.VERSION}. "
                    "Start with another --data-dir, or delete that folder to begin with an empty farm."
                )
            for statement in schema.INDEXES:
                db.execute(statement)

    def _borrow(self) -> sqlite3.Connection:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        connection = sqlite3.connect(self.path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        connection.close()
