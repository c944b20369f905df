"""Which files a pattern chooses."""

from __future__ import annotations

import glob
import json
import os
import sys
from pathlib import Path

import pytest

from deadline.job_attachments.api.manifest import _glob_files
from deadline.job_attachments.exceptions import NonValidInputError

FILES = [
    "scene.ma",
    ".hidden",
    "textures/wood.exr",
    "textures/wood.tx",
    "textures/old/wood.exr",
    ".cache/deep/.state",
    "render [1]/frame_001.exr",
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return folder


def chosen(root: Path, *include: str, exclude: tuple[str, ...] = (), config: str | None = None) -> list[str]:
    found = _glob_files(str(root), list(include), list(exclude), config)
    assert found == sorted(found)
    return [Path(path).relative_to(root).as_posix() for path in found]


def test_without_patterns_every_file_is_chosen_hidden_ones_too(root: Path) -> None:
    assert set(chosen(root)) == set(FILES)
    assert _glob_files(str(root)) == _glob_files(str(root), ["**/*"])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", [".hidden", "scene.ma"]),
        ("*.ma", ["scene.ma"]),
        ("textures/*", ["textures/wood.exr", "textures/wood.tx"]),
        ("textures/**", ["textures/old/wood.exr", "textures/wood.exr", "textures/wood.tx"]),
        ("./textures//*.tx", ["textures/wood.tx"]),
        ("**/wood.exr", ["textures/old/wood.exr", "textures/wood.exr"]),
        ("**/old/**", ["textures/old/wood.exr"]),
        ("textures/**/wood.exr", ["textures/old/wood.exr", "textures/wood.exr"]),
        (
            "**/*.[et]x*",
            ["render [1]/frame_001.exr", *(f"textures/{n}" for n in ("old/wood.exr", "wood.exr", "wood.tx"))],
        ),
        ("*/wood.t?", ["textures/wood.tx"]),
        ("textures", []),
        ("textures/", []),
        ("missing/**", []),
    ],
)
def test_a_pattern_chooses_as_a_shell_does(root: Path, pattern: str, expected: list[str]) -> None:
    assert chosen(root, pattern) == expected


def test_an_escaped_or_absolute_pattern_means_the_folder_of_that_very_name(root: Path) -> None:
    assert chosen(root, glob.escape("render [1]") + "/**") == ["render [1]/frame_001.exr"]
    assert chosen(root, os.path.join(glob.escape(str(root)), "textures", "old", "**")) == ["textures/old/wood.exr"]


def test_several_patterns_choose_a_file_once(root: Path) -> None:
    assert chosen(root, "**/*.tx", "textures/*.tx", "*.ma") == ["scene.ma", "textures/wood.tx"]


def test_an_exclusion_needs_no_inclusion(root: Path) -> None:
    assert chosen(root, exclude=("**/.*", ".cache/**", "textures/**")) == ["render [1]/frame_001.exr", "scene.ma"]
    assert chosen(root, "textures/**", exclude=("**/old/**",)) == ["textures/wood.exr", "textures/wood.tx"]


def test_a_configuration_is_json_or_a_file_with_json_and_yields_to_patterns(root: Path, tmp_path: Path) -> None:
    config = json.dumps({"include": ["textures/**"], "exclude": ["**/*.exr"]})
    file = tmp_path / "patterns.json"
    file.write_text(config, encoding="utf-8")

    assert chosen(root, config=config) == ["textures/wood.tx"]
    assert chosen(root, config=str(file)) == ["textures/wood.tx"]
    assert chosen(root, "*.ma", config=config) == ["scene.ma"]
    assert chosen(root, config='{"exclude": ["**/*.exr", "**/.*"]}') == ["scene.ma", "textures/wood.tx"]


@pytest.mark.parametrize("config", ["no such file", "[]", '{"include": "*.exr"}', '{"exclude": [1]}', '"text"'])
def test_a_configuration_of_another_form_is_refused(root: Path, config: str) -> None:
    with pytest.raises(NonValidInputError, match="include"):
        chosen(root, config=config)


@pytest.mark.parametrize("pattern", ["../*", "textures/../../*", "/elsewhere/**"])
def test_a_pattern_that_leads_out_of_the_root_is_refused(root: Path, pattern: str) -> None:
    with pytest.raises(NonValidInputError, match="leads out"):
        chosen(root, pattern)


def test_links_are_followed_but_never_in_circles(root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "linked.txt").write_text("linked")
    for name, target in (("link", elsewhere), ("up", root.parent), ("self", root), ("file", elsewhere / "linked.txt")):
        (root / "textures" / name).symlink_to(target)
    (root / "textures" / "dangling").symlink_to(root / "nothing")
    (root / "textures" / "endless").symlink_to(root / "textures" / "endless")

    assert chosen(root, "**/*.txt") == ["textures/link/linked.txt", "textures/up/elsewhere/linked.txt"]
    assert chosen(root, "textures/file", "textures/dangling", "textures/endless") == ["textures/file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in its file system")
def test_what_is_no_file_is_not_chosen(root: Path) -> None:
    os.mkfifo(root / "pipe")

    assert chosen(root, "pipe") == []


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root and Windows read every folder")
def test_a_folder_that_cannot_be_listed_is_an_error_that_names_it(root: Path) -> None:
    locked = root / "textures"
    locked.chmod(0)
    try:
        with pytest.raises(NonValidInputError, match="textures"):
            chosen(root)
        assert chosen(root, "*.ma") == ["scene.ma"]
    finally:
        locked.chmod(0o755)


def test_a_root_that_does_not_exist_has_no_files(tmp_path: Path) -> None:
    assert _glob_files(str(tmp_path / "missing")) == []


def test_a_relative_root_gives_absolute_paths(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root.parent)

    assert _glob_files("root", ["*.ma"]) == [str(root / "scene.ma")]
