"""An upload whose process is killed at any moment: what is in S3 is right, and the next run goes on from there."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Dict, List, Optional

from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.caches import HashCache, S3CheckCache, UploadJournal

from .conftest import DATA, MiB, key_of, large_bytes, posix_only
from .s3_server import BUCKET, Asked, Fault, S3Server
from .transfer import result_of, start

REQUESTS = 65
"""About as many as the upload makes; a kill that comes later finds it done."""
MOMENTS = ("at_arrival", "in_body", "when_done")


def inputs_of(seed: int) -> Dict[str, bytes]:
    """Small files, whole ones, one in parts, and one that is gone on with part by part."""
    small = {f"small/{number % 7}/{number}.txt": f"{seed} {number}".encode() * 50 for number in range(40)}
    return {
        **small,
        "empty": b"",
        "whole.bin": large_bytes(seed, 300 * 1024),
        "whole too.bin": large_bytes(seed, 3 * MiB),
        "parts.bin": large_bytes(seed, 20 * MiB + 1),
        "resumable.bin": large_bytes(seed),
    }


def written(folder: Path, files: Dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        # Old enough for the hash cache to trust.
        os.utime(path, ns=(1_700_000_000_000_000_000, 1_700_000_000_000_000_000))


def run_and_kill(server: S3Server, folder: Path, number: int, moment: str, delay: float) -> Optional[int]:
    """Start an upload and kill it when its request of that number comes to the moment; its exit status."""
    started: List = []

    def kill() -> None:
        server.closing.wait(delay)
        started[0].kill()
        started[0].wait()

    server.fault = lambda asked: Fault(**{moment: kill}) if asked.number == number else None
    process = start(
        "upload", server.endpoint, folder / "home", inputs=str(folder / "in"), caches=str(folder / "caches")
    )
    started.append(process)
    process.communicate(timeout=60)
    server.wait_until(lambda: server.idle)
    server.fault = lambda asked: None
    return process.returncode


def check_what_is_there(server: S3Server, files: Dict[str, bytes], caches: str) -> None:
    """Nothing is in S3, or said to be there, that is not right."""
    right = {key_of(content): content for content in files.values()}
    for key, body in server.objects.items():
        if key.startswith(DATA):
            assert right[key] == body, key
        else:
            # A manifest comes last: all that it names is there.
            named = {f"{DATA}/{entry.hash}.xxh128" for entry in decode_manifest(body.decode()).paths}
            assert named == set(right)
            assert named <= server.objects.keys()
    with HashCache(caches) as hashes, S3CheckCache(caches) as seen, UploadJournal(caches) as journal:
        assert hashes.enabled
        assert journal.enabled
        said = {key for (key,) in seen.query("SELECT s3_key FROM s3checkV1")}
    assert said <= {f"{BUCKET}/{key}" for key in server.objects}
    assert not [name for name in os.listdir(caches) if "damaged" in name]


@posix_only
def test_an_upload_that_is_killed_stores_nothing_wrong_and_the_next_sends_only_what_is_missing_w_c25(
    seed: int, server: S3Server, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    files = inputs_of(seed)
    written(tmp_path / "in", files)
    caches = str(tmp_path / "caches")

    for _ in range(2):
        first = server.log[-1].number if server.log else 0
        number, moment = first + chance.randrange(1, REQUESTS), chance.choice(MOMENTS)
        run_and_kill(server, tmp_path, number, moment, chance.choice([0, 0.001, 0.01]))
        check_what_is_there(server, files, caches)

    stored = set(server.objects)
    parts = {(upload_id, part) for upload_id, upload in server.uploads.items() for part in upload.parts}
    server.forget()
    result = result_of(start("upload", server.endpoint, tmp_path / "home", inputs=str(tmp_path / "in"), caches=caches))

    assert len(result["manifests"]) == 1
    check_what_is_there(server, files, caches)
    assert {key for key in server.objects if key.startswith(DATA)} == {key_of(content) for content in files.values()}
    # Nothing goes twice: no object, and no part.
    assert not [asked for asked in server.asked("PutObject") if asked.key in stored]
    assert not [asked for asked in server.asked("UploadPart") if (asked.query["uploadId"], asked.part) in parts]
    # What was begun is finished; an upload of which nobody could take note has no parts that cost anything.
    assert [upload for upload in server.uploads.values() if upload.parts] == []


@posix_only
def test_a_file_that_was_nearly_there_needs_only_its_last_parts(server: S3Server, tmp_path: Path) -> None:
    files = {"resumable.bin": large_bytes(1)}
    written(tmp_path / "in", files)
    sent: List[Asked] = []

    def fault(asked: Asked) -> Optional[Fault]:
        if asked.operation == "UploadPart" and asked.part > 6:
            # The first six are complete, and their answers were heard, before the others come to their ends.
            def kill() -> None:
                server.wait_until(lambda: sum(1 <= each.part <= 6 and each.status == 200 for each in server.log) == 6)
                process.kill()

            sent.append(asked)
            return Fault(in_body=kill)
        return None

    server.fault = fault
    arguments = {"inputs": str(tmp_path / "in"), "caches": str(tmp_path / "caches")}
    process = start("upload", server.endpoint, tmp_path / "home", **arguments)
    process.communicate(timeout=60)
    assert process.returncode < 0
    server.wait_until(lambda: server.idle)
    (upload,) = server.uploads.values()
    there = set(upload.parts)
    assert there >= {1, 2, 3, 4, 5, 6}

    server.fault = lambda asked: None
    server.forget()
    result_of(start("upload", server.endpoint, tmp_path / "home", **arguments))

    assert {asked.part for asked in server.asked("UploadPart")} == set(range(1, 10)) - there
    assert server.asked("CreateMultipartUpload") == []
    assert server.objects[key_of(files["resumable.bin"])] == files["resumable.bin"]
