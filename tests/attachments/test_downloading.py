"""Downloads by whoever wants a job's files: which ones, to which folders, and what is refused."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from typing import Any

import boto3
import pytest

from deadline.job_attachments import download
from deadline.job_attachments.asset_manifests import HashAlgorithm
from deadline.job_attachments.containment import AbsolutePaths
from deadline.job_attachments.download import (
    InputDownloader,
    OutputDownloader,
    download_file,
    download_files,
    download_files_from_manifests,
    download_files_in_directory,
    get_job_input_output_paths_by_asset_root,
    get_output_manifests_by_asset_root,
)
from deadline.job_attachments.exceptions import (
    AssetSyncCancelledError,
    AssetSyncError,
    PathOutsideDirectoryError,
    UndeclaredAssetRootError,
)
from deadline.job_attachments.models import Attachments, FileConflictResolution, JobAttachmentS3Settings
from deadline.job_attachments.path_filters import filter_manifests
from deadline.job_attachments.progress_tracker import ProgressStatus, ProgressTracker

from .conftest import random_bytes
from .job_files import digest_of, entry, files_below, keys, manifest_of, publish_output, put, submit, write

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs links")
JOB = ("farm-1", "queue-1", "job-1")
OVERWRITE = FileConflictResolution.OVERWRITE


@pytest.fixture
def settings(bucket: str) -> JobAttachmentS3Settings:
    return JobAttachmentS3Settings(bucket, "root")


def publish(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path, root: str, files: dict[str, bytes],
    run: str = "step-1/task-1/sessionaction-1-1", **arguments: Any,
) -> None:  # fmt: skip
    folder = tmp_path / "written" / f"{run}-{root}".replace("/", "_")
    publish_output(session, settings, run, root, files, folder, **arguments)


def fetch(session: boto3.Session, bucket: str, *paths: str, **arguments: Any) -> Any:
    """Download a manifest with absolute paths, as a caller that has mapped them itself."""
    manifest = manifest_of(*(entry(path) for path in paths))
    return download_files_from_manifests(bucket, {"": manifest}, "root/Data", session=session, **arguments)


def test_absolute_paths_without_a_root_are_used_as_they_are_w_c7(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    put(session, bucket, b"hello\n")
    paths = [str(tmp_path / "a" / "one"), str(tmp_path / "b c" / "two")]

    statistics = fetch(session, bucket, *paths)

    assert sorted(statistics.downloaded_files) == paths
    assert statistics.file_counts_by_root_directory == {"": 2}
    assert files_below(tmp_path) == {"a/one": b"hello\n", "b c/two": b"hello\n"}


@pytest.mark.parametrize("path", ["relative", "{}/../up", "{}/./here", "{}//double", "{}/nul\0l", "", "/"])
def test_absolute_paths_that_are_not_plain_are_refused_w_c7(
    session: boto3.Session, bucket: str, tmp_path: Path, path: str
) -> None:
    put(session, bucket, b"hello\n")

    with pytest.raises(PathOutsideDirectoryError):
        fetch(session, bucket, str(tmp_path / "fine"), path.format(tmp_path))

    assert files_below(tmp_path) == {}


@posix_only
def test_absolute_paths_stay_within_the_folders_that_the_caller_names_w_c7(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    put(session, bucket, b"hello\n")
    write(tmp_path, {"location/deeper/x": b"", "elsewhere/x": b""})
    (tmp_path / "location/leads out").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "mounted").symlink_to(tmp_path / "location")
    within = {"absolute_paths_within": [str(tmp_path / "mounted")], "conflict_resolution": OVERWRITE}

    for name in ("elsewhere/y", "mounted/leads out/y", "mounted beside/y"):
        with pytest.raises(PathOutsideDirectoryError, match=name):
            fetch(session, bucket, str(tmp_path / name), **within)
    fetch(session, bucket, str(tmp_path / "mounted/deeper/y"), **within)

    assert files_below(tmp_path / "elsewhere") == {"x": b""}
    assert files_below(tmp_path / "location/deeper") == {"x": b"", "y": b"hello\n"}


@posix_only
def test_a_link_that_a_stranger_could_have_put_there_is_refused_and_others_are_not_w_c7(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can make files of another user")
    (tmp_path / "target").mkdir()
    for name, mode, owner in (("open", 0o777, 12345), ("closed", 0o755, 12345), ("own", 0o777, 0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "link").symlink_to(tmp_path / "target")
        (tmp_path / name).chmod(mode)
        os.lchown(tmp_path / name / "link", owner, -1)

    with pytest.raises(PathOutsideDirectoryError, match="another user"):
        AbsolutePaths().target_of(str(tmp_path / "open/link/deep/file"))
    for name in ("closed", "own"):
        path = tmp_path / name / "link/file"
        assert AbsolutePaths().target_of(str(path)) == path


def test_patterns_look_at_absolute_paths_as_they_are_w_c7() -> None:
    manifests: Any = {"": [manifest_of(entry("/proj/a/x.exr"), entry("/other/y.exr"))]}

    found = filter_manifests(manifests, ["/proj/*"])

    assert [file.path for file in found[""][0].paths] == ["/proj/a/x.exr"]


def test_the_latest_run_is_the_one_that_was_stored_last_whatever_its_workers_clock_says_w_c15(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    # A prefix with the very words by which runs are told apart.
    settings = JobAttachmentS3Settings(bucket, "step-0/task-0/output_root")
    publish(session, settings, tmp_path, "/p", {"f": b"old"}, started=2_000_000_000.0)
    publish(session, settings, tmp_path, "/p", {"f": b"chunk", "g": b"chunk"}, "step-1/sessionaction-1-8")
    publish(session, settings, tmp_path, "/p", {"f": b"new"}, "step-1/task-1/sessionaction-1-2", started=1.0)
    old, *_ = keys(session, bucket, f"{settings.rootPrefix}/Manifests/farm-1/queue-1/job-1/step-1/task-1/2033")
    rewind(session, bucket, old)

    (manifest,) = get_output_manifests_by_asset_root(settings, *JOB, session=session)["/p"]

    assert {file.path: file.hash for file in manifest.paths} == {"f": digest_of(b"new"), "g": digest_of(b"chunk")}


def rewind(session: boto3.Session, bucket: str, key: str) -> None:
    """Make an object of moto's an hour older: stores write times of whole seconds."""
    import datetime

    from moto.s3.models import s3_backends

    for account in list(s3_backends):
        buckets = s3_backends[account]["aws"].buckets
        if bucket in buckets:
            found = buckets[bucket].keys[key]
            found.last_modified -= datetime.timedelta(hours=1)


