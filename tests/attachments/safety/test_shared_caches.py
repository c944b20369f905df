"""Many processes at once, with the same caches and into the same folders."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Dict, List

from deadline.job_attachments.caches import HashCache, S3CheckCache, UploadJournal
from deadline.job_attachments.object_store.http_store import HttpObjectStore
from deadline.job_attachments.processes import this_process

from .conftest import (
    DATA,
    PART,
    RESUMABLE,
    MiB,
    file_of,
    files_below,
    key_of,
    large_bytes,
    manifest_of,
    posix_only,
    send,
)
from .s3_server import BUCKET, S3Server
from .transfer import result_of, start

PROCESSES = 4


def written(folder: Path, files: Dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
        os.utime(folder / name, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))


def test_four_uploaders_share_caches_and_lose_nothing(server: S3Server, tmp_path: Path) -> None:
    shared = {"shared": large_bytes(1, 20 * MiB), "shared and resumable": large_bytes(2)}
    inputs: List[Dict[str, bytes]] = [
        {**shared, **{f"{number}": f"{process} {number}".encode() for number in range(300)}}
        for process in range(PROCESSES)
    ]
    for process, files in enumerate(inputs):
        written(tmp_path / f"in-{process}", files)
    caches = str(tmp_path / "caches")

    def run(process: int) -> subprocess.Popen[str]:
        return start("upload", server.endpoint, tmp_path, inputs=str(tmp_path / f"in-{process}"), caches=caches)

    running = [run(process) for process in range(PROCESSES)]
    for process in running:
        _, said = process.communicate(timeout=120)
        # Nobody was told that a cache is locked, damaged or of no use.
        assert (process.returncode, said) == (0, "")

    contents = {content for files in inputs for content in files.values()}
    assert {key: body for key, body in server.objects.items() if key.startswith(DATA)} == {
        key_of(content): content for content in contents
    }
    assert not [upload for upload in server.uploads.values() if upload.parts]
    with HashCache(caches) as hashes, S3CheckCache(caches) as seen, UploadJournal(caches) as journal:
        assert hashes.query("SELECT count(*) FROM file_identities") == [(sum(map(len, inputs)),)]
        rows = {key for (key,) in seen.query("SELECT s3_key FROM s3checkV1")}
        assert journal.query("SELECT * FROM uploadsV1") == []
    assert rows == {f"{BUCKET}/{key_of(content)}" for content in contents}

    server.forget()
    assert result_of(run(0))["processed"] == 0
    assert [asked.key for asked in server.asked("PutObject") if asked.key.startswith(DATA)] == []


@posix_only
def test_an_upload_of_a_process_that_runs_is_left_to_it_and_one_of_a_process_that_is_gone_is_gone_on_with(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    files = [file_of(tmp_path / f"{size}", large_bytes(1, size)) for size in (20 * MiB, RESUMABLE)]
    # No process has the largest number that a name can carry.
    owners = {os.getppid(): True, 4194999: False}

    for owner, runs in owners.items():
        server.objects.clear()
        server.forget()
        with UploadJournal(str(tmp_path / f"caches-{owner}")) as journal:
            for file in files:
                upload_id = store.create_multipart(file.key)
                store.put_part(file.key, upload_id, 1, large_bytes(1, file.size)[:PART])
                journal.begin(f"{BUCKET}/{file.key}", upload_id, PART)
            name = this_process().replace(str(os.getpid()), str(owner))
            journal.write("UPDATE uploadsV1 SET tag = ?", [(name,)])
            begun = set(server.uploads)
            server.forget()

            send(store, files, journal=journal)

        assert {file.key for file in files} == set(server.objects)
        first = [asked for asked in server.asked("UploadPart") if asked.part == 1]
        assert len(first) == (2 if runs else 0)
        assert begun <= server.uploads.keys() if runs else not server.uploads.keys() & begun
        server.uploads.clear()


def test_four_downloaders_into_one_folder_leave_whole_files_and_nothing_else(server: S3Server, tmp_path: Path) -> None:
    files = {
        **{f"{number % 5}/{number}": f"content {number}".encode() * 100 for number in range(200)},
        "parts": large_bytes(1, 20 * MiB),
        "resumable": large_bytes(2),
    }
    server.objects.update((key_of(content), content) for content in files.values())
    manifest = tmp_path / "manifest"
    manifest.write_text(manifest_of(files).encode(), encoding="utf-8")
    arguments = {"root": str(tmp_path / "out"), "manifest": str(manifest), "resolution": "OVERWRITE"}

    running = [start("download", server.endpoint, tmp_path, **arguments) for _ in range(PROCESSES)]
    for process in running:
        result_of(process)

    assert files_below(tmp_path / "out") == files
