"""The rows of one synthetic job."""

from __future__ import annotations

import itertools
import json
import sys
import uuid
from dataclasses import dataclass, field
from typing import Any

from local_farm.runner.workers import LOG_DRIVER, Worker
from local_farm.synthetic.shape import SyntheticJobs

TABLES = {"jobs": 13, "steps": 9, "step_dependencies": 2, "tasks": 12, "sessions": 10, "session_actions": 9}
"""The tables in the order in which they are written, and how many columns each has."""


@dataclass(frozen=True)
class Place:
    """The queue of the jobs, and the worker that is said to have run them."""

    farm_id: str
    queue_id: str
    worker: Worker


@dataclass(frozen=True)
class TaskRun:
    """A run of a task."""

    job_id: str
    job_number: int
    step_id: str
    task_id: str
    frame: int
    action_id: str
    started_at: float
    status: str


@dataclass
class JobRows:
    """Rows by table, and the runs of tasks, of which those that succeeded may have outputs."""

    job_id: str
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in TABLES})
    runs: list[TaskRun] = field(default_factory=list)
    manifests: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """By session action, what it says of its outputs."""


def rows_of_job(shape: SyntheticJobs, place: Place, number: int) -> JobRows:
    """A job with everything but its session actions, which :func:`add_actions` adds when the outputs are known."""
    outcome, total = shape.outcome(number), shape.tasks_per_job
    done = total if outcome != "RUNNING" else max(1, total // 2) - 1
    ended_at = shape.ended_at(number)
    started_at = ended_at - shape.task_seconds * (total if outcome != "RUNNING" else done + 1)
    job = JobRows(f"job-{uuid.uuid4().hex}")
    sessions = [f"session-{uuid.uuid4().hex}" for _ in range(min(shape.sessions_per_job, total))]
    steps = [f"step-{uuid.uuid4().hex}" for _ in range(shape.steps)]
    actions = [itertools.count() for _ in sessions]
    for position in range(total):
        step = position // shape.tasks_per_step
        index = position % shape.tasks_per_step
        status = _status(outcome, position, done, total, step == done // shape.tasks_per_step)
        session = position * len(sessions) // total
        run = TaskRun(
            job.job_id,
            number,
            steps[step],
            f"{steps[step].replace('step-', 'task-', 1)}-{index}",
            index + 1,
            f"{sessions[session].replace('session-', 'sessionaction-', 1)}-{next(actions[session])}",
            started_at + position * shape.task_seconds,
            status,
        )
        has_run = status not in ("READY", "PENDING")
        has_ended = status in ("SUCCEEDED", "FAILED")
        job.rows["tasks"].append(
            (
                run.task_id,
                run.job_id,
                run.step_id,
                index,
                status,
                None,
                0,
                run.action_id if has_run else None,
                started_at - 60,
                run.started_at if has_run else None,
                run.started_at + shape.task_seconds if has_ended else None,
                json.dumps({"Frame": {"int": str(run.frame)}}),
            )
        )
        if has_run:
            job.runs.append(run)
    _add_steps(job, shape, steps, started_at)
    _add_sessions(job, shape, place, sessions)
    job_ended_at = None if outcome == "RUNNING" else ended_at
    job.rows["jobs"].append(
        (
            job.job_id,
            place.farm_id,
            place.queue_id,
            f"{shape.name} {number + 1}",
            50,
            "CREATE_COMPLETE",
            "Job creation completed successfully",
            None,
            started_at - 60,
            started_at,
            job_ended_at,
            None,
            json.dumps(_job_doc(shape)),
        )
    )
    return job


def add_actions(job: JobRows, shape: SyntheticJobs) -> None:
    """Add the session actions, one for each run of a task."""
    for run in job.runs:
        doc: dict[str, Any] = {
            "definition": {
                "taskRun": {
                    "taskId": run.task_id,
                    "stepId": run.step_id,
                    "parameters": {"Frame": {"int": str(run.frame)}},
                }
            }
        }
        if run.status in ("SUCCEEDED", "FAILED"):
            doc.update(processExitCode=int(run.status == "FAILED"), progressPercent=100.0)
        if run.action_id in job.manifests:
            doc["manifests"] = job.manifests[run.action_id]
        hexadecimal, _, position = run.action_id.partition("-")[2].partition("-")
        ended_at = None if run.status == "RUNNING" else run.started_at + shape.task_seconds
        job.rows["session_actions"].append(
            (
                run.action_id,
                f"session-{hexadecimal}",
                run.job_id,
                int(position),
                run.status,
                run.task_id,
                run.started_at,
                ended_at,
                json.dumps(doc),
            )
        )


def asset_root(shape: SyntheticJobs) -> dict[str, Any]:
    """The asset root of a job with outputs, as its attachments name it."""
    root: dict[str, Any] = {
        "rootPath": shape.root_path,
        "rootPathFormat": shape.root_path_format,
        "outputRelativeDirectories": ["renders"],
    }
    if shape.file_system_location_name:
        root["fileSystemLocationName"] = shape.file_system_location_name
    return root


def _status(outcome: str, position: int, done: int, total: int, in_current_step: bool) -> str:
    if outcome == "FAILED":
        return "FAILED" if position == total - 1 else "SUCCEEDED"
    if position < done:
        return "SUCCEEDED"
    if position == done:
        return "RUNNING"
    return "READY" if in_current_step else "PENDING"


def _add_steps(job: JobRows, shape: SyntheticJobs, steps: list[str], started_at: float) -> None:
    doc = json.dumps({"parameterSpace": {"parameters": [{"name": "Frame", "type": "INT"}]}})
    for position, step_id in enumerate(steps):
        tasks = job.rows["tasks"][position * shape.tasks_per_step : (position + 1) * shape.tasks_per_step]
        started = [task[9] for task in tasks if task[9] is not None]
        ended = [task[10] for task in tasks]
        job.rows["steps"].append(
            (
                step_id,
                job.job_id,
                position,
                f"Step {position + 1}",
                None,
                started_at - 60,
                min(started, default=None),
                None if None in ended else max(ended),
                doc,
            )
        )
        if position:
            job.rows["step_dependencies"].append((step_id, steps[position - 1]))


def _add_sessions(job: JobRows, shape: SyntheticJobs, place: Place, sessions: list[str]) -> None:
    worker = place.worker
    for session_id in sessions:
        hexadecimal = session_id.partition("-")[2]
        runs = [run for run in job.runs if hexadecimal in run.action_id]
        if not runs:
            continue
        running = any(run.status == "RUNNING" for run in runs)
        options = {
            "logGroupName": f"/aws/deadline/{place.farm_id}/{place.queue_id}",
            "logStreamName": session_id,
        }
        doc = {
            "log": {"logDriver": LOG_DRIVER, "options": options},
            "hostProperties": {"hostName": "synthetic"},
            "workerLog": worker.log,
        }
        job.rows["sessions"].append(
            (
                session_id,
                place.farm_id,
                place.queue_id,
                job.job_id,
                worker.fleet_id,
                worker.worker_id,
                "STARTED" if running else "ENDED",
                runs[0].started_at,
                None if running else runs[-1].started_at + shape.task_seconds,
                json.dumps(doc),
            )
        )


def _job_doc(shape: SyntheticJobs) -> dict[str, Any]:
    doc: dict[str, Any] = {
        "template": _template(shape),
        "templateType": "JSON",
        "parameters": {},
        "maxFailedTasksCount": 100,
        "maxRetriesPerTask": 5,
        "nameOverride": shape.name,
    }
    if shape.storage_profile_id:
        doc["storageProfileId"] = shape.storage_profile_id
    if shape.with_outputs:
        doc["attachments"] = {"manifests": [asset_root(shape)], "fileSystem": "COPIED"}
    return doc


def _template(shape: SyntheticJobs) -> str:
    """A template of that form; tasks that are ready do run where the farm has workers, and do nothing."""
    frames = {"name": "Frame", "type": "INT", "range": f"1-{shape.tasks_per_step}"}
    steps = []
    for number in range(1, shape.steps + 1):
        step: dict[str, Any] = {
            "name": f"Step {number}",
            "parameterSpace": {"taskParameterDefinitions": [frames]},
            "script": {"actions": {"onRun": {"command": sys.executable, "args": ["-c", ""]}}},
        }
        if number > 1:
            step["dependencies"] = [{"dependsOn": f"Step {number - 1}"}]
        steps.append(step)
    return json.dumps({"specificationVersion": "jobtemplate-2023-09", "name": shape.name, "steps": steps})
