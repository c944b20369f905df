"""The entry of each job in the status file: what a run found out, put into what runs before had written.

Counts of a job are those of all its runs: what a run brings of a task takes the place of what was said of the task before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Collection, Dict, Mapping, Optional

from .categories import CategorizedJob, Category
from .failures import code_of
from .outputs import TaskOutput

DOWNLOADED = "downloaded"
FAILED = "failed"
FARM_FAILED = "farm_failed"
IN_PROGRESS = "in_progress"
SKIPPED = "skipped"

_COUNTS = ("total_files", "downloaded_files", "failed_files")
_TASK_COUNTS = ("total_files", "downloaded_files")
_SKIP_REASONS = {
    Category.ATTACHMENTS_FREE: "no_attachments",
    Category.MISSING_STORAGE_PROFILE: "missing_storage_profile",
}

Entry = Dict[str, Any]


@dataclass(frozen=True)
class JobFacts:
    """What a run found out about a job."""

    job: CategorizedJob
    outputs: Collection[TaskOutput] = ()
    """What its tasks wrote, with errors where that is not on this machine."""
    error: Optional[Exception] = None
    """Why the job as a whole, or some task of it, failed."""
    succeeded_tasks: Collection[str] = field(default_factory=frozenset)
    failed_tasks: Collection[str] = field(default_factory=frozenset)
    """Tasks that failed on the farm."""


def merged(jobs: Any, facts: Collection[JobFacts], now: str) -> Dict[str, Entry]:
    """The entries of all jobs by id.

    Args:
        jobs: The entries that there are, as they stand in the file: what is malformed is repaired.
        facts: What this run found out.
        now: The time for entries that change.
    """
    entries = {job_id: _repaired(entry) for job_id, entry in _object(jobs).items() if isinstance(entry, dict)}
    for of_job in facts:
        job_id = of_job.job.job_id
        before = entries.get(job_id)
        if of_job.job.category is Category.INACTIVE:
            if before is None or before["download_status"] != IN_PROGRESS:
                continue
            after = {**before, "download_status": DOWNLOADED if before["downloaded_files"] else SKIPPED}
        else:
            after = _entry(before or _repaired({}), of_job)
        if after != before:
            entries[job_id] = {**after, "last_updated": now}
    return entries


def _entry(before: Entry, facts: JobFacts) -> Entry:
    tasks = _tasks(before["tasks"], facts)
    counts = _counts(before, tasks, facts)
    status, code, message, reason = _status(facts)
    failed_task = next((task for task in tasks.values() if task["error_code"]), None)
    if status in (DOWNLOADED, SKIPPED) and failed_task is not None:
        status, reason = FAILED, None
        code, message = failed_task["error_code"], failed_task["error_message"]
    return {
        "download_status": status,
        **counts,
        "last_updated": before["last_updated"],
        "error_code": code,
        "error_message": message,
        "skip_reason": reason,
        "tasks": tasks,
    }


def _status(facts: JobFacts) -> Any:
    """The status, the code and the text of an error, and why the job is skipped."""
    if facts.error is not None:
        return FAILED, code_of(facts.error), str(facts.error), None
    category = facts.job.category
    if category in _SKIP_REASONS:
        return SKIPPED, None, None, _SKIP_REASONS[category]
    done = category is Category.COMPLETED or facts.job.is_at_rest
    return DOWNLOADED if done else IN_PROGRESS, None, None, None


def _tasks(before: Mapping[str, Entry], facts: JobFacts) -> Dict[str, Entry]:
    tasks = dict(before)
    brought = {output.key.task_id: output for output in facts.outputs if output.key.task_id is not None}
    tasks.update((task_id, _task(output)) for task_id, output in brought.items())
    for task_id in facts.failed_tasks:
        known = tasks.get(task_id)
        if task_id not in brought and (known is None or known["download_status"] != DOWNLOADED):
            tasks[task_id] = {**_repaired_task({}), "download_status": FARM_FAILED}
    for task_id in facts.succeeded_tasks:
        if task_id not in brought and task_id in tasks and tasks[task_id]["download_status"] == FARM_FAILED:
            del tasks[task_id]
    return tasks


def _task(output: TaskOutput) -> Entry:
    files = len(output.files)
    return {
        "download_status": FAILED if output.error else DOWNLOADED,
        "total_files": files,
        "downloaded_files": 0 if output.error else files,
        "error_code": code_of(output.error) if output.error else None,
        "error_message": str(output.error) if output.error else None,
    }


def _counts(before: Entry, tasks: Mapping[str, Entry], facts: JobFacts) -> Dict[str, int]:
    total, downloaded = before["total_files"], before["downloaded_files"]
    failed_without_task = 0
    for output in facts.outputs:
        replaced = before["tasks"].get(output.key.task_id, {}) if output.key.task_id is not None else {}
        now = _task(output)
        total += now["total_files"] - replaced.get("total_files", 0)
        downloaded += now["downloaded_files"] - replaced.get("downloaded_files", 0)
        if output.key.task_id is None:
            failed_without_task += now["total_files"] - now["downloaded_files"]
    missing = sum(task["total_files"] - task["downloaded_files"] for task in tasks.values() if task["error_code"])
    return {
        "total_files": max(total, 0),
        "downloaded_files": max(downloaded, 0),
        "failed_files": max(missing, 0) + failed_without_task,
    }


def _repaired(entry: Mapping[str, Any]) -> Entry:
    return {
        "download_status": entry.get("download_status") or SKIPPED,
        **{name: _number(entry.get(name)) for name in _COUNTS},
        "last_updated": entry.get("last_updated"),
        **{name: entry.get(name) for name in ("error_code", "error_message", "skip_reason")},
        "tasks": {
            task_id: _repaired_task(task)
            for task_id, task in _object(entry.get("tasks")).items()
            if isinstance(task, dict)
        },
    }


def _repaired_task(task: Mapping[str, Any]) -> Entry:
    return {
        "download_status": task.get("download_status") or SKIPPED,
        **{name: _number(task.get(name)) for name in _TASK_COUNTS},
        **{name: task.get(name) for name in ("error_code", "error_message")},
    }


def _object(value: Any) -> Dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
