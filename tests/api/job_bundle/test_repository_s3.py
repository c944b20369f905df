"""Job bundles that the users of a queue share in its S3 bucket."""

from __future__ import annotations

import hashlib
import io
import json
import random
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from deadline.client.config import config_file, set_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle._repository import BrowseEntry, S3BundleRepository
from deadline.client.job_bundle.repository.archive import open_bundle_archive

from .archives import TEMPLATE_TEXT, files_below, write_bundle_files, zip_bytes
from .conftest import ROOT_PREFIX, Shared

CONTENT = {"template.json": TEMPLATE_TEXT, "scene/model.txt": "a teapot"}


def left_in(cache: Path) -> list[str]:
    """The files in the cache, by name."""
    return sorted(path.name for path in cache.rglob("*") if path.is_file())


def test_a_bundle_that_was_shared_is_a_zip_file_with_what_is_known_about_it(shared: Shared, bundle: Path) -> None:
    counts: list[int] = []
    with open_bundle_archive(str(write_bundle_files(bundle))) as archive:
        address = shared.repository.upload_archive(archive, "My / job", progress_callback=counts.append)

    assert address == f"s3://{shared.bucket}/studio/root/job-bundles/My _ job.ojd"
    stored = shared.s3.head_object(Bucket=shared.bucket, Key=shared.key("My _ job"))
    assert stored["ContentType"] == "application/zip"
    assert stored["Metadata"]["ojd-name"] == "Turntable"
    assert stored["Metadata"]["ojd-steps"] == "Render,Encode"
    assert stored["ContentLength"] == sum(counts)


def test_metadata_of_the_caller_go_before_those_of_the_template(shared: Shared, bundle: Path) -> None:
    with open_bundle_archive(str(write_bundle_files(bundle))) as archive:
        shared.repository.upload_archive(archive, "a", {"ojd-name": "b"})
    assert shared.s3.head_object(Bucket=shared.bucket, Key=shared.key("a"))["Metadata"] == {"ojd-name": "b"}


def test_bundles_and_folders_are_listed_without_regard_to_case(shared: Shared) -> None:
    for name in ("b", "A", "C", "sub/d"):
        shared.put(name, b"")
    shared.s3.put_object(Bucket=shared.bucket, Key=f"{ROOT_PREFIX}/job-bundles/", Body=b"")
    shared.s3.put_object(Bucket=shared.bucket, Key=f"{ROOT_PREFIX}/job-bundles/readme.txt", Body=b"")
    shared.s3.put_object(Bucket=shared.bucket, Key=f"{ROOT_PREFIX}/Data/x.ojd", Body=b"")
    repository, root = shared.repository, shared.repository.root_path()

    assert root == f"s3://{shared.bucket}/{ROOT_PREFIX}/job-bundles/"
    expected = [BrowseEntry(name, shared.path(name), True, True) for name in ("A", "b", "C")]
    expected.append(BrowseEntry("sub", f"{root}sub/", False))
    assert repository.list_entries() == repository.list_entries(root) == expected
    assert repository.list_entries(f"{root}sub/") == [BrowseEntry("d", shared.path("sub/d"), True, True)]
    with pytest.raises(DeadlineOperationError, match="does not lie in"):
        repository.list_entries("s3://elsewhere/x/")


def test_a_prefix_may_be_empty(shared: Shared) -> None:
    assert S3BundleRepository("b", "", shared.session).root_path() == "s3://b/job-bundles/"


def test_an_error_of_s3_is_not_taken_for_an_empty_list(shared: Shared) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        S3BundleRepository("no-such-bucket", "x", shared.session).list_entries()


def test_a_bundle_is_found_by_name_or_those_there_are_are_named(shared: Shared) -> None:
    path = shared.put("Turntable", b"")
    assert shared.repository.find("Turntable").path == path
    assert shared.repository.find("Turntable.ojd").path == path
    with pytest.raises(DeadlineOperationError, match=r"no job bundle 'Tuntable'.*\nThere are:\n  Turntable"):
        shared.repository.find("Tuntable")
    with pytest.raises(DeadlineOperationError, match="cannot be called"):
        shared.repository.find("../Turntable")


def test_whether_a_bundle_exists_is_told(shared: Shared) -> None:
    shared.put("a_b", b"")
    assert shared.repository.bundle_exists("a/b")
    assert not shared.repository.bundle_exists("ab")


