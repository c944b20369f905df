"""Files go up under their hashes and come back, through the public doors, with S3 on loopback."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import Any, Iterator

import boto3
import pytest

from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from deadline.job_attachments.caches import S3CheckCache
from deadline.job_attachments.download import (
    InputDownloader,
    OutputDownloader,
    download_files_from_manifests,
    get_manifest_from_s3,
)
from deadline.job_attachments.exceptions import (
    AssetSyncCancelledError,
    AssetSyncError,
    JobAttachmentsS3ClientError,
    MisconfiguredInputsError,
    PathOutsideDirectoryError,
)
from deadline.job_attachments.existence import known_objects
from deadline.job_attachments.models import (
    Attachments,
    FileConflictResolution,
    FileSystemLocation,
    FileSystemLocationType,
    JobAttachmentS3Settings,
    ManifestProperties,
    StorageProfile,
    StorageProfileOperatingSystemFamily,
)
from deadline.job_attachments.object_store.memory_store import MemoryObjectStore
from deadline.job_attachments.upload import S3AssetManager, S3AssetUploader

from .conftest import random_bytes

MiB = 1024 * 1024
LARGE = 20 * MiB + 12345
posix_only = pytest.mark.skipif(os.name == "nt", reason="needs links")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("deadline-")]


@pytest.fixture
def settings(bucket: str) -> JobAttachmentS3Settings:
    return JobAttachmentS3Settings(bucket, "root")


@pytest.fixture
def manager(session: boto3.Session, settings: JobAttachmentS3Settings) -> S3AssetManager:
    return S3AssetManager("farm-1", "queue-1", settings, session=session)


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Files of several kinds: nested, oddly named, empty, equal to others, and larger than a part."""
    folder = tmp_path / "inputs"
    files = {
        "plain.txt": b"hello\n",
        "same.txt": b"hello\n",
        "empty": b"",
        "deep/er/é 日本 😀.bin": random_bytes(1, 70_000),
        ".hidden/.dot": b"dot",
        "large.bin": random_bytes(2, LARGE),
    }
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
        os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    return folder


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def upload(manager: S3AssetManager, folder: Path, caches: Path, **arguments: Any) -> tuple[Any, Attachments]:
    paths = [str(path) for path in folder.rglob("*") if path.is_file()]
    group = manager.prepare_paths_for_upload(paths, [str(folder / "out")], [])
    _, manifests = manager.hash_assets_and_create_manifest(
        group.asset_groups, group.total_input_files, group.total_input_bytes, str(caches)
    )
    return manager.upload_assets(manifests, s3_check_cache_dir=str(caches), **arguments)


def keys(session: boto3.Session, bucket: str, prefix: str) -> dict[str, int]:
    pages = session.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return {entry["Key"]: entry["Size"] for page in pages for entry in page.get("Contents", [])}


def test_files_go_up_once_each_under_their_hashes_and_come_back(
    manager: S3AssetManager, session: boto3.Session, settings: JobAttachmentS3Settings, inputs: Path, tmp_path: Path
) -> None:
    summary, attachments = upload(manager, inputs, tmp_path / "caches")

    (manifest,) = attachments.manifests
    assert manifest.rootPath == str(inputs)
    assert manifest.outputRelativeDirectories == ["out"]
    assert (summary.total_files, summary.processed_files, summary.skipped_files) == (6, 5, 1)
    originals = files_below(inputs)
    expected = {f"root/Data/{hash_data(body, HashAlgorithm.XXH128)}.xxh128": len(body) for body in originals.values()}
    assert keys(session, settings.s3BucketName, "root/Data/") == expected

    downloader = InputDownloader(settings, attachments, session)
    downloader.set_root_path(str(inputs), str(tmp_path / "copy"))
    result = downloader.download(FileConflictResolution.OVERWRITE)

    assert files_below(tmp_path / "copy") == originals
    assert (tmp_path / "copy" / "plain.txt").stat().st_mtime_ns == 1_700_000_000_123_456_000
    assert result.file_counts_by_root_directory == {str(tmp_path / "copy"): 6}
    assert result.processed_bytes == sum(map(len, originals.values()))


