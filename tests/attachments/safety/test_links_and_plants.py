"""Links, and what somebody planted, in a folder to download to: nothing is written through them, however they come there."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from deadline.job_attachments._engine.cancel import CancelToken
from deadline.job_attachments.download_plan import plan_download
from deadline.job_attachments.exceptions import AssetSyncError, PathOutsideDirectoryError
from deadline.job_attachments.models import FileConflictResolution
from deadline.job_attachments.object_store.memory_store import MemoryObjectStore
from deadline.job_attachments.receiving import Receiver

from .conftest import ALGORITHM, DATA, MiB, entry_of, key_of, posix_only
from .hostility import CONTENT, FINE, RESOLUTIONS, bucket, document_of, fetch


@posix_only
@pytest.mark.parametrize("to", ["../outside", "..", "/", "../outside/secret"])
@pytest.mark.parametrize("resolution", RESOLUTIONS, ids=lambda resolution: resolution.name)
def test_a_link_that_leads_out_is_refused_before_anything_is_written(
    world: Path, to: str, resolution: FileConflictResolution
) -> None:
    (world / "root").mkdir()
    (world / "root" / "link").symlink_to(to)

    with pytest.raises(PathOutsideDirectoryError, match="link"):
        fetch(document_of(FINE, {**FINE, "path": "link/secret"}), world / "root", bucket(), resolution)

    assert os.listdir(world / "root") == ["link"]


@posix_only
@pytest.mark.parametrize("resolution", [FileConflictResolution.OVERWRITE, FileConflictResolution.CREATE_COPY])
@pytest.mark.parametrize("to", ["../outside/secret", "../outside/nothing", "loop"])
def test_a_link_in_a_files_place_is_replaced_or_kept_and_never_written_through(
    world: Path, to: str, resolution: FileConflictResolution
) -> None:
    (world / "root").mkdir()
    (world / "root" / "loop").symlink_to(to)

    (written,) = fetch(document_of({**FINE, "path": "loop"}), world / "root", bucket(), resolution)

    replaced = resolution is FileConflictResolution.OVERWRITE
    assert written.name == ("loop" if replaced else "loop (1)")
    assert (world / "root" / "loop").is_symlink() is not replaced
    assert written.read_bytes() == CONTENT


@posix_only
def test_a_link_in_a_files_place_does_not_change_the_time_of_what_it_leads_to(world: Path) -> None:
    secret = world / "outside" / "secret"
    before = secret.stat().st_mtime_ns
    (world / "root").mkdir()
    (world / "root" / "link").symlink_to(secret)

    fetch(
        document_of({**FINE, "path": "link", "hash": entry_of("", b"secret").hash}),
        world / "root",
        bucket(b"secret"),
        FileConflictResolution.OVERWRITE,
    )

    assert secret.stat().st_mtime_ns == before
    assert not (world / "root" / "link").is_symlink()


@posix_only
def test_a_link_that_stays_within_the_root_may_be_on_the_way(world: Path) -> None:
    (world / "root" / "real").mkdir(parents=True)
    (world / "root" / "link").symlink_to("real")

    (written,) = fetch(document_of({**FINE, "path": "link/deeper/file"}), world / "root", bucket())

    assert written == world / "root" / "link" / "deeper" / "file"
    assert (world / "root" / "real" / "deeper" / "file").read_bytes() == CONTENT


@posix_only
@pytest.mark.parametrize("size", [6, 20 * MiB, 72 * MiB])
@pytest.mark.parametrize("missing", [True, False], ids=["to be made", "there"])
def test_a_folder_that_becomes_a_link_after_the_look_at_it_is_not_followed_w_s2(
    world: Path, size: int, missing: bool
) -> None:
    content = CONTENT if size == 6 else bytes(size)
    root = world / "root"
    (root / "a").mkdir(parents=True)
    if not missing:
        (root / "a" / "folder").mkdir()
    plan = plan_download(root, [entry_of("a/folder/secret", content)], ALGORITHM, FileConflictResolution.OVERWRITE)
    if not missing:
        (root / "a" / "folder").rmdir()
    (root / "a" / "folder").symlink_to(world / "outside")

    with pytest.raises((PathOutsideDirectoryError, AssetSyncError), match=r"folder .*link that leads out of"):
        list(Receiver(bucket(content), DATA, ALGORITHM, CancelToken()).receive(plan.contents))


@posix_only
@pytest.mark.parametrize("size", [6, 20 * MiB])
def test_a_folder_that_becomes_a_link_while_its_file_is_fetched_is_not_followed_w_s2(world: Path, size: int) -> None:
    content = CONTENT if size == 6 else bytes(size)
    root = world / "root"
    (root / "folder").mkdir(parents=True)
    swapping = threading.Lock()

    class Swapping(MemoryObjectStore):
        """Lets somebody swap the folder while bytes are under way."""

        def get(self, key: str, **options: Any) -> Any:
            # Parts of one file are fetched by several threads; one of them swaps.
            with swapping:
                if not (root / "folder").is_symlink():
                    (root / "folder").rename(root / "moved")
                    (root / "folder").symlink_to(world / "outside")
            return super().get(key, **options)

    store = Swapping()
    store.put(key_of(content), content)
    plan = plan_download(root, [entry_of("folder/secret", content)], ALGORITHM, FileConflictResolution.OVERWRITE)
    try:
        list(Receiver(store, DATA, ALGORITHM, CancelToken()).receive(plan.contents))
    except (PathOutsideDirectoryError, AssetSyncError):
        return
    # The folder that was open is the one that it was, wherever it is now.
    assert (root / "moved" / "secret").read_bytes() == content


@posix_only
@pytest.mark.parametrize("planted", ["link", "hard link", "folder", "pipe"])
@pytest.mark.parametrize("what", ["part", "journal"])
def test_what_somebody_planted_under_the_name_of_an_unfinished_file_is_not_written_into(
    world: Path, planted: str, what: str
) -> None:
    content = bytes(72 * MiB)
    root = world / "root"
    root.mkdir()
    name = f".deadline-{entry_of('', content).hash}-{len(content):x}.part" + (".done" if what == "journal" else "")
    if planted == "link":
        (root / name).symlink_to(world / "outside" / "secret")
    elif planted == "hard link":
        os.link(world / "outside" / "secret", root / name)
    elif planted == "folder":
        (root / name).mkdir()
    else:
        os.mkfifo(root / name)
    plan = plan_download(root, [entry_of("file", content)], ALGORITHM, FileConflictResolution.OVERWRITE)

    list(Receiver(bucket(content), DATA, ALGORITHM, CancelToken()).receive(plan.contents))

    assert (root / "file").stat().st_size == len(content)
    assert (root / "file").stat().st_nlink == 1
