"""Downloading the files that were submitted with a job; see :mod:`.job_download` for what can be done with the plan."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any, Dict, Optional, Sequence

from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.telemetry import record_success_fail_telemetry_event
from deadline.job_attachments.download import InputDownloader, _BaseFilterableDownloader
from deadline.job_attachments.models import Attachments, JobAttachmentS3Settings, ManifestProperties

from .bandwidth import max_bandwidth
from .job_download import JOB, LOCAL, JobDownloadPlan, attachment_settings_of, clean_patterns, matching
from .job_path_mapping import find_job_path_mapping, map_roots
from .service_client import deadline_client, described_errors

NO_ATTACHMENTS = "The job has no job attachments, hence no input files to download."
NO_INPUTS = "The job was submitted without input files."
NO_MATCH = "None of the job's input files matches."


class InputDownloadPlan(JobDownloadPlan):
    """What will be downloaded of a job's inputs, and where to. Made by :func:`plan_input_download`."""

    download = record_success_fail_telemetry_event(metric_name="download_job_input")(JobDownloadPlan.download)


def plan_input_download(
    *,
    farm_id: str,
    queue_id: str,
    job_id: str,
    include: Sequence[str] = (),
    match_paths_by: str = LOCAL,
    ignore_storage_profiles: bool = False,
    config: Optional[ConfigParser] = None,
) -> InputDownloadPlan:
    """Find the files that were submitted with a job.

    Where the job was submitted with a storage profile, and the settings name another one for this machine, asset roots go to
    where the profiles' file system locations lead; a root without such a place stays.

    Args:
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        include: Patterns of the shell's kind; only files that match one of them are downloaded.
        match_paths_by: Which paths patterns look at: ``LOCAL`` for those of this machine, as they are before a root is given
            another folder, or ``JOB`` for those with which the job was submitted.
        ignore_storage_profiles: Whether paths are left as they are.
        config: A configuration to read from instead of the settings file.

    Returns:
        The plan; one without files, and with the reason in :attr:`~.job_download.JobDownloadPlan.nothing`, where there are
        none.

    Raises:
        DeadlineOperationError: The service refused, or the queue has no job attachments.
        AssetSyncError: S3 refused, or an input manifest is missing or is not the one that the job was submitted with.
    """
    deadline = deadline_client(farm_id, config)
    context: Dict[str, Any] = {"farm_id": farm_id, "queue_id": queue_id, "job_id": job_id, "config": config}
    with described_errors(f"find the inputs of job {job_id}", **context):
        job = deadline.get_job(farmId=farm_id, queueId=queue_id, jobId=job_id)
    manifests = (job.get("attachments") or {}).get("manifests") or []
    if not manifests:
        return _without_files(job, NO_ATTACHMENTS)
    if not any(manifest.get("inputManifestPath") for manifest in manifests):
        return _without_files(job, NO_INPUTS)
    with described_errors(f"find the inputs of job {job_id}", **context):
        queue = deadline.get_queue(farmId=farm_id, queueId=queue_id)
    settings = attachment_settings_of(queue)
    session = get_queue_user_boto3_session(deadline, config, farm_id, queue_id, queue["displayName"])
    attachments = Attachments(manifests=[ManifestProperties.from_dict(manifest) for manifest in manifests])
    groups = InputDownloader(settings, attachments, session).paths_by_root
    patterns = clean_patterns(include)
    by_job_paths = match_paths_by.upper() == JOB
    groups = matching(groups, patterns if by_job_paths else ())
    mapping = find_job_path_mapping(deadline, farm_id, queue_id, job, config, ignored=ignore_storage_profiles)
    if mapping.applier is not None:
        groups = map_roots(groups, mapping.applier)
    groups = matching(groups, () if by_job_paths else patterns)
    return InputDownloadPlan(
        job,
        _BaseFilterableDownloader(settings, groups, session, manifest_label="inputs"),
        {manifest["rootPath"]: manifest["rootPathFormat"] for manifest in manifests},
        nothing=NO_MATCH if patterns else NO_INPUTS,
        warnings=mapping.warnings,
        notes=mapping.notes,
        max_bandwidth=max_bandwidth(config),
    )


def _without_files(job: Dict[str, Any], reason: str) -> InputDownloadPlan:
    # Nothing will be asked of this bucket.
    downloader = _BaseFilterableDownloader(JobAttachmentS3Settings("none", "none"), {}, manifest_label="inputs")
    return InputDownloadPlan(job, downloader, {}, nothing=reason)
