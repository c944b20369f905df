"""Files that change, vanish or turn into something else between looking, hashing and sending.

Whatever happens, no content is stored under another one's hash, no cache says that something is there which is not, and
the error names the file. See also ``test_sending.py`` and ``test_upload_and_download.py``.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional

import pytest

from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments._engine.events import Event, Sent
from deadline.job_attachments.asset_manifests import hash_data
from deadline.job_attachments.caches import HashCache, S3CheckCache, UploadJournal
from deadline.job_attachments.exceptions import AssetSyncError, MisconfiguredInputsError
from deadline.job_attachments.existence import known_objects
from deadline.job_attachments.hashing import hash_files
from deadline.job_attachments.object_store.http_store import HttpObjectStore
from deadline.job_attachments.sending import FileToSend, Sender

from .conftest import ALGORITHM, DATA, PART, RESUMABLE, MiB, file_of, key_of, large_bytes, posix_only, receive
from .s3_server import Asked, Fault, S3Server
from .transfer import REFUSED, start


def rewrite(path: Path) -> None:
    """Another content of the same size and the same time."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(b"another content"[: status.st_size])
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(b"z" * path.stat().st_size)
    os.replace(other, path)


def delete(path: Path) -> None:
    path.unlink()


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_broken_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))


CHANGES = [rewrite, truncate, grow, replace, delete, become_a_folder, become_a_pipe, become_a_broken_link]