def test_a_run_is_found_by_its_whole_id(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    publish(session, settings, tmp_path, "/p", {"one": b"1"})
    publish(session, settings, tmp_path, "/p", {"eleven": b"11"}, "step-1/task-1/sessionaction-1-11")

    found = get_output_manifests_by_asset_root(
        settings, *JOB, "step-1", "task-1", "sessionaction-1-1", session=session
    )  # fmt: skip

    assert [[file.path for file in manifest.paths] for manifest in found["/p"]] == [["one"]]


def test_outputs_in_folders_that_the_job_does_not_have_need_somebodys_word_w_s1(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    home, declared = tmp_path / "home", tmp_path / "declared"
    publish(session, settings, tmp_path, str(declared), {"frame": b"frame"})
    publish(session, settings, tmp_path, str(home), {".bashrc": b"evil"}, name="evil_output")
    downloader = OutputDownloader(settings, *JOB, session=session, declared_roots=[str(declared)])

    assert downloader.undeclared_roots == [str(home)]
    with pytest.raises(UndeclaredAssetRootError, match=str(home)):
        downloader.download()
    assert not home.exists()
    assert not declared.exists()

    downloader.set_root_path(str(home), str(tmp_path / "looked at"))
    downloader.download()
    assert files_below(tmp_path / "looked at") == {".bashrc": b"evil"}
    assert files_below(declared) == {"frame": b"frame"}
    assert not home.exists()


def test_a_pattern_that_leaves_undeclared_folders_out_needs_nobodys_word_w_s1(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    publish(session, settings, tmp_path, str(tmp_path / "declared"), {"frame": b"frame"})
    publish(session, settings, tmp_path, str(tmp_path / "home"), {".bashrc": b"evil"}, name="evil_output")
    downloader = OutputDownloader(
        settings, *JOB, session=session, include_filters=["frame"], declared_roots=[str(tmp_path / "declared")]
    )

    downloader.download()

    assert files_below(tmp_path / "declared") == {"frame": b"frame"}


def test_two_roots_can_change_places(session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path) -> None:
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    publish(session, settings, tmp_path, one, {"x": b"of one"}, name="1_output")
    publish(session, settings, tmp_path, other, {"x": b"of other", "y": b"y"}, name="2_output")
    downloader = OutputDownloader(settings, *JOB, session=session)

    downloader.set_root_path(one, other)
    downloader.set_root_path(other, one)
    downloader.download()

    assert files_below(tmp_path / "one") == {"x": b"of other", "y": b"y"}
    assert files_below(tmp_path / "other") == {"x": b"of one"}
    downloader.set_root_path(one, str(tmp_path / "a" / ".." / "third"))
    downloader.set_root_path(str(tmp_path / "third"), str(tmp_path / "fourth"))
    assert downloader.get_paths_by_root() == {str(tmp_path / "fourth"): ["x"], one: ["x", "y"]}


def test_files_of_roots_that_share_a_folder_keep_out_of_each_others_way_w_c8(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    publish(session, settings, tmp_path, "/ra", {"sub/x": b"of a", "sub/_rb_x": b"in the way"}, name="1_output")
    publish(session, settings, tmp_path, "/rb", {"sub/x": b"of b", "y": b"y"}, name="2_output")
    downloader = OutputDownloader(settings, *JOB, session=session)

    for root in ("/ra", "/rb"):
        downloader.set_root_path(root, str(tmp_path / "both"))
    downloader.download()

    assert files_below(tmp_path / "both") == {
        "sub/x": b"of a",
        "sub/_rb_x": b"in the way",
        "sub/_rb__rb_x": b"of b",
        "y": b"y",
    }


def test_the_former_names_of_a_downloaders_methods_still_work(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    publish(session, settings, tmp_path, str(tmp_path / "got"), {"x": b"x"})
    downloader = OutputDownloader(settings, *JOB, session=session)

    with pytest.deprecated_call():
        assert downloader.get_output_paths_by_root() == {str(tmp_path / "got"): ["x"]}
    with pytest.deprecated_call():
        downloader.download_job_output(file_conflict_resolution=OVERWRITE)
    assert files_below(tmp_path / "got") == {"x": b"x"}


def test_roots_within_each_other_are_fetched_together_and_the_last_one_wins(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    large = random_bytes(3, 400_000)
    put(session, bucket, b"outer", b"inner", large)
    outer = manifest_of(entry("sub/file", b"outer"), entry("large", large))
    inner = manifest_of(entry("file", b"inner"), entry("large", large))

    statistics = download_files_from_manifests(
        bucket, {str(tmp_path): outer, str(tmp_path / "sub"): inner}, "root/Data", session=session,
        conflict_resolution=OVERWRITE,
    )  # fmt: skip

    assert files_below(tmp_path) == {"sub/file": b"inner", "sub/large": large, "large": large}
    assert statistics.file_counts_by_root_directory == {str(tmp_path): 1, str(tmp_path / "sub"): 2}
    assert (statistics.total_files, statistics.processed_files, statistics.skipped_files) == (4, 3, 1)


def test_a_directory_of_all_roots_comes_into_one_folder(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"tex/a": b"input", "tex/b": b"input", "textures/c": b"not asked for"})
    _, attachments = submit(session, settings, [tmp_path / "in"], tmp_path / "caches")
    publish(session, settings, tmp_path, str(tmp_path / "in"), {"tex/b": b"output"})
    publish(session, settings, tmp_path, "/zzz", {"tex/a": b"of another root"}, name="2_output")

    statistics = download_files_in_directory(
        settings, attachments, *JOB, "tex/", str(tmp_path / "got"), session=session
    )  # fmt: skip

    assert files_below(tmp_path / "got") == {"tex/a": b"input", "tex/b": b"output", "tex/_zzz_a": b"of another root"}
    assert statistics.processed_files == 3
    groups = get_job_input_output_paths_by_asset_root(settings, attachments, *JOB, session=session)
    assert groups[str(tmp_path / "in")].get_all_paths() == ["tex/a", "tex/b", "tex/b", "textures/c"]


def test_a_directory_without_files_is_no_error_w_c24(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    statistics = download_files_in_directory(
        settings, Attachments(), *JOB, "nothing", str(tmp_path / "got"), session=session
    )

    assert (statistics.total_files, statistics.downloaded_files) == (0, [])


def test_files_are_downloaded_one_by_one_or_together(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    put(session, settings.s3BucketName, b"hello\n", b"world\n")
    files: Any = [entry("a/hello"), entry("world", b"world\n")]
    tracker = ProgressTracker(ProgressStatus.DOWNLOAD_IN_PROGRESS, 2, 12)

    written = download_files(files, HashAlgorithm.XXH128, str(tmp_path), settings, session, tracker)

    assert sorted(written) == [str(tmp_path / "a" / "hello"), str(tmp_path / "world")]
    assert (tracker.processed_files, tracker.processed_bytes) == (2, 12)

    def one(conflict: FileConflictResolution, **arguments: Any) -> Any:
        return download_file(
            files[1], HashAlgorithm.XXH128, str(tmp_path), threading.Lock(), {}, settings.s3BucketName, "root/Data",
            file_conflict_resolution=conflict, **arguments,
        )  # fmt: skip

    assert one(FileConflictResolution.SKIP, session=session) == (6, None)
    client = session.client("s3")
    assert one(FileConflictResolution.CREATE_COPY, s3_client=client) == (6, tmp_path / "world (1)")
    client.close()
    stopping = ProgressTracker(ProgressStatus.DOWNLOAD_IN_PROGRESS, 1, 6, lambda report: False)
    with pytest.raises(AssetSyncCancelledError):
        one(FileConflictResolution.CREATE_COPY, session=session, progress_tracker=stopping)


def test_inputs_are_downloaded_only_by_the_manifest_that_the_job_was_submitted_with(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"a": b"input"})
    _, attachments = submit(session, settings, [tmp_path / "in"], tmp_path / "caches")
    attachments.manifests[0].inputManifestHash = digest_of(b"another")

    with pytest.raises(AssetSyncError, match="not the manifest that the job was submitted with"):
        InputDownloader(settings, attachments, session)


def test_the_door_has_what_others_import_from_it() -> None:
    assert (download.S3_DOWNLOAD_MAX_CONCURRENCY, download.WINDOWS_MAX_PATH_LENGTH) == (10, 260)
    assert download.TEMP_DOWNLOAD_ADDED_CHARS_LENGTH == 9
    missing = {"decode_manifest", "get_s3_client", "mount_vfs_from_manifests", "handle_existing_vfs"} - vars(
        download
    ).keys()
    assert missing == set()
