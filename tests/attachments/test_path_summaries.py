"""Long lists of paths for people."""

from __future__ import annotations

import statistics
import time
from pathlib import PurePosixPath
from typing import Dict, Iterator, List

import pytest
from hypothesis import given, strategies as st

from deadline.job_attachments.api import (
    PathSummary,
    summarize_path_list,
    summarize_paths_by_nested_directory,
    summarize_paths_by_sequence,
)
from deadline.job_attachments.models import PathFormat

POSIX = PathFormat.POSIX
EXAMPLE = [
    *(f"/r/a/frame_{number:03d}.png" for number in (1, 2, 3, 5, 10)),
    *("/r/a/readme.txt", "/r/b/v907", "/r/b/v908.txt", "/r/b/x", "/r/c/d/e.txt"),
]


def sequences(*paths: str) -> List[str]:
    return [str(summary) for summary in summarize_paths_by_sequence(paths, path_format=POSIX)]


def text_of(*paths: str, **options: object) -> str:
    return summarize_path_list(paths, path_format=POSIX, **options)  # type: ignore[arg-type]


def test_a_list_becomes_a_tree_of_sequences_cut_to_so_many_entries() -> None:
    assert text_of(*EXAMPLE, max_entries=6) == (
        "/r/a/ (6 files):\n"
        "  frame_%03d.png (5 files, sequence 1-3,5,10)\n"
        "  readme.txt (1 file)\n"
        "/r/b/ (3 files):\n"
        "  v907 (1 file)\n"
        "  ...\n"
        "/r/c/d/e.txt (1 file)"
    )
    assert text_of(*EXAMPLE, max_entries=3) == "/r/a/ (6 files)\n/r/b/ (3 files)\n/r/c/d/e.txt (1 file)"
    assert text_of(*EXAMPLE, max_entries=2) == "/r/a/ (6 files)\n/r/b/ (3 files)\n..."
    assert text_of(*EXAMPLE, max_entries=0) == "/r/a/ (6 files)\n..."


def test_totals_tell_sizes_where_they_are_known_and_may_be_left_out() -> None:
    sizes = dict.fromkeys(EXAMPLE, 500)

    assert text_of(*EXAMPLE, total_size_by_path=sizes, max_entries=4) == (
        "/r/a/ (6 files, 3.0 KB):\n"
        "  frame_%03d.png (5 files, 2.5 KB, sequence 1-3,5,10)\n"
        "  ...\n"
        "/r/b/ (3 files, 1.5 KB)\n"
        "/r/c/d/e.txt (1 file, 500 B)"
    )
    assert text_of(*EXAMPLE, include_totals=False, max_entries=4).splitlines()[:3] == [
        "/r/a/:",
        "  frame_%03d.png (sequence 1-3,5,10)",
        "  ...",
    ]
    with pytest.raises(KeyError):
        text_of(*EXAMPLE, "/other", total_size_by_path=sizes)


def test_a_folder_with_files_in_it_is_named_even_when_everything_is_in_it() -> None:
    assert text_of("/r/a", "/r/b") == "/r/ (2 files):\n  a (1 file)\n  b (1 file)"
    assert text_of("/r/a") == "/r/a (1 file)"
    assert text_of() == ""


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("f1.png", "f2.png"), ["f1.png (1 file)", "f2.png (1 file)"]),
        (("f8.png", "f9.png", "f10.png"), ["f%d.png (3 files, sequence 8-10)"]),
        (("v1", "v2", "v7"), ["v%d (3 files, sequence 1-2,7)"]),
        (("0", "1", "2"), ["%d (3 files, sequence 0-2)"]),
        (("sim.0001", "sim.0002", "sim.0003"), ["sim.%04d (3 files, sequence 1-3)"]),
        (("a.001.exr", "a.999.exr", "a.1000.exr"), ["a.%03d.exr (3 files, sequence 1,999-1000)"]),
        (("take.v01", "take.v02", "take.v03"), ["take.v%02d (3 files, sequence 1-3)"]),
        (("a1.mp4", "a2.mp4", "a3.mp4"), ["a%d.mp4 (3 files, sequence 1-3)"]),
        (("50%_1", "50%_2", "50%_3"), ["50%%_%d (3 files, sequence 1-3)"]),
        # The widest padding takes what it can; the others are split off.
        (
            ("f001", "f002", "f100", "f1", "f2", "f3"),
            ["f%03d (3 files, sequence 1-2,100)", "f%d (3 files, sequence 1-3)"],
        ),
        (("f001", "f002", "f1"), ["f001 (1 file)", "f002 (1 file)", "f1 (1 file)"]),
        (("f01", "f002", "f0003"), ["f0003 (1 file)", "f002 (1 file)", "f01 (1 file)"]),
        # Too long for a number that somebody counts by, and digits that are no decimal ones.
        (tuple(f"{n:020d}" for n in range(3)), [f"{n:020d} (1 file)" for n in range(3)]),
        (("f²", "f³", "f¹"), ["f² (1 file)", "f³ (1 file)", "f¹ (1 file)"]),
        (("a.b.", "a1.", "a2.", "a3."), ["a%d. (3 files, sequence 1-3)", "a.b. (1 file)"]),
    ],
)
def test_three_files_that_differ_by_a_number_written_alike_are_a_sequence(
    names: List[str], expected: List[str]
) -> None:
    assert sequences(*names) == expected


def test_sequences_stay_within_their_folders_and_a_path_counts_once() -> None:
    assert sequences("/a/1", "/a/2", "/b/3") == ["/a/1 (1 file)", "/a/2 (1 file)", "/b/3 (1 file)"]
    assert sequences("a/1", "a//2", "./a/3", "a/./1", "a/3", "a/1/") == ["a/%d (3 files, sequence 1-3)"]


