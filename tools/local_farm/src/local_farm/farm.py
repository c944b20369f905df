"""A farm on this machine, as one object.

>>> with LocalFarm(Settings(data_dir=folder, workers=2)) as farm:  # doctest: +SKIP
...     subprocess.run(["deadline", "farm", "list"], env={**os.environ, **farm.environment()})
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from contextlib import ExitStack
from typing import Any, Iterator

from botocore.exceptions import BotoCoreError, ClientError

from local_farm import seed
from local_farm.call_counts import CallCounts
from local_farm.doors import Doors
from local_farm.environment import client_environment
from local_farm.faults import Faults
from local_farm.folder_lock import FolderInUseError, FolderLock
from local_farm.neighbours import ensure_bucket, moto_application
from local_farm.operations.context import Context
from local_farm.protocol.application import DeadlineApi
from local_farm.runner import Runner
from local_farm.seed_files import SeedError
from local_farm.server import FarmServer
from local_farm.settings import Settings
from local_farm.state.database import Database, DatabaseVersionError

logger = logging.getLogger("local_farm")


class FarmStartError(Exception):
    """A farm could not be started, for the reason that the message gives."""


class LocalFarm:
    """Serves and runs jobs from :meth:`start` to :meth:`stop`, or within a ``with`` block."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.faults = Faults()
        """What shall go wrong on purpose."""
        self.calls = CallCounts()
        """How often each operation was called."""
        self._lock: FolderLock | None = None
        self._runner: Runner | None = None
        self._server: FarmServer | None = None
        self._database: Database | None = None

    def __enter__(self) -> LocalFarm:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def database(self) -> Database:
        """The farm's state, while it is started."""
        if self._database is None:
            raise RuntimeError("The farm is not started.")
        return self._database

    @property
    def endpoint_url(self) -> str:
        """Where the farm answers, while it is started."""
        if self._server is None:
            raise RuntimeError("The farm is not started.")
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"http://{host}:{self._server.port}"

    def environment(self) -> dict[str, str]:
        """The variables that a client of this farm needs."""
        return client_environment(self.settings, self.endpoint_url)

    def start(self) -> None:
        """Open the state, answer requests, and begin to run jobs.

        Raises :class:`FarmStartError`, with nothing left running, when another farm uses the folder, the state cannot be
        opened, the file to begin with is not right, the port is taken or the S3 server does not answer.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End running sessions, stop answering, close the state; what was running is run on at the next start."""
        with ExitStack() as stack:  # each is ended even where another one fails to
            if self._lock is not None:
                stack.callback(self._lock.release)
            if self._database is not None:
                stack.callback(self._database.close)
            if self._server is not None:
                stack.callback(self._server.stop)
            if self._runner is not None:
                stack.callback(self._runner.stop)
            stack.callback(self.faults.clear)
            self._lock, self._runner, self._server, self._database = None, None, None, None

    def _start(self) -> None:
        with _explained(f"The farm's state in {self.settings.data_dir} cannot be used"):
            lock = FolderLock(self.settings.data_dir)
            lock.acquire()
            self._lock = lock
            self._database = Database(self.settings.database)
            context = Context(self._database, self._notify, self.faults.strike)
            defaults = seed.seed(context, self.settings.seed)
            seed.write_client_config(self.settings.client_config, defaults)
        address = f"{self.settings.host}:{self.settings.port}"
        with _explained(f"The farm cannot listen on {address}", "Choose another --port, or 0 for a free one."):
            self._server = FarmServer(
                self.settings.host,
                self.settings.port,
                DeadlineApi(context, self.faults, self.calls),
                Doors(self.faults, self.calls),
                moto_application(),
                self.calls,
            )
        self._server.start()
        s3_endpoint = self.settings.s3_endpoint or self.endpoint_url
        with _explained(f"The S3 server at {s3_endpoint} gives no bucket for job attachments"):
            for bucket in seed.buckets(context):
                ensure_bucket(self.environment(), bucket)
        self._runner = Runner(self._database, self.environment(), self.settings.workers, self.settings.sessions)
        self._runner.start()
        self.calls.reset()

    def _notify(self) -> None:
        if self._runner is not None:
            self._runner.notify()


@contextlib.contextmanager
def _explained(what: str, remedy: str = "") -> Iterator[None]:
    try:
        yield
    except (FolderInUseError, SeedError) as error:
        raise FarmStartError(str(error)) from error
    except (OSError, sqlite3.Error, DatabaseVersionError, BotoCoreError, ClientError) as error:
        raise FarmStartError(f"{what}: {_reason(error)}. {remedy}".rstrip()) from error


def _reason(error: Any) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return os.strerror(number) if number else str(error).rstrip(".")