def test_a_bundle_is_known_by_its_metadata_without_a_download(shared: Shared, bundle: Path, cache: Path) -> None:
    path = shared.upload(write_bundle_files(bundle), "a")
    size = shared.s3.head_object(Bucket=shared.bucket, Key=shared.key("a"))["ContentLength"]
    # What counts is that the archive is not needed.
    metadata = shared.s3.head_object(Bucket=shared.bucket, Key=shared.key("a"))["Metadata"]
    shared.put("a", b"x" * size, Metadata=metadata)

    info = shared.repository.get_bundle_info(path)

    assert info is not None
    assert (info.name, info.description, info.path, info.size_bytes) == ("Turntable", "A model turns", path, size)
    assert info.step_names == ["Render", "Encode"]
    assert info.parameters[0] == {"name": "Frames", "type": "STRING"}
    assert left_in(cache) == []


def test_a_bundle_without_metadata_is_known_by_its_archive(shared: Shared) -> None:
    archive = zip_bytes(CONTENT)
    path = shared.put("a", archive)
    info = shared.repository.get_bundle_info(path)
    assert info is not None
    assert (info.name, info.size_bytes) == ("Turntable", len(archive))
    assert info.parameters[0]["_display_value"] == "1-10"


def test_a_bundle_in_the_cache_is_known_by_its_files(shared: Shared, bundle: Path) -> None:
    path = shared.upload(write_bundle_files(bundle), "a")
    shared.repository.download_full_bundle(path)
    info = shared.repository_anew().get_bundle_info(path)
    assert info is not None
    assert info.parameters[0]["_display_value"] == "1-10"


def test_a_bundle_that_cannot_be_read_is_not_known(shared: Shared) -> None:
    assert shared.repository.get_bundle_info(shared.put("a", b"no archive")) is None
    assert shared.repository.get_bundle_info(shared.path("nowhere")) is None


def test_previews_are_fetched_once(shared: Shared) -> None:
    paths = [shared.put(name, b"", Metadata={"ojd-name": name}) for name in ("a", "b", "sub/c")]
    repository = shared.repository
    repository.prefetch_previews(should_cancel=lambda: True)
    repository.prefetch_previews()
    for name in ("a", "b", "sub/c"):
        shared.s3.delete_object(Bucket=shared.bucket, Key=shared.key(name))

    infos = [repository.get_bundle_info(path) for path in paths]

    assert [info and info.name for info in infos] == ["a", "b", "sub/c"]
    repository.clear_cache_for(paths[0])
    assert repository.get_bundle_info(paths[0]) is None


def test_a_download_is_a_folder_in_the_cache_of_which_the_version_is_noted(
    shared: Shared, bundle: Path, cache: Path
) -> None:
    path = shared.upload(write_bundle_files(bundle), "My job")
    counts: dict[str, list[int]] = {"downloaded": [], "unpacked": [], "to unpack": []}

    size = shared.repository.get_bundle_size(path)
    folder = Path(
        shared.repository.download_full_bundle(
            path, counts["downloaded"].append, counts["unpacked"].append, counts["to unpack"].append
        )
    )

    assert files_below(folder) == CONTENT
    assert folder.name == "My job"
    place = cache / hashlib.sha256(f"{shared.bucket}/{shared.key('My job')}".encode()).hexdigest()[:16]
    assert place in folder.parents
    stored = shared.s3.head_object(Bucket=shared.bucket, Key=shared.key("My job"))
    meta = json.loads((place / ".bundle_cache_meta.json").read_text(encoding="utf-8"))
    assert (meta["etag"], meta["last_modified"]) == (stored["ETag"], stored["LastModified"].isoformat())
    assert sum(counts["downloaded"]) == size == stored["ContentLength"]
    assert sum(counts["unpacked"]) == sum(counts["to unpack"]) == sum(map(len, CONTENT.values()))


def test_the_same_version_is_not_downloaded_again(shared: Shared, bundle: Path) -> None:
    path = shared.upload(write_bundle_files(bundle), "a")
    first = shared.repository.download_full_bundle(path)
    counts: list[int] = []
    assert shared.repository_anew().download_full_bundle(path, counts.append) == first
    assert counts == []


def test_another_version_is_downloaded(shared: Shared) -> None:
    path = shared.put("a", zip_bytes(CONTENT))
    first = shared.repository.download_full_bundle(path)
    shared.put("a", zip_bytes({**CONTENT, "more.txt": "x"}))

    second = shared.repository.download_full_bundle(path)

    assert second != first
    assert files_below(Path(second)) == {**CONTENT, "more.txt": "x"}
    assert files_below(Path(first)) == CONTENT


def test_what_a_hook_changes_is_not_what_the_next_one_gets(shared: Shared, bundle: Path) -> None:
    path = shared.upload(write_bundle_files(bundle), "a")
    first = Path(shared.repository.download_full_bundle(path))
    (first / "template.json").write_text("{}", encoding="utf-8")

    second = Path(shared.repository.download_full_bundle(path))

    assert files_below(second) == CONTENT
    assert (first / "template.json").read_text(encoding="utf-8") == "{}"
    assert shared.repository.download_full_bundle(path) == str(second)


