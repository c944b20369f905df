"""Files, manifests and submissions for the tests of job attachments."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, Optional, Sequence

import boto3

from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from deadline.job_attachments.models import Attachments, JobAttachmentS3Settings, ManifestProperties, PathFormat
from deadline.job_attachments.upload import S3AssetManager, S3AssetUploader


def digest_of(body: bytes) -> str:
    return hash_data(body, HashAlgorithm.XXH128)


def entry(path: str, body: bytes = b"hello\n") -> ManifestPath:
    return ManifestPath(path=path, hash=digest_of(body), size=len(body), mtime=1_000_000)


def manifest_of(*entries: ManifestPath) -> AssetManifest:
    return AssetManifest(hash_alg=HashAlgorithm.XXH128, paths=list(entries), total_size=sum(e.size for e in entries))


def put(session: boto3.Session, bucket: str, *bodies: bytes) -> None:
    """Store contents as data objects."""
    client: Any = session.client("s3")
    for body in bodies:
        client.put_object(Bucket=bucket, Key=f"root/Data/{digest_of(body)}.xxh128", Body=body)
    client.close()


def keys(session: boto3.Session, bucket: str, prefix: str = "") -> list[str]:
    pages = session.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def submit(
    session: boto3.Session,
    settings: JobAttachmentS3Settings,
    folders: Sequence[Path],
    caches: Path,
    outputs: Sequence[Path] = (),
    **arguments: Any,
) -> tuple[Any, Attachments]:
    """Upload what the folders have as the inputs of a job; each folder is an asset root of its own."""
    manager = S3AssetManager("farm-1", "queue-1", settings, session=session)
    roots = []
    for folder in folders:
        paths = [str(path) for path in folder.rglob("*") if path.is_file()]
        below = [str(path) for path in outputs if folder in path.parents]
        group = manager.prepare_paths_for_upload(paths, below, [str(folder)])
        roots += manager.hash_assets_and_create_manifest(
            group.asset_groups, group.total_input_files, group.total_input_bytes, str(caches)
        )[1]
    return manager.upload_assets(roots, s3_check_cache_dir=str(caches), **arguments)


def publish_output(
    session: boto3.Session,
    settings: JobAttachmentS3Settings,
    run: str,
    root: str,
    files: Mapping[str, bytes],
    folder: Path,
    *,
    location: Optional[str] = None,
    started: float = 1.5,
    name: str = "abc_output",
) -> None:
    """Upload files as a run of a task does; ``run`` is ``step/task/action``, or ``step/action`` for a chunk."""
    write(folder, files)
    step, *task, action = run.split("/")
    ids = ("farm-1", "queue-1", "job-1", step)
    if task:
        prefix = settings.partial_session_action_manifest_prefix(*ids, task[0], action, started)
    else:
        prefix = settings.partial_session_action_manifest_prefix_without_task(*ids, action, started)
    S3AssetUploader(session).upload_assets(
        settings,
        manifest_of(*(entry(path, body) for path, body in files.items())),
        Path(root),
        prefix,
        manifest_metadata=ManifestProperties(root, PathFormat.POSIX, location).as_output_metadata(),
        manifest_file_name=name,
        asset_root=folder,
        s3_check_cache_dir=str(folder.parent / "caches"),
    )
