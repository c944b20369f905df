"""Manifest files on their way: to S3, and from a job in S3 to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional

from ._aws.aws_clients import get_boto3_session
from ._aws.deadline import job_of, step_dependencies_of
from ._s3_settings import S3_MANIFEST_FOLDER_NAME, JobAttachmentS3Settings, join_s3_paths
from .asset_manifests import BaseAssetManifest, hash_data
from .job_manifests import read_input_manifests
from .manifest_files import read_manifest_file, write_manifest_file
from .models import AssetType, Attachments, ManifestDownload, UploadManifestInfo
from .object_store import open_store
from .output_manifests import find_output_manifests, merge_asset_manifests

Say = Callable[[Any], None]


def upload_manifest_file(
    manifest_file: str, bucket: str, root_prefix: str, session: Any, prefix: Optional[str] = None
) -> UploadManifestInfo:
    """Store a manifest file under its name, below the manifest folder and there below ``prefix``.

    It gets no metadata: which root it belongs to is told by the hash in its name.

    Returns:
        What :func:`describe_manifest_file` does.

    Raises:
        NonValidInputError: The file cannot be read.
        ManifestDecodeValidationError: The file is no manifest.
        AssetSyncError: S3 failed.
    """
    described = describe_manifest_file(manifest_file, prefix)
    text = Path(manifest_file).read_bytes()
    with open_store(session or get_boto3_session(), bucket) as store:
        store.put(_joined(root_prefix, S3_MANIFEST_FOLDER_NAME, described.output_manifest_path), text)
    return described


def describe_manifest_file(manifest_file: str, prefix: Optional[str] = None) -> UploadManifestInfo:
    """The key that a manifest file would get below the manifest folder, and the hash of its text; errors as above."""
    manifest = read_manifest_file(manifest_file)
    key = _joined(prefix, Path(manifest_file).name)
    return UploadManifestInfo(key, hash_data(Path(manifest_file).read_bytes(), manifest.hashAlg))


def find_job_manifests(
    deadline_client: Any,
    session: Any,
    settings: JobAttachmentS3Settings,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str],
    asset_type: AssetType,
    say: Say,
) -> Dict[str, BaseAssetManifest]:
    """For each root of a job a manifest with the files of all manifests of the root that were asked for.

    Args:
        deadline_client: A client that may look the job up.
        session: A session with access to the bucket.
        settings: The queue's.
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        step_id: A step: inputs are then also what the steps that it depends on wrote, outputs what it wrote itself.
        asset_type: Whether inputs, outputs or both are wanted; where both have a path, the output's file is taken.
        say: Gets a line for each kind of manifests that is looked for.

    Raises:
        JobAttachmentsError: The service refused.
        AssetSyncError: S3 failed, or an object is not the manifest that it should be.
    """
    job = job_of(deadline_client, farm_id, queue_id, job_id)
    manifests: Dict[str, List[BaseAssetManifest]] = {}

    def collect_outputs(of_step: Optional[str]) -> None:
        for root, found in find_output_manifests(store, settings, farm_id, queue_id, job_id, of_step).items():
            manifests.setdefault(root, []).extend(entry.manifest for entry in found)

    with open_store(session or get_boto3_session(), settings.s3BucketName) as store:
        if asset_type in (AssetType.INPUT, AssetType.ALL):
            say(f"Downloading the input manifests of job {job_id}.")
            of_roots = (job.attachments or Attachments()).manifests
            for properties, manifest in read_input_manifests(store, settings, of_roots):
                manifests.setdefault(properties.rootPath, []).append(manifest)
            if step_id:
                say(f"Downloading the output manifests of the steps that step {step_id} depends on.")
                for dependency in step_dependencies_of(deadline_client, farm_id, queue_id, job_id, step_id):
                    collect_outputs(dependency)
        if asset_type in (AssetType.OUTPUT, AssetType.ALL):
            say(f"Downloading the output manifests of {f'step {step_id}' if step_id else f'job {job_id}'}.")
            collect_outputs(step_id)
    merged = {root: merge_asset_manifests(of_root) for root, of_root in manifests.items()}
    return {root: manifest for root, manifest in merged.items() if manifest is not None}


def write_job_manifests(manifests: Mapping[str, BaseAssetManifest], folder: str) -> List[ManifestDownload]:
    """Write the manifests of roots to a folder, which is made; :class:`JobAttachmentsError` where it cannot be written."""
    return [
        ManifestDownload(root, write_manifest_file(manifest, root, folder, None))
        for root, manifest in manifests.items()
    ]


def _joined(*parts: Optional[str]) -> str:
    """The parts of a key, without those that are empty and without slashes of theirs at either end."""
    return join_s3_paths(*(part.strip("/") for part in parts if part and part.strip("/")))
