"""Downloading what is planned: many tasks at once, and one by one where something fails, to see whose fault it was.

A file that is there with the same content is left alone, whatever is to be done with files that exist: so what a run that
was ended has done is not done again, and no copies are made of equal files.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from deadline.client.exceptions import DeadlineOperationCanceled
from deadline.job_attachments._incremental_downloads.files import download_manifest_paths
from deadline.job_attachments._incremental_downloads.local_paths import LocalManifestPath
from deadline.job_attachments.asset_manifests import HashAlgorithm
from deadline.job_attachments.asset_manifests.hash_algorithms import hash_file
from deadline.job_attachments.exceptions import AssetSyncCancelledError, AssetSyncError, JobAttachmentsError
from deadline.job_attachments.models import FileConflictResolution

from .events import DownloadProgress, SyncOutputEvent
from .failures import NETWORK_ERROR, code_of
from .outputs import OutputPlan, TaskOutput
from .service import QueueService

FILES_AT_ONCE = 1000
BYTES_AT_ONCE = 1024 * 1024 * 1024
"""How much is downloaded at once, if there are that many small jobs; when it is done, it is noted in the checkpoint."""
LOST_CONNECTIONS = 2
"""After so many parts in a row that failed for the network, the rest is not tried."""

_Identities = Dict[str, Optional[Tuple[int, int]]]
"""Which file there is at a path: a file that is brought is always another one."""


class Transfer:
    """Downloads the tasks of a plan, and counts what it did."""

    def __init__(
        self,
        service: QueueService,
        queue: Mapping[str, Any],
        s3_session: Any,
        resolution: FileConflictResolution,
        show: Callable[[SyncOutputEvent], None],
        max_bandwidth: Optional[float] = None,
    ) -> None:
        """``max_bandwidth`` is the most bytes a second."""
        self._service = service
        self._queue = queue
        self._s3_session = s3_session
        self._resolution = resolution
        self._show = show
        self._max_bandwidth = max_bandwidth
        self._lost: Optional[Exception] = None
        self._lost_parts = 0
        self._total_files = 0
        self._total_bytes = 0
        self._bytes_done = 0
        self._files_done = 0
        self.files = 0
        """Files that were downloaded."""
        self.bytes = 0
        """Their bytes."""
        self.skipped_files = 0
        """Files that were there, or that stay as the conflict resolution says."""

    def carry_out(self, plan: OutputPlan) -> Iterator[List[str]]:
        """Download everything, and yield jobs when nothing is left to be done about them; their tasks know errors.

        Raises:
            DeadlineOperationCanceled: The run is to end; what is in place stays.
        """
        self._total_files = sum(len(task.files) for task in plan.tasks)
        self._total_bytes = sum(task.bytes for task in plan.tasks)
        for job_ids in _parts(plan):
            self._download([[task for task in plan.tasks_of(job_id) if task.error is None] for job_id in job_ids])
            _pass_on_errors([task for job_id in job_ids for task in plan.tasks_of(job_id)])
            yield job_ids

    def _download(self, by_job: Sequence[Sequence[TaskOutput]], before: Optional[_Identities] = None) -> None:
        """Download the tasks of some jobs; where that fails, job by job, and then task by task."""
        tasks = [task for of_job in by_job for task in of_job]
        if before is None:
            before = {file.path: _identity(file.path) for task in tasks for file in task.files.values()}
        if self._lost_parts >= LOST_CONNECTIONS:
            _fail(tasks, self._lost)
            return
        error = self._attempt(tasks, before)
        if error is None:
            self._lost_parts = 0
        elif code_of(error) == NETWORK_ERROR:
            # It would be the same for each of them, after a while.
            self._lost, self._lost_parts = error, self._lost_parts + 1
            _fail(tasks, error)
        elif len(by_job) > 1:
            for of_job in by_job:
                self._download([of_job], before)
        elif len(tasks) > 1:
            for task in tasks:
                self._download([[task]], before)
        else:
            _fail(tasks, error)

    def _attempt(self, tasks: Sequence[TaskOutput], before: _Identities) -> Optional[Exception]:
        """Download tasks at once; the error, if there is one."""
        self._service.keep_going()
        files = [file for task in tasks for file in task.files.values()]
        wanted = [file for file in files if not self._needs_no_copy(file)]
        if wanted:
            try:
                self._bring(wanted, files)
            except AssetSyncCancelledError as error:
                raise DeadlineOperationCanceled(
                    "The download was canceled. Files that are complete stay; the next run goes on with the others."
                ) from error
            except (AssetSyncError, JobAttachmentsError, OSError) as error:
                return error
        copies = self._resolution is FileConflictResolution.CREATE_COPY
        # An attempt that failed may have brought some of them too.
        brought = wanted if copies else [file for file in wanted if _identity(file.path) != before[file.path]]
        self.files += len(brought)
        self.bytes += sum(file.size for file in brought)
        self.skipped_files += len(files) - len(brought)
        self._files_done += len(files)
        self._bytes_done += sum(file.size for file in files)
        return None

    def _bring(self, wanted: Sequence[LocalManifestPath], part: Sequence[LocalManifestPath]) -> None:
        download_manifest_paths(
            wanted,
            HashAlgorithm.XXH128,
            self._queue,
            self._s3_session,
            self._resolution,
            self._report_on(part),
            max_bandwidth=self._max_bandwidth,
        )

    def _needs_no_copy(self, file: LocalManifestPath) -> bool:
        """Whether a file would become a copy of one that has the same content."""
        return self._resolution is FileConflictResolution.CREATE_COPY and _has_equal(file)

    def _report_on(self, files: Sequence[LocalManifestPath]) -> Callable[[Any], bool]:
        part_bytes = sum(file.size for file in files)

        def report(progress: Any) -> bool:
            done = self._bytes_done + part_bytes * progress.progress / 100
            percent = 100 * done / self._total_bytes if self._total_bytes else progress.progress
            files_done = self._files_done + progress.processedFiles
            self._show(DownloadProgress(min(percent, 100.0), files_done, self._total_files, progress.progressMessage))
            return self._service.is_wanted()

        return report


def _parts(plan: OutputPlan) -> Iterator[List[str]]:
    """The jobs in parts of a size that is worth downloading at once; jobs that belong together are in one."""
    job_ids: List[str] = []
    files = size = 0
    for group in plan.jobs_that_belong_together():
        job_ids += group
        for job_id in group:
            tasks = plan.tasks_of(job_id)
            files += sum(len(task.files) for task in tasks)
            size += sum(task.bytes for task in tasks)
        if files >= FILES_AT_ONCE or size >= BYTES_AT_ONCE:
            yield job_ids
            job_ids, files, size = [], 0, 0
    if job_ids:
        yield job_ids


def _fail(tasks: Sequence[TaskOutput], error: Optional[Exception]) -> None:
    for task in tasks:
        task.error = error


def _pass_on_errors(tasks: Sequence[TaskOutput]) -> None:
    """A task of which no file is left, since others wrote them later, failed where these did."""
    by_key = {task.key: task for task in tasks}
    for task in tasks:
        if task.error is None and task.superseded_by and not task.files:
            errors = [by_key[key].error for key in task.superseded_by]
            task.error = next((error for error in errors if error is not None), None)


def _identity(path: str) -> Optional[Tuple[int, int]]:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _has_equal(file: LocalManifestPath) -> bool:
    """Whether there is a file of that name, or one of its numbered copies, with the same content."""
    path = Path(file.path)
    number = 0
    while True:
        candidate = path if number == 0 else path.with_name(f"{path.stem} ({number}){path.suffix}")
        try:
            status = os.lstat(candidate)
            may_be = stat.S_ISREG(status.st_mode) and status.st_size == file.size
            if may_be and hash_file(str(candidate), HashAlgorithm.XXH128) == file.hash:
                return True
        except OSError:
            return False
        number += 1
