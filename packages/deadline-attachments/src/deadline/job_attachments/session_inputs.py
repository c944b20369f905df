"""What has to be in the folders of a session before its tasks run: inputs of the job, and outputs of earlier steps."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Sequence, Tuple

from ._human_size import human_readable_file_size
from .asset_manifests import BaseAssetManifest, HashAlgorithm, hash_data
from .exceptions import AssetSyncError, JobAttachmentsS3ClientError
from .job_manifests import read_input_manifests
from .models import JobAttachmentS3Settings
from .object_store import ObjectStore
from .output_manifests import find_output_manifests, merge_asset_manifests
from .session_folders import SessionRoot, folder_in_session

Manifests = Dict[str, List[BaseAssetManifest]]
"""Manifests by the local folder that their paths are relative to, from first to last."""


def inputs_of_job(store: ObjectStore, settings: JobAttachmentS3Settings, roots: Sequence[SessionRoot]) -> Manifests:
    """The input manifests of a job; errors as of :func:`.job_manifests.read_input_manifests`."""
    folders = {id(root.properties): root.folder for root in roots}
    manifests: Manifests = {}
    for properties, manifest in read_input_manifests(store, settings, [root.properties for root in roots]):
        manifests.setdefault(folders[id(properties)], []).append(manifest)
    return manifests


def outputs_of_steps(
    store: ObjectStore,
    settings: JobAttachmentS3Settings,
    farm_id: str,
    queue_id: str,
    job_id: str,
    step_ids: Iterable[str],
    roots: Sequence[SessionRoot],
    session_dir: Path,
) -> Manifests:
    """What steps wrote; a root that is none of the job's gets a folder of the session.

    Errors as of :func:`.output_manifests.find_output_manifests`.
    """
    manifests: Manifests = {}
    for step_id in step_ids:
        found = find_output_manifests(store, settings, farm_id, queue_id, job_id, step_id=step_id)
        for root_path, outputs in found.items():
            for output in outputs:
                folder = _folder_of(root_path, output.location_name, roots, session_dir)
                manifests.setdefault(folder, []).append(output.manifest)
    return manifests


def merged(manifests: Manifests) -> Dict[str, BaseAssetManifest]:
    """One manifest for each folder; of a path that several name the last one's file."""
    by_folder = {folder: merge_asset_manifests(entries) for folder, entries in manifests.items()}
    return {folder: manifest for folder, manifest in by_folder.items() if manifest is not None}


def write_manifests(manifests: Mapping[str, BaseAssetManifest], folder: Path, suffix: str) -> Dict[str, str]:
    """Write each manifest to a file of its own, and return the files by the manifests' local folders.

    A later manifest of a folder never takes the place of an earlier one: together they say which files were brought, and
    what is not among those counts as written by a task.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for root, manifest in manifests.items():
        name = f"{hash_data(root.encode(), HashAlgorithm.XXH128)}_{suffix}"
        written[root] = _write_new(folder, name, manifest.encode()).as_posix()
    return written


def require_room(manifests: Mapping[str, BaseAssetManifest]) -> None:
    """Check that the disk of each manifest's folder has room for its files.

    Raises :class:`AssetSyncError`, naming the folders, what they need, and what is left.
    """
    for disk, folders in _by_disk(manifests).items():
        free = shutil.disk_usage(disk).free
        needed = sum(entry.size for folder in folders for entry in manifests[folder].paths)
        if needed > free:
            # Files that are there already, as after an interrupted session, need no room.
            needed -= sum(_size_of_present(folder, manifests[folder]) for folder in folders)
        if needed > free:
            raise AssetSyncError(
                f"The job's files need {human_readable_file_size(needed)} in {', '.join(folders)}, and the disk has only "
                f"{human_readable_file_size(free)} left. Use a worker with more disk space."
            )


@contextlib.contextmanager
def advice_on_missing_content() -> Iterator[None]:
    """A content that is missing in S3 within the block becomes an error that says what the submitter can do."""
    try:
        yield
    except JobAttachmentsS3ClientError as error:
        if error.status_code != 404:
            raise
        raise JobAttachmentsS3ClientError(
            error.action,
            error.status_code,
            error.bucket_name,
            error.key_or_prefix,
            f"{error.guidance} If that does not help, delete the file ~/.deadline/cache/s3_check_cache.db on the machine "
            "from which the job was submitted, and submit it once more: the file may say that the content was uploaded.",
        ) from error


def _folder_of(
    root_path: str, location_name: Optional[str], roots: Sequence[SessionRoot], session_dir: Path
) -> str:  # fmt: skip
    same_path = [root for root in roots if root.properties.rootPath == root_path]
    for root in same_path:
        if (root.properties.fileSystemLocationName or None) == (location_name or None):
            return root.folder
    # Some versions wrote something else than a location's name into the metadata.
    return same_path[0].folder if same_path else folder_in_session(root_path, session_dir)


def _write_new(folder: Path, name: str, text: str) -> Path:
    """Write a file under the first of ``name``, ``name-1``, ``name-2``... that is free or has that very text."""
    number = 0
    while True:
        path = folder / (f"{name}-{number}" if number else name)
        try:
            with path.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
            return path
        except FileExistsError:
            if path.read_bytes() == text.encode("utf-8"):
                return path
            number += 1


def _by_disk(manifests: Mapping[str, BaseAssetManifest]) -> Dict[str, List[str]]:
    """The folders of manifests by a path on the disk that they are on."""
    paths: Dict[int, str] = {}
    folders: Dict[str, List[str]] = {}
    for folder in manifests:
        device, existing = _disk_of(folder)
        folders.setdefault(paths.setdefault(device, existing), []).append(folder)
    return folders


def _disk_of(folder: str) -> Tuple[int, str]:
    """The number of the disk that a folder is, or will be, on, and a path on it that exists."""
    path = os.path.abspath(folder)
    while True:
        try:
            return os.stat(path).st_dev, path
        except OSError:
            above = os.path.dirname(path)
            if above == path:
                raise
            path = above


def _size_of_present(folder: str, manifest: BaseAssetManifest) -> int:
    size = 0
    for entry in manifest.paths:
        with contextlib.suppress(OSError):
            if os.stat(os.path.join(folder, entry.path)).st_size == entry.size:
                size += entry.size
    return size