def test_the_manifest_is_where_the_job_says_with_the_hash_that_it_says(
    manager: S3AssetManager, session: boto3.Session, settings: JobAttachmentS3Settings, inputs: Path, tmp_path: Path
) -> None:
    _, attachments = upload(manager, inputs, tmp_path / "caches")

    path = str(attachments.manifests[0].inputManifestPath)
    manifest = get_manifest_from_s3(f"root/Manifests/{path}", settings.s3BucketName, session)

    assert path.startswith("farm-1/queue-1/Inputs/")
    assert path.endswith(f"/{hash_data(str(inputs).encode(), HashAlgorithm.XXH128)}_input")
    assert attachments.manifests[0].inputManifestHash == hash_data(manifest.encode().encode(), HashAlgorithm.XXH128)
    assert {entry.path: entry.mtime for entry in manifest.paths}["plain.txt"] == 1_700_000_000_123_456


@pytest.mark.parametrize("caches", ["kept", "lost", "not trusted"])
def test_what_is_there_is_not_sent_again(
    manager: S3AssetManager, session: boto3.Session, settings: JobAttachmentS3Settings, inputs: Path, tmp_path: Path, caches: str
) -> None:  # fmt: skip
    client = session.client("s3")
    client.put_bucket_versioning(Bucket=settings.s3BucketName, VersioningConfiguration={"Status": "Enabled"})
    upload(manager, inputs, tmp_path / "caches")

    summary, _ = upload(
        manager,
        inputs,
        tmp_path / ("other" if caches == "lost" else "caches"),
        force_s3_check=caches == "not trusted",
    )

    assert (summary.processed_files, summary.skipped_files) == (0, 6)
    versions = client.list_object_versions(Bucket=settings.s3BucketName, Prefix="root/Data/")["Versions"]
    assert len(versions) == 5


def test_many_objects_are_asked_about_by_listing_and_few_are_not_asked_about_at_all(tmp_path: Path) -> None:
    store = MemoryObjectStore()
    keys = {f"Data/{hash_data(str(number).encode(), HashAlgorithm.XXH128)}.xxh128" for number in range(120)}
    for key in keys:
        store.put(key, b"")
    store.requests.clear()

    with S3CheckCache(str(tmp_path)) as cache:
        few = set(sorted(keys)[:10])
        assert known_objects(store, few, "Data/", cache, CancelToken()) == set()
        assert dict(store.requests) == {}

        assert known_objects(store, keys, "Data/", cache, CancelToken()) == keys
        assert dict(store.requests) == {"list": 1}

        store.requests.clear()
        assert known_objects(store, keys, "Data/", cache, CancelToken()) == keys
        assert dict(store.requests) == {"head": 30}


def test_objects_that_expired_are_uploaded_again(
    manager: S3AssetManager, session: boto3.Session, settings: JobAttachmentS3Settings, inputs: Path, tmp_path: Path
) -> None:
    upload(manager, inputs, tmp_path / "caches")
    client = session.client("s3")
    before = keys(session, settings.s3BucketName, "root/Data/")
    for key in before:
        client.delete_object(Bucket=settings.s3BucketName, Key=key)

    upload(manager, inputs, tmp_path / "caches")

    assert keys(session, settings.s3BucketName, "root/Data/") == before


@pytest.mark.parametrize("name", ["plain.txt", "large.bin"])
@pytest.mark.parametrize("change", ["content", "vanished"])
def test_a_file_that_changes_between_hashing_and_sending_never_lands_under_a_wrong_key_w_c1_w_c4(
    manager: S3AssetManager, session: boto3.Session, settings: JobAttachmentS3Settings, inputs: Path, tmp_path: Path, name: str, change: str
) -> None:  # fmt: skip
    paths = [str(inputs / name)]
    group = manager.prepare_paths_for_upload(paths, [], [])
    _, manifests = manager.hash_assets_and_create_manifest(group.asset_groups, 1, group.total_input_bytes)
    file = inputs / name
    status = file.stat()
    if change == "vanished":
        file.unlink()
    else:
        # Same size and same time: only reading it tells.
        file.write_bytes(bytes(status.st_size))
        os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))

    with pytest.raises(AssetSyncError, match=name):
        manager.upload_assets(manifests, s3_check_cache_dir=str(tmp_path / "caches"))

    assert keys(session, settings.s3BucketName, "root/") == {}
    assert "Uploads" not in session.client("s3").list_multipart_uploads(Bucket=settings.s3BucketName)
    with S3CheckCache(str(tmp_path / "caches")) as cache:
        assert cache.query("SELECT * FROM s3checkV1") == []