@pytest.mark.parametrize("meta", ["{", "[]", '{"etag": 1}', None])
def test_notes_in_the_cache_that_cannot_be_read_are_passed_over(meta: str | None, shared: Shared, cache: Path) -> None:
    path = shared.put("a", zip_bytes(CONTENT))
    folder = shared.repository.download_full_bundle(path)
    (note,) = cache.rglob(".bundle_cache_meta.json")
    if meta is None:
        note.unlink()
        note.mkdir()
    else:
        note.write_text(meta, encoding="utf-8")
    assert shared.repository.download_full_bundle(path) == folder


class Stop(Exception):
    """What a caller raises to cancel."""


@pytest.mark.parametrize("phase", ["downloading", "before unpacking", "unpacking"])
def test_an_interrupted_download_leaves_nothing_and_the_next_one_works(
    phase: str, shared: Shared, bundle: Path, cache: Path
) -> None:
    path = shared.upload(write_bundle_files(bundle), "a")

    def stop(count: int) -> None:
        raise Stop

    callbacks = {"downloading": 0, "before unpacking": 2, "unpacking": 1}
    arguments: list[Any] = [None, None, None]
    arguments[callbacks[phase]] = stop
    with pytest.raises(Stop):
        shared.repository.download_full_bundle(path, *arguments)

    assert left_in(cache) == []
    assert [path.name for path in cache.rglob("a")] == []
    assert files_below(Path(shared.repository.download_full_bundle(path))) == CONTENT


@pytest.mark.parametrize(
    "content",
    [b"no archive", zip_bytes(CONTENT)[:-20], zip_bytes({**CONTENT, "../x": ""})],
    ids=["no archive", "cut", "leads out"],
)
def test_an_archive_that_cannot_be_used_leaves_nothing(content: bytes, shared: Shared, cache: Path) -> None:
    path = shared.put("a", content)
    with pytest.raises(DeadlineOperationError, match=r"a\.ojd"):
        shared.repository.download_full_bundle(path)
    assert left_in(cache) == []


def test_many_may_download_at_once(shared: Shared, bundle: Path, cache: Path) -> None:
    path = shared.upload(write_bundle_files(bundle), "a")
    start = threading.Barrier(8)

    def download(_: int) -> str:
        repository = shared.repository_anew()
        start.wait(30)
        return repository.download_full_bundle(path)

    with ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(download, range(8)))

    (folder,) = folders
    assert files_below(Path(folder)) == CONTENT
    assert left_in(cache) == [".bundle_cache_meta.json", "model.txt", "template.json"]


@pytest.mark.parametrize("size", [0, 2_000_000, 20_000_000], ids=["at once", "in one request", "in parts"])
def test_canceling_an_upload_raises_what_the_caller_raised_and_stores_nothing(size: int, shared: Shared) -> None:
    noise = random.Random(0).getrandbits(8 * size).to_bytes(size, "little") if size else b""
    archive = io.BytesIO(zip_bytes({**CONTENT, "noise": noise}, zipfile.ZIP_STORED))
    told = 0

    def stop(count: int) -> None:
        nonlocal told
        told += count
        if told >= size // 2:
            raise Stop

    with pytest.raises(Stop):
        shared.repository.upload_archive(archive, "a", progress_callback=stop)

    assert shared.keys() == set()
    assert shared.s3.list_multipart_uploads(Bucket=shared.bucket).get("Uploads", []) == []


def test_an_upload_that_is_stored_already_cannot_be_canceled(shared: Shared) -> None:
    def stop(count: int) -> None:
        if count:
            raise Stop

    shared.repository.upload_archive(io.BytesIO(zip_bytes(CONTENT)), "a", progress_callback=stop)

    assert shared.keys() == {shared.key("a")}


def test_a_cache_that_was_cleared_is_filled_again(shared: Shared, bundle: Path, cache: Path) -> None:
    path = shared.upload(write_bundle_files(bundle), "a")
    folder = Path(shared.repository.download_full_bundle(path))
    shared.repository.clear_cache_for(path)
    assert left_in(cache) == []
    assert shared.repository.download_full_bundle(path) == str(folder)