@posix_only
@pytest.mark.parametrize(
    ("change", "size"),
    [
        *itertools.product(CHANGES, [100, 3 * MiB, 20 * MiB]),
        *itertools.product([rewrite, truncate, delete], [RESUMABLE]),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_file_that_changes_after_it_was_hashed_is_an_error_that_names_it_w_c4(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, size: int, change: Callable[[Path], None]
) -> None:
    file = file_of(tmp_path / "in" / "texture.exr", large_bytes(1, size))
    present: List[str] = []
    change(Path(file.path))

    with UploadJournal(str(tmp_path)) as journal, pytest.raises(AssetSyncError, match=r"texture\.exr"):
        Sender(store, ALGORITHM, CancelToken(), journal=journal).send([file], present.extend)

    assert (server.objects, present) == ({}, [])
    # What was sent of a file that is not that file any more is of no use; of one that is gone it may be yet.
    assert not server.uploads or size == RESUMABLE


@pytest.mark.parametrize("size", [20 * MiB, RESUMABLE])
def test_a_file_that_changes_while_it_is_sent_never_gets_the_key_of_what_it_was_w_c4(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, size: int
) -> None:
    file = file_of(tmp_path / "texture.exr", large_bytes(1, size))

    def change() -> None:
        with open(file.path, "r+b") as changing:
            changing.seek(size - 1000)
            changing.write(b"changed")

    def fault(asked: Asked) -> Optional[Fault]:
        # As soon as the first part has come, long before the last one is read.
        return Fault(at_arrival=change) if asked.part == 1 else None

    server.fault = fault
    with UploadJournal(str(tmp_path / "caches")) as journal:
        try:
            Sender(store, ALGORITHM, CancelToken(), journal=journal).send([file], lambda keys: None)
            said = ""
        except AssetSyncError as error:
            said = str(error)

    if said:
        assert "texture.exr changed after it was hashed" in said
        assert (server.objects, server.uploads) == ({}, {})
    else:
        # It was read to its end before; then what is stored is what was hashed.
        assert hash_data(server.objects[file.key], ALGORITHM) == file.hash


def hashed(paths: List[str], cache: Optional[HashCache] = None) -> Dict[str, str]:
    return {file.path: file.hash for file in hash_files(paths, ALGORITHM, cache, CancelToken())}


@posix_only
@pytest.mark.parametrize("size", [100, 3 * MiB])
@pytest.mark.parametrize(
    "change", [delete, become_a_folder, become_a_pipe, become_a_broken_link], ids=lambda change: change.__name__
)
def test_what_cannot_be_hashed_is_named_and_nobody_waits_for_a_pipe_w_c22(
    tmp_path: Path, size: int, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "texture.exr"
    path.write_bytes(large_bytes(1, size))
    others = [tmp_path / f"{number}" for number in range(20)]
    for other in others:
        other.write_bytes(b"content")

    def walk() -> Iterator[str]:
        yield from map(str, others)
        change(path)
        yield str(path)

    with pytest.raises(MisconfiguredInputsError, match=r"texture\.exr"):
        list(hash_files(walk(), ALGORITHM, None, CancelToken()))


@posix_only
def test_a_broken_link_is_named_with_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")

    with pytest.raises(MisconfiguredInputsError, match=r"link, a link to .*target, cannot be read: No such file"):
        hashed([str(tmp_path / "link")])


@posix_only
@pytest.mark.parametrize("name", ["a\0b", "\ud800"])
def test_a_name_that_no_file_can_have_is_an_error_and_no_traceback(tmp_path: Path, name: str) -> None:
    with pytest.raises(MisconfiguredInputsError, match="cannot be read"):
        hashed([f"{tmp_path}/{name}"])


@posix_only
@pytest.mark.parametrize("change", [truncate, grow, replace], ids=lambda change: change.__name__)
def test_a_file_that_changed_is_hashed_again_whatever_the_cache_remembers_w_c2(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "texture.exr"
    path.write_bytes(b"x" * 100)
    old_ns = 1_600_000_000_000_000_000
    os.utime(path, ns=(old_ns, old_ns))
    with HashCache(str(tmp_path / "caches")) as cache:
        assert hashed([str(path)], cache) == {str(path): hash_data(b"x" * 100, ALGORITHM)}
        change(path)
        os.utime(path, ns=(old_ns, old_ns))

        assert hashed([str(path)], cache) == {str(path): hash_data(path.read_bytes(), ALGORITHM)}


def test_what_no_look_can_tell_is_told_by_reading_and_never_gets_a_wrong_key_w_c2(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    path = tmp_path / "texture.exr"
    path.write_bytes(b"x" * 100)
    os.utime(path, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    with HashCache(str(tmp_path / "caches")) as cache:
        before = hashed([str(path)], cache)
        # Inode, size and time stay.
        rewrite(path)
        assert hashed([str(path)], cache) == before

    file = FileToSend(str(path), key_of(b"x" * 100), before[str(path)], 100)
    with pytest.raises(AssetSyncError, match=r"texture\.exr changed after it was hashed"):
        Sender(store, ALGORITHM, CancelToken()).send([file], lambda keys: None)
    assert server.objects == {}


@posix_only
@pytest.mark.parametrize("size", [100, 3 * MiB])
def test_a_file_that_is_being_written_is_hashed_when_it_stays_still_or_named(tmp_path: Path, size: int) -> None:
    path = tmp_path / "texture.exr"
    path.write_bytes(bytes(size))
    writing = os.open(path, os.O_WRONLY)

    class Busy(HashCache):
        """Writes to the file between the look at it and the reading of it."""

        def known_hashes(self, files: Any, hash_algorithm: Any) -> Dict[str, str]:
            os.pwrite(writing, b"written meanwhile", 50)
            return super().known_hashes(files, hash_algorithm)

    try:
        with Busy(str(tmp_path / "caches")) as cache:
            assert hashed([str(path)], cache) == {str(path): hash_data(path.read_bytes(), ALGORITHM)}
    finally:
        os.close(writing)


@pytest.mark.parametrize("failing", ["vanished", "refused"])
def test_the_cache_of_seen_objects_has_none_that_was_not_seen_w_c1(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, failing: str
) -> None:
    files = [file_of(tmp_path / f"{number}", f"content {number}".encode()) for number in range(300)]
    files.append(file_of(tmp_path / "large", large_bytes(1, PART + 1)))
    if failing == "vanished":
        os.unlink(files[150].path)
    else:
        server.fault = lambda asked: Fault(403, "AccessDenied") if asked.key == files[150].key else None

    with S3CheckCache(str(tmp_path / "caches")) as cache, pytest.raises(AssetSyncError):
        Sender(store, ALGORITHM, CancelToken()).send(
            files, lambda keys: cache.remember(f"{store.bucket}/{key}" for key in keys)
        )

    with S3CheckCache(str(tmp_path / "caches")) as cache:
        seen = {key for (key,) in cache.query("SELECT s3_key FROM s3checkV1")}
    assert seen <= {f"{store.bucket}/{key}" for key in server.objects}
    assert f"{store.bucket}/{files[150].key}" not in seen


def test_no_job_comes_of_an_upload_that_lacks_a_file_w_c1(server: S3Server, tmp_path: Path) -> None:
    inputs = tmp_path / "in"
    file_of(inputs / "kept.txt", b"kept")
    file_of(inputs / "lost.txt", b"lost")

    def lose() -> None:
        (inputs / "lost.txt").unlink(missing_ok=True)

    # Its first question to the bucket comes after hashing and before sending.
    server.fault = lambda asked: Fault(at_arrival=lose) if asked.key == "" else None
    process = start("upload", server.endpoint, tmp_path / "home", inputs=str(inputs), caches=str(tmp_path / "caches"))
    said, _ = process.communicate(timeout=60)

    assert (process.returncode, "lost.txt could not be read" in said) == (REFUSED, True)
    assert [key for key in server.objects if not key.startswith(DATA)] == []


def test_what_the_bucket_has_removed_is_sent_again_and_not_trusted(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    keys = {key_of(f"content {number}".encode()) for number in range(400)}
    server.objects.update((key, b"") for key in keys)
    removed = set(sorted(keys)[:3])
    with S3CheckCache(str(tmp_path)) as cache:
        cache.remember(f"{store.bucket}/{key}" for key in keys)
        for key in removed:
            del server.objects[key]
        # A sample of 30 may well miss 3 of 400, so a bucket that removes objects is not judged by a sample.
        server.bucket.removes_objects = True

        few = set(sorted(keys)[:40])
        assert known_objects(store, few, f"{DATA}/", cache, CancelToken()) <= few - removed
        assert known_objects(store, keys, f"{DATA}/", cache, CancelToken()) == keys - removed


def test_a_bucket_that_keeps_objects_is_believed_after_a_sample(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    keys = {key_of(f"content {number}".encode()) for number in range(400)}
    server.objects.update((key, b"") for key in keys)
    with S3CheckCache(str(tmp_path)) as cache:
        cache.remember(f"{store.bucket}/{key}" for key in keys)

        assert known_objects(store, keys, f"{DATA}/", cache, CancelToken()) == keys

    assert {asked.operation for asked in server.log} == {"HeadObject"}
    assert len(server.log) == 30


def test_an_object_that_expires_before_it_is_fetched_is_named_with_what_to_do(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    for content in (b"small", large_bytes(1, 3 * MiB), large_bytes(1)):
        with pytest.raises(AssetSyncError, match=r"texture\.exr is not in the bucket.*submit the job again"):
            receive(store, tmp_path, {"texture.exr": content})
    assert list(tmp_path.iterdir()) == []


def test_every_file_is_reported_once_when_an_answer_was_lost(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    files = [
        file_of(tmp_path / "small", b"small"),
        file_of(tmp_path / "whole", large_bytes(1, MiB)),
        file_of(tmp_path / "parts", large_bytes(2, 20 * MiB)),
    ]
    lost = set()

    def lose_the_first(asked: Asked) -> Optional[Fault]:
        if asked.operation in ("PutObject", "UploadPart", "CompleteMultipartUpload") and asked.operation not in lost:
            lost.add(asked.operation)
            return Fault(lose_answer=True)
        return None

    server.fault = lose_the_first
    present: List[str] = []
    events: List[Event] = []
    Sender(store, ALGORITHM, CancelToken(), events.append).send(files, present.extend)

    assert sorted(present) == sorted(file.key for file in files)
    assert {key: len(body) for key, body in server.objects.items()} == {file.key: file.size for file in files}
    done = [event.path for event in events if not isinstance(event, Sent) or event.done]
    assert sorted(done) == sorted(file.path for file in files)
