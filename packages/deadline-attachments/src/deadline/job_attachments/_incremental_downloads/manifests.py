"""Reading many output manifests, with paths of this machine instead of those of the machines that submitted."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List, Mapping, MutableMapping, NamedTuple, Optional, Sequence, Tuple

from .._aws.aws_clients import get_boto3_session
from .._engine.cancel import CancelToken
from .._engine.pipeline import Chain, Pipeline, Stage
from .._s3_settings import JobAttachmentS3Settings
from ..asset_manifests import BaseAssetManifest, BaseManifestPath
from ..exceptions import AssetSyncError, JobAttachmentsS3ClientError
from ..object_store import ObjectStore, open_store
from ..output_manifests import read_manifest
from .discovery import Appliers, ManifestToDownload, get_manifests_to_download
from .local_paths import Containments, Localizer, LocalManifestPath

READERS = 10

_OF_ONE_OBJECT = (403, 404)
"""Statuses of answers of S3 that say something about the one object that was asked for."""


class LocalManifest(NamedTuple):
    """An output manifest with paths of this machine: files that have a place here, and paths of those that have none.

    ``error`` says why there is none of it all.
    """

    request: ManifestToDownload
    stored: Optional[datetime] = None
    files: Sequence[LocalManifestPath] = ()
    unmapped: Sequence[str] = ()
    manifest: Optional[BaseAssetManifest] = None
    error: Optional[AssetSyncError] = None


def read_local_manifests(
    requests: Sequence[ManifestToDownload], s3_bucket: str, boto3_session_for_s3: Any
) -> List[LocalManifest]:
    """Read output manifests, and find the places of their files; the answers have the order of the requests.

    A manifest that is missing, may not be read, or is none, does not keep the others from being read.

    Args:
        requests: As of :func:`.discovery.get_manifests_to_download`.
        s3_bucket: The queue's bucket.
        boto3_session_for_s3: A session with access to it.

    Raises:
        AssetSyncError: S3 failed.
    """
    if not requests:
        return []
    containments = Containments()
    read: Dict[int, LocalManifest] = {}
    with open_store(boto3_session_for_s3 or get_boto3_session(), s3_bucket) as store:

        def read_one(item: Tuple[int, ManifestToDownload]) -> Iterator[Tuple[int, LocalManifest]]:
            number, request = item
            yield number, _read_local(store, request, containments)

        with Pipeline(CancelToken(), on_stop=store.interrupt) as pipeline:
            stage = Stage("manifest", min(READERS, len(requests)), read_one)
            read.update(pipeline.run(Chain(enumerate(requests), [stage])))
    return [read[number] for number in range(len(requests))]


def download_all_manifests_with_absolute_paths(
    queue: Mapping[str, Any],
    download_candidate_jobs: Mapping[str, Mapping[str, Any]],
    job_sessions: Mapping[str, Sequence[Mapping[str, Any]]],
    path_mapping_rule_appliers: Appliers,
    output_unmapped_paths: MutableMapping[str, List[str]],
    boto3_session_for_s3: Any,
    print_function_callback: Callable[[Any], None],
) -> List[Tuple[datetime, BaseAssetManifest]]:
    """Read the output manifests of session actions, in the order of :func:`.discovery.get_manifests_to_download`.

    Args:
        queue: The queue, as of GetQueue.
        download_candidate_jobs: As of that function.
        job_sessions: As of that function.
        path_mapping_rule_appliers: As of that function.
        output_unmapped_paths: Gets, by job, the paths of files that have no place on this machine.
        boto3_session_for_s3: A session with access to the queue's bucket.
        print_function_callback: Gets a line when there is something to read.

    Returns:
        When each manifest was stored, and the manifest with the absolute paths of the files that have a place here.

    Raises:
        AssetSyncError: S3 failed, or an object is no manifest.
    """
    settings = JobAttachmentS3Settings(**queue["jobAttachmentSettings"])
    wanted = get_manifests_to_download(
        settings.rootPrefix, download_candidate_jobs, job_sessions, path_mapping_rule_appliers
    )
    if not wanted:
        return []
    print_function_callback(f"Reading {len(wanted)} output {'manifest' if len(wanted) == 1 else 'manifests'}.")
    found = []
    for local in read_local_manifests(wanted, settings.s3BucketName, boto3_session_for_s3):
        if local.error is not None:
            raise local.error
        assert local.manifest is not None
        assert local.stored is not None
        if local.unmapped:
            output_unmapped_paths.setdefault(local.request.job_id, []).extend(local.unmapped)
        found.append((local.stored, local.manifest))
    return found


def merge_absolute_path_manifest_list(
    downloaded_manifests: Sequence[Tuple[datetime, BaseAssetManifest]],
) -> List[BaseManifestPath]:
    """The files of manifests with absolute paths; of a path that several name, the file of the one stored last."""
    by_path: Dict[str, BaseManifestPath] = {}
    for _, manifest in sorted(downloaded_manifests, key=lambda downloaded: downloaded[0]):
        for entry in manifest.paths:
            by_path[os.path.normcase(entry.path)] = entry
    return list(by_path.values())


def _read_local(store: ObjectStore, request: ManifestToDownload, containments: Containments) -> LocalManifest:
    try:
        found = read_manifest(store, request.key)
    except AssetSyncError as error:
        if type(error) is AssetSyncError or (
            isinstance(error, JobAttachmentsS3ClientError) and error.status_code in _OF_ONE_OBJECT
        ):
            return LocalManifest(request, error=error)
        raise
    placed, unmapped = Localizer(request.root_path, request.applier, containments).localize(found.manifest.paths)
    found.manifest.paths = list(placed)
    found.manifest.totalSize = sum([entry.size for entry in placed])
    return LocalManifest(request, found.last_modified, placed, unmapped, found.manifest)
