"""Outputs of a queue's jobs, found in S3, mapped to places of this machine and brought there."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

import boto3
import pytest

from deadline.job_attachments._incremental_downloads._manifest_s3_downloads import (
    _add_output_manifests_from_s3,
    _download_all_manifests_with_absolute_paths,
    _download_manifest_paths,
    _get_manifests_to_download,
    _merge_absolute_path_manifest_list,
)
from deadline.job_attachments._path_mapping import _PathMappingRuleApplier
from deadline.job_attachments.asset_manifests import BaseAssetManifest, BaseManifestPath, HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from deadline.job_attachments.exceptions import (
    AssetSyncCancelledError,
    AssetSyncError,
    JobAttachmentsS3ClientError,
    PathOutsideDirectoryError,
)
from deadline.job_attachments.models import FileConflictResolution, JobAttachmentS3Settings, PathMappingRule
from deadline.job_attachments.progress_tracker import DownloadSummaryStatistics, ProgressReportMetadata

from .conftest import random_bytes

OVERWRITE = FileConflictResolution.OVERWRITE
TIME_US = 1_700_000_000_123_456
posix_only = pytest.mark.skipif(os.name == "nt", reason="needs POSIX paths or links")


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("deadline-")]


class Bucket:
    """A queue's bucket, with the objects of jobs as workers put them there."""

    def __init__(self, session: boto3.Session, name: str) -> None:
        self.session = session
        self.name = name
        self.client: Any = session.client("s3")
        # A prefix with words that keys have a meaning by.
        self.settings = JobAttachmentS3Settings(name, "my-output/sessionaction-9-9/task-prefix")
        self.queue = {
            "queueId": "queue-1",
            "jobAttachmentSettings": {"s3BucketName": name, "rootPrefix": self.settings.rootPrefix, "newer": "member"},
        }

    def put(self, key: str, body: bytes) -> None:
        self.client.put_object(Bucket=self.name, Key=f"{self.settings.rootPrefix}/{key}", Body=body)

    def put_content(self, body: bytes, *, ending: str = ".xxh128", hash_of: Optional[bytes] = None) -> None:
        digest = hash_data(body if hash_of is None else hash_of, HashAlgorithm.XXH128)
        self.put(f"Data/{digest}{ending}", body)

    def put_output(self, run: str, root: str, *entries: ManifestPath, job_id: str = "job-1", location: str = "") -> str:
        """Store an output manifest of a run, ``step/[task/]action``; its key below the manifest folder."""
        *scope, action = run.split("/")
        folder = "/".join(["farm-1", "queue-1", job_id, *scope, f"2025-01-01T00:00:00.000000Z_{action}"])
        partial = f"{folder}/{hash_data(f'{location}{root}'.encode(), HashAlgorithm.XXH128)}_output"
        self.put(f"Manifests/{partial}", manifest_of(*entries).encode().encode())
        return partial


@pytest.fixture
def store(session: boto3.Session, bucket: str) -> Iterator[Bucket]:
    store = Bucket(session, bucket)
    yield store
    store.client.close()


def entry(path: str, body: bytes = b"hello\n") -> ManifestPath:
    return ManifestPath(path=path, hash=hash_data(body, HashAlgorithm.XXH128), size=len(body), mtime=TIME_US)


def manifest_of(*entries: ManifestPath) -> AssetManifest:
    return AssetManifest(hash_alg=HashAlgorithm.XXH128, paths=list(entries), total_size=sum(e.size for e in entries))


def job(*roots: str, job_id: str = "job-1", profile: Optional[str] = None, location: str = "") -> Dict[str, Any]:
    named = {"fileSystemLocationName": location} if location else {}
    manifests = [{"rootPath": root, "rootPathFormat": "posix", **named} for root in roots]
    return {"jobId": job_id, "attachments": {"manifests": manifests}, "storageProfileId": profile}


def action(action_id: str, **members: Any) -> Dict[str, Any]:
    return {"sessionActionId": action_id, "definition": {"taskRun": {"stepId": "step-1"}}, **members}


def applier(source_format: str, **places: str) -> _PathMappingRuleApplier:
    return _PathMappingRuleApplier([PathMappingRule(source_format, *place) for place in places.items()])


