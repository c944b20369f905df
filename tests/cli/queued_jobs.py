"""Jobs whose tasks nobody runs, in a queue that no fleet serves."""

from __future__ import annotations

import json
import time
from typing import Any, Mapping, Sequence

RUN: dict[str, Any] = {"actions": {"onRun": {"command": "true"}}}


def frames(last: int) -> dict[str, Any]:
    """A parameter space of the frames from 1 on."""
    return {"taskParameterDefinitions": [{"name": "Frame", "type": "INT", "range": f"1-{last}"}]}


STEPS: Sequence[Mapping[str, Any]] = (
    {"name": "Render", "script": RUN, "parameterSpace": frames(3)},
    {"name": "Encode", "script": RUN, "dependencies": [{"dependsOn": "Render"}]},
)


class QueuedJobs:
    """Makes such jobs, and shows and changes what becomes of them behind the command's back."""

    def __init__(self, farm: Any) -> None:
        self._client = farm.client
        self._farm_id = farm.farm_id
        answer = farm.client.create_queue(farmId=farm.farm_id, displayName="A queue without workers")
        self.queue_id: str = answer["queueId"]

    def new(self, *, name: str = "A job", steps: Sequence[Mapping[str, Any]] = STEPS, **members: Any) -> str:
        """Create a job, wait until it has tasks, and return its id."""
        template = {"specificationVersion": "jobtemplate-2023-09", "name": name, "steps": list(steps)}
        answer = self._client.create_job(
            **{"farmId": self._farm_id, "queueId": self.queue_id, "priority": 50, **members},
            template=json.dumps(template),
            templateType="JSON",
        )
        job_id = str(answer["jobId"])
        end = time.monotonic() + 30
        while self.get(job_id)["lifecycleStatus"] == "CREATE_IN_PROGRESS":
            assert time.monotonic() < end, f"Job {job_id} was not created in time"
            time.sleep(0.02)
        return job_id

    def get(self, job_id: str) -> dict[str, Any]:
        """GetJob's answer."""
        answer: dict[str, Any] = self._client.get_job(**self.ids(job_id))
        return answer

    def ids(self, job_id: str) -> dict[str, str]:
        """The ids for a call of the service."""
        return {"farmId": self._farm_id, "queueId": self.queue_id, "jobId": job_id}

    def statuses(self, job_id: str) -> dict[str, list[str]]:
        """The statuses of the tasks by the name of the step."""
        return {
            step["name"]: [task["runStatus"] for task in self._tasks(job_id, step["stepId"])]
            for step in self._client.list_steps(**self.ids(job_id))["steps"]
        }

    def mark(self, job_id: str, step_name: str, *statuses: str) -> None:
        """Give the first tasks of a step these statuses."""
        steps = self._client.list_steps(**self.ids(job_id))["steps"]
        (step_id,) = [step["stepId"] for step in steps if step["name"] == step_name]
        for task, status in zip(self._tasks(job_id, step_id), statuses):
            self._client.update_task(**self.ids(job_id), stepId=step_id, taskId=task["taskId"], targetRunStatus=status)

    def _tasks(self, job_id: str, step_id: str) -> list[dict[str, Any]]:
        tasks: list[dict[str, Any]] = self._client.list_tasks(**self.ids(job_id), stepId=step_id)["tasks"]
        return tasks
