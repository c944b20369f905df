"""What task runs wrote: their manifests with paths of this machine, and which file counts where several wrote the same one.

Manifests are read from the oldest to the newest; a path belongs to the task whose manifest was stored last, and is
downloaded once. Tasks that wrote a path in common belong together: where one of them fails, all are tried again, so that
an older file never replaces a newer one.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from deadline.job_attachments._incremental_downloads.discovery import Appliers, ManifestToDownload
from deadline.job_attachments._incremental_downloads.local_paths import LocalManifestPath
from deadline.job_attachments._incremental_downloads.manifests import LocalManifest, read_local_manifests
from deadline.job_attachments.models import JobAttachmentS3Settings

from ..job_download import attachment_settings_of
from .service import QueueService
from .task_runs import JobTaskRuns, output_paths

READ_AT_ONCE = 500
"""Manifests that are read before somebody looks whether to go on."""

_TASK = re.compile(r"step-[^/]+/(task-[^/]+)/")


class TaskKey(NamedTuple):
    """A task of a job; ``task_id`` is ``None`` for what chunks of tasks wrote."""

    job_id: str
    task_id: Optional[str]


@dataclass
class TaskOutput:
    """What a task wrote, as far as no other one's newer files are in its place."""

    key: TaskKey
    actions: Set[str] = field(default_factory=set)
    """The session actions that wrote it."""
    files: Dict[str, LocalManifestPath] = field(default_factory=dict)
    superseded_by: Set[TaskKey] = field(default_factory=set)
    """Tasks whose newer files are in the place of files of this one."""
    error: Optional[Exception] = None
    """Why it could not be downloaded."""

    @property
    def bytes(self) -> int:
        """The bytes of its files."""
        return sum(file.size for file in self.files.values())


class OutputPlan:
    """What is to be downloaded."""

    def __init__(self, unmapped: Dict[str, Dict[str, List[str]]], groups: Sequence[Sequence[TaskOutput]]) -> None:
        """``groups`` are tasks that wrote paths in common, in the order in which their manifests were stored."""
        self.unmapped = unmapped
        """By job and session action: paths of the other machine that have no place here."""
        self._groups = groups
        self._by_job: Dict[str, List[TaskOutput]] = {}
        for task in self.tasks:
            self._by_job.setdefault(task.key.job_id, []).append(task)
        self._related = {task.key: group for group in groups for task in group}

    @property
    def tasks(self) -> List[TaskOutput]:
        """What all tasks wrote."""
        return [task for group in self._groups for task in group]

    def tasks_of(self, job_id: str) -> List[TaskOutput]:
        """What the tasks of a job wrote."""
        return self._by_job.get(job_id, [])

    def jobs_that_belong_together(self) -> List[List[str]]:
        """The jobs in groups of which tasks wrote paths in common."""
        parents: Dict[str, str] = {}
        for group in self._groups:
            for task in group[1:]:
                _join(parents, group[0].key.job_id, task.key.job_id)
        jobs: Dict[str, List[str]] = {}
        for job_id in self._by_job:
            jobs.setdefault(_root(parents, job_id), []).append(job_id)
        return list(jobs.values())

    def actions_to_retry(self, job_id: str) -> Set[str]:
        """The session actions of a job's tasks that failed, or that wrote paths in common with tasks that failed."""
        return {
            action_id
            for task in self.tasks_of(job_id)
            if any(related.error is not None for related in self._related[task.key])
            for action_id in task.actions
        }


def read_outputs(
    service: QueueService,
    runs: Sequence[JobTaskRuns],
    queue: Mapping[str, Any],
    s3_session: Any,
    appliers: Appliers,
) -> OutputPlan:
    """Read the manifests of task runs, and plan what is to be downloaded.

    A manifest that cannot be read is an error of its task.

    Raises:
        AssetSyncError: S3 failed.
    """
    settings = attachment_settings_of(queue)
    wanted = list(_requests(runs, settings, appliers))
    read: List[Tuple[str, LocalManifest]] = []
    for start in range(0, len(wanted), READ_AT_ONCE):
        service.keep_going()
        part = wanted[start : start + READ_AT_ONCE]
        manifests = read_local_manifests([request for _, request in part], settings.s3BucketName, s3_session)
        read += zip((action_id for action_id, _ in part), manifests)
    return _plan(read)


def _requests(
    runs: Sequence[JobTaskRuns], settings: JobAttachmentS3Settings, appliers: Appliers
) -> Iterator[Tuple[str, ManifestToDownload]]:
    for job_runs in runs:
        job = job_runs.job.job
        applier = appliers.get(job.get("storageProfileId"))
        for action in job_runs.actions:
            for root, path in zip(job["attachments"]["manifests"], output_paths(action)):
                if path:
                    key = settings.add_root_and_manifest_folder_prefix(path)
                    yield action["sessionActionId"], ManifestToDownload(applier, job["jobId"], root["rootPath"], key)


def _plan(read: Sequence[Tuple[str, LocalManifest]]) -> OutputPlan:
    tasks: Dict[TaskKey, TaskOutput] = {}
    unmapped: Dict[str, Dict[str, List[str]]] = {}
    owners: Dict[str, TaskKey] = {}
    parents: Dict[TaskKey, TaskKey] = {}
    for action_id, found in sorted(read, key=_stored):
        key = _task_key(found.request)
        task = tasks.setdefault(key, TaskOutput(key))
        task.actions.add(action_id)
        task.error = task.error or found.error
        if found.unmapped:
            unmapped.setdefault(key.job_id, {}).setdefault(action_id, []).extend(found.unmapped)
        for file in found.files:
            path = os.path.normcase(file.path)
            owner = owners.get(path)
            if owner is not None and owner != key:
                tasks[owner].files.pop(path)
                tasks[owner].superseded_by.add(key)
                _join(parents, owner, key)
            owners[path] = key
            task.files[path] = file
    groups: Dict[TaskKey, List[TaskOutput]] = {}
    for key, task in tasks.items():
        groups.setdefault(_root(parents, key), []).append(task)
    return OutputPlan(unmapped, list(groups.values()))


def _task_key(request: ManifestToDownload) -> TaskKey:
    # Only what follows the job counts: a customer's own prefix may have any words in it.
    of_task = _TASK.match(request.key.rpartition(f"/{request.job_id}/")[2])
    return TaskKey(request.job_id, of_task.group(1) if of_task else None)


def _stored(item: Tuple[str, LocalManifest]) -> Tuple[bool, Any, str]:
    stored = item[1].stored
    return stored is not None, stored or 0, item[1].request.key


def _root(parents: Dict[Any, Any], item: Any) -> Any:
    while item in parents:
        item = parents[item]
    return item


def _join(parents: Dict[Any, Any], first: Any, second: Any) -> None:
    first, second = _root(parents, first), _root(parents, second)
    if first != second:
        parents[second] = first