def read(
    store: Bucket,
    of_job: Dict[str, Any],
    outputs: Sequence[Dict[str, str]],
    mapping: Optional[_PathMappingRuleApplier] = None,
) -> Tuple[List[Tuple[datetime, BaseAssetManifest]], Dict[str, List[str]]]:
    """Read the manifests of one action of a job: with when each was stored, and the paths without a place here."""
    unmapped: Dict[str, List[str]] = {}
    sessions = {of_job["jobId"]: [{"sessionId": "session-1", "sessionActions": [action("a", manifests=outputs)]}]}
    manifests = _download_all_manifests_with_absolute_paths(
        store.queue,
        {of_job["jobId"]: of_job},
        sessions,
        {of_job["storageProfileId"]: mapping},
        unmapped,
        store.session,
        lambda message: None,
    )
    return manifests, unmapped


def read_paths(
    store: Bucket, root: str, *paths: str, mapping: Optional[_PathMappingRuleApplier] = None
) -> Tuple[List[BaseManifestPath], List[str]]:
    """The files that a manifest with these paths has on this machine, and the paths without a place here."""
    partial = store.put_output("step-1/task-1/sessionaction-1-1", root, *(entry(path) for path in paths))
    ((_, manifest),), unmapped = read(store, job(root), [{"outputManifestPath": partial}], mapping)
    return manifest.paths, unmapped.get("job-1", [])


def fetch(
    store: Bucket, entries: Sequence[BaseManifestPath], resolution: FileConflictResolution = OVERWRITE, **options: Any
) -> DownloadSummaryStatistics:
    return _download_manifest_paths(
        entries, HashAlgorithm.XXH128, store.queue, store.session, resolution, options.get("on_progress"), print
    )


def files_below(folder: Path) -> Dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_manifests_of_actions_are_found_in_s3_at_the_place_of_their_root(store: Bucket) -> None:
    task = store.put_output("step-1/task-1/sessionaction-1-1", "/a", entry("x"))
    other_root = store.put_output("step-1/task-1/sessionaction-1-1", "/b", entry("x"))
    chunk = store.put_output("step-1/sessionaction-1-2", "/b", entry("x"))
    store.put_output("step-1/task-1/sessionaction-1-22", "/unknown", entry("x"))
    store.put("Manifests/farm-1/queue-1/job-1/step-1/notes.txt", b"")
    actions = [
        action("sessionaction-1-1"),
        action("sessionaction-1-2", manifests=None),
        action("sessionaction-1-3"),
        action("sessionaction-1-4", manifests=[{"outputManifestPath": "delivered"}, {}]),
    ]

    _add_output_manifests_from_s3("farm-1", store.queue, job("/a", "/b"), store.session, actions)

    assert [found["manifests"] for found in actions] == [
        [{"outputManifestPath": task}, {"outputManifestPath": other_root}],
        [{}, {"outputManifestPath": chunk}],
        [{}, {}],
        [{"outputManifestPath": "delivered"}, {}],
    ]


def test_equal_roots_are_told_apart_by_their_locations(store: Bucket) -> None:
    partial = store.put_output("step-1/task-1/sessionaction-1-1", "/a", entry("x"), location="Projects")
    of_job = job("/a", "/a")
    of_job["attachments"]["manifests"][1]["fileSystemLocationName"] = "Projects"
    actions = [action("sessionaction-1-1")]

    _add_output_manifests_from_s3("farm-1", store.queue, of_job, store.session, actions)

    assert actions[0]["manifests"] == [{}, {"outputManifestPath": partial}]


def test_a_job_without_outputs_has_none_to_download(store: Bucket) -> None:
    actions = [action("sessionaction-1-1")]

    _add_output_manifests_from_s3("farm-1", store.queue, job("/a"), store.session, actions)

    assert actions[0]["manifests"] == [{}]
    sessions = {"job-1": [{"sessionActions": actions}]}
    assert _get_manifests_to_download("root", {"job-1": job("/a")}, sessions, {}) == []
    assert read(store, job("/a"), [{}]) == ([], {})


