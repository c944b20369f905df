"""The manifests of a job, read from S3: those of its inputs, and those of what its tasks wrote, by asset root.

Where the job tells the hash of an input manifest, a manifest with another hash is refused.

Outputs of equal roots are merged, whatever file system location they name: on the submitting machine an equal root is the
same folder. A worker, which may have a location elsewhere, tells them apart (:mod:`.session_inputs`).
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from ._aws.aws_clients import get_boto3_session
from .asset_manifests import BaseAssetManifest
from .models import Attachments, JobAttachmentS3Settings, ManifestPathGroup, ManifestProperties
from .object_store import ObjectStore, open_store
from .output_manifests import find_output_manifests, merge_asset_manifests, read_manifest


def get_manifest_from_s3(manifest_key: str, s3_bucket: str, session: Any = None) -> BaseAssetManifest:
    """Read a manifest; ``manifest_key`` is its full key. Raises :class:`AssetSyncError` when that fails."""
    return get_asset_root_and_manifest_from_s3(manifest_key, s3_bucket, session)[1]


def get_asset_root_and_manifest_from_s3(
    manifest_key: str, s3_bucket: str, session: Any = None
) -> Tuple[Optional[str], BaseAssetManifest]:
    """Read a manifest, and the asset root that its metadata names."""
    with open_store(session or get_boto3_session(), s3_bucket) as store:
        found = read_manifest(store, manifest_key)
    return found.asset_root, found.manifest


def read_input_manifests(
    store: ObjectStore, s3_settings: JobAttachmentS3Settings, manifests: Iterable[ManifestProperties]
) -> List[Tuple[ManifestProperties, BaseAssetManifest]]:
    """The input manifests of those roots of a job that have one.

    Raises :class:`AssetSyncError` when one is missing, is none, or is not the one that the job was submitted with.
    """
    return [
        (properties, read_manifest(store, key, properties.inputManifestHash).manifest)
        for properties, key in (
            (properties, s3_settings.add_root_and_manifest_folder_prefix(properties.inputManifestPath))
            for properties in manifests
            if properties.inputManifestPath
        )
    ]


def get_output_manifests_by_asset_root(
    s3_settings: JobAttachmentS3Settings,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    task_id: Optional[str] = None,
    session_action_id: Optional[str] = None,
    session: Any = None,
) -> Dict[str, List[BaseAssetManifest]]:
    """What a job, step, task or session action wrote, merged into one manifest for each asset root.

    With a session action the manifests come as they are. Errors as of :func:`.output_manifests.find_output_manifests`.
    """
    with open_store(session or get_boto3_session(), s3_settings.s3BucketName) as store:
        found = find_output_manifests(
            store, s3_settings, farm_id, queue_id, job_id, step_id, task_id, session_action_id
        )
    manifests = {root: [entry.manifest for entry in entries] for root, entries in found.items()}
    if session_action_id:
        return manifests
    merged = {root: merge_asset_manifests(entries) for root, entries in manifests.items()}
    return {root: [manifest] for root, manifest in merged.items() if manifest is not None}


def get_job_input_paths_by_asset_root(
    s3_settings: JobAttachmentS3Settings, attachments: Attachments, session: Any = None
) -> Dict[str, ManifestPathGroup]:
    """The input files of a job, by asset root."""
    manifests: Dict[str, List[BaseAssetManifest]] = {}
    with open_store(session or get_boto3_session(), s3_settings.s3BucketName) as store:
        for properties, manifest in read_input_manifests(store, s3_settings, attachments.manifests):
            manifests.setdefault(properties.rootPath, []).append(manifest)
    return _groups(manifests)


def get_job_output_paths_by_asset_root(
    s3_settings: JobAttachmentS3Settings,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    task_id: Optional[str] = None,
    session_action_id: Optional[str] = None,
    session: Any = None,
) -> Dict[str, ManifestPathGroup]:
    """The files of :func:`get_output_manifests_by_asset_root`, by asset root."""
    return _groups(
        get_output_manifests_by_asset_root(
            s3_settings, farm_id, queue_id, job_id, step_id, task_id, session_action_id, session
        )
    )


def get_job_input_output_paths_by_asset_root(
    s3_settings: JobAttachmentS3Settings,
    attachments: Attachments,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    task_id: Optional[str] = None,
    session_action_id: Optional[str] = None,
    session: Any = None,
) -> Dict[str, ManifestPathGroup]:
    """The input files of a job and after them what was written, by asset root; of a path in both, the last entry counts."""
    groups = get_job_input_paths_by_asset_root(s3_settings, attachments, session)
    outputs = get_job_output_paths_by_asset_root(
        s3_settings, farm_id, queue_id, job_id, step_id, task_id, session_action_id, session
    )
    for root, group in outputs.items():
        groups.setdefault(root, ManifestPathGroup()).combine_with_group(group)
    return groups


def _groups(manifests_by_root: Mapping[str, List[BaseAssetManifest]]) -> Dict[str, ManifestPathGroup]:
    groups = {}
    for root, manifests in manifests_by_root.items():
        group = groups[root] = ManifestPathGroup()
        for manifest in manifests:
            group.add_manifest_to_group(manifest)
    return groups
