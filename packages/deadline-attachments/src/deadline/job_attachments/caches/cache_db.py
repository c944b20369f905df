"""A cache in an SQLite file that several threads and processes share.

A cache saves time and is never needed: a file that is damaged is set aside and begun anew, and where SQLite or the
folder cannot be used the cache is empty and forgets what it is told. Writes are gathered and committed a thousand rows
at a time, and at the end of the ``with`` block.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from pathlib import Path
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from ..exceptions import JobAttachmentsError

CONFIG_ROOT = ".deadline"
COMPONENT_NAME = "job_attachments"
ROWS_PER_COMMIT = 1000
BUSY_TIMEOUT = 30
"""Seconds to wait for another process that writes."""

logger = logging.getLogger("Deadline")

try:
    import sqlite3
except ImportError:  # some embedded interpreters come without it
    sqlite3 = None  # type: ignore[assignment]


class CacheDB:
    """A cache named ``cache_name`` with one table; used as a context manager.

    ``cache_dir`` (attribute) is the path of the database file; ``enabled`` tells whether anything is remembered.
    """

    def __init__(self, cache_name: str, table_name: str, create_query: str, cache_dir: Optional[str] = None) -> None:
        if not cache_name or not table_name or not create_query:
            raise JobAttachmentsError("A cache needs a name, a table and the statement that makes the table.")
        self.cache_name = cache_name
        self.table_name = table_name
        self.create_query = create_query
        self.enabled = sqlite3 is not None
        folder = cache_dir if cache_dir is not None else self.get_default_cache_db_file_dir()
        if not folder:
            raise JobAttachmentsError(f"There is no folder for the {cache_name}: the home folder is not known.")
        self.cache_dir = os.path.join(folder, f"{cache_name}.db")
        self._lock = threading.RLock()
        self._connection: Any = None
        self._pending: List[Tuple[str, Sequence[Any]]] = []

    @classmethod
    def get_default_cache_db_file_dir(cls) -> Optional[str]:
        """The folder of caches where nobody chose one, or ``None`` where there is no home folder."""
        home = os.path.expanduser("~")
        return None if home == "~" else os.path.join(home, CONFIG_ROOT, COMPONENT_NAME)

    def __enter__(self) -> Any:
        if self.enabled:
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                self._begin_anew(error)
            except OSError as error:
                self._disable(error)
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self.flush()
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def get_local_connection(self) -> Any:
        """The open connection; use it only while no other thread does."""
        return self._connection

    def remove_cache(self) -> None:
        """Forget everything: close the database and delete its file; errors of deleting are raised."""
        with self._lock:
            self._pending.clear()
            if self._connection is not None:
                self._connection.close()
                self._connection = None
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(self.cache_dir + suffix)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> List[Any]:
        """The rows of a query, which sees what was written before; nothing when the cache is not usable."""
        with self._lock:
            if self._connection is None:
                return []
            self.flush()
            try:
                return list(self._connection.execute(statement, parameters))
            except sqlite3.DatabaseError as error:
                self._begin_anew(error)
                return []

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Remember rows by a statement with placeholders; they are committed later, many at a time."""
        with self._lock:
            if self._connection is None:
                return
            self._pending.extend((statement, row) for row in rows)
            if len(self._pending) >= ROWS_PER_COMMIT:
                self.flush()

    def flush(self) -> None:
        """Commit what is still to be committed."""
        with self._lock:
            pending, self._pending = self._pending, []
            if not pending or self._connection is None:
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for statement, rows in _by_statement(pending):
                    self._connection.executemany(statement, rows)
                self._connection.execute("COMMIT")
            except sqlite3.OperationalError as error:
                # Busy for longer than the time-out, or the disk is full: what is not remembered is found out again.
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                logger.warning("The %s could not be updated: %s.", self.cache_name, error)
            except sqlite3.DatabaseError as error:
                self._begin_anew(error)

    def create_tables(self) -> None:
        """Make the tables where they are missing; a cache with more than one table extends this."""
        known = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if self.table_name not in known:
            self._connection.execute(self.create_query)

    def _open(self) -> None:
        Path(self.cache_dir).parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            self.cache_dir, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self.create_tables()

    def _begin_anew(self, error: Exception) -> None:
        """Set the damaged file aside and begin with an empty one; where that fails, do without."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        aside = f"{self.cache_dir}.damaged"
        logger.warning("The %s at %s is damaged (%s) and is begun anew.", self.cache_name, self.cache_dir, error)
        try:
            os.replace(self.cache_dir, aside)
            for suffix in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(self.cache_dir + suffix)
            self._open()
        except (OSError, sqlite3.Error) as second:
            self._disable(second)

    def _disable(self, error: Exception) -> None:
        logger.warning("The %s at %s cannot be used: %s.", self.cache_name, self.cache_dir, error)
        self.enabled = False
        self._connection = None


def _by_statement(pending: List[Tuple[str, Sequence[Any]]]) -> Iterator[Tuple[str, List[Sequence[Any]]]]:
    rows: dict[str, List[Sequence[Any]]] = {}
    for statement, row in pending:
        rows.setdefault(statement, []).append(row)
    yield from rows.items()