def test_an_output_manifest_of_no_action_or_no_root_is_an_error_that_names_it(store: Bucket) -> None:
    store.put_output("step-1/task-1/sessionaction-1-1", "/elsewhere", entry("x"))
    with pytest.raises(RuntimeError, match=r"_output belongs to none of the job's asset roots"):
        _add_output_manifests_from_s3("farm-1", store.queue, job("/a"), store.session, [action("sessionaction-1-1")])

    store.put("Manifests/farm-1/queue-1/job-2/step-1/task-1/somewhere/x_output", b"")
    with pytest.raises(RuntimeError, match="does not name the session action"):
        _add_output_manifests_from_s3(
            "farm-1", store.queue, job("/a", job_id="job-2"), store.session, [action("sessionaction-1-1")]
        )


def test_requests_for_manifests_name_the_mapping_the_job_the_root_and_the_key() -> None:
    mapping = applier("posix", **{"/a": "/mnt"})
    jobs = {"job-1": job("/a", "/b", profile="sp-1"), "job-2": job("/c", job_id="job-2", profile="sp-local")}
    sessions = {
        "job-1": [
            {"sessionActions": [action("1", manifests=[{"outputManifestPath": "p/1"}, {"outputManifestPath": "p/2"}])]},
            {"sessionActions": [action("2", manifests=[{}, {"outputManifestPath": "p/3"}])]},
            {"sessionActions": []},
        ],
        "job-2": [{"sessionActions": [action("3", manifests=[{"outputManifestPath": "p/4"}])]}],
    }

    assert _get_manifests_to_download("root", jobs, sessions, {"sp-1": mapping}) == [
        (mapping, "job-1", "/a", "root/Manifests/p/1"),
        (mapping, "job-1", "/b", "root/Manifests/p/2"),
        (mapping, "job-1", "/b", "root/Manifests/p/3"),
        (None, "job-2", "/c", "root/Manifests/p/4"),
    ]


def test_manifests_come_in_the_order_asked_for_with_paths_of_this_machine(store: Bucket, tmp_path: Path) -> None:
    roots = [f"/projects/{number}" for number in range(12)]
    outputs = [
        {"outputManifestPath": store.put_output("step-1/task-1/sessionaction-1-1", root, entry(f"sub/{root[-1]}"))}
        for root in roots
    ]

    manifests, unmapped = read(store, job(*roots), outputs, applier("posix", **{"/projects": str(tmp_path)}))

    assert [manifest.paths[0].path for _, manifest in manifests] == [
        str(tmp_path / root[len("/projects/") :] / "sub" / root[-1]) for root in roots
    ]
    assert all(stored.tzinfo is not None for stored, _ in manifests)
    assert unmapped == {}


def test_windows_roots_are_mapped_without_regard_to_case(store: Bucket, tmp_path: Path) -> None:
    mapping = applier("windows", **{"C:\\Proj": str(tmp_path / "p"), "C:\\Proj\\Fx": str(tmp_path / "fx")})

    files, unmapped = read_paths(store, "c:\\proj\\.", "fx/Fire.vdb", "a/B.exr", mapping=mapping)
    assert [file.path for file in files] == [str(tmp_path / "p" / "a" / "B.exr"), str(tmp_path / "fx" / "Fire.vdb")]
    assert unmapped == []

    assert read_paths(store, "D:\\other", "x", mapping=mapping) == ([], ["D:\\other\\x"])


@posix_only
def test_without_a_mapping_files_go_to_the_roots_of_the_job(store: Bucket, tmp_path: Path) -> None:
    store.put_content(b"hello\n")
    root = str(tmp_path / "root")

    files, unmapped = read_paths(store, root, "a/b", "../outside")
    assert unmapped == [f"{root}/../outside"]
    statistics = fetch(store, files)

    assert files_below(tmp_path) == {"root/a/b": b"hello\n"}
    assert (tmp_path / "root" / "a" / "b").stat().st_mtime_ns == TIME_US * 1000
    assert statistics.downloaded_files == [f"{root}/a/b"]
    assert statistics.file_counts_by_root_directory == {root: 1}
    assert read_paths(store, "relative/root", "x") == ([], ["relative/root/x"])
    assert read_paths(store, "C:\\root", "x") == ([], ["C:\\root/x"])