def test_an_equal_time_does_not_hide_another_content(manager: S3AssetManager, inputs: Path, tmp_path: Path) -> None:
    def hashes() -> dict[str, str]:
        group = manager.prepare_paths_for_upload([str(inputs / "plain.txt")], [], [])
        _, (manifest,) = manager.hash_assets_and_create_manifest(group.asset_groups, 1, 6, str(tmp_path / "caches"))
        assert manifest.asset_manifest is not None
        return {entry.path: entry.hash for entry in manifest.asset_manifest.paths}

    before = hashes()
    status = (inputs / "plain.txt").stat()
    (inputs / "other").write_bytes(b"HELLO\n")
    os.utime(inputs / "other", ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(inputs / "other", inputs / "plain.txt")

    assert hashes() != before


def test_a_damaged_cache_is_set_aside(manager: S3AssetManager, inputs: Path, tmp_path: Path) -> None:
    caches = tmp_path / "caches"
    caches.mkdir()
    for name in ("hash_cache.db", "s3_check_cache.db"):
        (caches / name).write_bytes(b"this is no database" * 1000)

    upload(manager, inputs, caches)
    summary, _ = upload(manager, inputs, caches)

    assert summary.processed_files == 0
    with sqlite3.connect(caches / "hash_cache.db") as database:
        assert database.execute("SELECT count(*) FROM file_identities").fetchone() == (6,)
    database.close()


def test_stopping_stops_and_publishes_nothing_w_c9_w_c25(
    manager: S3AssetManager, session: boto3.Session, settings: JobAttachmentS3Settings, inputs: Path, tmp_path: Path
) -> None:
    with pytest.raises(AssetSyncCancelledError) as raised:
        upload(manager, inputs, tmp_path / "caches", on_uploading_assets=lambda report: False)

    assert raised.value.summary_statistics is not None
    assert keys(session, settings.s3BucketName, "root/Manifests/") == {}
    assert "Uploads" not in session.client("s3").list_multipart_uploads(Bucket=settings.s3BucketName)


def test_missing_inputs_are_references_unless_they_are_required(manager: S3AssetManager, tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    paths = [str(tmp_path / "there"), str(tmp_path / "a" / "missing")]

    group = manager.prepare_paths_for_upload(paths, [], [])
    assert group.total_input_files == 1
    assert group.asset_groups[0].references == {tmp_path / "a" / "missing"}

    with pytest.raises(MisconfiguredInputsError, match=r"Missing input files:\n\t.*missing\n.*\n\t"):
        manager.prepare_paths_for_upload([*paths, str(tmp_path)], [], [], require_paths_exist=True)


def test_locations_of_a_storage_profile_make_groups_or_are_left_out(manager: S3AssetManager, tmp_path: Path) -> None:
    for name in ("local/a/f", "shared/g", "elsewhere/h"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    profile = StorageProfile(
        "sp-1",
        "profile",
        StorageProfileOperatingSystemFamily.get_host_os_family(),
        [
            FileSystemLocation("Projects", str(tmp_path / "local"), FileSystemLocationType.LOCAL),
            FileSystemLocation("Tools", str(tmp_path / "shared"), FileSystemLocationType.SHARED),
        ],
    )

    group = manager.prepare_paths_for_upload(
        [str(path) for path in tmp_path.rglob("*") if path.is_file()], [str(tmp_path / "shared" / "out")], [], profile
    )

    assert [(entry.file_system_location_name, entry.root_path) for entry in group.asset_groups] == [
        (None, str(tmp_path / "elsewhere")),
        ("Projects", str(tmp_path / "local" / "a")),
    ]


def entry(path: str, body: bytes = b"hello\n") -> ManifestPath:
    return ManifestPath(path=path, hash=hash_data(body, HashAlgorithm.XXH128), size=len(body), mtime=1_000_000)


def manifest_of(*entries: ManifestPath) -> AssetManifest:
    return AssetManifest(hash_alg=HashAlgorithm.XXH128, paths=list(entries), total_size=sum(e.size for e in entries))


def put(session: boto3.Session, bucket: str, body: bytes, name: str = "") -> None:
    key = f"root/Data/{name or hash_data(body, HashAlgorithm.XXH128) + '.xxh128'}"
    session.client("s3").put_object(Bucket=bucket, Key=key, Body=body)


def fetch(session: boto3.Session, bucket: str, folder: Path, *entries: ManifestPath, **arguments: Any) -> Any:
    return download_files_from_manifests(
        bucket, {str(folder): manifest_of(*entries)}, "root/Data", session=session, **arguments
    )


@pytest.mark.parametrize("path", ["/etc/passwd", "../outside", "a/../../outside", "a//b", "./a", "", "a/\0b"])
def test_a_path_that_would_leave_the_root_is_refused_before_anything_is_written(
    session: boto3.Session, bucket: str, tmp_path: Path, path: str
) -> None:
    put(session, bucket, b"hello\n")

    with pytest.raises(PathOutsideDirectoryError):
        fetch(session, bucket, tmp_path / "root", entry("fine"), entry(path))

    assert list(tmp_path.rglob("*")) == []


@posix_only
def test_a_link_that_leads_out_of_the_root_is_refused(session: boto3.Session, bucket: str, tmp_path: Path) -> None:
    put(session, bucket, b"hello\n")
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")

    with pytest.raises(PathOutsideDirectoryError, match="link"):
        fetch(session, bucket, tmp_path / "root", entry("link/file"))

    assert list((tmp_path / "outside").iterdir()) == []


@pytest.mark.parametrize("size", [6, LARGE])
def test_an_object_with_another_content_never_gets_the_name_of_the_file(
    session: boto3.Session, bucket: str, tmp_path: Path, size: int
) -> None:
    right, wrong = b"a" * size, b"b" * size
    put(session, bucket, wrong, f"{hash_data(right, HashAlgorithm.XXH128)}.xxh128")
    (tmp_path / "file").write_bytes(b"old")

    with pytest.raises(AssetSyncError, match="does not have the content"):
        fetch(session, bucket, tmp_path, entry("file", right), conflict_resolution=FileConflictResolution.OVERWRITE)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"file": b"old"}


def test_a_missing_object_is_named_with_its_file(session: boto3.Session, bucket: str, tmp_path: Path) -> None:
    with pytest.raises(JobAttachmentsS3ClientError, match=r"texture\.png") as raised:
        fetch(session, bucket, tmp_path, entry("texture.png"))

    assert raised.value.status_code == 404


def test_objects_of_early_versions_have_no_ending(session: boto3.Session, bucket: str, tmp_path: Path) -> None:
    put(session, bucket, b"hello\n", hash_data(b"hello\n", HashAlgorithm.XXH128))

    fetch(session, bucket, tmp_path, entry("file"))

    assert (tmp_path / "file").read_bytes() == b"hello\n"


def test_files_that_exist_are_skipped_replaced_or_kept_beside(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    put(session, bucket, b"hello\n")
    (tmp_path / "file.txt").write_bytes(b"mine")

    skipped = fetch(session, bucket, tmp_path, entry("file.txt"), conflict_resolution=FileConflictResolution.SKIP)
    assert files_below(tmp_path) == {"file.txt": b"mine"}
    assert (skipped.processed_files, skipped.skipped_files) == (0, 1)

    for _ in range(2):
        fetch(session, bucket, tmp_path, entry("file.txt"), conflict_resolution=FileConflictResolution.CREATE_COPY)
    assert files_below(tmp_path) == {"file.txt": b"mine", "file (1).txt": b"hello\n", "file (2).txt": b"hello\n"}

    fetch(session, bucket, tmp_path, entry("file.txt"), conflict_resolution=FileConflictResolution.OVERWRITE)
    assert (tmp_path / "file.txt").read_bytes() == b"hello\n"

    again = fetch(session, bucket, tmp_path, entry("file.txt"), conflict_resolution=FileConflictResolution.OVERWRITE)
    assert (again.processed_files, again.skipped_files) == (0, 1)

    with pytest.raises(ValueError, match="NOT_SELECTED"):
        fetch(session, bucket, tmp_path, entry("file.txt"), conflict_resolution=FileConflictResolution.NOT_SELECTED)


@posix_only
def test_what_an_ended_download_left_is_removed_by_the_next(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    put(session, bucket, b"hello\n")
    from deadline.job_attachments import placement

    mine = placement.temporary_beside(tmp_path / "file")
    # No process has the largest id that a name can carry.
    stale = mine.with_name(mine.name.replace(f"-{os.getpid()}-", "-4194999-"))
    for path in (mine, stale):
        path.touch()

    fetch(session, bucket, tmp_path, entry("file"))

    assert {path.name for path in tmp_path.iterdir()} == {"file", mine.name}


def output(session: boto3.Session, settings: JobAttachmentS3Settings, tmp: Path, run: str, **files: bytes) -> None:
    """Upload files as a task's run does; ``run`` is ``step/task/action``."""
    step, task, action = run.split("/")
    for name, body in files.items():
        (tmp / name).write_bytes(body)
    prefix = settings.partial_session_action_manifest_prefix("farm-1", "queue-1", "job-1", step, task, action, 1.5)
    S3AssetUploader(session).upload_assets(
        settings,
        manifest_of(*(entry(f"out/{name}", body) for name, body in files.items())),
        Path("/projects/é"),
        prefix,
        manifest_metadata=ManifestProperties("/projects/é", "posix").as_output_metadata(),  # type: ignore[arg-type]
        manifest_file_name="abc_output",
        asset_root=_root_with(tmp, files),
    )


def _root_with(tmp: Path, files: dict[str, bytes]) -> Path:
    root = tmp / "root"
    (root / "out").mkdir(parents=True, exist_ok=True)
    for name, body in files.items():
        (root / "out" / name).write_bytes(body)
    return root


def test_the_outputs_of_a_job_are_those_of_the_latest_run_of_each_task(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    output(session, settings, tmp_path, "step-1/task-1/sessionaction-1-1", o1=b"old", o2=b"superseded")
    output(session, settings, tmp_path, "step-1/task-1/sessionaction-1-2", o1=b"new")
    output(session, settings, tmp_path, "step-2/task-2/sessionaction-1-3", o3=b"other")

    job = OutputDownloader(settings, "farm-1", "queue-1", "job-1", session=session)
    assert job.get_paths_by_root() == {"/projects/é": ["out/o1", "out/o3"]}
    job.set_root_path("/projects/é", str(tmp_path / "got"))
    job.download()
    assert files_below(tmp_path / "got") == {"out/o1": b"new", "out/o3": b"other"}

    step = OutputDownloader(settings, "farm-1", "queue-1", "job-1", "step-2", session=session)
    assert step.get_paths_by_root() == {"/projects/é": ["out/o3"]}
    filtered = OutputDownloader(settings, "farm-1", "queue-1", "job-1", session=session, include_filters=["out/o1"])
    assert filtered.get_paths_by_root() == {"/projects/é": ["out/o1"]}
    with pytest.raises(ValueError, match="projects"):
        filtered.set_root_path("/unknown", str(tmp_path))


def test_a_job_without_outputs_has_none(session: boto3.Session, settings: JobAttachmentS3Settings) -> None:
    assert OutputDownloader(settings, "farm-1", "queue-1", "job-2", session=session).get_paths_by_root() == {}
