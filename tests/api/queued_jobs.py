"""Jobs of a farm for tests: with tasks that nobody runs, unless a fleet serves the queue."""

from __future__ import annotations

import json
import time
from typing import Any, Mapping, Sequence

from .conftest import Farm

RUN = {"actions": {"onRun": {"command": "true"}}}


def frames(last: int) -> dict[str, Any]:
    """A parameter space of the frames from 1 on."""
    return {"taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": f"1-{last}"}]}


def new_job(farm: Farm, queue_id: str, steps: Sequence[Mapping[str, Any]], **members: Any) -> str:
    """Create a job, and wait until it has tasks."""
    name = members.pop("name", "A job")
    template = {"specificationVersion": "jobtemplate-2023-09", "name": name, "steps": list(steps)}
    answer = farm.client.create_job(
        farmId=farm.farm_id,
        queueId=queue_id,
        template=json.dumps(template),
        templateType="JSON",
        **{"priority": 50, **members},
    )
    job_id = str(answer["jobId"])
    end = time.monotonic() + 30
    while time.monotonic() < end:
        job = farm.client.get_job(farmId=farm.farm_id, queueId=queue_id, jobId=job_id)
        if job["lifecycleStatus"] != "CREATE_IN_PROGRESS":
            assert job["lifecycleStatus"] == "CREATE_COMPLETE", job["lifecycleStatusMessage"]
            return job_id
        time.sleep(0.02)
    raise AssertionError(f"Job {job_id} was not created in time")


def task_statuses(farm: Farm, queue_id: str, job_id: str) -> dict[str, list[str]]:
    """The statuses of the tasks of a job, in their order, by the name of the step."""
    ids = {"farmId": farm.farm_id, "queueId": queue_id, "jobId": job_id}
    return {
        step["name"]: [task["runStatus"] for task in farm.client.list_tasks(**ids, stepId=step["stepId"])["tasks"]]
        for step in farm.client.list_steps(**ids)["steps"]
    }