def test_mapped_outputs_come_to_their_places_wherever_the_program_runs_w_c7(
    store: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    store.put_content(b"hello\n")
    mapping = applier("posix", **{"/projects": str(tmp_path / "p"), "/projects/fx": str(tmp_path / "fx")})

    files, _ = read_paths(store, "/projects", "fx/a", "b", mapping=mapping)
    statistics = fetch(store, files)

    assert files_below(tmp_path) == {"fx/a": b"hello\n", "p/b": b"hello\n"}
    assert statistics.file_counts_by_root_directory == {str(tmp_path / "fx"): 1, str(tmp_path / "p"): 1}
    assert (statistics.processed_files, statistics.processed_bytes) == (2, 12)


@pytest.mark.parametrize("path", ["../up", "a/../../up", "/abs", "a//b", "./a", "", "..", "a/\0"])
def test_a_path_that_climbs_is_never_mapped_w_s2(store: Bucket, tmp_path: Path, path: str) -> None:
    mapping = applier("posix", **{"/projects": str(tmp_path)})

    files, unmapped = read_paths(store, "/projects/shot", path, "fine", mapping=mapping)

    assert [file.path for file in files] == [str(tmp_path / "shot" / "fine")]
    assert len(unmapped) == 1


@pytest.mark.parametrize("path", ["a\\..\\..\\up", "C:evil", "..\\up"])
def test_a_name_that_windows_cannot_have_is_never_mapped_w_s2(store: Bucket, tmp_path: Path, path: str) -> None:
    files, unmapped = read_paths(store, "C:\\proj", path, mapping=applier("windows", **{"C:\\proj": str(tmp_path)}))

    assert files == []
    assert len(unmapped) == 1


@posix_only
def test_a_link_that_leads_out_of_the_destination_is_not_followed_w_s2(store: Bucket, tmp_path: Path) -> None:
    store.put_content(b"hello\n")
    (tmp_path / "p").mkdir()
    (tmp_path / "outside").mkdir()
    mapping = applier("posix", **{"/projects": str(tmp_path / "p")})

    # A link that is there when places are looked for ...
    (tmp_path / "p" / "link").symlink_to(tmp_path / "outside")
    assert read_paths(store, "/projects", "link/a", mapping=mapping) == ([], ["/projects/link/a"])

    # ... and one that somebody makes afterwards.
    files, _ = read_paths(store, "/projects", "later/a", mapping=mapping)
    (tmp_path / "p" / "later").symlink_to(tmp_path / "outside")
    with pytest.raises(PathOutsideDirectoryError, match="later"):
        fetch(store, files)
    assert files_below(tmp_path / "outside") == {}


def test_a_file_that_was_moved_out_of_its_folder_is_refused_w_s2(store: Bucket, tmp_path: Path) -> None:
    files, _ = read_paths(store, "/projects", "a", mapping=applier("posix", **{"/projects": str(tmp_path / "p")}))
    files[0].path = str(tmp_path / "q" / "a")

    with pytest.raises(PathOutsideDirectoryError, match="does not lie in"):
        fetch(store, files)


def test_files_that_the_caller_names_by_absolute_paths_are_brought_there(store: Bucket, tmp_path: Path) -> None:
    store.put_content(b"hello\n")

    fetch(store, [entry(str(tmp_path / "a" / "b"))])

    assert files_below(tmp_path) == {"a/b": b"hello\n"}
    with pytest.raises(PathOutsideDirectoryError):
        fetch(store, [entry("relative")])


def test_of_a_path_the_file_that_was_stored_last_counts(tmp_path: Path) -> None:
    old, new = datetime(2025, 1, 1, tzinfo=timezone.utc), datetime(2025, 1, 2, tzinfo=timezone.utc)
    first = manifest_of(entry("/a", b"new"), entry("/b", b"b"))
    second = manifest_of(entry("/a", b"old"), entry("/c", b"c"))

    merged = _merge_absolute_path_manifest_list([(new, first), (old, second)])

    assert {file.path: file.hash for file in merged} == {
        path: hash_data(body, HashAlgorithm.XXH128) for path, body in (("/a", b"new"), ("/b", b"b"), ("/c", b"c"))
    }


@pytest.mark.parametrize("size", [6, 3 * 1024 * 1024])
def test_a_file_is_complete_and_verified_or_as_it_was_w_s7(store: Bucket, tmp_path: Path, size: int) -> None:
    right, wrong = random_bytes(1, size), random_bytes(2, size)
    short = right[: size // 2]
    for bad in (wrong, short):
        store.put_content(bad, hash_of=right)
        (tmp_path / "file").write_bytes(b"old")

        with pytest.raises(AssetSyncError):
            fetch(store, [entry(str(tmp_path / "file"), right)])

        assert files_below(tmp_path) == {"file": b"old"}
    store.put_content(right)
    fetch(store, [entry(str(tmp_path / "file"), right)])
    assert files_below(tmp_path) == {"file": right}


def test_objects_of_early_versions_are_found_without_their_ending(store: Bucket, tmp_path: Path) -> None:
    store.put_content(b"hello\n", ending="")

    fetch(store, [entry(str(tmp_path / "file"))])

    assert files_below(tmp_path) == {"file": b"hello\n"}


def test_a_missing_object_is_an_error_of_s3_with_its_status(store: Bucket, tmp_path: Path) -> None:
    with pytest.raises(JobAttachmentsS3ClientError, match=r"frame\.exr") as raised:
        fetch(store, [entry(str(tmp_path / "frame.exr"))])

    assert raised.value.status_code == 404


def test_files_that_exist_are_skipped_replaced_or_joined_by_a_copy(store: Bucket, tmp_path: Path) -> None:
    store.put_content(b"hello\n")
    file = tmp_path / "f.txt"
    file.write_bytes(b"mine")
    files = [entry(str(file))]

    skipped = fetch(store, files, FileConflictResolution.SKIP)
    assert (skipped.processed_files, skipped.skipped_files, skipped.downloaded_files) == (0, 1, [])
    fetch(store, files, FileConflictResolution.CREATE_COPY)
    assert files_below(tmp_path) == {"f.txt": b"mine", "f (1).txt": b"hello\n"}
    fetch(store, files)
    assert file.read_bytes() == b"hello\n"
    with pytest.raises(ValueError, match="NOT_SELECTED"):
        fetch(store, files, FileConflictResolution.NOT_SELECTED)


@pytest.mark.parametrize("size", [6, 2 * 1024 * 1024])
def test_a_stop_is_a_cancellation_whatever_the_size_of_the_files_w_c9(store: Bucket, tmp_path: Path, size: int) -> None:
    bodies = [random_bytes(number, size) for number in range(8)]
    for body in bodies:
        store.put_content(body)
    reports: List[ProgressReportMetadata] = []

    def stop(report: ProgressReportMetadata) -> bool:
        reports.append(report)
        return False

    with pytest.raises(AssetSyncCancelledError) as raised:
        fetch(store, [entry(str(tmp_path / str(n)), body) for n, body in enumerate(bodies)], on_progress=stop)

    assert raised.value.summary_statistics is not None
    assert len(reports) == 1
    assert all(files_below(tmp_path)[name] == bodies[int(name)] for name in files_below(tmp_path))


def test_several_threads_may_download_into_the_same_folders_at_once(store: Bucket, tmp_path: Path) -> None:
    bodies = {f"{n % 3}/{n}": random_bytes(n, 2000 + n) for n in range(60)}
    for body in bodies.values():
        store.put_content(body)
    mapping = applier("posix", **{"/projects": str(tmp_path / "p")})
    errors: List[BaseException] = []
    results: List[DownloadSummaryStatistics] = []

    def run(number: int) -> None:
        try:
            job_id = f"job-{number}"
            partial = store.put_output(
                "step-1/task-1/sessionaction-1-1",
                "/projects",
                *(entry(path, body) for path, body in bodies.items()),
                job_id=job_id,
            )
            manifests, _ = read(store, job("/projects", job_id=job_id), [{"outputManifestPath": partial}], mapping)
            results.append(fetch(store, _merge_absolute_path_manifest_list(manifests)))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    assert files_below(tmp_path / "p") == bodies
    assert [result.processed_files + result.skipped_files for result in results] == [60] * 4


def test_an_object_that_is_no_manifest_is_an_error_that_names_it(store: Bucket) -> None:
    store.put("Manifests/broken_output", b"{}")

    with pytest.raises(AssetSyncError, match="broken_output"):
        read(store, job("/a"), [{"outputManifestPath": "broken_output"}])
