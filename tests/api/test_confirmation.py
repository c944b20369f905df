"""Which folders are known, what the message about files says, and who decides."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from deadline.client.api.submission.confirmation import confirm_attachments, confirmation_message
from deadline.client.api.submission.known_paths import KnownPaths, PathClasses, classify_paths, known_paths
from deadline.client.exceptions import DeadlineOperationCanceled, UserInitiatedCancel
from deadline.job_attachments.models import (
    AssetUploadGroup,
    FileSystemLocation,
    FileSystemLocationType,
    StorageProfile,
    StorageProfileOperatingSystemFamily,
)

from .conftest import Host

posix_only = pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")


def profile(*locations: tuple[str, str, str]) -> StorageProfile:
    """A storage profile with locations of name, path and type."""
    found = [FileSystemLocation(name, path, FileSystemLocationType(kind)) for name, path, kind in locations]
    return StorageProfile("sp-1", "Linux", StorageProfileOperatingSystemFamily.LINUX, found)


def known_from(folder: Path, **given: Any) -> KnownPaths:
    nothing: dict[str, Any] = {
        "named": (),
        "setting": "",
        "parameters": (),
        "parameter_names": (),
        "storage_profile": None,
    }
    return known_paths(**{"bundle_dir": str(folder / "bundle"), **nothing, **given})


def test_the_bundle_is_known_and_its_neighbours_are_not(tmp_path: Path) -> None:
    known = known_from(tmp_path)
    assert known.contain(str(tmp_path / "bundle"))
    assert known.contain(str(tmp_path / "bundle" / "deep"))
    assert not known.contain(str(tmp_path / "bundle-of-others"))
    assert not known.contain(str(tmp_path / "bundle" / ".." / "other"))
    assert not known.contain(str(tmp_path))


def test_folders_are_known_from_the_caller_the_settings_and_local_locations(tmp_path: Path) -> None:
    places = {name: str(tmp_path / name) for name in ("named", "set", "also", "local", "shared")}
    known = known_from(
        tmp_path,
        named=[places["named"], "relative", "", os.path.join("~", "mine")],
        setting=os.pathsep.join([places["set"], f" {places['also']} ", ""]),
        storage_profile=profile(("L", places["local"], "LOCAL"), ("S", places["shared"], "SHARED")),
    )
    assert [name for name, path in places.items() if not known.contain(path)] == ["shared"]
    assert known.contain(os.path.expanduser(os.path.join("~", "mine", "deeper")))
    assert not known.contain(os.path.abspath("relative"))
    assert known.local_locations == {places["local"]: "L"}


def test_paths_of_the_callers_own_parameters_are_known(tmp_path: Path) -> None:
    parameters = [
        {"name": "File", "type": "PATH", "objectType": "FILE", "value": str(tmp_path / "a" / "scene.ma")},
        {"name": "Folders", "type": "LIST[PATH]", "value": [str(tmp_path / "b"), "s3://bucket/x", ""]},
        {"name": "OfTheBundle", "type": "PATH", "value": str(tmp_path / "c")},
        {"name": "Text", "type": "STRING", "value": str(tmp_path / "d")},
        {"name": "deadline:priority", "value": 5},
    ]
    names = ["File", "Folders", "Text", "deadline:priority"]
    known = known_from(tmp_path, parameters=parameters, parameter_names=names)
    assert [name for name in "abcd" if known.contain(str(tmp_path / name))] == ["a", "b"]


def test_folders_are_told_apart_and_of_nested_ones_the_outermost_is_told(tmp_path: Path) -> None:
    known = known_from(tmp_path)
    inside, outside = tmp_path / "bundle", tmp_path / "other"
    files = [str(folder / name) for folder in (inside, outside) for name in ("a/1", "a/2", "a/deep/3", "b/4")]

    classes = classify_paths(known, files, [str(inside / "out"), str(inside / "out" / "deep"), str(outside)])

    assert classes.known_inputs == (str(inside / "a"), str(inside / "b"))
    assert classes.unknown_inputs == (str(outside / "a"), str(outside / "b"))
    assert classes.known_outputs == (str(inside / "out"), str(inside / "out" / "deep"))
    assert classes.unknown_outputs == (str(outside),)
    assert classes.has_unknown


@posix_only
def test_a_link_makes_nothing_known(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "file").touch()
    (tmp_path / "bundle" / "link").symlink_to(tmp_path / "secret" / "file")
    (tmp_path / "bundle" / "folder").symlink_to(tmp_path / "secret")
    files = [str(tmp_path / "bundle" / "link"), str(tmp_path / "bundle" / "folder" / "file")]

    classes = classify_paths(known_from(tmp_path), files, [])

    assert classes.known_inputs == ()
    assert len(classes.unknown_inputs) == 2


def message_of(group: AssetUploadGroup, **classes: tuple[str, ...]) -> str:
    nothing: dict[str, tuple[str, ...]] = dict.fromkeys(
        ("known_inputs", "unknown_inputs", "known_outputs", "unknown_outputs"), ()
    )
    return confirmation_message(
        group, PathClasses(**{**nothing, **classes}), {"/local": "L"}, profile(("L", "/local", "LOCAL"))
    )


@posix_only
def test_the_message_lists_known_folders_and_sums_up() -> None:
    group = AssetUploadGroup(total_input_files=1, total_input_bytes=1234)
    message = message_of(group, known_inputs=("/b", "/local/a"), known_outputs=("/out",))
    assert message.split("\n\n")[1:] == [
        "*" * 59,
        "    Known paths:\n    /b\n    [Linux] /local/a\n    (output) /out",
        "*" * 59,
        (
            "Summary:\n    Local uploads: 1 file (1.23 KB) before deduplication\n"
            "    Worker uploads: Files created in 1 output directory"
        ),
    ]
    assert "WARNING" not in message


@posix_only
def test_the_message_warns_of_unknown_folders_and_shows_five_at_most() -> None:
    group = AssetUploadGroup(total_input_files=9, total_input_bytes=10)
    folders = tuple(f"/f{number}" for number in range(6))

    five = message_of(group, unknown_inputs=folders[:5])
    assert (
        "    Known paths:\n        (none)\n\n    Unknown paths:\n" + "\n".join(f"     {f}" for f in folders[:5]) in five
    )
    assert "... and" not in five
    six = message_of(group, unknown_inputs=folders)
    assert "     /f3\n       ... and 2 more\n\n    WARNING" in six
    assert "/f4" not in six
    assert "settings.known_asset_paths" in six
    assert "0 output directories" in six


@pytest.mark.parametrize(
    ("answer", "auto_accept", "has_unknown", "from_gui", "asked", "ends"),
    [
        # Nobody can be asked.
        (None, False, False, False, True, None),
        (None, True, False, False, False, None),
        (None, False, True, False, True, DeadlineOperationCanceled),
        (None, True, True, False, False, DeadlineOperationCanceled),
        # Somebody can, but questions are turned off.
        (True, True, False, False, False, None),
        (True, True, True, False, False, DeadlineOperationCanceled),
        (True, True, True, True, True, None),
        (False, True, True, True, True, UserInitiatedCancel),
        # Somebody is asked.
        (True, False, False, False, True, None),
        (True, False, True, True, True, None),
        (False, False, False, False, True, UserInitiatedCancel),
        (False, False, True, True, True, UserInitiatedCancel),
    ],
)
def test_who_decides(
    answer: bool | None,
    auto_accept: bool,
    has_unknown: bool,
    from_gui: bool,
    asked: bool,
    ends: type[Exception] | None,
) -> None:
    host = Host(answer)

    def confirm() -> None:
        confirm_attachments(host, "MESSAGE", has_unknown=has_unknown, auto_accept=auto_accept, from_gui=from_gui)

    if ends is None:
        confirm()
    else:
        with pytest.raises(ends) as caught:
            confirm()
        assert type(caught.value) is ends
        assert "canceled" in host.messages[-1]
    assert bool(host.questions) is asked
    for question, default in host.questions:
        assert question.startswith("MESSAGE\n\n")
        assert ("OK" in question) is from_gui
        assert default is not has_unknown
    # Who is not asked sees the message all the same.
    assert ("MESSAGE" in host.messages) is (not asked or answer is None)
