"""Manifests that somebody made to do harm: refused with the entry named, nothing outside the root, no traceback."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, List

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.asset_manifests.v2023_03_03 import ManifestPath
from deadline.job_attachments.containment import Containment
from deadline.job_attachments.exceptions import (
    AssetSyncError,
    JobAttachmentsError,
    ManifestDecodeValidationError,
    PathOutsideDirectoryError,
)
from deadline.job_attachments.folders import ignores_case
from deadline.job_attachments.models import FileConflictResolution

from .conftest import DATA, entry_of, posix_only
from .hostility import CONTENT, FINE, RESOLUTIONS, bucket, document_of, fetch

ESCAPES = [
    "..",
    ".",
    "",
    "/",
    "../outside/secret",
    "a/../../outside/secret",
    "a/../b",
    "a/./b",
    "a//b",
    "a/",
    "/etc/passwd",
    "//server/share/file",
    "a\0b",
    "\0",
    "a/\0/b",
]
ESCAPES_OF_WINDOWS = [
    "C:/Windows/file",
    "C:file",
    "a/C:/file",
    "..\\outside\\secret",
    "a\\..\\..\\outside\\secret",
    "\\\\server\\share\\file",
    "\\\\?\\C:\\file",
    "\\\\.\\PhysicalDrive0",
    "\\file",
    "CON",
    "a/nul",
    "aux.txt",
    "Com1.log",
    "lpt9",
    "com².txt",
    "file:stream",
    "file::$DATA",
    "a?b",
    "a*b",
    'a"b',
    "a<b",
    "a|b",
    "trailing.",
    "trailing ",
    ".. /outside",
    "... /file",
]


@pytest.mark.parametrize("path", ESCAPES)
@pytest.mark.parametrize("resolution", RESOLUTIONS, ids=lambda resolution: resolution.name)
def test_a_path_that_is_no_plain_path_below_the_root_is_refused_before_anything_is_written(
    world: Path, path: str, resolution: FileConflictResolution
) -> None:
    with pytest.raises(PathOutsideDirectoryError) as raised:
        fetch(document_of(FINE, {**FINE, "path": path}), world / "root", bucket(), resolution)

    assert repr(path) in str(raised.value)
    assert not (world / "root").exists()


@pytest.mark.parametrize("path", ESCAPES_OF_WINDOWS)
def test_what_only_windows_takes_for_more_than_a_name_is_refused_there_and_a_name_elsewhere(
    world: Path, path: str
) -> None:
    text = document_of({**FINE, "path": path})
    if os.name == "nt":
        with pytest.raises(PathOutsideDirectoryError):
            fetch(text, world / "root", bucket())
        return
    (written,) = fetch(text, world / "root", bucket())
    assert written.read_bytes() == CONTENT
    assert (world / "root") in written.parents


@pytest.mark.parametrize("path", ESCAPES_OF_WINDOWS)
def test_the_rules_of_windows_are_the_same_on_every_machine(tmp_path: Path, path: str) -> None:
    with pytest.raises(PathOutsideDirectoryError, match="no plain path below"):
        Containment(tmp_path, windows=True).target_of(path)


@posix_only
@pytest.mark.parametrize("path", ["\ud800", "a/\udfff\ud800/b", "half \ud83d"])
def test_a_name_that_no_file_system_takes_is_refused(world: Path, path: str) -> None:
    with pytest.raises(PathOutsideDirectoryError, match="no plain path"):
        fetch(document_of({**FINE, "path": path}), world / "root", bucket())


@posix_only
def test_a_name_of_odd_bytes_comes_back_as_it_was(world: Path) -> None:
    (written,) = fetch(document_of({**FINE, "path": "na\udcefve"}), world / "root", bucket())
    assert os.fsencode(written.name) == b"na\xefve"


@pytest.mark.parametrize(
    "path",
    [
        "a/" * 1_000_000 + "file",
        "a" * 1_000_000,
        "/".join(["a"] * 16_000),
        "a" * 300,
        "é" * 200,
        "/".join(["ab"] * 3000),
    ],
    ids=["a million folders", "a million letters", "16,000 folders", "300 letters", "400 bytes", "9,000 letters"],
)
@pytest.mark.parametrize("resolution", RESOLUTIONS, ids=lambda resolution: resolution.name)
def test_a_path_that_is_too_long_is_an_error_that_shows_its_beginning(
    world: Path, path: str, resolution: FileConflictResolution
) -> None:
    with pytest.raises(AssetSyncError, match=f"{path[:40]}.*too long") as raised:
        fetch(document_of(FINE, {**FINE, "path": path}), world / "root", bucket(), resolution)

    assert len(str(raised.value)) < 40_000
    # That a name is too long may show only when it is to be written; what came before it is whole then.
    assert [path.read_bytes() for path in (world / "root").rglob("*")] in ([], [CONTENT])


@pytest.mark.parametrize(
    ("paths", "named"),
    [(["a", "a/b"], "'a'"), (["a/b/c", "a"], "'a'"), (["x", "a/b/c/d", "a/b"], "'a/b'")],
)
def test_a_name_that_is_a_file_and_a_folder_is_refused_before_anything_is_written(
    world: Path, paths: List[str], named: str
) -> None:
    with pytest.raises(AssetSyncError, match=f"names {named} as a file, and other files in a folder"):
        fetch(document_of(*({**FINE, "path": path} for path in paths)), world / "root", bucket())

    assert not (world / "root").exists()


def test_a_file_in_the_way_of_a_folder_and_a_folder_in_the_way_of_a_file_are_named(world: Path) -> None:
    (world / "root" / "folder").mkdir(parents=True)
    (world / "root" / "file").write_bytes(b"mine")

    with pytest.raises(AssetSyncError, match=r"folder is a folder"):
        fetch(document_of(FINE, {**FINE, "path": "folder"}), world / "root", bucket())
    with pytest.raises(AssetSyncError, match=r"The folder .*file cannot be made"):
        fetch(document_of({**FINE, "path": "file/below"}), world / "root", bucket())
    assert (world / "root" / "file").read_bytes() == b"mine"


def test_a_path_that_is_named_twice_becomes_one_file_with_one_of_its_contents(world: Path) -> None:
    other = entry_of("", b"other")
    twice = document_of(FINE, {**FINE, "hash": other.hash, "size": other.size}, totalSize=11)

    (written,) = fetch(twice, world / "root", bucket(b"other"))

    assert [written.name, written.read_bytes()] == ["fine", b"other"]
    assert os.listdir(world / "root") == ["fine"]


def test_names_that_differ_by_case_only_are_two_files_or_refused(world: Path) -> None:
    collide = (world / "OUTSIDE").exists()
    assert ignores_case(world / "root" / "not there yet") == collide
    text = document_of({**FINE, "path": "Folder/File"}, {**FINE, "path": "folder/file"})

    if collide:
        with pytest.raises(AssetSyncError, match="same file on this machine"):
            fetch(text, world / "root", bucket())
        assert not (world / "root").exists()
    else:
        assert len(fetch(text, world / "root", bucket())) == 2


BAD_DOCUMENTS: Dict[str, str] = {
    "nothing": "",
    "no JSON": "{",
    "a list": "[]",
    "a number": "1",
    "a text": '"manifest"',
    "null": "null",
    "an entry alone": json.dumps(FINE),
    "deep lists": "[" * 100_000,
    "deep objects": '{"a":' * 100_000,
    "deep paths": '{"hashAlg":"xxh128","manifestVersion":"2023-03-03","totalSize":1,"paths":' + "[" * 100_000,
    "a number of many digits": document_of(FINE, totalSize=1).replace("1}", "1" * 10_000 + "}"),
    "no number": document_of(FINE).replace(": 6", ": NaN"),
    "an endless number": document_of(FINE).replace(": 6", ": 1e999"),
    "version as list": document_of(FINE, manifestVersion=["2023-03-03"]),
    "version as object": document_of(FINE, manifestVersion={}),
    "version missing": document_of(FINE, manifestVersion=None),
    "algorithm as list": document_of(FINE, hashAlg=[]),
    "another algorithm": document_of(FINE, hashAlg="md5"),
    "paths as object": document_of(paths={"0": FINE}),
    "paths as text": document_of(paths="fine"),
    "no paths": document_of(),
    "total true": document_of(FINE, totalSize=True),
    "entry null": document_of(None),
    "entry list": document_of([FINE]),
    "entry text": document_of("fine"),
    "entry empty": document_of({}),
}
BAD_ENTRIES: Dict[str, Any] = {
    "size": [-1, True, False, 1.0, "6", None, [], 2**63, 10**4000, float("inf")],
    "mtime": [True, 1.5, "1", None, {}, 2**63, -(2**63) - 1, 10**4000],
    "hash": ["", "../../secret", "6bba/86c7", "a b", "é", "٣", None, 1, True, ["a"], "a\n", "a\0"],
    "path": [None, 1, True, [], {}],
}


@pytest.mark.parametrize("document", BAD_DOCUMENTS.values(), ids=BAD_DOCUMENTS.keys())
def test_a_document_that_is_no_manifest_is_refused(document: str) -> None:
    with pytest.raises((ManifestDecodeValidationError, json.JSONDecodeError)):
        decode_manifest(document)


@pytest.mark.parametrize(
    ("member", "value"), [(member, value) for member, values in BAD_ENTRIES.items() for value in values], ids=repr
)
def test_an_entry_that_is_none_is_refused_with_its_number_its_name_and_the_member(member: str, value: Any) -> None:
    with pytest.raises(ManifestDecodeValidationError) as raised:
        decode_manifest(document_of(FINE, {**FINE, "path": "second", member: value}))

    assert "Entry 1" in str(raised.value) or "number that is none" in str(raised.value)
    if "Entry 1" in str(raised.value):
        assert member in str(raised.value)
        assert member == "path" or "'second'" in str(raised.value)
    assert len(str(raised.value)) < 1000


@pytest.mark.parametrize("size", [0, 5, 7, 2**40, 2**63 - 1])
def test_a_size_that_is_not_that_of_the_object_is_an_error_and_takes_no_memory(world: Path, size: int) -> None:
    with pytest.raises(AssetSyncError, match="Delete that object and submit the job again"):
        fetch(document_of({**FINE, "size": size}), world / "root", bucket())

    assert list((world / "root").rglob("*")) == []


@pytest.mark.parametrize("digest", ["6BBA86C7E069F56D5A10B435F1C8E49C", "0" * 32, "f" * 5000, "con"])
def test_a_hash_that_the_content_does_not_have_gets_no_file(world: Path, digest: str) -> None:
    store = bucket()
    store.put(f"{DATA}/{digest}.xxh128", CONTENT)

    with pytest.raises(AssetSyncError, match="does not have the content that its name says"):
        fetch(document_of({**FINE, "hash": digest}), world / "root", store)

    assert not list((world / "root").rglob("*"))


@pytest.mark.parametrize("mtime", [2**63 - 1, -(2**63) + 1, 0, -1, 10**17])
def test_any_time_that_a_manifest_may_name_is_set_or_an_error(world: Path, mtime: int) -> None:
    try:
        (written,) = fetch(document_of({**FINE, "mtime": mtime}), world / "root", bucket())
    except AssetSyncError:
        assert not list((world / "root").rglob("*"))
    else:
        assert written.read_bytes() == CONTENT


names = st.sampled_from(
    ["a", "b", "..", ".", "", "link", "con", "C:", "\\", "\0", "é", "\ud800", " ", "a.", "~", "$HOME", "x" * 300]
)
paths = st.one_of(st.lists(names, max_size=5).map("/".join), st.text(max_size=20))
numbers = st.one_of(st.integers(-10, 10), st.sampled_from([2**63 - 1, -(2**63), 2**70]), st.booleans(), st.floats())
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
entries = st.one_of(
    st.fixed_dictionaries(
        {"path": paths, "hash": st.just(FINE["hash"]), "size": st.just(6), "mtime": st.integers(-(2**62), 2**62)}
    ),
    st.fixed_dictionaries({"path": paths, "hash": st.text(max_size=5), "size": numbers, "mtime": numbers}),
    st.fixed_dictionaries({}, optional={"path": values, "hash": values, "size": values, "mtime": values}),
    values,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(listed=st.lists(entries, max_size=4), resolution=st.sampled_from(RESOLUTIONS))
def test_whatever_a_manifest_says_it_is_carried_out_below_the_root_or_refused(
    tmp_path_factory: pytest.TempPathFactory, listed: List[Any], resolution: FileConflictResolution
) -> None:
    folder = tmp_path_factory.mktemp("world")
    (folder / "outside").mkdir()
    root = folder / "root"
    root.mkdir()
    if os.name != "nt":
        (root / "link").symlink_to(folder / "outside")
    try:
        written = fetch(document_of(*listed), root, bucket(), resolution)
    except (AssetSyncError, JobAttachmentsError, json.JSONDecodeError):
        pass
    else:
        assert all(path.read_bytes() == CONTENT for path in written)
    assert os.listdir(folder / "outside") == []
    assert set(os.listdir(folder)) == {"outside", "root"}
    assert not [path for path in root.rglob("*") if path.name.startswith(".deadline-")]


def test_any_text_is_a_manifest_or_refused() -> None:
    @settings(max_examples=200, deadline=None)
    @given(values)
    def try_it(document: Any) -> None:
        try:
            manifest = decode_manifest(json.dumps(document))
        except (JobAttachmentsError, json.JSONDecodeError):
            return
        assert all(isinstance(entry, ManifestPath) for entry in manifest.paths)

    try_it()