def test_trees_leave_out_levels_that_have_nothing_to_tell() -> None:
    (tree,) = summarize_paths_by_nested_directory(["/a/b/c/1", "/a/b/c/x", "/a/d/e/f"], path_format=POSIX)

    assert [child.path for child in tree.children or ()] == ["/a/b/c/", "/a/d/e/f"]
    assert (tree.path, tree.is_dir(), tree.file_count, tree.total_size) == ("/a/", True, 3, None)
    top = summarize_paths_by_nested_directory(["b", "a/1", "a/2", "/x"], path_format=POSIX)
    assert [summary.path for summary in top] == ["/x", "a/", "b"]


def test_paths_of_windows_have_drives_and_shares() -> None:
    paths = [
        "C:\\a\\1.txt",
        "C:/a/2.txt",
        "c:\\a\\.\\3",
        "\\\\srv\\share\\x",
        "\\\\srv\\share\\y\\z",
        "\\\\srv\\other\\w",
        "D:q",
    ]

    assert summarize_path_list(paths, path_format=PathFormat.WINDOWS) == (
        "C:\\a\\ (2 files):\n"
        "  1.txt (1 file)\n"
        "  2.txt (1 file)\n"
        "D:q (1 file)\n"
        "\\\\srv\\other\\w (1 file)\n"
        "\\\\srv\\share\\ (2 files):\n"
        "  x (1 file)\n"
        "  y\\z (1 file)\n"
        "c:\\a\\3 (1 file)"
    )


def test_a_summary_can_be_made_by_hand() -> None:
    frames = PathSummary("frame_%d.png", path_format=POSIX, index_set={3, 1, 2}, total_size=1_500_000)
    folder = PathSummary("/out/", path_format=POSIX, children=[frames, PathSummary("/out/log", path_format=POSIX)])

    assert str(frames) == frames.summary() == "frame_%d.png (3 files, 1.5 MB, sequence 1-3)"
    assert frames.summary_totals() == "3 files, 1.5 MB"
    assert (folder.is_dir(), folder.file_count, folder.total_size) == (True, 4, None)
    assert not frames.is_dir()
    assert frames == PathSummary("frame_%d.png", path_format=POSIX, index_set={1, 2, 3}, total_size=1_500_000)
    assert frames != folder


names = st.text("a1%09.é", min_size=1, max_size=5).filter(lambda name: name.strip("."))
paths = st.lists(st.lists(names, min_size=1, max_size=4).map("/".join), max_size=40).map(
    lambda relative: [path if len(path) % 2 else f"/{path}" for path in relative]
)


def files_of(summary: PathSummary) -> Iterator[str]:
    if summary.children:
        for child in summary.children:
            yield from files_of(child)
    elif summary.index_set is not None:
        yield from (summary.path % index for index in summary.index_set)
    else:
        yield summary.path


def sizes_of(path_list: List[str]) -> Dict[str, int]:
    return {path: 1 + index for index, path in enumerate(dict.fromkeys(path_list))}


@given(paths)
def test_every_path_is_in_a_summary_once_with_its_size(path_list: List[str]) -> None:
    sizes = sizes_of(path_list)
    for summarize in (summarize_paths_by_sequence, summarize_paths_by_nested_directory):
        summaries = summarize(path_list, path_format=POSIX, total_size_by_path=sizes)

        assert sorted(path for summary in summaries for path in files_of(summary)) == sorted(sizes)
        assert sum(summary.file_count for summary in summaries) == len(sizes)
        assert sum(summary.total_size or 0 for summary in summaries) == sum(sizes.values())
        assert summaries == sorted(summaries, key=lambda summary: summary.path)


@given(paths)
def test_counts_and_sizes_of_a_folder_are_those_of_what_is_in_it(path_list: List[str]) -> None:
    def check(summary: PathSummary) -> None:
        for child in summary.children or ():
            check(child)
            assert child.path.startswith(summary.path.replace("%", "%%") if child.index_set else summary.path)
        if summary.is_dir():
            children = summary.children or []
            assert len(children) > 1
            assert summary.file_count == sum(child.file_count for child in children)
            assert summary.total_size == sum(child.total_size or 0 for child in children)

    for summary in summarize_paths_by_nested_directory(
        path_list, path_format=POSIX, total_size_by_path=sizes_of(path_list)
    ):
        check(summary)


@given(paths, st.integers(1, 12))
def test_a_text_has_no_more_entries_than_asked_for_and_starts_with_as_many_as_there_are(
    path_list: List[str], max_entries: int
) -> None:
    everything = text_of(*path_list, max_entries=10_000).splitlines()

    entries = [line for line in text_of(*path_list, max_entries=max_entries).splitlines() if line.strip() != "..."]

    assert len(entries) == min(max_entries, len(everything))
    assert not [line for line in everything if line.strip() == "..."]


def test_a_hundred_thousand_paths_take_no_longer_than_a_few_looks_at_each() -> None:
    path_list = [f"/proj/shot{n // 1000:03d}/render/beauty.{n % 1000:04d}.exr" for n in range(100_000)]
    summarizing, parsing = [], []
    for _ in range(3):
        started = time.process_time()
        text = summarize_path_list(path_list, path_format=POSIX)
        summarizing.append(time.process_time() - started)
        started = time.process_time()
        for path in path_list:
            PurePosixPath(path).parts  # noqa: B018
        parsing.append(time.process_time() - started)

    assert text.splitlines()[0] == "/proj/shot000/render/beauty.%04d.exr (1000 files, sequence 0-999)"
    assert statistics.median(summarizing) < 5 * statistics.median(parsing)
