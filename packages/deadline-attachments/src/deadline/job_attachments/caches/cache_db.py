"""A cache in an SQLite file that several threads and processes share.

A cache saves time and is never needed: a file that is damaged is set aside and begun anew, and where SQLite, the folder
or the file cannot be used the cache is empty and forgets what it is told. Writes are gathered and committed a thousand
rows at a time, and at the end of the ``with`` block.

A file counts as damaged only when SQLite says that its content is no database or is malformed. Whatever else fails (a
lock that another process holds, a full disk, a table of another form) leaves the file alone, because other processes
may be using it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import random
import re
import threading
import time
from pathlib import Path
from typing import Any, Iterator, List, Optional, Sequence, Tuple

from ..exceptions import JobAttachmentsError

CONFIG_ROOT = ".deadline"
COMPONENT_NAME = "job_attachments"
ROWS_PER_COMMIT = 1000
SECONDS_PER_COMMIT = 1.0
"""How long rows wait for others: what was not committed when a process is killed is found out again."""
BUSY_TIMEOUT = 30
"""Seconds to wait for another process that writes."""
OPEN_ATTEMPTS = 5
"""How often opening is tried: while another process turns a new file into a WAL database, SQLite does not wait."""
_LOCKED = re.compile("locked|busy")

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
        self._flushed = time.monotonic()

    @classmethod
    def get_default_cache_db_file_dir(cls) -> Optional[str]:
        """The folder of caches where nobody chose one, or ``None`` where there is no home folder."""
        home = os.path.expanduser("~")
        return None if home == "~" else os.path.join(home, CONFIG_ROOT, COMPONENT_NAME)

    def __enter__(self) -> Any:
        if self.enabled:
            with self._lock:
                try:
                    self._open_patiently()
                except (sqlite3.Error, OSError) as error:
                    self._recover(error)
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self.flush()
            self._close()

    def get_local_connection(self) -> Any:
        """The open connection; use it only while no other thread does."""
        return self._connection

    def remove_cache(self) -> None:
        """Forget everything: close the database and delete its file; errors of deleting are raised."""
        with self._lock:
            self._pending.clear()
            self._close()
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(self.cache_dir + suffix)

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> List[Any]:
        """The rows of a query, which sees what was written before; nothing when the cache is not usable."""
        with self._lock:
            self.flush()
            if self._connection is None:
                return []
            try:
                return list(self._connection.execute(statement, parameters))
            except sqlite3.Error as error:
                self._recover(error)
                return []

    def write(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Remember rows by a statement with placeholders; they are committed later, many at a time."""
        with self._lock:
            if self._connection is None:
                return
            self._pending.extend((statement, row) for row in rows)
            late = time.monotonic() - self._flushed > SECONDS_PER_COMMIT
            if late or len(self._pending) >= ROWS_PER_COMMIT:
                self.flush()

    def flush(self) -> None:
        """Commit what is still to be committed."""
        with self._lock:
            pending, self._pending = self._pending, []
            self._flushed = time.monotonic()
            if not pending or self._connection is None:
                return
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for statement, rows in _by_statement(pending):
                    self._connection.executemany(statement, rows)
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                # What is not remembered is found out again.
                self._recover(error)

    def create_tables(self) -> None:
        """Make the tables where they are missing; a cache with more than one table extends this."""
        known = self._connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", [self.table_name]
        )
        if known.fetchone() == (0,):
            self._connection.execute(self.create_query)

    def _open_patiently(self) -> None:
        Path(self.cache_dir).parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, OPEN_ATTEMPTS + 1):
            try:
                self._open()
                return
            except sqlite3.OperationalError as error:
                self._close()
                # A disk that is full or may not be written will not be better in a moment.
                if attempt == OPEN_ATTEMPTS or not _LOCKED.search(str(error)):
                    raise
            time.sleep(random.uniform(0.05, 0.2) * attempt)

    def _open(self) -> None:
        self._connection = sqlite3.connect(
            self.cache_dir, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        # In a transaction, so that of several processes that find no table only one makes it.
        self._connection.execute("BEGIN IMMEDIATE")
        self.create_tables()
        self._connection.execute("COMMIT")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _recover(self, error: Exception) -> None:
        """Go on after an error: with a new file, with the same one, or without a cache."""
        # Of this very class are the errors about a file's content; locks, disks and statements have classes below it.
        if type(error) is sqlite3.DatabaseError:
            self._begin_anew(error)
        elif self._connection is not None and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
            logger.warning("The %s could not be updated: %s.", self.cache_name, error)
        else:
            self._disable(error)

    def _begin_anew(self, error: Exception) -> None:
        """Set the damaged file aside and begin with an empty one; where that fails, do without."""
        self._close()
        aside = f"{self.cache_dir}.damaged"
        logger.warning("The %s at %s is damaged (%s) and is begun anew.", self.cache_name, self.cache_dir, error)
        try:
            os.replace(self.cache_dir, aside)
            for suffix in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.remove(self.cache_dir + suffix)
            self._open_patiently()
        except (OSError, sqlite3.Error) as second:
            self._disable(second)

    def _disable(self, error: Exception) -> None:
        logger.warning("The %s at %s cannot be used: %s.", self.cache_name, self.cache_dir, error)
        self.enabled = False
        self._close()


def _by_statement(pending: List[Tuple[str, Sequence[Any]]]) -> Iterator[Tuple[str, List[Sequence[Any]]]]:
    rows: dict[str, List[Sequence[Any]]] = {}
    for statement, row in pending:
        rows.setdefault(statement, []).append(row)
    yield from rows.items()
