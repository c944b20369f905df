"""Uploads: single files and bytes, whole submissions, what the cache may say, and submissions written to disk."""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
import pytest

from deadline.job_attachments.asset_manifests import HashAlgorithm
from deadline.job_attachments.caches import S3CheckCache
from deadline.job_attachments.exceptions import (
    AssetSyncCancelledError,
    AssetSyncError,
    JobAttachmentsError,
    MissingS3BucketError,
    MissingS3RootPrefixError,
    PathOutsideDirectoryError,
)
from deadline.job_attachments.models import (
    FileSystemLocation,
    FileSystemLocationType,
    JobAttachmentS3Settings,
    StorageProfile,
    StorageProfileOperatingSystemFamily,
)
from deadline.job_attachments.progress_tracker import ProgressStatus, ProgressTracker
from deadline.job_attachments.upload import S3AssetManager, S3AssetUploader

from .conftest import random_bytes
from .job_files import digest_of, entry, files_below, keys, manifest_of, put, submit, write

MiB = 1024 * 1024
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs links")


@pytest.fixture
def settings(bucket: str) -> JobAttachmentS3Settings:
    return JobAttachmentS3Settings(bucket, "root")


@pytest.fixture
def uploader(session: boto3.Session) -> S3AssetUploader:
    return S3AssetUploader(session)


def body_of(session: boto3.Session, bucket: str, key: str) -> bytes:
    with session.client("s3").get_object(Bucket=bucket, Key=key)["Body"] as body:
        return body.read()


def send_object(
    uploader: S3AssetUploader, bucket: str, folder: Path, name: str, body: bytes, caches: Path, **arguments: Any
) -> tuple[bool, int]:
    with S3CheckCache(str(caches)) as cache:
        return uploader.upload_object_to_cas(
            entry(name, body), HashAlgorithm.XXH128, bucket, folder, "root/Data", cache, **arguments
        )