def test_hiding_is_kept_by_queue_and_key(shared: Shared, cache: Path) -> None:
    key = shared.repository.visibility_key(shared.path("sub/a"))
    assert key == "sub/a"
    shared.repository.set_bundle_visibility("b", hidden=True)
    shared.repository.set_bundle_visibility(key, hidden=True)
    shared.repository.set_bundle_visibility("b", hidden=True)
    shared.repository.set_bundle_visibility("c", hidden=False)

    assert shared.repository_anew().get_hidden_set() == {"b", "sub/a"}
    place = hashlib.sha256(f"{shared.bucket}/{ROOT_PREFIX}/job-bundles".encode()).hexdigest()[:16]
    file = cache / place / ".visibility.json"
    assert json.loads(file.read_text(encoding="utf-8")) == {"version": 1, "hidden": ["b", "sub/a"]}
    assert S3BundleRepository(shared.bucket, "another", shared.session).get_hidden_set() == set()

    shared.repository.set_bundle_visibility("b", hidden=False)
    assert shared.repository.get_hidden_set() == {"sub/a"}
    file.write_text('{"hidden": 7}', encoding="utf-8")
    assert shared.repository.get_hidden_set() == set()


class Faulty:
    """An S3 server with one object: it breaks the first downloads off, or refuses everything; its list has two pages."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.downloads_to_break = 0
        self.downloads = 0
        self.status = 200


@pytest.fixture
def faulty(isolated: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    faulty = Faulty(zip_bytes(CONTENT))

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(b"")

        def do_GET(self) -> None:
            if "list-type" in self.path:
                more = "continuation-token" not in self.path
                token = "<NextContinuationToken>2</NextContinuationToken>" if more else ""
                return self._list(f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}", "a" if more else "b")
            faulty.downloads += 1
            is_whole = faulty.downloads > faulty.downloads_to_break
            return self._answer(faulty.content if is_whole else faulty.content[:100])

        def _list(self, more: str, name: str) -> None:
            content = f"<Contents><Key>root/job-bundles/{name}.ojd</Key></Contents>"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"<ListBucketResult>{more}{content}</ListBucketResult>".encode())

        def _answer(self, body: bytes) -> None:
            self.send_response(faulty.status)
            self.send_header("Content-Length", str(len(faulty.content)))
            self.send_header("ETag", '"1"')
            self.send_header("Last-Modified", "Wed, 01 Jan 2025 00:00:00 GMT")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_port}")
    yield faulty
    server.shutdown()
    thread.join()
    server.server_close()


def test_all_pages_of_a_list_are_read(faulty: Faulty, s3_session: boto3.Session) -> None:
    assert [entry.name for entry in S3BundleRepository("b", "root", s3_session).list_entries()] == ["a", "b"]


def test_a_download_that_breaks_off_begins_anew(faulty: Faulty, s3_session: boto3.Session) -> None:
    faulty.downloads_to_break = 2
    counts: list[int] = []
    repository = S3BundleRepository("b", "root", s3_session)

    folder = repository.download_full_bundle("s3://b/root/job-bundles/a.ojd", counts.append)

    assert files_below(Path(folder)) == CONTENT
    assert faulty.downloads == 3
    assert sum(counts) == len(faulty.content)


def test_a_download_that_breaks_off_all_the_time_is_an_error_and_leaves_nothing(
    faulty: Faulty, s3_session: boto3.Session, cache: Path
) -> None:
    faulty.downloads_to_break = 99
    with pytest.raises(Exception, match=r"(?i)read|connection|incomplete"):
        S3BundleRepository("b", "root", s3_session).download_full_bundle("s3://b/root/job-bundles/a.ojd")
    assert left_in(cache) == []


def test_a_bundle_that_may_not_be_seen_is_an_error_and_not_absent(faulty: Faulty, s3_session: boto3.Session) -> None:
    faulty.status = 403
    with pytest.raises(ClientError, match="403"):
        S3BundleRepository("b", "root", s3_session).bundle_exists("a")


def test_the_repository_of_the_default_queue_is_in_its_bucket(farm: Any) -> None:
    settings = farm.client.get_queue(farmId=farm.farm_id, queueId=farm.queue_id)["jobAttachmentSettings"]
    repository = S3BundleRepository.from_config()
    assert repository.root_path() == f"s3://{settings['s3BucketName']}/{settings['rootPrefix']}/job-bundles/"
    assert [entry for entry in repository.list_entries() if not entry.is_bundle] == []


def test_a_queue_without_job_attachments_has_no_shared_bundles(farm: Any) -> None:
    config = config_file.read_config()
    set_setting("defaults.queue_id", farm.new_queue(), config)
    with pytest.raises(DeadlineOperationError, match="has no job attachments"):
        S3BundleRepository.from_config(config)
    set_setting("defaults.queue_id", f"queue-{'0' * 32}", config)
    with pytest.raises(DeadlineOperationError, match=f"get queue queue-{'0' * 32}"):
        S3BundleRepository.from_config(config)


def test_without_a_default_queue_it_is_said_how_to_choose_one() -> None:
    with pytest.raises(DeadlineOperationError, match=r"deadline config set defaults\.farm_id"):
        S3BundleRepository.from_config()
