"""Downloading what a job wrote; see :mod:`.job_download` for what can be done with the plan."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict, List, Optional, Sequence

from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.telemetry import record_success_fail_telemetry_event
from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.download import OutputDownloader, _BaseFilterableDownloader

from .bandwidth import max_bandwidth
from .job_download import (
    JOB,
    LOCAL,
    JobDownloadPlan,
    attachment_settings_of,
    clean_patterns,
    matching,
)
from .job_path_mapping import find_job_path_mapping, map_files
from .service_client import deadline_client, described_errors

__all__ = ["OutputDownloadPlan", "attachment_settings_of", "plan_output_download"]

NOTHING = "There are no output files available for download at this moment."


class OutputDownloadPlan(JobDownloadPlan):
    """What will be downloaded of a job's outputs, and where to. Made by :func:`plan_output_download`."""

    download = record_success_fail_telemetry_event(metric_name="download_job_output")(JobDownloadPlan.download)


def plan_output_download(
    *,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    task_id: Optional[str] = None,
    include: Sequence[str] = (),
    match_paths_by: str = LOCAL,
    ignore_storage_profiles: bool = False,
    config: Optional[ConfigParser] = None,
) -> OutputDownloadPlan:
    """Find what a job, one of its steps or one of its tasks wrote.

    Where the job was submitted with a storage profile, and the settings name another one for this machine, each file goes
    to where the profiles' file system locations lead; files without such a place are left out.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        step_id: The step, where only its outputs are wanted.
        task_id: The task of that step, where only its outputs are wanted.
        include: Patterns of the shell's kind; only files that match one of them are downloaded.
        match_paths_by: Which paths patterns look at: ``LOCAL`` for those of this machine, also after a root has been given
            another folder, or ``JOB`` for those with which the job was submitted.
        ignore_storage_profiles: Whether paths are left as they are.
        config: A configuration to read from instead of the settings file.

    Returns:
        The plan; one without files where there are no outputs.

    Raises:
        DeadlineOperationError: The service refused, the queue has no job attachments, or storage profiles leave no file a
            place on this machine.
        JobAttachmentsError: An output manifest cannot be used.
        AssetSyncError: S3 refused.
    """
    if task_id and not step_id:
        raise DeadlineOperationError("To name a task, name its step too.")
    deadline = deadline_client(farm_id, config)
    ids: Dict[str, str] = {"farmId": farm_id, "queueId": queue_id, "jobId": job_id}
    context: Dict[str, Any] = {"farm_id": farm_id, "queue_id": queue_id, "job_id": job_id, "config": config}
    with described_errors(f"find the outputs of job {job_id}", **context):
        job = deadline.get_job(**ids)
        session_action_id = None
        if task_id:
            task = deadline.get_task(**ids, stepId=step_id, taskId=task_id)
            session_action_id = task.get("latestSessionActionId")
        elif step_id:
            deadline.get_step(**ids, stepId=step_id)  # says so where there is no such step
        queue = deadline.get_queue(farmId=farm_id, queueId=queue_id)
    manifests = (job.get("attachments") or {}).get("manifests") or []
    # Manifests are written by tasks: only where the job was submitted from may they say to write unasked.
    declared: List[str] = [manifest["rootPath"] for manifest in manifests]
    settings = attachment_settings_of(queue)
    session = get_queue_user_boto3_session(deadline, config, farm_id, queue_id, queue["displayName"])
    found = OutputDownloader(
        s3_settings=settings,
        farm_id=farm_id,
        queue_id=queue_id,
        job_id=job_id,
        step_id=step_id,
        task_id=task_id,
        session_action_id=session_action_id,
        session=session,
    )
    patterns = clean_patterns(include)
    by_job_paths = match_paths_by.upper() == JOB
    groups = matching(found.paths_by_root, patterns if by_job_paths else ())
    mapping = find_job_path_mapping(deadline, farm_id, queue_id, job, config, ignored=ignore_storage_profiles)
    warnings, notes = list(mapping.warnings), list(mapping.notes)
    if mapping.applier is not None and groups:
        undeclared = [root for root in groups if root not in declared]
        groups, unmapped = map_files(groups, mapping.applier, declared)
        declared = [root for root in groups if root not in undeclared]
        if unmapped:
            warnings.append(
                f"{_files(len(unmapped))} of the job, such as {unmapped[0]}, cannot be mapped to a place on this machine, and "
                "will not be downloaded."
            )
        placed = sum(len(files) for group in groups.values() for files in group.files_by_hash_alg.values())
        notes.append(f"{_files(placed)} will go to the places that they are mapped to.")
    return OutputDownloadPlan(
        job,
        _BaseFilterableDownloader(settings, groups, session, manifest_label="outputs", declared_roots=declared),
        {manifest["rootPath"]: manifest["rootPathFormat"] for manifest in manifests},
        nothing=NOTHING,
        include=[] if by_job_paths else patterns,
        warnings=warnings,
        notes=notes,
        max_bandwidth=max_bandwidth(config),
    )


def _files(number: int) -> str:
    return "1 file" if number == 1 else f"{number} files"
