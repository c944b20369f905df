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
from local_farm.environment import client_environment
from local_farm.neighbours import ensure_bucket, moto_application
from local_farm.operations.context import Context
from local_farm.protocol.application import DeadlineApi
from local_farm.runner import Runner
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

        Raises :class:`FarmStartError`, with nothing left running, when the state cannot be opened, the port is taken or
        the S3 server does not answer.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End running sessions, stop answering, close the state; what was running is run on at the next start."""
        with ExitStack() as stack:  # each is ended even where another one fails to
            if self._database is not None:
                stack.callback(self._database.close)
            if self._server is not None:
                stack.callback(self._server.stop)
            if self._runner is not None:
                stack.callback(self._runner.stop)
            self._runner, self._server, self._database = None, None, None

    def _start(self) -> None:
        with _explained(f"The farm's state in {self.settings.data_dir} cannot be used"):
            self._database = Database(self.settings.database)
            context = Context(self._database, self._notify)
            queue = seed.seed(context)
            seed.write_client_config(self.settings.client_config, queue, _profile_of(queue))
        address = f"{self.settings.host}:{self.settings.port}"
        with _explained(f"The farm cannot listen on {address}", "Choose another --port, or 0 for a free one."):
            self._server = FarmServer(self.settings.host, self.settings.port, DeadlineApi(context), moto_application())
        self._server.start()
        s3_endpoint = self.settings.s3_endpoint or self.endpoint_url
        with _explained(f"The S3 server at {s3_endpoint} gives no bucket for job attachments"):
            ensure_bucket(self.environment(), queue["jobAttachmentSettings"]["s3BucketName"])
        if self.settings.workers:
            self._runner = Runner(self._database, self.environment(), self.settings.workers, self.settings.sessions)
            self._runner.start()

    def _notify(self) -> None:
        if self._runner is not None:
            self._runner.notify()


@contextlib.contextmanager
def _explained(what: str, remedy: str = "") -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error, DatabaseVersionError, BotoCoreError, ClientError) as error:
        number = error.errno if isinstance(error, OSError) else None
        reason = os.strerror(number) if number else str(error).rstrip(".")
        raise FarmStartError(f"{what}: {reason}. {remedy}".rstrip()) from error


def _profile_of(queue: dict[str, Any]) -> str:
    profiles: list[str] = queue.get("allowedStorageProfileIds", [])
    return profiles[0] if profiles else ""
