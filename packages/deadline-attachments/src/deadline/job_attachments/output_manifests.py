"""Finding the manifests of what a job's tasks wrote, and making one of many.

Each run of a task has a folder of its own below the task; only the latest run counts. Runs of chunks of tasks stand
directly below the step, and all of them count.

Which run is the latest the store's clock says, because the times in folders' names are those of workers, whose clocks
differ; the name decides only between runs of one second.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Dict, Iterable, List, Mapping, Optional, Tuple

from ._engine.cancel import CancelToken
from ._engine.pipeline import Chain, Pipeline, Stage
from .asset_manifests import BaseAssetManifest, BaseManifestPath, hash_data
from .asset_manifests.decode import decode_manifest
from .exceptions import AssetSyncError, JobAttachmentsError, JobAttachmentsS3ClientError, MissingAssetRootError
from .models import JobAttachmentS3Settings
from .object_store import ObjectInfo, ObjectStore

READERS = 10


@dataclass(frozen=True)
class FoundManifest:
    """A manifest in S3: the asset root that its metadata names, and when it was stored.

    ``location_name`` is that of the root's file system location, where its metadata names one.
    """

    asset_root: Optional[str]
    last_modified: datetime
    manifest: BaseAssetManifest
    location_name: Optional[str] = None


def read_manifest(store: ObjectStore, key: str, expected_hash: Optional[str] = None) -> FoundManifest:
    """Read a manifest; raises :class:`AssetSyncError` when it is missing, is none, or has not the expected hash."""
    got = store.get(key)
    if got is None:
        raise JobAttachmentsS3ClientError(
            "downloading binary file", 404, store.bucket, key, "The manifest is not in the bucket (any more)."
        )
    body, info = got
    try:
        manifest = decode_manifest(body.decode("utf-8"))
    except (ValueError, JobAttachmentsError) as error:
        raise AssetSyncError(f"s3://{store.bucket}/{key} cannot be read as a manifest: {error}") from error
    if expected_hash and hash_data(body, manifest.hashAlg) != expected_hash:
        raise AssetSyncError(
            f"s3://{store.bucket}/{key} is not the manifest that the job was submitted with: its hash is not "
            f"{expected_hash}. Submit the job again."
        )
    root = _asset_root_in(info.metadata, store.bucket, key)
    return FoundManifest(root, info.last_modified, manifest, info.metadata.get("file-system-location-name"))


def find_output_manifests(
    store: ObjectStore,
    settings: JobAttachmentS3Settings,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_id: Optional[str] = None,
    task_id: Optional[str] = None,
    session_action_id: Optional[str] = None,
) -> Dict[str, List[FoundManifest]]:
    """The output manifests of a job, step, task, or one run of a task, by asset root and from oldest to newest.

    Raises:
        JobAttachmentsError: A task was named without its step, or a session action without its task.
        MissingAssetRootError: A manifest does not say which root it belongs to.
        AssetSyncError: S3 failed, or an object is no manifest.
    """
    if task_id and not step_id:
        raise JobAttachmentsError("A task's outputs can only be found together with its step; name the step too.")
    if session_action_id and not (step_id and task_id):
        raise JobAttachmentsError("The outputs of a session action can only be found with its step and its task.")
    prefix = settings.full_job_output_prefix(farm_id, queue_id, job_id) + "/"
    scope = "".join(f"{part}/" for part in (step_id, task_id) if part)
    if session_action_id:
        keys = _keys_of_action(store, prefix, f"{step_id}/", scope, session_action_id)
    else:
        keys = _latest([info for info in store.list(prefix + scope) if _is_output(info.key, prefix)], prefix)
    found: Dict[str, List[FoundManifest]] = {}
    for key, manifest in _read_all(store, keys):
        if manifest.asset_root is None:
            raise MissingAssetRootError(f"The output manifest s3://{store.bucket}/{key} does not name its asset root.")
        found.setdefault(manifest.asset_root, []).append(manifest)
    for manifests in found.values():
        manifests.sort(key=lambda manifest: manifest.last_modified)
    return dict(sorted(found.items()))


def merge_asset_manifests(manifests: List[BaseAssetManifest]) -> Optional[BaseAssetManifest]:
    """One manifest with the files of all; of a path that several name, the last one's file.

    ``None`` for none, and the same object for one. Raises :class:`NotImplementedError` for different hash algorithms.
    """
    if len(manifests) <= 1:
        return manifests[0] if manifests else None
    first = manifests[0]
    if any(manifest.hashAlg != first.hashAlg for manifest in manifests):
        raise NotImplementedError("Manifests with different hash algorithms cannot be merged.")
    by_path: Dict[str, BaseManifestPath] = {entry.path: entry for manifest in manifests for entry in manifest.paths}
    merged: BaseAssetManifest = type(first)(  # type: ignore[call-arg]
        hash_alg=first.hashAlg, paths=list(by_path.values()), total_size=sum(entry.size for entry in by_path.values())
    )
    return merged


def _keys_of_action(
    store: ObjectStore, prefix: str, step_scope: str, task_scope: str, session_action_id: str
) -> List[str]:
    """The manifests of a run: below its task or, for a chunk of tasks, below the step."""
    for scope in (task_scope, step_scope):
        keys = [
            info.key
            for info in store.list(prefix + scope)
            if _is_output(info.key, prefix) and _is_of_action(info.key[len(prefix) :], session_action_id)
        ]
        if keys:
            return keys
    return []


def _is_output(key: str, prefix: str) -> bool:
    # Only what follows the job counts: a customer's own prefix may have any words in it.
    return re.fullmatch(r"step-[^/]+/([^/]+/)+[^/]*output[^/]*", key[len(prefix) :]) is not None


def _is_of_action(path: str, session_action_id: str) -> bool:
    folder = path.split("/")[-2]
    return folder == session_action_id or folder.endswith(f"_{session_action_id}")


def _latest(infos: Iterable[ObjectInfo], prefix: str) -> List[str]:
    """The keys of the latest run of each task, and those of all runs of chunks."""
    runs: Dict[Tuple[str, ...], Dict[str, List[ObjectInfo]]] = {}
    keys: List[str] = []
    for info in infos:
        parts = info.key[len(prefix) :].split("/")
        if len(parts) > 3 and parts[1].startswith("task-"):
            runs.setdefault(tuple(parts[:2]), {}).setdefault(parts[2], []).append(info)
        else:
            keys.append(info.key)
    for by_run in runs.values():
        latest = max(by_run, key=lambda run: (max(info.last_modified for info in by_run[run]), run))
        keys += [info.key for info in by_run[latest]]
    return keys


def _read_all(store: ObjectStore, keys: List[str]) -> List[Tuple[str, FoundManifest]]:
    with Pipeline(CancelToken()) as pipeline:
        stage = Stage("read", READERS, lambda key: [(key, read_manifest(store, key))])
        return sorted(pipeline.run(Chain(keys, [stage])), key=lambda item: item[0])


def _asset_root_in(metadata: Mapping[str, str], bucket: str, key: str) -> Optional[str]:
    encoded = metadata.get("asset-root-json")
    if encoded is None:
        return metadata.get("asset-root")
    try:
        root = json.loads(encoded)
    except ValueError as error:
        raise AssetSyncError(f"The metadata asset-root-json of s3://{bucket}/{key} is no JSON string.") from error
    return root if isinstance(root, str) else None
