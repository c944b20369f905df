"""Differences between a folder and a manifest, as values and as a tree for people."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import List

import pytest

from deadline.job_attachments._diff import (
    _fast_file_list_to_manifest_diff,
    compare_manifest,
    diff_manifest,
    find_file_with_status,
    pretty_print_cli,
)
from deadline.job_attachments.asset_manifests import BaseAssetManifest, HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests._create_manifest import _create_manifest_for_single_root
from deadline.job_attachments.difference_tree import difference_tree
from deadline.job_attachments.exceptions import AssetSyncCancelledError, NonValidInputError
from deadline.job_attachments.models import FileStatus, ManifestDiff
from deadline.job_attachments.progress_tracker import ProgressReportMetadata, SummaryStatistics

TIME_NS = 1_700_000_000_123_456_789
DIFFERENCE = ManifestDiff(["a/new"], ["mod"], ["a/gone/x"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    for name in ("same", "mod", "a/gone/x"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
        os.utime(path, ns=(TIME_NS, TIME_NS))
    return folder


def files_of(root: Path) -> List[str]:
    return [str(path) for path in root.rglob("*") if path.is_file()]


def manifest_of(root: Path) -> BaseAssetManifest:
    manifest = _create_manifest_for_single_root(files=files_of(root), root=str(root))
    assert manifest is not None
    return manifest


def change(root: Path) -> None:
    (root / "mod").write_text("changed", encoding="utf-8")
    (root / "a" / "gone" / "x").unlink()
    (root / "a" / "new").write_text("new", encoding="utf-8")


def test_a_manifest_of_a_root_lists_its_files_relative_to_it(root: Path) -> None:
    reports: List[ProgressReportMetadata] = []
    summaries: List[SummaryStatistics] = []

    def go_on(report: ProgressReportMetadata) -> bool:
        reports.append(report)
        return True

    manifest = _create_manifest_for_single_root(
        files=[str(root / "a" / "gone" / "x")],
        root=str(root),
        hashing_progress_callback=go_on,
        telemetry_callback=summaries.append,
    )

    assert manifest is not None
    assert [(entry.path, entry.hash, entry.size, entry.mtime) for entry in manifest.paths] == [
        ("a/gone/x", hash_data(b"a/gone/x", HashAlgorithm.XXH128), 8, TIME_NS // 1000)
    ]
    assert manifest.totalSize == 8
    assert reports[-1].progress == 100
    assert [summary.total_files for summary in summaries] == [1]
    assert _create_manifest_for_single_root(files=[], root=str(root)) is None


def test_a_file_outside_the_root_and_a_stop_end_the_making_of_a_manifest(root: Path, tmp_path: Path) -> None:
    (tmp_path / "root2").touch()

    with pytest.raises(NonValidInputError, match="root2 is not below"):
        _create_manifest_for_single_root(files=[str(tmp_path / "root2")], root=str(root))
    with pytest.raises(AssetSyncCancelledError):
        _create_manifest_for_single_root(
            files=files_of(root), root=str(root), hashing_progress_callback=lambda report: False
        )


def test_every_file_of_two_manifests_has_a_status(root: Path) -> None:
    before = manifest_of(root)
    change(root)

    differences = compare_manifest(before, manifest_of(root))

    assert [(status, entry.path) for status, entry in differences] == [
        (FileStatus.NEW, "a/new"),
        (FileStatus.MODIFIED, "mod"),
        (FileStatus.UNCHANGED, "same"),
        (FileStatus.DELETED, "a/gone/x"),
    ]
    assert differences[1][1].hash == hash_data(b"changed", HashAlgorithm.XXH128)
    assert diff_manifest(before, str(root), files_of(root)) == differences
    assert find_file_with_status(differences, [FileStatus.NEW, FileStatus.DELETED]) == ["a/new", "a/gone/x"]
    assert [status for status, _ in diff_manifest(before, str(root), [])] == [FileStatus.DELETED] * 3


def test_sizes_and_times_alone_find_differences_of_a_relative_root_w_c21(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = manifest_of(root)
    change(root)
    monkeypatch.chdir(root.parent)
    expected = [("a/new", FileStatus.NEW), ("mod", FileStatus.MODIFIED), ("a/gone/x", FileStatus.DELETED)]

    for form in ("root", str(root), f"{root}/a/..", "./root/"):
        assert _fast_file_list_to_manifest_diff(form, files_of(root), before) == expected
    relative = [os.path.relpath(path) for path in files_of(root)]
    assert _fast_file_list_to_manifest_diff("root", relative, before) == expected
    full = _fast_file_list_to_manifest_diff("root", relative, before, return_root_relative_path=False)
    assert full[0] == (str(root / "a" / "new"), FileStatus.NEW)


def test_a_tree_marks_what_is_new_modified_and_deleted(root: Path) -> None:
    change(root)

    assert list(difference_tree(str(root), files_of(root), DIFFERENCE)) == [
        str(root),
        "├── a/",
        "│   ├── gone/",
        "│   │   └── x -",
        "│   └── new +",
        "├── mod M",
        "└── same",
    ]
    coloured = "\n".join(difference_tree(str(root), files_of(root), DIFFERENCE, coloured=True))
    assert "└── \x1b[32mnew +\x1b[0m" in coloured
    assert "├── \x1b[33mmod M\x1b[0m" in coloured
    assert "└── \x1b[31mx -\x1b[0m" in coloured
    assert "└── \x1b[90msame\x1b[0m" in coloured
    assert list(difference_tree("empty", [], ManifestDiff())) == ["empty"]


def test_the_printed_tree_is_all_that_is_printed_and_has_colours_on_a_terminal_only(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    change(root)
    lines = list(difference_tree(str(root), files_of(root), DIFFERENCE))

    pretty_print_cli(str(root), files_of(root), DIFFERENCE)
    printed = capsys.readouterr()
    assert printed.out.splitlines() == lines
    assert printed.err == ""

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    pretty_print_cli(str(root), files_of(root), DIFFERENCE)
    assert "\x1b[32m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    pretty_print_cli(str(root), files_of(root), DIFFERENCE)
    assert "\x1b[" not in capsys.readouterr().out


def test_names_that_are_no_text_are_printed_in_escaped_form(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pretty_print_cli(str(tmp_path), [os.path.join(tmp_path, "\udcff.exr")], ManifestDiff())

    assert "\\udcff.exr" in capsys.readouterr().out
