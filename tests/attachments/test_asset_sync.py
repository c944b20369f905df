"""A worker's session: inputs come into its folders, and what tasks wrote goes out of them, with S3 on loopback."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Iterator, Optional

import boto3
import pytest

from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.asset_sync import AssetSync
from deadline.job_attachments.download import OutputDownloader, download_files_from_manifests, get_manifest_from_s3
from deadline.job_attachments.exceptions import (
    AssetSyncCancelledError,
    AssetSyncError,
    JobAttachmentsError,
    JobAttachmentsS3ClientError,
    MisconfiguredInputsError,
    VFSOSUserNotSetError,
)
from deadline.job_attachments.models import (
    Attachments,
    JobAttachmentS3Settings,
    JobAttachmentsFileSystem,
    ManifestProperties,
    PathFormat,
)
from deadline.job_attachments.progress_tracker import SummaryStatistics

from .conftest import random_bytes
from .job_files import digest_of, entry, files_below, keys, manifest_of, publish_output, put, submit, write

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs links")
LOG = "deadline.job_attachments"


@pytest.fixture
def settings(bucket: str) -> JobAttachmentS3Settings:
    return JobAttachmentS3Settings(bucket, "root")


@pytest.fixture
def sync(session: boto3.Session) -> AssetSync:
    return AssetSync("farm-1", session)


@pytest.fixture
def session_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "session"
    folder.mkdir()
    return folder


@contextlib.contextmanager
def deprecated() -> Iterator[None]:
    with pytest.deprecated_call():
        yield


def bring(
    sync: AssetSync, settings: JobAttachmentS3Settings, attachments: Attachments, session_dir: Path, **arguments: Any
) -> Any:
    with deprecated():
        return sync.sync_inputs(settings, attachments, "queue-1", "job-1", session_dir, **arguments)


def send(
    sync: AssetSync,
    settings: JobAttachmentS3Settings,
    attachments: Attachments,
    session_dir: Path,
    action: str = "sessionaction-1-1",
    task: Optional[str] = "task-1",
    **arguments: Any,
) -> SummaryStatistics:
    with deprecated():
        return sync.sync_outputs(
            settings, attachments, "queue-1", "job-1", "step-1", task, action, 1700000000.25, session_dir, **arguments
        )  # fmt: skip


def a_job(root: str, *outputs: str, location: Optional[str] = None, **more: Any) -> Attachments:
    return Attachments(
        [ManifestProperties(root, PathFormat.POSIX, location, outputRelativeDirectories=list(outputs), **more)]
    )


def outputs_of(session: boto3.Session, settings: JobAttachmentS3Settings) -> dict[str, list[str]]:
    return OutputDownloader(settings, "farm-1", "queue-1", "job-1", session=session).get_paths_by_root()


def test_files_go_to_a_worker_and_its_outputs_come_back_byte_for_byte(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, tmp_path: Path
) -> None:
    scene, textures = tmp_path / "scene", tmp_path / "textures"
    write(scene, {"shot.ma": b"scene", "renders/old.exr": b"old", "renders/kept.exr": b"kept"})
    write(textures, {"wood.tx": random_bytes(1, 300_000), "é/😀.tx": b"same", "copy.tx": b"same"})
    _, attachments = submit(
        session, settings, [scene, textures], tmp_path / "caches", [scene / "renders", textures / "baked"]
    )

    statistics, rules = bring(sync, settings, attachments, session_dir)

    folders = {rule["source_path"]: Path(rule["destination_path"]) for rule in rules}
    assert statistics.processed_files == 6
    assert files_below(folders[str(scene)]) == files_below(scene)
    assert files_below(folders[str(textures)]) == files_below(textures)

    large = random_bytes(2, 9 * 1024 * 1024)
    write(folders[str(scene)], {"renders/old.exr": b"newer", "renders/deep/er/new.exr": large, "notes.txt": b"not out"})
    write(folders[str(textures)], {"baked/日本.tx": b"baked"})
    sent = send(sync, settings, attachments, session_dir)

    assert (sent.total_files, sent.processed_files) == (3, 3)
    downloader = OutputDownloader(settings, "farm-1", "queue-1", "job-1", session=session)
    for root in (scene, textures):
        downloader.set_root_path(str(root), str(tmp_path / "back" / root.name))
    downloader.download()
    assert files_below(tmp_path / "back") == {
        "scene/renders/old.exr": b"newer",
        "scene/renders/deep/er/new.exr": large,
        "textures/baked/日本.tx": b"baked",
    }


def test_output_manifests_stand_where_workers_put_them(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path
) -> None:
    attachments = a_job("/projects/shot01", "out", location="ProjectFS")
    folder = session_dir / "mapped"
    write(folder, {"out/frame.exr": b"frame"})
    rules = {"/projects": str(session_dir), "/projects/shot01": str(folder)}

    send(sync, settings, attachments, session_dir, storage_profiles_path_mapping_rules=rules)
    send(sync, settings, a_job("/projects/shot02", "."), session_dir)
    write(folder, {"out/chunk.exr": b"chunk"})
    send(sync, settings, attachments, session_dir, "sessionaction-1-9", None, storage_profiles_path_mapping_rules=rules)

    prefix = "root/Manifests/farm-1/queue-1/job-1/step-1"
    name = "039788f518ac44ce535c6e1f49e325f2_output"
    assert keys(session, settings.s3BucketName, "root/Manifests/") == [
        f"{prefix}/2023-11-14T22:13:20.250000Z_sessionaction-1-9/{name}",
        f"{prefix}/task-1/2023-11-14T22:13:20.250000Z_sessionaction-1-1/{name}",
    ]
    head = session.client("s3").head_object(
        Bucket=settings.s3BucketName, Key=f"{prefix}/task-1/2023-11-14T22:13:20.250000Z_sessionaction-1-1/{name}"
    )
    assert head["Metadata"] == {"asset-root": "/projects/shot01", "file-system-location-name": "ProjectFS"}


def test_an_output_is_reported_once_for_each_of_its_states_w_c12(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"out/known": b"one"})
    _, attachments = submit(session, settings, [tmp_path / "in"], tmp_path / "caches", [tmp_path / "in" / "out"])
    _, (rule,) = bring(sync, settings, attachments, session_dir)
    folder = Path(rule["destination_path"])

    assert send(sync, settings, attachments, session_dir, "sessionaction-1-1").total_files == 0
    write(folder, {"out/known": b"three", "out/new": b"new"})
    assert send(sync, settings, attachments, session_dir, "sessionaction-1-2").total_files == 2
    assert send(sync, settings, attachments, session_dir, "sessionaction-1-3").total_files == 0
    status = (folder / "out/known").stat()
    write(folder, {"out/known": b"same time, another size"})
    os.utime(folder / "out/known", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert send(sync, settings, attachments, session_dir, "sessionaction-1-4").total_files == 1

    assert sync.synced_assets_mtime[str(folder / "out/new")] == (folder / "out/new").stat().st_mtime_ns


@posix_only
def test_links_that_lead_nowhere_or_out_are_named_and_do_not_stop_the_others_w_c12(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    attachments = a_job("/projects", "out", "../climbs", "not/there")
    folder = Path(AssetSync.generate_dynamic_path_mapping(session_dir, attachments)["/projects"].destination_path)
    write(folder, {"out/fine": b"fine", "elsewhere": b"within"})
    write(tmp_path, {"secret": b"secret"})
    write(session_dir, {"climbs/file": b"climbs"})
    (folder / "out/broken").symlink_to(folder / "nothing")
    (folder / "out/leads out").symlink_to(tmp_path / "secret")
    (folder / "out/within").symlink_to(folder / "elsewhere")
    (folder / "out/folder").symlink_to(folder)
    os.mkfifo(folder / "out/pipe")

    with caplog.at_level(logging.WARNING, LOG):
        send(sync, settings, attachments, session_dir)

    assert outputs_of(session, settings) == {"/projects": ["out/fine", "out/within"]}
    for name in ("broken", "leads out", "folder", "pipe", "climbs"):
        assert name in caplog.text


def test_names_that_begin_with_a_dot_are_uploaded_too_w_c10(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path
) -> None:
    attachments = a_job("/projects", ".", "out", "out/deeper")
    folder = Path(AssetSync.generate_dynamic_path_mapping(session_dir, attachments)["/projects"].destination_path)
    write(folder, {".hidden": b"1", "out/.cache/.x": b"2", "out/deeper/y": b"3"})

    send(sync, settings, attachments, session_dir)

    assert outputs_of(session, settings) == {"/projects": [".hidden", "out/.cache/.x", "out/deeper/y"]}


def test_output_folders_of_windows_are_found_on_other_systems(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path
) -> None:
    attachments = Attachments(
        [ManifestProperties("C:\\proj", PathFormat.WINDOWS, outputRelativeDirectories=["renders\\beauty"])]
    )
    folder = Path(AssetSync.generate_dynamic_path_mapping(session_dir, attachments)["C:\\proj"].destination_path)
    write(folder, {"renders/beauty/a.exr": b"a", "renders/b.exr": b"b"})

    send(sync, settings, attachments, session_dir)

    assert outputs_of(session, settings) == {"C:\\proj": ["renders/beauty/a.exr"]}


def test_an_output_that_cannot_be_sent_leaves_no_manifest_and_is_sent_the_next_time_w_c25(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path
) -> None:
    attachments = a_job("/projects", "out")
    folder = Path(AssetSync.generate_dynamic_path_mapping(session_dir, attachments)["/projects"].destination_path)
    write(folder, {"out/file": b"file", "out/gone": b"gone"})

    def vanish(report: Any) -> bool:
        (folder / "out/gone").unlink(missing_ok=True)
        return True

    with pytest.raises((AssetSyncError, MisconfiguredInputsError), match="gone"):
        send(sync, settings, attachments, session_dir, on_uploading_files=vanish)
    with pytest.raises(AssetSyncCancelledError):
        send(sync, settings, attachments, session_dir, on_uploading_files=lambda report: False)
    assert keys(session, settings.s3BucketName, "root/Manifests/") == []

    send(sync, settings, attachments, session_dir)
    assert outputs_of(session, settings) == {"/projects": ["out/file"]}


def test_many_outputs_are_hashed_and_sent_side_by_side_w_p12(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path
) -> None:
    attachments = a_job("/projects", "out")
    folder = Path(AssetSync.generate_dynamic_path_mapping(session_dir, attachments)["/projects"].destination_path)
    write(folder, {f"out/{number:03}": b"%d" % (number // 2) for number in range(200)})
    phases: list[str] = []

    sent = send(
        sync, settings, attachments, session_dir,
        on_uploading_files=lambda report: phases.append(report.status.title) is None,
    )  # fmt: skip

    # Each phase once, not one of each for every file; equal contents go once.
    assert (sent.total_files, sent.processed_files, sent.skipped_files) == (200, 100, 100)
    assert phases == sorted(phases)
    assert set(phases) == {"PREPARING_IN_PROGRESS", "UPLOAD_IN_PROGRESS"}


def test_without_settings_or_attachments_nothing_is_done(
    sync: AssetSync, settings: JobAttachmentS3Settings, session_dir: Path
) -> None:
    for one, other in ((None, a_job("/projects", "out")), (settings, None)):
        assert bring(sync, one, other, session_dir) == (SummaryStatistics(), [])  # type: ignore[arg-type]
        assert send(sync, one, other, session_dir) == SummaryStatistics()  # type: ignore[arg-type]
    assert list(session_dir.iterdir()) == []


def publish(
    session: boto3.Session, settings: JobAttachmentS3Settings, tmp_path: Path, root: str, files: dict[str, bytes],
    run: str = "step-1/task-1/sessionaction-1-1", **arguments: Any,
) -> None:  # fmt: skip
    publish_output(session, settings, run, root, files, tmp_path / "written" / run.replace("/", "_"), **arguments)


def test_a_step_dependency_that_rewrote_an_input_takes_its_place_w_c16(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"scene": b"original", "other": b"other"})
    _, attachments = submit(session, settings, [tmp_path / "in"], tmp_path / "caches")
    _, (rule,) = bring(sync, settings, attachments, session_dir)
    folder = Path(rule["destination_path"])
    write(folder, {"other": b"changed by a task"})
    publish(session, settings, tmp_path, str(tmp_path / "in"), {"scene": b"rewritten", "extra": b"extra"})

    with deprecated():
        sync.attachment_sync_inputs(
            settings, attachments, "queue-1", "job-1", session_dir, step_dependencies=["step-1"]
        )  # fmt: skip

    assert files_below(folder) == {"scene": b"rewritten", "extra": b"extra", "other": b"changed by a task"}


def test_a_worker_that_names_no_conflict_mode_replaces_files_of_its_session_and_no_others_w_c16(
    session: boto3.Session, bucket: str, session_dir: Path, tmp_path: Path
) -> None:
    put(session, bucket, b"rewritten")
    own = session_dir / "assetroot-0123456789abcdef0123"
    for folder in (own, tmp_path / "home"):
        write(folder, {"scene.ma": b"stale"})
        download_files_from_manifests(
            bucket, {str(folder): manifest_of(entry("scene.ma", b"rewritten"))}, "root/Data", session=session
        )

    assert files_below(own) == {"scene.ma": b"rewritten"}
    assert files_below(tmp_path / "home") == {"scene.ma": b"stale", "scene (1).ma": b"rewritten"}


def test_both_inputs_and_dependencies_come_when_they_are_asked_for_at_once(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"a": b"input", "b": b"input"})
    _, attachments = submit(session, settings, [tmp_path / "in"], tmp_path / "caches")
    publish(session, settings, tmp_path, str(tmp_path / "in"), {"b": b"output"})

    _, (rule,) = bring(sync, settings, attachments, session_dir, step_dependencies=["step-1"])

    assert files_below(Path(rule["destination_path"])) == {"a": b"input", "b": b"output"}


@pytest.mark.parametrize(
    ("root", "path_format", "rules", "expected"),
    [
        ("/loc", PathFormat.POSIX, {"/loc": "/mnt/l"}, "/mnt/l"),
        ("/loc/a/b", PathFormat.POSIX, {"/loc": "/mnt/l"}, "/mnt/l/a/b"),
        ("/loc/a/b", PathFormat.POSIX, {"/loc": "/mnt/l", "/loc/a": "/mnt/a"}, "/mnt/a/b"),
        ("C:\\Loc\\a B", PathFormat.WINDOWS, {"c:\\loc": "/mnt/l"}, "/mnt/l/a B"),
        ("/location", PathFormat.POSIX, {"/loc": "/mnt/l"}, None),
        ("/Loc/a", PathFormat.POSIX, {"/loc": "/mnt/l"}, None),
    ],
)
def test_a_root_below_a_location_finds_the_locations_rule_w_c13(
    root: str, path_format: PathFormat, rules: dict[str, str], expected: Optional[str]
) -> None:
    properties = ManifestProperties(root, path_format, "Projects")

    if expected is None:
        with pytest.raises(AssetSyncError, match="storage profile"):
            AssetSync.get_local_destination(properties, {}, rules)
    else:
        assert AssetSync.get_local_destination(properties, {}, rules) == os.path.normpath(expected)


def test_a_root_without_any_rule_is_named() -> None:
    with pytest.raises(AssetSyncError, match="/projects"):
        AssetSync.get_local_destination(ManifestProperties("/projects", PathFormat.POSIX))


def test_outputs_of_a_step_go_where_the_storage_profile_has_their_root_w_c14(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, tmp_path: Path
) -> None:
    publish(session, settings, tmp_path, "/p", {"x": b"in A"}, location="A", name="a_output")
    publish(session, settings, tmp_path, "/p", {"x": b"in no location"}, name="b_output")
    publish(session, settings, tmp_path, "/strange", {"x": b"?"}, name="c_output")
    attachments = Attachments(
        [ManifestProperties("/p", PathFormat.POSIX, "A"), ManifestProperties("/p", PathFormat.POSIX)]
    )
    dynamic = AssetSync.generate_dynamic_path_mapping(session_dir, attachments)

    manifests = sync._aggregate_asset_root_manifests(
        session_dir, settings, "queue-1", "job-1", attachments,
        step_dependencies=["step-1"],
        dynamic_mapping_rules=dynamic,
        storage_profiles_path_mapping_rules={"/p": str(tmp_path / "located")},
    )  # fmt: skip

    found = {root: [entry.hash for entry in manifest.paths] for root, manifest in manifests.items()}
    assert found.pop(str(tmp_path / "located")) == [digest_of(b"in A")]
    assert found.pop(dynamic["/p"].destination_path) == [digest_of(b"in no location")]
    # A root that the job does not have never leads anywhere but into the session.
    ((folder, hashes),) = found.items()
    assert (Path(folder).parent, hashes) == (session_dir, [digest_of(b"?")])


def test_an_input_manifest_with_another_hash_than_the_jobs_is_refused(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"a": b"input"})
    _, attachments = submit(session, settings, [tmp_path / "in"], tmp_path / "caches")
    key = f"root/Manifests/{attachments.manifests[0].inputManifestPath}"
    forged = manifest_of(entry("a", b"forged")).encode().encode()
    session.client("s3").put_object(Bucket=settings.s3BucketName, Key=key, Body=forged)

    with pytest.raises(AssetSyncError, match="not the manifest that the job was submitted with"):
        bring(sync, settings, attachments, session_dir)

    assert get_manifest_from_s3(key, settings.s3BucketName, session).paths[0].hash == digest_of(b"forged")


def test_manifests_of_several_steps_keep_out_of_each_others_way_w_c11(sync: AssetSync, tmp_path: Path) -> None:
    root = str(tmp_path / "assetroot")
    first, second = manifest_of(entry("a")), manifest_of(entry("b"))

    paths = [
        sync._check_and_write_local_manifests({root: manifest}, str(tmp_path), "step")[root]
        for manifest in (first, second, first)
    ]

    assert paths[0] == paths[2] != paths[1]
    assert [Path(path).read_text(encoding="utf-8") for path in paths[:2]] == [first.encode(), second.encode()]
    digest = hash_data(root.encode(), HashAlgorithm.XXH128)
    assert [Path(path).name for path in paths[:2]] == [f"{digest}_step", f"{digest}_step-1"]


@posix_only
def test_room_is_looked_for_on_the_disk_that_the_files_go_to(sync: AssetSync, tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second disk")
    small, large = sorted((tmp_path, other / "not there yet"), key=lambda path: shutil.disk_usage(path.parent).free)
    between = (shutil.disk_usage(small.parent).free + shutil.disk_usage(large.parent).free) // 2
    huge = entry("huge")
    huge.size = between

    assert sync._check_and_write_local_manifests({str(large): manifest_of(huge)}, str(tmp_path))
    with pytest.raises(AssetSyncError, match=f"{small}.* has only .* left"):
        sync._check_and_write_local_manifests({str(small): manifest_of(huge)}, str(tmp_path))


def test_a_content_that_is_missing_tells_the_submitter_what_to_do(
    sync: AssetSync, session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, tmp_path: Path
) -> None:
    write(tmp_path / "in", {"texture.png": b"input"})
    _, attachments = submit(session, settings, [tmp_path / "in"], tmp_path / "caches")
    (data,) = keys(session, settings.s3BucketName, "root/Data/")
    session.client("s3").delete_object(Bucket=settings.s3BucketName, Key=data)

    with pytest.raises(JobAttachmentsS3ClientError, match=r"texture\.png.*s3_check_cache\.db") as raised:
        bring(sync, settings, attachments, session_dir)

    assert raised.value.status_code == 404


def test_log_lines_carry_the_session(
    session: boto3.Session, settings: JobAttachmentS3Settings, session_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOG):
        bring(AssetSync("farm-1", session, session_id="session-7"), settings, None, session_dir)  # type: ignore[arg-type]

    assert {getattr(record, "session_id", None) for record in caplog.records} == {"session-7"}


def test_cleaning_up_copies_needs_nothing_and_cleaning_up_mounts_a_user(sync: AssetSync, session_dir: Path) -> None:
    sync.cleanup_session(session_dir, JobAttachmentsFileSystem.COPIED)

    with pytest.raises(VFSOSUserNotSetError):
        sync.cleanup_session(session_dir, JobAttachmentsFileSystem.VIRTUAL)


def test_the_older_calls_say_that_they_are_deprecated(sync: AssetSync, session_dir: Path) -> None:
    for call in (sync.sync_inputs, sync.attachment_sync_inputs):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            call(None, None, "queue-1", "job-1", session_dir)
        assert [(warning.category, warning.filename) for warning in caught] == [(DeprecationWarning, __file__)]


QUEUE = {
    "queueId": "queue-1",
    "displayName": "Queue",
    "status": "IDLE",
    "defaultBudgetAction": "NONE",
    "jobAttachmentSettings": {"s3BucketName": "bucket", "rootPrefix": "root"},
}
JOB = {
    "jobId": "job-1",
    "attachments": {
        "fileSystem": "VIRTUAL",
        "manifests": [{"rootPath": "/p", "rootPathFormat": "posix", "outputRelativeDirectories": ["out"]}],
    },
}


@pytest.fixture
def deadline_endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that knows one queue and one job."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            document = {"queue-1": QUEUE, "job-1": JOB}.get(self.path.rsplit("/", 1)[-1])
            body = json.dumps(document or {"message": "there is none", "resourceType": "job"}).encode()
            self.send_response(200 if document else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    monkeypatch.setenv("AWS_DISABLE_HOST_PREFIX_INJECTION", "true")
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_settings_and_attachments_come_from_the_service(session: boto3.Session, deadline_endpoint: str) -> None:
    sync = AssetSync("farm-1", session, deadline_endpoint_url=deadline_endpoint)

    assert sync.get_s3_settings("farm-1", "queue-1") == JobAttachmentS3Settings("bucket", "root")
    attachments = sync.get_attachments("farm-1", "queue-1", "job-1")
    assert attachments is not None
    assert attachments.to_dict() == JOB["attachments"]
    with pytest.raises(JobAttachmentsError, match="job-2"):
        sync.get_attachments("farm-1", "queue-1", "job-2")
