"""The output manifests of session actions, found in S3 where the service does not tell them."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Sequence

from .._aws.aws_clients import get_boto3_session
from .._s3_settings import S3_MANIFEST_FOLDER_NAME, JobAttachmentS3Settings, join_s3_paths
from ..asset_manifests import HashAlgorithm, hash_data
from ..object_store import open_store
from ..path_mapping import PathMappingRuleApplier

Appliers = Mapping[Any, Optional[PathMappingRuleApplier]]
"""By storage profile: how paths of machines with it are mapped; ``None``, or none at all, leaves them as they are."""

_OUTPUT = re.compile(r"step-[^/]+/(?:[^/]+/)*(?P<run>[^/]+)/(?P<name>[^/]*output[^/]*)")
_ACTION = re.compile(r"sessionaction-[^/-]+-[^/-]+$")


class ManifestToDownload(NamedTuple):
    """An output manifest: how its paths are mapped, the job and its root as submitted, and the full key."""

    applier: Optional[PathMappingRuleApplier]
    job_id: str
    root_path: str
    key: str


def add_output_manifests_from_s3(
    farm_id: str,
    queue: Mapping[str, Any],
    job: Mapping[str, Any],
    boto3_session: Any,
    session_action_list: Sequence[Dict[str, Any]],
) -> None:
    """Give session actions without ``manifests`` that member, as the service would.

    It is a list with an object for each of the job's manifests, in their order: with ``outputManifestPath``, the key
    below the manifest folder, where the action wrote something into that root, else empty.

    Args:
        farm_id: The farm.
        queue: The queue, as of GetQueue.
        job: The job, with ``jobId`` and ``attachments`` as of GetJob.
        boto3_session: A session with access to the queue's bucket.
        session_action_list: Session actions of the job, as of ListSessionActions.

    Raises:
        RuntimeError: An object below the job is an output manifest that belongs to no session action, or to no root of
            the job.
        AssetSyncError: S3 failed.
    """
    wanted = {action["sessionActionId"]: action for action in session_action_list if action.get("manifests") is None}
    if not wanted:
        return
    roots = job["attachments"]["manifests"]
    for action in wanted.values():
        action["manifests"] = [{} for _ in roots]
    settings = JobAttachmentS3Settings(**queue["jobAttachmentSettings"])
    manifest_folder = settings.add_root_and_manifest_folder_prefix("")
    prefix = settings.full_job_output_prefix(farm_id, queue["queueId"], job["jobId"]) + "/"
    with open_store(boto3_session or get_boto3_session(), settings.s3BucketName) as store:
        for info in store.list(prefix):
            # Only what follows the job counts: a customer's own prefix may have any words in it.
            output = _OUTPUT.fullmatch(info.key[len(prefix) :])
            if output is None:
                continue
            found = _ACTION.search(output["run"])
            if found is None:
                raise RuntimeError(f"The output manifest {info.key} does not name the session action that wrote it.")
            if found.group() in wanted:
                index = _index_of_root(roots, output["name"], info.key)
                wanted[found.group()]["manifests"][index] = {"outputManifestPath": info.key[len(manifest_folder) :]}


def get_manifests_to_download(
    root_prefix: str,
    download_candidate_jobs: Mapping[str, Mapping[str, Any]],
    job_sessions: Mapping[str, Sequence[Mapping[str, Any]]],
    path_mapping_rule_appliers: Appliers,
) -> List[ManifestToDownload]:
    """The output manifests of all session actions of jobs, in the order of jobs, sessions, actions and roots.

    Args:
        root_prefix: Of the queue.
        download_candidate_jobs: Jobs by id, with ``attachments`` and ``storageProfileId`` as of GetJob.
        job_sessions: Sessions by the job's id, with their ``sessionActions``, each with its ``manifests``.
        path_mapping_rule_appliers: By storage profile.
    """
    found = []
    for job_id, sessions in job_sessions.items():
        job = download_candidate_jobs[job_id]
        applier = path_mapping_rule_appliers.get(job.get("storageProfileId"))
        roots = job["attachments"]["manifests"]
        for session in sessions:
            for action in session.get("sessionActions") or ():
                for root, output in zip(roots, action.get("manifests") or ()):
                    if output.get("outputManifestPath"):
                        key = join_s3_paths(root_prefix, S3_MANIFEST_FOLDER_NAME, output["outputManifestPath"])
                        found.append(ManifestToDownload(applier, job_id, root["rootPath"], key))
    return found


def _index_of_root(roots: Sequence[Mapping[str, Any]], name: str, key: str) -> int:
    for index, root in enumerate(roots):
        root_id = f"{root.get('fileSystemLocationName') or ''}{root['rootPath']}"
        if hash_data(root_id.encode("utf-8", errors="surrogateescape"), HashAlgorithm.XXH128) in name:
            return index
    raise RuntimeError(f"The output manifest {key} belongs to none of the job's asset roots.")
