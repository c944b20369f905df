"""The real client of AWS, set up by nothing but the variables of a farm."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path
from typing import Any, Callable, Iterator

import boto3
import pytest
from botocore.config import Config

from local_farm.environment import REMOVED
from local_farm.farm import LocalFarm
from local_farm.runner.aws import FarmSession
from local_farm.testing import running_farm

Client = Callable[..., Any]
LIMIT = 60.0

TWO_STEPS: dict[str, Any] = {
    "specificationVersion": "jobtemplate-2023-09",
    "name": "Shot",
    "parameterDefinitions": [
        {"name": "Scene", "type": "STRING", "default": "forest"},
        {"name": "Samples", "type": "INT", "default": 16},
    ],
    "steps": [
        {
            "name": "Render",
            "parameterSpace": {"taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": "1-3"}]},
            "script": {"actions": {"onRun": {"command": "true"}}},
        },
        {
            "name": "Encode",
            "dependencies": [{"dependsOn": "Render"}],
            "script": {"actions": {"onRun": {"command": "true"}}},
        },
    ],
}


@pytest.fixture(scope="module")
def served_farm() -> Iterator[LocalFarm]:
    """A farm that answers and runs no jobs."""
    with running_farm(workers=0) as farm:
        yield farm


@pytest.fixture(scope="module")
def client(served_farm: LocalFarm) -> Iterator[Client]:
    """Makes clients of services, with boto3's arguments, in an environment as ``local-farm env`` sets it."""
    made = []

    def make(service: str, **arguments: Any) -> Any:
        made.append(session.client(service, **arguments))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        for name in REMOVED:
            patch.delenv(name, raising=False)
        for name, value in served_farm.environment().items():
            patch.setenv(name, value)
        # One for all clients: it reads the models of the services once.
        session = boto3.Session()
        yield make
    for each in made:
        each.close()


class Queue:
    """A queue of its own in a farm that others use as well, by the service's client."""

    def __init__(self, farm: LocalFarm, client: Any, s3: Any, logs: Any) -> None:
        self.farm = farm
        self.client = client
        self.s3 = s3
        self.logs = logs
        self.farm_id = client.list_farms()["farms"][0]["farmId"]
        self.fleet_id = client.list_fleets(farmId=self.farm_id)["fleets"][0]["fleetId"]
        self.queue_id = client.create_queue(farmId=self.farm_id, displayName="Queue of a test")["queueId"]
        self.ids = {"farmId": self.farm_id, "queueId": self.queue_id}

    def create(self, template: dict[str, Any] = TWO_STEPS, **members: Any) -> str:
        """Create a job, and wait until it has its tasks."""
        members = {"template": json.dumps(template), "templateType": "JSON", "priority": 50, **members}
        job_id: str = self.client.create_job(**self.ids, **members)["jobId"]
        self.wait_until(lambda: self.job(job_id)["lifecycleStatus"] != "CREATE_IN_PROGRESS", "The creation of the job")
        assert self.job(job_id)["lifecycleStatus"] == "CREATE_COMPLETE", self.job(job_id)["lifecycleStatusMessage"]
        return job_id

    def job(self, job_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.client.get_job(**self.ids, jobId=job_id)
        return answer

    def steps(self, job_id: str) -> dict[str, dict[str, Any]]:
        """The steps of a job by name."""
        return {step["name"]: step for step in self.client.list_steps(**self.ids, jobId=job_id)["steps"]}

    def tasks(self, job_id: str, step: str) -> list[dict[str, Any]]:
        step_id = self.steps(job_id)[step]["stepId"]
        tasks: list[dict[str, Any]] = self.client.list_tasks(**self.ids, jobId=job_id, stepId=step_id)["tasks"]
        return tasks

    def statuses(self, job_id: str) -> dict[str, list[str]]:
        """The status of each task, by step."""
        return {name: [task["runStatus"] for task in self.tasks(job_id, name)] for name in self.steps(job_id)}

    def set_job(self, job_id: str, **members: Any) -> None:
        self.client.update_job(**self.ids, jobId=job_id, **members)

    def set_step(self, job_id: str, step: str, status: str) -> None:
        step_id = self.steps(job_id)[step]["stepId"]
        self.client.update_step(**self.ids, jobId=job_id, stepId=step_id, targetTaskRunStatus=status)

    def set_tasks(self, job_id: str, step: str, *statuses: str) -> None:
        """Give the first tasks of a step statuses, as somebody does by hand."""
        step_id = self.steps(job_id)[step]["stepId"]
        for task, status in zip(self.tasks(job_id, step), statuses):
            self.client.update_task(
                **self.ids, jobId=job_id, stepId=step_id, taskId=task["taskId"], targetRunStatus=status
            )

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        give_up_at = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < give_up_at, f"{what} did not happen within {LIMIT} s"
            time.sleep(0.02)


@contextlib.contextmanager
def queue_maker(workers: int, **options: Any) -> Iterator[Callable[[], Queue]]:
    """A farm, and a function that makes queues in it."""
    with running_farm(workers=workers, **options) as farm:
        session = FarmSession(farm.environment())
        config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1}, parameter_validation=False)
        with contextlib.ExitStack() as stack:
            client, s3, logs = (
                stack.enter_context(
                    contextlib.closing(session.client(service, config=config if service == "deadline" else None))
                )
                for service in ("deadline", "s3", "logs")
            )
            yield lambda: Queue(farm, client, s3, logs)


@pytest.fixture(scope="session")
def new_idle_queue() -> Iterator[Callable[[], Queue]]:
    with queue_maker(workers=0) as make:
        yield make


@pytest.fixture
def queue(new_idle_queue: Callable[[], Queue]) -> Queue:
    """A queue in a farm that all tests of this folder share; its jobs are created, and not run."""
    return new_idle_queue()


@pytest.fixture(scope="session")
def new_served_queue() -> Iterator[Callable[[], Queue]]:
    with queue_maker(workers=2) as make:
        yield make


@pytest.fixture
def served_queue(new_served_queue: Callable[[], Queue]) -> Queue:
    """A queue in another shared farm, with a fleet whose two workers run its jobs."""
    queue = new_served_queue()
    queue.client.create_queue_fleet_association(**queue.ids, fleetId=queue.fleet_id)
    return queue


@pytest.fixture
def go_on(tmp_path: Path) -> Path:
    """A file for which tasks may wait."""
    return tmp_path / "go on"
