"""Downloading what a job wrote: a plan that can be looked at and changed, then the download.

A plan asks nothing and prints nothing. What a face has to ask is in it: the local folder of each asset root
(:attr:`OutputDownloadPlan.roots`; those of another operating system need a new one), and the files that exist already.
"""

from __future__ import annotations

import os
import re
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_client
from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.download import OutputDownloader
from deadline.job_attachments.models import FileConflictResolution, JobAttachmentS3Settings, PathFormat
from deadline.job_attachments.progress_tracker import DownloadSummaryStatistics, ProgressReportMetadata

from .errors import describe_service_error


class OutputDownloadPlan:
    """What will be downloaded, and where to. Made by :func:`plan_output_download`."""

    def __init__(
        self,
        job: Mapping[str, Any],
        downloader: OutputDownloader,
        root_formats: Mapping[str, str],
        include: Sequence[str],
    ) -> None:
        self.job = job
        """The answer of GetJob."""
        self._downloader = downloader
        # Patterns look at local paths, so that a root can still be given another folder that they will match.
        self._roots = {root: root for root in downloader.get_paths_by_root()}
        self._formats = root_formats
        if include:
            downloader.apply_include_filters(list(include))

    @property
    def roots(self) -> Dict[str, str]:
        """The local folder of each asset root."""
        return dict(self._roots)

    @property
    def foreign_roots(self) -> List[str]:
        """The asset roots of another operating system that still need a local folder."""
        host = PathFormat.get_host_path_format_string()
        return [root for root, local in self._roots.items() if root == local and self._formats.get(root, host) != host]

    def set_root(self, root: str, new_root: str) -> None:
        """Download an asset root's files to another folder.

        Args:
            root: An asset root, as in :attr:`roots`.
            new_root: The local folder; ``~`` is expanded, and relative ones are made absolute.

        Raises:
            DeadlineOperationError: There is no such asset root.
        """
        local = os.path.abspath(os.path.expanduser(new_root))
        try:
            self._downloader.set_root_path(root, local)
        except ValueError as error:
            raise DeadlineOperationError(str(error)) from error
        self._roots[root] = local

    @property
    def paths_by_root(self) -> Dict[str, List[str]]:
        """The relative paths to be downloaded, sorted, by local folder."""
        return self._downloader.get_paths_by_root()

    @property
    def total_files(self) -> int:
        """The number of files."""
        return sum(map(len, self.paths_by_root.values()))

    @property
    def total_bytes(self) -> int:
        """The bytes of all files."""
        return sum(group.total_bytes for group in self._downloader.paths_by_root.values())

    def existing_files(self) -> List[str]:
        """The files to be downloaded whose names are taken, as absolute paths."""
        paths = (Path(root, path) for root, names in self.paths_by_root.items() for path in names)
        return [str(path) for path in paths if path.is_file()]

    def download(
        self,
        conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
        on_progress: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    ) -> DownloadSummaryStatistics:
        """Download the files: each complete and verified, or not there.

        Args:
            conflict_resolution: What to do with files that exist: SKIP, OVERWRITE or CREATE_COPY.
            on_progress: Gets reports, and answers whether to go on.

        Raises:
            AssetSyncCancelledError: ``on_progress`` answered no; files that are complete stay.
            DeadlineOperationError: An asset root still needs a local folder.
            AssetSyncError: S3 failed, or a file could not be written.
        """
        if self.foreign_roots:
            raise DeadlineOperationError(
                f"These folders are of another operating system, and need a folder on this machine: "
                f"{', '.join(self.foreign_roots)}"
            )
        return self._downloader.download(conflict_resolution, on_progress)


def plan_output_download(
    *,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    task_id: Optional[str] = None,
    include: Sequence[str] = (),
    config: Optional[ConfigParser] = None,
) -> OutputDownloadPlan:
    """Find what a job, one of its steps or one of its tasks wrote.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        step_id: The step, where only its outputs are wanted.
        task_id: The task of that step, where only its outputs are wanted.
        include: Patterns of the shell's kind; only files of which the local path matches one are downloaded.
        config: A configuration to read from instead of the settings file.

    Returns:
        The plan; one without files where there are no outputs.

    Raises:
        DeadlineOperationError: The service refused, or the queue has no job attachments.
        JobAttachmentsError: An output manifest cannot be used.
        AssetSyncError: S3 refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    if task_id and not step_id:
        raise DeadlineOperationError("To name a task, name its step too.")
    deadline = get_boto3_client("deadline", config=config, region=resolve_region(config, farm_id=farm_id))
    ids = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
    try:
        job = deadline.get_job(**ids)
        session_action_id = None
        if task_id:
            task = deadline.get_task(**ids, stepId=step_id, taskId=task_id)
            session_action_id = task.get("latestSessionActionId")
        elif step_id:
            deadline.get_step(**ids, stepId=step_id)  # says so where there is no such step
        queue = deadline.get_queue(farmId=farm_id, queueId=queue_id)
    except (BotoCoreError, ClientError) as error:
        action = f"find the outputs of job {job_id}"
        raise describe_service_error(action, error, farm_id=farm_id, queue_id=queue_id, config=config) from error
    manifests = job.get("attachments", {}).get("manifests", [])
    downloader = OutputDownloader(
        s3_settings=attachment_settings_of(queue),
        farm_id=farm_id,
        queue_id=queue_id,
        job_id=job_id,
        step_id=step_id,
        task_id=task_id,
        session_action_id=session_action_id,
        session=get_queue_user_boto3_session(deadline, config, farm_id, queue_id, queue["displayName"]),
        # Manifests are written by tasks: only where the job was submitted from may they say to write unasked.
        declared_roots=[manifest["rootPath"] for manifest in manifests],
    )
    formats = {manifest["rootPath"]: manifest["rootPathFormat"] for manifest in manifests}
    return OutputDownloadPlan(job, downloader, formats, [pattern for pattern in map(_pattern, include) if pattern])


def attachment_settings_of(queue: Mapping[str, Any]) -> JobAttachmentS3Settings:
    """The job attachment settings in an answer of GetQueue.

    Raises:
        DeadlineOperationError: The queue has none.
    """
    settings = queue.get("jobAttachmentSettings")
    if not settings:
        raise DeadlineOperationError(
            f"Queue {queue.get('displayName') or queue.get('queueId')} has no job attachments. Ask the farm's "
            "administrator to set up an S3 bucket for it."
        )
    return JobAttachmentS3Settings(s3BucketName=settings["s3BucketName"], rootPrefix=settings["rootPrefix"])


def _pattern(text: str) -> str:
    """A pattern with slashes alone, none doubled, and without ``./`` at its beginning."""
    text = re.sub(r"/{2,}", "/", text.strip().replace("\\", "/"))
    return text[2:] if text.startswith("./") else text
