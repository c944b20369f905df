"""A farm without its face: the database, a runner, and moto for the logs and S3."""

from __future__ import annotations

import json
import sqlite3
import sys
import textwrap
import threading
import time
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer

from local_farm.runner import Runner
from local_farm.state.database import Database

FARM = "farm-" + "f" * 32
FLEET = "fleet-" + "e" * 32
LIMIT = 60.0


@pytest.fixture(scope="session")
def aws_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class BareFarm:
    """One queue and one fleet in a database, with a runner to start, stop and start again."""

    def __init__(self, folder: Path, aws_endpoint: str, workers: int) -> None:
        # Farms of other tests may be running in this process.
        self._threads_before = set(threading.enumerate())
        self.queue_id = f"queue-{uuid.uuid4().hex}"
        self.bucket = f"bucket-{uuid.uuid4().hex}"
        self.environment = {
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "farm",
            "AWS_DEFAULT_REGION": "us-west-2",
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": aws_endpoint,
            "AWS_ENDPOINT_URL_S3": aws_endpoint,
        }
        self.sessions_root = folder / "sessions"
        self.database = Database(folder / "farm.db")
        self.workers = workers
        self._insert("farm", FARM, "", {})
        self._insert(
            "queue",
            self.queue_id,
            FARM,
            {"jobAttachmentSettings": {"s3BucketName": self.bucket, "rootPrefix": "DeadlineCloud"}},
        )
        self._insert("fleet", FLEET, FARM, {})
        self._insert("queueFleetAssociation", f"{self.queue_id}/{FLEET}", FARM, {"status": "ACTIVE"})
        self.runner = self._new_runner()

    def client(self, service: str) -> Any:
        service_id = {"logs": "CLOUDWATCH_LOGS"}.get(service, service.upper())
        return boto3.client(
            service,
            endpoint_url=self.environment[f"AWS_ENDPOINT_URL_{service_id}"],
            region_name=self.environment["AWS_DEFAULT_REGION"],
            aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
        )

    def restart(self) -> None:
        """Start a new runner on the same database."""
        self.runner = self._new_runner()
        self.runner.start()

    def add_queue_environment(self, template: str) -> None:
        self._insert(
            "queueEnvironment",
            f"queueenv-{uuid.uuid4().hex}",
            self.queue_id,
            {"template": textwrap.dedent(template), "templateType": "YAML", "priority": 1},
        )

    def submit(self, template: str, *, priority: int = 50, python: bool = True, **doc: Any) -> str:
        """Record a job; ``{{Param.Python}}`` is this interpreter."""
        job_id = f"job-{uuid.uuid4().hex}"
        parameters = {"Python": {"path": sys.executable}} if python else {}
        parameters.update(doc.pop("parameters", {}))
        doc = {"template": textwrap.dedent(template), "templateType": "YAML", "parameters": parameters, **doc}
        self.execute(
            "INSERT INTO jobs (job_id, farm_id, queue_id, name, priority, lifecycle_status, lifecycle_message, created_at,"
            " doc) VALUES (?, ?, ?, 'unnamed', ?, 'CREATE_IN_PROGRESS', '', ?, ?)",
            (job_id, FARM, self.queue_id, priority, time.time(), json.dumps(doc)),
        )
        self.runner.notify()
        return job_id

    def cancel(self, job_id: str, target: str = "CANCELED") -> None:
        """What UpdateJob does with a target status."""
        with self.database.transaction() as db:
            db.execute(
                "UPDATE tasks SET run_status = ? WHERE job_id = ? AND run_status IN ('READY', 'PENDING')",
                (target, job_id),
            )
            db.execute(
                "UPDATE tasks SET target_status = ? WHERE job_id = ? AND run_status IN"
                " ('ASSIGNED', 'STARTING', 'SCHEDULED', 'RUNNING')",
                (target, job_id),
            )
        self.runner.notify()

    def execute(self, statement: str, arguments: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        with self.database.transaction() as db:
            return list(db.execute(statement, arguments))

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        give_up_at = time.monotonic() + LIMIT
        pause = threading.Event()
        while not condition():
            assert time.monotonic() < give_up_at, f"{what} did not happen within {LIMIT} s"
            pause.wait(0.02)

    def wait_until_ended(self, job_id: str) -> dict[str, int]:
        """Wait for the job and for its sessions; gives the counts of its tasks by status."""

        def has_ended() -> bool:
            (job,) = self.execute("SELECT lifecycle_status, ended_at FROM jobs WHERE job_id = ?", (job_id,))
            assert job["lifecycle_status"] != "CREATE_FAILED"
            return job["ended_at"] is not None and not self.execute(
                "SELECT 1 FROM sessions WHERE job_id = ? AND ended_at IS NULL", (job_id,)
            )

        self.wait_until(has_ended, "The end of the job")
        return self.counts(job_id)

    def counts(self, job_id: str) -> dict[str, int]:
        rows = self.execute(
            "SELECT run_status, COUNT(*) AS tasks FROM tasks WHERE job_id = ? GROUP BY run_status", (job_id,)
        )
        return {row["run_status"]: row["tasks"] for row in rows}

    def sessions(self, job_id: str) -> list[sqlite3.Row]:
        return self.execute("SELECT * FROM sessions WHERE job_id = ? ORDER BY started_at", (job_id,))

    def actions(self, job_id: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Kind, status and record of the job's actions, in order."""
        rows = self.execute(
            "SELECT a.* FROM session_actions AS a JOIN sessions AS s USING (session_id) WHERE a.job_id = ?"
            " ORDER BY s.started_at, a.position",
            (job_id,),
        )
        docs = [json.loads(row["doc"]) for row in rows]
        return [(next(iter(doc["definition"])), row["status"], doc) for row, doc in zip(rows, docs)]

    def log(self, job_id: str) -> list[str]:
        """The lines of the job's sessions, as CloudWatch Logs has them."""
        lines: list[str] = []
        logs = self.client("logs")
        for session in self.sessions(job_id):
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=f"/aws/deadline/{FARM}/{self.queue_id}", logStreamNames=[session["session_id"]]
            )
            lines += [event["message"] for page in pages for event in page["events"]]
        return lines

    def close(self) -> None:
        self.runner.stop()
        self.database.close()
        left = set(threading.enumerate()) - self._threads_before
        assert [thread.name for thread in left if thread.name.startswith(("worker", "dispatch"))] == []

    def _insert(self, kind: str, id_: str, parent_id: str, doc: dict[str, Any]) -> None:
        self.execute(
            "INSERT INTO resources (kind, id, parent_id, created_at, doc) VALUES (?, ?, ?, ?, ?)",
            (kind, id_, parent_id, time.time(), json.dumps(doc)),
        )

    def _new_runner(self) -> Runner:
        return Runner(self.database, self.environment, self.workers, self.sessions_root)


@pytest.fixture
def workers() -> int:
    return 2


@pytest.fixture
def farm(tmp_path: Path, aws_endpoint: str, workers: int) -> Iterator[BareFarm]:
    farm = BareFarm(tmp_path, aws_endpoint, workers)
    farm.runner.start()
    yield farm
    farm.close()


@pytest.fixture
def resting_farm(tmp_path: Path, aws_endpoint: str, workers: int) -> Iterator[BareFarm]:
    """A farm whose runner has not been started."""
    farm = BareFarm(tmp_path, aws_endpoint, workers)
    yield farm
    farm.close()
