"""What a machine remembers between runs, shared by threads, processes and other versions of the client."""

from __future__ import annotations

import logging
import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from deadline.job_attachments.asset_manifests import HashAlgorithm
from deadline.job_attachments.caches import (
    WHOLE_FILE_RANGE_END,
    CacheDB,
    HashCache,
    HashCacheEntry,
    S3CheckCache,
    S3CheckCacheEntry,
)
from deadline.job_attachments.exceptions import JobAttachmentsError

ALGORITHM = HashAlgorithm.XXH128
OLD_NS = 1_600_000_000_123_456_789


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "caches")


def rows(folder: str, name: str, statement: str) -> list[Any]:
    with closing(sqlite3.connect(os.path.join(folder, f"{name}.db"))) as database:
        return list(database.execute(statement))


def old_file(path: Path, content: str = "content") -> os.stat_result:
    path.write_text(content)
    os.utime(path, ns=(OLD_NS, OLD_NS))
    return path.stat()


def test_a_hash_is_known_as_long_as_size_time_and_inode_stay(folder: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    status = old_file(path)
    with HashCache(folder) as cache:
        cache.remember([(str(path), status, "digest")], ALGORITHM)

    with HashCache(folder) as cache:
        assert cache.known_hashes([(str(path), status)], ALGORITHM) == {str(path): "digest"}

        os.utime(path, ns=(OLD_NS, OLD_NS + 1))
        assert cache.known_hashes([(str(path), path.stat())], ALGORITHM) == {}
        assert cache.known_hashes([(str(path), old_file(path, "longer content"))], ALGORITHM) == {}
        status = old_file(path)
        assert cache.known_hashes([(str(path), status)], ALGORITHM) == {str(path): "digest"}

        # Another file of the same size and time in its place. The first one stays, so that its inode is not used anew.
        path.rename(tmp_path / "first")
        assert cache.known_hashes([(str(path), old_file(path, "CONTENT"))], ALGORITHM) == {}


def test_a_file_written_just_now_is_not_remembered_because_its_time_may_not_tell_the_next_write(
    folder: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text("content")
    with HashCache(folder) as cache:
        cache.remember([(str(path), path.stat(), "digest")], ALGORITHM)
        assert cache.known_hashes([(str(path), path.stat())], ALGORITHM) == {}


def test_the_hashes_of_more_files_than_a_query_takes_are_found(folder: str, tmp_path: Path) -> None:
    status = old_file(tmp_path / "file")
    files = [(f"/a/{number}/é\udc80", status, f"{number:x}") for number in range(1201)]
    with HashCache(folder) as cache:
        cache.remember(files, ALGORITHM)
        known = cache.known_hashes([(path, status) for path, _, _ in files], ALGORITHM)

    assert known == {path: digest for path, _, digest in files}


def test_the_table_of_other_versions_keeps_its_form(folder: str) -> None:
    stamp = "2020-09-13 12:26:40.123457"
    entry = HashCacheEntry("/a/é\udc80", ALGORITHM, "digest", stamp)
    with HashCache(folder) as cache:
        cache.put_entry(entry)
        assert cache.get_entry("/a/é\udc80", ALGORITHM) == entry
        assert entry.is_whole_file()

    ((path, *others),) = rows(folder, "hash_cache", "SELECT * FROM hashesV4")
    assert path == "/a/é\udc80".encode("utf-8", "surrogatepass")
    assert others == ["xxh128", 0, WHOLE_FILE_RANGE_END, "digest", stamp]


def test_an_entry_of_another_version_is_read_but_not_trusted(folder: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    status = old_file(path)
    with HashCache(folder) as cache:
        cache.put_entry(HashCacheEntry(str(path), ALGORITHM, "digest", "2020-09-13 12:26:40.123457"))
        assert cache.get_entry(str(path), ALGORITHM) is not None
        assert cache.get_entry(str(path), ALGORITHM, 0, 10) is None
        assert cache.known_hashes([(str(path), status)], ALGORITHM) == {}


def test_a_range_without_bytes_is_refused() -> None:
    with pytest.raises(ValueError, match="no bytes"):
        HashCacheEntry("/a", ALGORITHM, "digest", "", 10, 10)


def test_an_object_counts_as_seen_for_thirty_days(folder: str) -> None:
    now = time.time()
    with S3CheckCache(folder) as cache:
        cache.remember(["bucket/now"])
        cache.put_entry(S3CheckCacheEntry("bucket/late", str(now - 31 * 86400)))
        cache.put_entry(S3CheckCacheEntry("bucket/early", str(now - 29 * 86400)))
        cache.put_entry(S3CheckCacheEntry("bucket/odd", "yesterday"))

        assert cache.seen([f"bucket/{name}" for name in ("now", "late", "early", "odd", "never")]) == {
            "bucket/now",
            "bucket/early",
        }
        assert cache.get_entry("bucket/late") is None
        entry = cache.get_entry("bucket/early")
        assert entry is not None
        assert float(entry.last_seen_time) == pytest.approx(now - 29 * 86400)

        cache.forget(["bucket/now"])
        assert cache.get_entry("bucket/now") is None


def test_a_damaged_file_is_set_aside_with_a_warning_whether_found_at_once_or_later(
    folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    database = Path(folder) / "s3_check_cache.db"
    with S3CheckCache(folder) as cache:
        cache.remember([f"bucket/{number}" for number in range(5000)])
    content = bytearray(database.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    database.write_bytes(content)

    with caplog.at_level(logging.WARNING), S3CheckCache(folder) as cache:
        assert cache.seen(["bucket/1"]) == set()
        cache.remember(["bucket/1"])
        assert cache.seen(["bucket/1"]) == {"bucket/1"}

    assert "damaged" in caplog.text
    assert Path(f"{database}.damaged").exists()


def test_a_cache_that_another_program_uses_in_its_own_way_is_left_alone(
    folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    os.makedirs(folder)
    with closing(sqlite3.connect(os.path.join(folder, "s3_check_cache.db"))) as database:
        database.execute("CREATE TABLE s3checkV1(another_column)")

    with caplog.at_level(logging.WARNING), S3CheckCache(folder) as cache:
        assert cache.seen(["bucket/1"]) == set()
        cache.remember(["bucket/1"])

    assert "cannot be used" in caplog.text
    assert os.listdir(folder) == ["s3_check_cache.db"]


def test_where_no_file_can_be_made_there_is_no_cache_and_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    with caplog.at_level(logging.WARNING), HashCache(str(tmp_path / "file" / "below")) as cache:
        assert not cache.enabled
        cache.remember([("/a", old_file(tmp_path / "a"), "digest")], ALGORITHM)
        assert cache.get_entry("/a", ALGORITHM) is None
    assert "cannot be used" in caplog.text


def test_many_threads_share_a_cache(folder: str) -> None:
    with S3CheckCache(folder) as cache:

        def work(number: int) -> None:
            keys = [f"bucket/{number}-{index}" for index in range(300)]
            cache.remember(keys)
            assert cache.seen(keys) == set(keys)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert rows(folder, "s3_check_cache", "SELECT count(*) FROM s3checkV1") == [(2400,)]


def test_many_processes_make_and_fill_a_cache_together(folder: str) -> None:
    script = (
        "import sys, warnings; warnings.simplefilter('error')\n"
        "from deadline.job_attachments.caches import HashCache, S3CheckCache\n"
        "folder, number = sys.argv[1:]\n"
        "for round in range(20):\n"
        "    with S3CheckCache(folder) as cache, HashCache(folder) as hashes:\n"
        "        assert cache.enabled and hashes.enabled\n"
        "        cache.remember([f'bucket/{number}-{round}-{index}' for index in range(20)])\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script, folder, str(number)], stderr=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    errors = [process.communicate(timeout=120)[1] for process in processes]

    assert errors == [""] * 4
    assert rows(folder, "s3_check_cache", "SELECT count(*) FROM s3checkV1") == [(4 * 20 * 20,)]
    assert not [name for name in os.listdir(folder) if "damaged" in name]


def test_removing_a_cache_removes_all_its_files(folder: str) -> None:
    with S3CheckCache(folder) as cache:
        cache.remember(["bucket/1"])
        cache.remove_cache()
        assert cache.get_entry("bucket/1") is None
    assert os.listdir(folder) == []


def test_caches_stand_in_the_home_folder_unless_somebody_chose_another(tmp_path: Path) -> None:
    assert CacheDB.get_default_cache_db_file_dir() == str(tmp_path / "home" / ".deadline" / "job_attachments")
    assert HashCache().cache_dir == str(tmp_path / "home" / ".deadline" / "job_attachments" / "hash_cache.db")


@pytest.mark.parametrize("arguments", [("", "t", "q"), ("n", "", "q"), ("n", "t", "")])
def test_a_cache_without_a_name_a_table_or_a_statement_is_refused(arguments: tuple[str, str, str]) -> None:
    with pytest.raises(JobAttachmentsError):
        CacheDB(*arguments)
