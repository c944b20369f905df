from __future__ import annotations

import ntpath
import posixpath
from types import ModuleType

import pytest
from hypothesis import given, strategies as st

from deadline.client.job_bundle.paths import (
    common_ancestor,
    is_absolute_path,
    is_any_path_contained,
    is_bare_unc_anchor,
    is_path_contained,
    is_uri,
    normalized_path,
)


@pytest.mark.parametrize(
    ("path", "root", "module", "contained"),
    [
        ("/a/b", "/a", posixpath, True),
        ("/a", "/a", posixpath, True),
        ("//a/b", "/a", posixpath, True),
        ("/ab", "/a", posixpath, False),
        ("/a/../c", "/a", posixpath, False),
        ("../x", "..", posixpath, False),
        ("/A/b", "/a", posixpath, False),
        ("C:\\Proj\\x", "c:/proj", ntpath, True),
        ("C:\\Project", "C:\\Proj", ntpath, False),
        ("C:x", "C:\\", ntpath, False),
        ("\\\\?\\C:\\a\\b", "C:\\a", ntpath, True),
        ("\\\\?\\UNC\\host\\share\\a", "\\\\HOST\\share", ntpath, True),
        ("\\\\host\\share\\a", "\\\\host", ntpath, True),
        ("\\\\host\\share\\a", "\\\\", ntpath, False),
        ("\\\\?\\Volume{1}\\a", "\\\\?\\Volume{1}", ntpath, True),
        ("C:\\a\\..\\b", "C:\\a", ntpath, False),
    ],
)
def test_containment_goes_by_whole_components(path: str, root: str, module: ModuleType, contained: bool) -> None:
    assert is_path_contained(path, root, module) is contained


@pytest.mark.parametrize(
    ("path", "module", "absolute"),
    [
        ("/a", posixpath, True),
        ("a", posixpath, False),
        ("C:\\a", ntpath, True),
        ("C:a", ntpath, False),
        ("\\a", ntpath, False),
        ("\\\\host\\share", ntpath, True),
    ],
)
def test_absolute_means_that_nothing_else_is_needed(path: str, module: ModuleType, absolute: bool) -> None:
    assert is_absolute_path(path, module) is absolute


def test_a_scheme_has_two_letters_or_more() -> None:
    assert is_uri("s3://bucket/key")
    assert not is_uri("C://folder")
    assert not is_uri("/s3://x")


def test_a_bare_anchor_is_the_host_of_nothing() -> None:
    assert is_bare_unc_anchor("\\\\", ntpath)
    assert not is_bare_unc_anchor("\\\\host", ntpath)
    assert normalized_path("/a/./b//c/..") == posixpath.normpath("/a/b")
    assert is_any_path_contained("/a/b", ["/x", "/a"], posixpath)


@given(st.lists(st.sampled_from(["a", "b", "..", ".", ""]), max_size=8), st.sampled_from([posixpath, ntpath]))
def test_what_is_joined_below_a_root_without_leaving_it_is_contained(parts: list[str], module: ModuleType) -> None:
    root = "/r/s" if module is posixpath else "C:\\r\\s"
    path = module.sep.join([root, *parts])
    depth = leaving = 0
    for part in parts:
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        leaving = min(leaving, depth)

    if leaving == 0:
        assert is_path_contained(path, root, module)
    assert is_path_contained(path, root, module) == is_path_contained(module.normpath(path), root, module)


@pytest.mark.parametrize(
    ("path", "root", "contained"),
    [
        ("\\\\host\\share\\..\\x", "\\\\host\\share", True),
        ("\\\\host\\known\\..\\secret", "\\\\host\\secret", False),
        ("\\\\host\\..\\x", "\\\\host", False),
        ("\\\\host\\share\\a\\..\\..\\b", "\\\\host\\share\\b", True),
    ],
)
def test_nothing_climbs_above_a_share(path: str, root: str, contained: bool) -> None:
    assert is_path_contained(path, root, ntpath) is contained


@pytest.mark.parametrize(
    ("paths", "module", "ancestor"),
    [
        ([], posixpath, ""),
        (["/a/b/c"], posixpath, "/a/b/c"),
        (["/a/b/c", "/a/b/d/e"], posixpath, "/a/b"),
        (["/a/b", "/a/bc"], posixpath, "/a"),
        (["/a", "/b"], posixpath, "/"),
        (["a/b", "a/c"], posixpath, "a"),
        (["a", "b"], posixpath, ""),
        (["/a", "a"], posixpath, ""),
        (["../a/b", "../a/c"], posixpath, "../a"),
        (["../a", "../b"], posixpath, ".."),
        (["../a", "a"], posixpath, ""),
        (["C:\\Proj\\A", "c:/proj/b"], ntpath, "C:\\Proj"),
        (["C:\\a", "C:\\b"], ntpath, "C:\\"),
        (["C:\\a", "D:\\a"], ntpath, ""),
        (["C:\\a", "C:a"], ntpath, ""),
        (["\\\\Host\\share\\a", "\\\\host\\share\\b"], ntpath, "\\\\Host\\share"),
        (["\\\\host\\one\\a", "\\\\host\\two\\a"], ntpath, "\\\\host"),
        (["\\\\host\\share", "\\\\other\\share"], ntpath, ""),
    ],
)
def test_the_common_ancestor_is_the_deepest_folder_of_all(paths: list[str], module: ModuleType, ancestor: str) -> None:
    assert common_ancestor(paths, module) == ancestor