def test_a_content_is_sent_once_and_then_known(
    uploader: S3AssetUploader, session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    write(tmp_path, {"file": b"hello\n"})
    tracker = ProgressTracker(ProgressStatus.UPLOAD_IN_PROGRESS, 3, 18)

    def send(**arguments: Any) -> tuple[bool, int]:
        return send_object(
            uploader, bucket, tmp_path, "file", b"hello\n", tmp_path / "caches", progress_tracker=tracker, **arguments
        )

    assert [send(), send(), send(force_s3_check=True)] == [(True, 6), (False, 6), (False, 6)]
    assert (tracker.processed_files, tracker.skipped_files) == (1, 2)
    assert body_of(session, bucket, f"root/Data/{digest_of(b'hello' + bytes([10]))}.xxh128") == b"hello\n"


@pytest.mark.parametrize("size", [6, 9 * MiB])
def test_a_file_that_is_gone_or_changed_is_an_error_and_never_counts_as_present_w_c1(
    uploader: S3AssetUploader, session: boto3.Session, bucket: str, tmp_path: Path, size: int
) -> None:
    write(tmp_path, {"changed": b"x" * size})

    for name in ("gone", "changed"):
        with pytest.raises(AssetSyncError, match=name):
            send_object(uploader, bucket, tmp_path, name, bytes(size), tmp_path / "caches")

    assert keys(session, bucket) == []
    with S3CheckCache(str(tmp_path / "caches")) as cache:
        assert cache.query("SELECT * FROM s3checkV1") == []


@pytest.mark.parametrize("size", [0, 1, 8 * MiB, 20 * MiB + 1])
def test_a_file_goes_to_any_key_over_what_is_there(
    uploader: S3AssetUploader, session: boto3.Session, bucket: str, tmp_path: Path, size: int
) -> None:
    body = random_bytes(size, size)
    write(tmp_path, {"file": body})
    tracker = ProgressTracker(ProgressStatus.UPLOAD_IN_PROGRESS, 1, size)

    uploader.upload_bytes_to_s3(BytesIO(b"old"), bucket, "any/key")
    uploader.upload_file_to_s3(tmp_path / "file", bucket, "any/key", tracker, tmp_path)

    assert body_of(session, bucket, "any/key") == body
    assert (tracker.processed_files, tracker.processed_bytes) == (1, size)
    assert uploader.file_already_uploaded(bucket, "any/key")
    assert not uploader.file_already_uploaded(bucket, "other/key")


@posix_only
def test_what_cannot_be_sent_to_a_key_is_an_error_that_says_why_w_c1(
    uploader: S3AssetUploader, session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    write(tmp_path, {"base/within": b"1", "outside": b"2", "large": bytes(9 * MiB)})
    (tmp_path / "base" / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "base" / "pipe")

    def send(name: str, tracker: Any = None) -> None:
        uploader.upload_file_to_s3(tmp_path / name, bucket, "key", tracker, tmp_path / "base")

    for name in ("base/missing", "base/pipe"):
        with pytest.raises(AssetSyncError, match=name):
            send(name)
    for name in ("outside", "base/link"):
        with pytest.raises(PathOutsideDirectoryError, match=name):
            send(name)
    stopping = ProgressTracker(ProgressStatus.UPLOAD_IN_PROGRESS, 1, 9 * MiB, lambda report: False)
    with pytest.raises(AssetSyncCancelledError):
        uploader.upload_file_to_s3(tmp_path / "large", bucket, "key", stopping)

    assert keys(session, bucket) == []
    assert "Uploads" not in session.client("s3").list_multipart_uploads(Bucket=bucket)


def test_a_file_that_grows_while_it_is_sent_to_a_key_is_an_error_and_stores_nothing(
    uploader: S3AssetUploader, session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    write(tmp_path, {"file": bytes(20 * MiB)})

    def grow(report: Any) -> bool:
        with (tmp_path / "file").open("ab") as file:
            file.write(b"more")
        return True

    tracker = ProgressTracker(ProgressStatus.UPLOAD_IN_PROGRESS, 1, 20 * MiB, grow)
    with pytest.raises(AssetSyncError, match="changed while it was uploaded"):
        uploader.upload_file_to_s3(tmp_path / "file", bucket, "key", tracker)

    assert keys(session, bucket) == []
    assert "Uploads" not in session.client("s3").list_multipart_uploads(Bucket=bucket)


def test_a_cache_that_names_what_is_not_there_is_found_out(
    uploader: S3AssetUploader, session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    bodies = [b"one", b"two"]
    manifest = manifest_of(*(entry(body.decode(), body) for body in bodies))

    def is_true() -> bool:
        return uploader.verify_hash_cache_integrity(str(tmp_path), manifest, "root/Data", bucket)

    assert is_true()
    put(session, bucket, *bodies)
    with S3CheckCache(str(tmp_path)) as cache:
        cache.remember(f"{bucket}/root/Data/{digest_of(body)}.xxh128" for body in bodies)
    assert is_true()
    session.client("s3").delete_object(Bucket=bucket, Key=f"root/Data/{digest_of(b'two')}.xxh128")
    assert not is_true()
    uploader.reset_s3_check_cache(str(tmp_path))
    assert is_true()


def test_roots_of_a_submission_go_side_by_side_and_share_their_contents_w_p5(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c")]
    for folder in folders:
        write(folder, {"shared": b"shared", "own": folder.name.encode()})

    summary, attachments = submit(session, settings, folders, tmp_path / "caches")

    assert [manifest.rootPath for manifest in attachments.manifests] == [str(folder) for folder in folders]
    assert len({manifest.inputManifestPath for manifest in attachments.manifests}) == 3
    assert (summary.total_files, summary.processed_files, summary.skipped_files) == (6, 4, 2)
    assert len(keys(session, settings.s3BucketName, "root/Data/")) == 4


def test_no_manifest_of_a_submission_appears_when_one_of_its_files_is_missing_w_c25(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    write(tmp_path, {"a/fine": b"fine", "b/gone": b"gone"})
    manager = S3AssetManager("farm-1", "queue-1", settings, session=session)
    roots = []
    for name in ("a/fine", "b/gone"):
        group = manager.prepare_paths_for_upload([str(tmp_path / name)], [], [])
        roots += manager.hash_assets_and_create_manifest(group.asset_groups, 1, 4, str(tmp_path / "caches"))[1]
    (tmp_path / "b/gone").unlink()

    with pytest.raises(AssetSyncError, match="gone"):
        manager.upload_assets(
            roots, s3_check_cache_dir=str(tmp_path / "caches"), manifest_write_dir=str(tmp_path / "w")
        )

    assert keys(session, settings.s3BucketName, "root/Manifests/") == []
    assert not (tmp_path / "w").exists()


def test_copies_of_manifests_are_kept_with_the_keys_they_went_to(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"file": b"file"})

    _, attachments = submit(
        session, settings, [tmp_path / "in"], tmp_path / "caches", manifest_write_dir=str(tmp_path / "kept")
    )

    key = f"root/Manifests/{attachments.manifests[0].inputManifestPath}"
    name = key.rsplit("/", 1)[1]
    kept = files_below(tmp_path / "kept" / "manifests")
    assert kept.pop(name) == body_of(session, settings.s3BucketName, key)
    assert kept == {"manifest_s3_mapping": f"{ {'local_file': name, 's3_key': key}!r}\n".encode()}


def test_a_submission_on_disk_is_what_an_upload_would_make_with_its_files_counted_w_c24(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"a": b"same", "b": b"same", "large": random_bytes(1, 3 * MiB), "empty": b""})
    os.utime(tmp_path / "in" / "large", ns=(10**18, 10**18))
    manager = S3AssetManager("farm-1", "queue-1", settings)
    group = manager.prepare_paths_for_upload([str(path) for path in (tmp_path / "in").iterdir()], [], [])
    _, roots = manager.hash_assets_and_create_manifest(group.asset_groups, 4, group.total_input_bytes)
    reports: list[Any] = []

    def note(report: Any) -> bool:
        reports.append(report)
        return True

    summary, attachments = manager.snapshot_assets(str(tmp_path / "snapshot"), roots, note)
    _, uploaded = submit(session, settings, [tmp_path / "in"], tmp_path / "caches")

    assert (summary.processed_files, summary.skipped_files) == (3, 1)
    assert reports[-1].status is ProgressStatus.SNAPSHOT_IN_PROGRESS
    assert (reports[-1].progress, reports[-1].processedFiles) == (100.0, 3)
    assert attachments.manifests[0].inputManifestHash == uploaded.manifests[0].inputManifestHash
    written = files_below(tmp_path / "snapshot")
    manifest = f"Manifests/{attachments.manifests[0].inputManifestPath}"
    assert {f"root/{name}" for name in written.keys() - {manifest}} == set(
        keys(session, settings.s3BucketName, "root/Data/")
    )
    assert written[manifest].startswith(b'{"hashAlg":"xxh128"')
    large = tmp_path / "snapshot/Data" / f"{digest_of(random_bytes(1, 3 * MiB))}.xxh128"
    assert large.stat().st_mtime_ns == 10**18

    again, _ = manager.snapshot_assets(str(tmp_path / "snapshot"), roots)
    assert (again.processed_files, again.skipped_files) == (0, 4)


def test_a_submission_on_disk_has_no_content_that_is_not_what_was_hashed(tmp_path: Path) -> None:
    write(tmp_path, {"in/file": b"before"})
    manager = S3AssetManager("farm-1", "queue-1", JobAttachmentS3Settings("bucket", "root"))
    group = manager.prepare_paths_for_upload([str(tmp_path / "in/file")], [], [])
    _, roots = manager.hash_assets_and_create_manifest(group.asset_groups, 1, 6)
    write(tmp_path, {"in/file": b"after!"})

    with pytest.raises(AssetSyncError, match="file changed"):
        manager.snapshot_assets(str(tmp_path / "snapshot"), roots)
    write(tmp_path, {"in/file": b"before"})
    with pytest.raises(AssetSyncCancelledError):
        manager.snapshot_assets(str(tmp_path / "snapshot"), roots, lambda report: False)

    assert not (tmp_path / "snapshot" / "Manifests").exists()


@posix_only
def test_equal_roots_in_a_location_and_in_none_are_two_groups_in_order_w_c24(tmp_path: Path) -> None:
    write(tmp_path, {"location/sub/inside": b"", "elsewhere/outside": b""})
    (tmp_path / "link").symlink_to(tmp_path / "location/sub")
    (tmp_path / "link/leads out").symlink_to(tmp_path / "elsewhere/outside")
    profile = StorageProfile(
        "sp-1",
        "profile",
        StorageProfileOperatingSystemFamily.get_host_os_family(),
        [FileSystemLocation("A", str(tmp_path / "location"), FileSystemLocationType.LOCAL)],
    )

    group = S3AssetManager().prepare_paths_for_upload(
        [str(tmp_path / "link" / name) for name in ("inside", "leads out")], [], [], profile
    )

    found = [(each.root_path, each.file_system_location_name) for each in group.asset_groups]
    assert found == [(str(tmp_path / "link"), None), (str(tmp_path / "link"), "A")]


@pytest.mark.parametrize(
    "numbers", [(0, 20), (-1, 20), (50, 0), (50, -3)], ids=["no pool", "negative pool", "no small files", "negative"]
)
def test_numbers_that_make_no_sense_are_refused_w_c24(numbers: tuple[int, int]) -> None:
    pool, multiplier = numbers

    with pytest.raises(AssetSyncError, match="must be 1 or more"):
        S3AssetUploader(s3_max_pool_connections=pool, small_file_threshold_multiplier=multiplier)
    with pytest.raises(AssetSyncError, match="must be 1 or more"):
        S3AssetManager(s3_max_pool_connections=pool, small_file_threshold_multiplier=multiplier)


def test_settings_without_a_bucket_or_prefix_are_refused_and_without_any_nothing_is_uploaded(tmp_path: Path) -> None:
    with pytest.raises(MissingS3BucketError):
        S3AssetManager("farm-1", "queue-1", JobAttachmentS3Settings("", "root"))
    with pytest.raises(MissingS3RootPrefixError):
        S3AssetManager("farm-1", "queue-1", JobAttachmentS3Settings("bucket", ""))
    for manager in (S3AssetManager(), S3AssetManager("farm-1", None, JobAttachmentS3Settings("bucket", "root"))):
        with pytest.raises(JobAttachmentsError, match="farm"):
            manager.upload_assets([])
        with pytest.raises(JobAttachmentsError, match="farm"):
            manager.snapshot_assets(str(tmp_path), [])
