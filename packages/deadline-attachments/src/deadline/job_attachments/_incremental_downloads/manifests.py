"""Reading many output manifests, with paths of this machine instead of those of the machines that submitted."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any, Callable, Dict, Iterator, List, Mapping, MutableMapping, Sequence, Tuple

from .._aws.aws_clients import get_boto3_session
from .._engine.cancel import CancelToken
from .._engine.pipeline import Chain, Pipeline, Stage
from .._s3_settings import JobAttachmentS3Settings
from ..asset_manifests import BaseAssetManifest, BaseManifestPath
from ..object_store import open_store
from ..output_manifests import read_manifest
from .discovery import Appliers, ManifestToDownload, get_manifests_to_download
from .local_paths import Containments, Localizer

READERS = 10


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
    containments = Containments()
    read: List[Any] = [None] * len(wanted)
    with open_store(boto3_session_for_s3 or get_boto3_session(), settings.s3BucketName) as store:

        def read_one(
            item: Tuple[int, ManifestToDownload],
        ) -> Iterator[Tuple[int, datetime, BaseAssetManifest, List[str]]]:
            number, request = item
            found = read_manifest(store, request.key)
            localizer = Localizer(request.root_path, request.applier, containments)
            placed, unmapped = localizer.localize(found.manifest.paths)
            found.manifest.paths = list(placed)
            found.manifest.totalSize = sum([entry.size for entry in placed])
            yield number, found.last_modified, found.manifest, unmapped

        with Pipeline(CancelToken(), on_stop=store.interrupt) as pipeline:
            stage = Stage("manifest", min(READERS, len(wanted)), read_one)
            for number, *result in pipeline.run(Chain(enumerate(wanted), [stage])):
                read[number] = result
    for request, (_, _, unmapped) in zip(wanted, read):
        if unmapped:
            output_unmapped_paths.setdefault(request.job_id, []).extend(unmapped)
    return [(stored, manifest) for stored, manifest, _ in read]


def merge_absolute_path_manifest_list(
    downloaded_manifests: Sequence[Tuple[datetime, BaseAssetManifest]],
) -> List[BaseManifestPath]:
    """The files of manifests with absolute paths; of a path that several name, the file of the one stored last."""
    by_path: Dict[str, BaseManifestPath] = {}
    for _, manifest in sorted(downloaded_manifests, key=lambda downloaded: downloaded[0]):
        for entry in manifest.paths:
            by_path[os.path.normcase(entry.path)] = entry
    return list(by_path.values())
