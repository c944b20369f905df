"""Manifest files on disk: snapshots of folders, differences, merges."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from deadline.job_attachments.api.manifest import _manifest_diff, _manifest_merge, _manifest_snapshot
from deadline.job_attachments.asset_manifests import BaseAssetManifest, HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.exceptions import (
    AssetSyncCancelledError,
    JobAttachmentsError,
    ManifestDecodeValidationError,
    NonValidInputError,
)
from deadline.job_attachments.models import ManifestDiff
from deadline.job_attachments.progress_tracker import ProgressReportMetadata, SummaryStatistics

TIME_NS = 1_700_000_000_123_456_789


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    write(folder / "a" / "one.txt", "one")
    write(folder / "a" / "é.txt", "hello\n")
    write(folder / ".hidden", "")
    return folder


def write(path: Path, content: str, mtime_ns: int = TIME_NS) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    os.utime(path, ns=(mtime_ns, mtime_ns))


def snapshot(root: Path, **options: Any) -> str:
    options.setdefault("destination", str(root.parent / "manifests"))
    made = _manifest_snapshot(root=str(root), name=options.pop("name", "made"), **options)
    assert made is not None
    assert made.root == str(root)
    return made.manifest


def read(path: str) -> BaseAssetManifest:
    return decode_manifest(Path(path).read_text(encoding="utf-8"))


def test_a_snapshot_lists_every_file_with_hash_size_and_time(root: Path) -> None:
    manifest = read(snapshot(root))

    assert [(entry.path, entry.hash, entry.size, entry.mtime) for entry in manifest.paths] == [
        (".hidden", "99aa06d3014798d86001c324468d497f", 0, TIME_NS // 1000),
        ("a/one.txt", hash_data(b"one", HashAlgorithm.XXH128), 3, TIME_NS // 1000),
        ("a/é.txt", "6bba86c7e069f56d5a10b435f1c8e49c", 6, TIME_NS // 1000),
    ]
    assert manifest.totalSize == 9


def test_the_name_of_a_manifest_file_tells_its_root_and_time(root: Path) -> None:
    digest = hash_data(str(root).encode(), HashAlgorithm.XXH128)
    time = r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d"

    assert re.fullmatch(rf"shots-{digest}-{time}\.manifest", Path(snapshot(root, name="shots")).name)
    unnamed = str(root).replace("/", "_").replace("\\", "_").replace(":", "_")
    unnamed = unnamed[1:] if unnamed.startswith("_") else unnamed
    assert re.fullmatch(rf"{re.escape(unnamed)}-{digest}-{time}\.manifest", Path(snapshot(root, name=None)).name)


def test_two_snapshots_of_one_second_are_two_files(root: Path) -> None:
    made = {snapshot(root) for _ in range(5)}

    assert len(made) == 5
    assert len({Path(path).read_bytes() for path in made}) == 1


def test_a_snapshot_takes_the_files_that_patterns_choose_and_says_where_it_is(root: Path) -> None:
    said: list[str] = []

    manifest = snapshot(root, include=["a/**"], exclude=["**/one*"], print_function_callback=said.append)

    assert [entry.path for entry in read(manifest).paths] == ["a/é.txt"]
    assert any(manifest in message for message in said)


def test_a_snapshot_of_nothing_writes_nothing(root: Path, tmp_path: Path) -> None:
    destination = tmp_path / "none"

    for folder in (root, tmp_path / "missing"):
        assert _manifest_snapshot(root=str(folder), destination=str(destination), name="n", include=["*.exr"]) is None
    assert not destination.exists()


@pytest.mark.parametrize("rehash", [False, True])
def test_a_snapshot_against_a_manifest_takes_what_is_new_or_modified(root: Path, rehash: bool) -> None:
    before = snapshot(root)
    write(root / "a" / "one.txt", "changed", TIME_NS + 5_000_000)
    write(root / "new.txt", "new")
    (root / ".hidden").unlink()

    after = read(snapshot(root, diff=before, force_rehash=rehash))

    assert [entry.path for entry in after.paths] == ["a/one.txt", "new.txt"]
    difference = _manifest_diff(before, str(root), force_rehash=rehash)
    assert (difference.new, difference.modified, difference.deleted) == (["new.txt"], ["a/one.txt"], [".hidden"])


@pytest.mark.parametrize("rehash", [False, True])
def test_nothing_is_written_when_nothing_changed(root: Path, rehash: bool) -> None:
    before = snapshot(root)

    again = _manifest_snapshot(
        root=str(root), destination=str(root.parent / "b"), name="n", diff=before, force_rehash=rehash
    )
    assert again is None
    assert _manifest_diff(before, str(root), force_rehash=rehash) == ManifestDiff()


def test_only_hashing_finds_a_change_that_left_size_and_time_as_they_were(root: Path, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    before = snapshot(root, hash_cache_dir=cache)
    with (root / "a" / "one.txt").open("r+") as file:
        file.write("two")
    os.utime(root / "a" / "one.txt", ns=(TIME_NS, TIME_NS))

    assert _manifest_diff(before, str(root), cache_dir=cache).modified == []
    assert _manifest_diff(before, str(root), force_rehash=True, cache_dir=cache).modified == ["a/one.txt"]
    after = read(snapshot(root, diff=before, force_rehash=True, hash_cache_dir=cache))
    assert [entry.hash for entry in after.paths] == [hash_data(b"two", HashAlgorithm.XXH128)]


def test_a_new_time_alone_is_a_change_for_the_comparison_of_times_only(root: Path) -> None:
    before = snapshot(root)
    os.utime(root / ".hidden", ns=(TIME_NS, TIME_NS + 1000))
    os.utime(root / "a" / "one.txt", ns=(TIME_NS, TIME_NS + 2000))

    assert _manifest_diff(before, str(root)).modified == ["a/one.txt"]
    assert _manifest_diff(before, str(root), force_rehash=True).modified == []


def test_the_manifests_of_a_root_are_not_among_its_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = snapshot(root, destination=str(root))
    monkeypatch.chdir(root)
    relative = _manifest_snapshot(root=".", destination=".", name=None)
    assert relative is not None
    write(root / "other.manifest", "{}")

    assert [entry.path for entry in read(relative.manifest).paths] == [".hidden", "a/one.txt", "a/é.txt"]
    assert _manifest_diff(first, ".").new == ["other.manifest"]


def test_hashing_is_reported_and_can_be_stopped(root: Path) -> None:
    reports: list[ProgressReportMetadata] = []
    summaries: list[SummaryStatistics] = []

    def go_on(report: ProgressReportMetadata) -> bool:
        reports.append(report)
        return True

    snapshot(root, hashing_progress_callback=go_on, telemetry_callback=summaries.append)
    assert reports[-1].progress == 100
    assert [summary.total_files for summary in summaries] == [3]

    destination = root.parent / "stopped"
    with pytest.raises(AssetSyncCancelledError) as stopped:
        snapshot(root, destination=str(destination), hashing_progress_callback=lambda report: False)
    assert stopped.value.summary_statistics is not None
    assert not destination.exists()


def test_merging_takes_the_last_file_of_each_path_and_knows_files_of_one_name_apart(root: Path, tmp_path: Path) -> None:
    first = snapshot(root)
    write(root / "a" / "one.txt", "changed")
    second = snapshot(root, include=["a/one.txt"])
    twin = tmp_path / "twin" / Path(first).name
    twin.parent.mkdir()
    Path(second).replace(twin)

    merged = _manifest_merge(str(root), [first, str(twin)], str(tmp_path / "merged"), "merge")

    assert merged is not None
    assert merged.manifest_root == str(root)
    manifest = read(merged.local_manifest_path)
    assert {entry.path: entry.hash for entry in manifest.paths} == {
        ".hidden": "99aa06d3014798d86001c324468d497f",
        "a/one.txt": hash_data(b"changed", HashAlgorithm.XXH128),
        "a/é.txt": "6bba86c7e069f56d5a10b435f1c8e49c",
    }
    assert manifest.totalSize == 13


def test_merging_nothing_writes_nothing(root: Path, tmp_path: Path) -> None:
    assert _manifest_merge(str(root), [], str(tmp_path / "merged"), "merge") is None
    assert not (tmp_path / "merged").exists()


def test_a_manifest_file_that_is_missing_or_is_none_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(NonValidInputError, match=r"missing\.manifest"):
        _manifest_merge(str(root), [str(tmp_path / "missing.manifest")], str(tmp_path), "merge")
    for number, content in enumerate([b"no json", b'{"manifestVersion": "2023-03-03"}', b"\xff"]):
        broken = tmp_path / f"broken-{number}.manifest"
        broken.write_bytes(content)
        with pytest.raises(ManifestDecodeValidationError, match=broken.name):
            _manifest_diff(str(broken), str(root))


def test_a_destination_that_cannot_hold_files_is_named(root: Path, tmp_path: Path) -> None:
    with pytest.raises(JobAttachmentsError, match=r"one\.txt"):
        snapshot(root, destination=str(root / "a" / "one.txt"))
