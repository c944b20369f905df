"""Disks that are full and folders that cannot be written: said plainly, earlier files whole, nothing temporary left."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Dict

import pytest

from deadline.job_attachments.exceptions import AssetSyncError
from deadline.job_attachments.object_store.http_store import HttpObjectStore

from .conftest import MiB, file_of, files_below, key_of, large_bytes, manifest_of, posix_only, receive
from .s3_server import S3Server
from .transfer import REFUSED, result_of, start

SIZES = {"small": 200_000, "parts": 20 * MiB, "resumable": 72 * MiB}
LIMITS = {"small": 100_000, "parts": MiB, "resumable": 10 * MiB}


def downloading(server: S3Server, folder: Path, files: Dict[str, bytes], **limits: int) -> Dict[str, object]:
    server.objects.update((key_of(content), content) for content in files.values())
    manifest = folder / "manifest"
    manifest.write_text(manifest_of(files).encode(), encoding="utf-8")
    return {"root": str(folder / "out"), "manifest": str(manifest), "resolution": "OVERWRITE", **limits}


@posix_only
@pytest.mark.parametrize(("kind", "copies"), [("small", 2), ("parts", 2), ("resumable", 1)])
def test_a_disk_that_is_full_is_an_error_that_names_the_file_and_nothing_is_left(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, kind: str, copies: int
) -> None:
    fits = {f"folder/{number}": f"content {number}".encode() for number in range(10)}
    too_large = {f"folder/texture-{number}.exr": large_bytes(1, SIZES[kind]) for number in range(copies)}
    (tmp_path / "out" / "folder").mkdir(parents=True)
    (tmp_path / "out" / "folder" / "texture-0.exr").write_bytes(b"old")
    arguments = downloading(server, tmp_path, {**fits, **too_large}, longest_file=LIMITS[kind])
    # First what fits, so that it is there.
    receive(store, tmp_path / "out", fits)
    process = start("download", server.endpoint, tmp_path, **arguments)
    said, traceback = process.communicate(timeout=60)

    assert (process.returncode, traceback) == (REFUSED, "")
    assert "texture-" in said
    assert "could not be written: File too large" in said
    assert files_below(tmp_path / "out") == {**fits, "folder/texture-0.exr": b"old"}


@posix_only
def test_a_disk_that_is_too_full_for_caches_does_not_end_an_upload(server: S3Server, tmp_path: Path) -> None:
    files = {f"{number}": f"content {number}".encode() for number in range(200)}
    for name, content in files.items():
        file_of(tmp_path / "in" / name, content)
        os.utime(tmp_path / "in" / name, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))
    file_of(tmp_path / "in" / "large", large_bytes(1))

    result_of(
        start(
            "upload",
            server.endpoint,
            tmp_path,
            inputs=str(tmp_path / "in"),
            caches=str(tmp_path / "caches"),
            longest_file=9000,
        )
    )

    assert {key_of(content) for content in files.values()} <= server.objects.keys()
    assert server.objects[key_of(large_bytes(1))] == large_bytes(1)


@posix_only
def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    content = b"content"
    server.objects[key_of(content)] = content
    (tmp_path / "file").write_bytes(b"mine")

    # Callers of other versions expect an OSError.
    for expected in (AssetSyncError, OSError):
        with pytest.raises(expected, match=r"The folder .*file/out cannot be made \(Not a directory\).*another folder"):
            receive(store, tmp_path / "file" / "out", {"texture.exr": content})
    assert files_below(tmp_path) == {"file": b"mine"}
    with pytest.raises(OSError, match="cannot be made") as raised:
        receive(store, tmp_path / "file" / "out", {"texture.exr": content})
    assert raised.value.errno == errno.ENOTDIR


@posix_only
def test_a_copy_that_has_no_folder_does_not_cost_the_large_file_that_came_before_it(
    server: S3Server, store: HttpObjectStore, tmp_path: Path
) -> None:
    files = {"texture.exr": large_bytes(1), "file/texture.exr": large_bytes(1)}
    server.objects[key_of(large_bytes(1))] = large_bytes(1)
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(AssetSyncError, match=r"The folder .*file cannot be made"):
        receive(store, tmp_path, files)

    server.forget()
    (tmp_path / "file").unlink()
    receive(store, tmp_path, files)

    assert server.log == []
    assert files_below(tmp_path) == files


@posix_only
@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("size", [100, 20 * MiB])
def test_a_folder_that_may_not_be_written_is_an_error_that_names_the_file(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, size: int
) -> None:
    content = large_bytes(1, size)
    server.objects[key_of(content)] = content
    (tmp_path / "out").mkdir(mode=0o555)

    with pytest.raises(AssetSyncError, match=r"texture\.exr could not be written: Permission denied"):
        receive(store, tmp_path / "out", {"texture.exr": content})

    assert files_below(tmp_path) == {}


@posix_only
@pytest.mark.parametrize("size", [100, 20 * MiB])
def test_a_name_that_is_too_long_is_an_error_and_earlier_files_stay(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, size: int
) -> None:
    content = large_bytes(1, size)
    server.objects[key_of(content)] = content
    receive(store, tmp_path, {"earlier": content})

    with pytest.raises(AssetSyncError, match="File name too long"):
        receive(store, tmp_path, {"earlier": content, "n" * 256: content})

    assert files_below(tmp_path) == {"earlier": content}


@posix_only
@pytest.mark.parametrize("size", [100, 20 * MiB])
def test_a_folder_that_took_the_files_name_meanwhile_is_an_error_and_stays(
    server: S3Server, store: HttpObjectStore, tmp_path: Path, size: int
) -> None:
    from .s3_server import Fault

    content = large_bytes(1, size)
    server.objects[key_of(content)] = content
    server.fault = lambda asked: Fault(at_arrival=lambda: (tmp_path / "out" / "texture.exr").mkdir(exist_ok=True))
    (tmp_path / "out").mkdir()

    with pytest.raises(AssetSyncError, match=r"texture\.exr could not be written: Is a directory"):
        receive(store, tmp_path / "out", {"texture.exr": content})

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["texture.exr"]
