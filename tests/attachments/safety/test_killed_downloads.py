"""A download whose process is killed at any moment: names stand for whole files, and the next run goes on from there."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import Dict, List, Set

from deadline.job_attachments.placement import temporary_name

from .conftest import PART, RESUMABLE, MiB, files_below, key_of, large_bytes, manifest_of, posix_only
from .s3_server import Fault, S3Server
from .transfer import result_of, start

REQUESTS = 60
"""About as many as the download makes; a kill that comes later finds it done."""
MOMENTS = ("at_arrival", "in_body", "when_done")


def outputs_of(seed: int) -> Dict[str, bytes]:
    """Small files, of which some have the same content, and large ones, of which one is gone on with part by part."""
    small = {f"small/{number % 7}/{number}.txt": f"{seed} {number % 35}".encode() * 50 for number in range(40)}
    return {
        **small,
        "empty": b"",
        "parts.bin": large_bytes(seed, 20 * MiB + 1),
        "copies/of/parts.bin": large_bytes(seed, 20 * MiB + 1),
        "resumable.bin": large_bytes(seed),
    }


def is_temporary(name: str) -> bool:
    return name.rpartition("/")[2].startswith(".deadline-")


def parts_noted(root: Path) -> Set[int]:
    """The first bytes of the parts of which a journal says that they are there."""
    noted = set()
    for journal in root.rglob("*.done"):
        content = journal.read_bytes()
        numbers = [number for (number,) in struct.iter_unpack("<I", content[: len(content) // 4 * 4])]
        noted |= {number * PART for number in numbers[1:]}
    return noted


@posix_only
def test_a_download_that_is_killed_leaves_no_torn_file_and_the_next_fetches_only_what_is_missing_w_s7(
    seed: int, server: S3Server, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    files = outputs_of(seed)
    server.objects.update((key_of(content), content) for content in files.values())
    root, manifest = tmp_path / "out", tmp_path / "manifest"
    manifest.write_text(manifest_of(files).encode(), encoding="utf-8")
    resolution = chance.choice(["OVERWRITE", "SKIP"])
    before: Dict[str, bytes] = {}
    if resolution == "OVERWRITE":
        before = dict.fromkeys(chance.sample(sorted(files), 10), b"what was there before")
        for name, content in before.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
    arguments = {"root": str(root), "manifest": str(manifest), "resolution": resolution}

    for _ in range(2):
        started: List = []
        number = chance.randrange(1, REQUESTS) + (server.log[-1].number if server.log else 0)
        moment, delay = chance.choice(MOMENTS), chance.uniform(0, 0.02)

        def kill(delay: float = delay, started: List = started) -> None:
            server.closing.wait(delay)
            started[0].kill()
            started[0].wait()

        server.fault = lambda asked, n=number, m=moment, k=kill: Fault(**{m: k}) if asked.number == n else None
        started.append(start("download", server.endpoint, tmp_path / "home", **arguments))
        started[0].communicate(timeout=60)
        server.wait_until(lambda: server.idle)
        server.fault = lambda asked: None
        for name, content in files_below(root).items():
            if not is_temporary(name):
                assert content in (files[name], before.get(name)), name

    there = {name for name, content in files_below(root).items() if not is_temporary(name) and content == files[name]}
    complete = {key_of(content) for content in files.values()} - {
        key_of(content) for name, content in files.items() if name not in there
    }
    noted = parts_noted(root)
    server.forget()
    result_of(start("download", server.endpoint, tmp_path / "home", **arguments))

    assert files_below(root) == files
    fetched = server.asked("GetObject")
    assert not [asked for asked in fetched if asked.key in complete]
    ranges = [
        int(asked.headers["range"].partition("=")[2].partition("-")[0])
        for asked in fetched
        if asked.key == key_of(files["resumable.bin"])
    ]
    assert not noted & set(ranges)


@posix_only
def test_a_file_that_was_nearly_there_needs_only_its_last_ranges_w_p6(server: S3Server, tmp_path: Path) -> None:
    content = large_bytes(1)
    server.objects[key_of(content)] = content
    manifest, root = tmp_path / "manifest", tmp_path / "out"
    manifest.write_text(manifest_of({"resumable.bin": content}).encode(), encoding="utf-8")
    arguments = {"root": str(root), "manifest": str(manifest), "resolution": "SKIP"}

    def kill() -> None:
        # It notes each part; the last one does not come before six are noted.
        while len(parts_noted(root)) < 6:
            assert not server.closing.wait(0.005)
        process.kill()

    last = f"bytes={RESUMABLE - PART}-"
    server.fault = lambda asked: Fault(in_body=kill) if asked.headers.get("range", "").startswith(last) else None
    process = start("download", server.endpoint, tmp_path / "home", **arguments)
    process.communicate(timeout=60)
    assert process.returncode < 0
    server.wait_until(lambda: server.idle)
    noted = parts_noted(root)
    assert not (root / "resumable.bin").exists()

    server.fault = lambda asked: None
    server.forget()
    result_of(start("download", server.endpoint, tmp_path / "home", **arguments))

    assert files_below(root) == {"resumable.bin": content}
    assert len(server.asked("GetObject")) == 9 - len(noted)


@posix_only
def test_what_was_left_and_then_damaged_is_thrown_away_and_does_not_become_the_file(
    server: S3Server, tmp_path: Path
) -> None:
    content = large_bytes(1)
    server.objects[key_of(content)] = content
    manifest, root = tmp_path / "manifest", tmp_path / "out"
    manifest.write_text(manifest_of({"resumable.bin": content}).encode(), encoding="utf-8")
    arguments = {"root": str(root), "manifest": str(manifest), "resolution": "SKIP"}
    root.mkdir()
    partial = root / f".deadline-{manifest_of({'': content}).paths[0].hash}-{RESUMABLE:x}.part"
    partial.write_bytes(bytes(RESUMABLE))
    partial.with_name(f"{partial.name}.done").write_bytes(struct.pack("<3I", PART, 0, 1))

    refused = start("download", server.endpoint, tmp_path / "home", **arguments)
    said, _ = refused.communicate(timeout=60)
    assert "What an earlier download left of" in said
    assert "resumable.bin" in said
    assert files_below(root) == {}

    result_of(start("download", server.endpoint, tmp_path / "home", **arguments))
    assert files_below(root) == {"resumable.bin": content}


@posix_only
def test_files_of_processes_that_are_gone_are_removed_and_those_of_others_stay(
    server: S3Server, tmp_path: Path
) -> None:
    files = {"folder/file": b"content", "folder/other": b"other content"}
    server.objects.update((key_of(content), content) for content in files.values())
    manifest, root = tmp_path / "manifest", tmp_path / "out"
    manifest.write_text(manifest_of(files).encode(), encoding="utf-8")
    (root / "folder").mkdir(parents=True)
    ours = temporary_name()
    host, number = ours.split("-")[1:3]
    gone = ours.replace(f"-{number}-", "-4194999-")
    made_up = ours.replace(f"-{number}-", f"-{'9' * 40}-")
    elsewhere = ours.replace(host, "0" * 8).replace(f"-{number}-", "-4194999-")
    mine = ".deadline-notes.tmp"
    lonely = f".deadline-{'0' * 32}-{RESUMABLE:x}.part.done"
    for name in (ours, gone, made_up, elsewhere, mine, lonely):
        (root / "folder" / name).touch()

    arguments = {"root": str(root), "manifest": str(manifest), "resolution": "OVERWRITE"}
    result_of(start("download", server.endpoint, tmp_path / "home", **arguments))

    assert {path.name for path in (root / "folder").iterdir()} == {"file", "other", ours, elsewhere, mine}
