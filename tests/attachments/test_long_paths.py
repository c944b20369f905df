"""Paths longer than Windows likes, on any machine; and the small helpers that other programs import."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import List

import pytest

from deadline.job_attachments import _utils
from deadline.job_attachments.exceptions import MalformedAttachmentSettingError
from deadline.job_attachments.long_paths import as_extended_length_path, long_path_compatible, without_prefix

FOLDER = "C:\\" + "d" * 240
LONG = f"{FOLDER}\\{'f' * 20}.exr"
SHARE = "\\\\server\\share\\" + "d" * 250
not_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="what happens elsewhere")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("C:\\a", "\\\\?\\C:\\a"),
        ("C:/a/./b", "\\\\?\\C:\\a\\b"),
        ("\\\\server\\share\\a", "\\\\?\\UNC\\server\\share\\a"),
        ("//server/share/a", "\\\\?\\UNC\\server\\share\\a"),
        ("\\\\?\\C:\\a", "\\\\?\\C:\\a"),
        ("\\\\?\\UNC\\server\\share\\a", "\\\\?\\UNC\\server\\share\\a"),
        ("\\\\.\\pipe\\x", "\\\\.\\pipe\\x"),
    ],
)
def test_a_path_gets_the_prefix_once_and_loses_it_again(path: str, expected: str) -> None:
    extended = as_extended_length_path(path, windows=True)

    assert extended == expected
    assert as_extended_length_path(extended, windows=True) == extended
    assert as_extended_length_path(without_prefix(extended, windows=True), windows=True) == extended


@pytest.mark.parametrize("path", ["a\\b", "\\a", "C:a", "C:\\a\\..\\b", ""])
def test_a_path_that_is_relative_or_climbs_cannot_get_the_prefix(path: str) -> None:
    with pytest.raises(ValueError, match="extended-length"):
        as_extended_length_path(path, windows=True)


def test_only_a_path_that_is_too_long_gets_the_prefix() -> None:
    # 260 characters less the nine by which a name may grow while it is written.
    just_fits = "C:\\" + "a" * 247
    assert len(just_fits) == 250
    assert long_path_compatible(just_fits, windows=True) == just_fits
    assert long_path_compatible(just_fits + "a", windows=True) == f"\\\\?\\{just_fits}a"
    assert long_path_compatible(LONG, windows=True) == f"\\\\?\\{LONG}"
    assert long_path_compatible(f"\\\\?\\{LONG}", windows=True) == f"\\\\?\\{LONG}"
    assert long_path_compatible(SHARE, windows=True) == f"\\\\?\\UNC\\{SHARE[2:]}"
    assert long_path_compatible("a\\" * 200, windows=True) == "a\\" * 200
    with pytest.raises(ValueError, match=r"\.\."):
        long_path_compatible(f"{FOLDER}\\..\\{'f' * 20}", windows=True)
    assert long_path_compatible("C:\\a\\..\\b", windows=True) == "C:\\a\\..\\b"


def test_users_see_paths_without_the_prefix() -> None:
    assert without_prefix("\\\\?\\C:\\a", windows=True) == "C:\\a"
    assert without_prefix("\\\\?\\UNC\\server\\share\\a", windows=True) == "\\\\server\\share\\a"
    assert without_prefix("C:\\a", windows=True) == "C:\\a"


def test_other_systems_leave_paths_as_they_are() -> None:
    for path in (LONG, "\\\\?\\C:\\a", "/a/../b", "a"):
        assert as_extended_length_path(path, windows=False) == path
        assert long_path_compatible(path, windows=False) == path
        assert without_prefix(path, windows=False) == path


@not_on_windows
def test_the_helpers_of_other_programs_take_and_give_paths(tmp_path: Path) -> None:
    assert _utils._get_long_path_compatible_path(str(tmp_path)) == tmp_path
    assert _utils._as_extended_length_path(tmp_path) == tmp_path
    assert _utils._normalize_windows_path(tmp_path) == tmp_path
    assert _utils._is_windows_long_path_registry_enabled()
    assert _utils.WINDOWS_MAX_PATH_LENGTH == 260


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_path_is_within_a_folder_by_whole_components_with_links_followed(tmp_path: Path) -> None:
    (tmp_path / "real" / "sub").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert _utils._is_relative_to(tmp_path / "link" / "sub" / "new", str(tmp_path / "real"))
    assert _utils._is_relative_to(tmp_path / "real", tmp_path / "link")
    assert _utils._is_relative_to(tmp_path, "/")
    assert not _utils._is_relative_to(tmp_path / "really", tmp_path / "real")
    assert not _utils._is_relative_to(tmp_path / "link" / "..", tmp_path / "link")


def test_an_object_is_named_by_a_bucket_and_a_key() -> None:
    assert _utils._get_bucket_and_object_key("s3://bucket/a/b c") == ("bucket", "a/b c")
    for uri in ("bucket/key", "s3://bucket", "s3://bucket/", "s3:///key", "https://bucket/key"):
        with pytest.raises(MalformedAttachmentSettingError, match="s3://bucket/key"):
            _utils._get_bucket_and_object_key(uri)
    assert re.fullmatch(r"[0-9a-f]{32}", _utils._generate_random_guid())
    assert _utils._generate_random_guid() != _utils._generate_random_guid()


def test_a_function_is_called_again_after_errors_that_may_pass() -> None:
    pauses: List[float] = []
    calls: List[int] = []

    @_utils._retry(OSError, tries=3, delay=(0.5, 1.5), sleep=pauses.append)
    def sometimes(successful_call: int) -> int:
        calls.append(successful_call)
        if len(calls) < successful_call:
            raise OSError("not yet")
        return len(calls)

    assert sometimes(3) == 3
    assert len(pauses) == 2
    assert all(0.5 <= pause <= 1.5 for pause in pauses)
    calls.clear()
    with pytest.raises(OSError, match="not yet"):
        sometimes(4)
    assert len(calls) == 3
    calls.clear()
    with pytest.raises(TypeError):
        sometimes("a")  # type: ignore[arg-type]
    assert len(calls) == 1
