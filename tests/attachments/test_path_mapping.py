"""Where paths of one machine are on another, by storage profiles and rules."""

from __future__ import annotations

import dataclasses
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Dict, List

import pytest
from hypothesis import given, strategies as st

from deadline.job_attachments._path_mapping import _generate_path_mapping_rules, _PathMappingRuleApplier
from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.models import (
    FileSystemLocation,
    FileSystemLocationType,
    JobAttachmentS3Settings,
    PathMappingRule,
    StorageProfile,
    StorageProfileOperatingSystemFamily,
)


def profile(profile_id: str, family: str, **locations: str) -> Dict[str, Any]:
    """A storage profile as the service answers."""
    return {
        "storageProfileId": profile_id,
        "displayName": profile_id,
        "osFamily": family,
        "fileSystemLocations": [
            {"name": name, "path": path, "type": "LOCAL" if number % 2 else "SHARED"}
            for number, (name, path) in enumerate(locations.items())
        ],
    }


def as_value(data: Dict[str, Any]) -> StorageProfile:
    return StorageProfile(
        data["storageProfileId"],
        data["displayName"],
        StorageProfileOperatingSystemFamily(data["osFamily"]),
        [
            FileSystemLocation(location["name"], location["path"], FileSystemLocationType(location["type"]))
            for location in data["fileSystemLocations"]
        ],
    )


def rules(source_format: str, **places: str) -> List[PathMappingRule]:
    return [PathMappingRule(source_format, source, destination) for source, destination in places.items()]


@pytest.fixture
def windows() -> _PathMappingRuleApplier:
    return _PathMappingRuleApplier(
        [PathMappingRule("windows", "C:\\Proj", "/mnt/p"), PathMappingRule("windows", "C:\\Proj\\Special", "/mnt/s")]
    )


@pytest.mark.parametrize("family", ["WINDOWS", "windows", "LINUX", "macos"])
@pytest.mark.parametrize("form", [dict, as_value])
def test_two_profiles_make_a_rule_for_each_name_that_both_have(family: str, form: Any) -> None:
    source = form(profile("sp-1", family, Projects="C:\\proj", Tools="T:\\", Scratch="S:\\"))
    destination = form(profile("sp-2", "linux", Tools="/tools", Cache="/cache", Projects="/mnt/projects"))

    assert _generate_path_mapping_rules(source, destination) == [
        PathMappingRule("windows" if family.lower() == "windows" else "posix", "C:\\proj", "/mnt/projects"),
        PathMappingRule("windows" if family.lower() == "windows" else "posix", "T:\\", "/tools"),
    ]


def test_a_profile_needs_no_rules_to_itself() -> None:
    one = profile("sp-1", "linux", Projects="/proj")

    assert _generate_path_mapping_rules(one, as_value(one)) == []
    assert _generate_path_mapping_rules(one, {**one, "storageProfileId": "sp-2", "fileSystemLocations": None}) == []


def test_members_of_the_service_that_nobody_knows_yet_break_nothing_w_s10() -> None:
    newer = {**profile("sp-1", "linux", Projects="/proj"), "colour": "blue"}
    newer["fileSystemLocations"][0]["shape"] = "round"
    rule = {"source_path_format": "posix", "source_path": "/proj", "destination_path": "/mnt", "since": 2031}

    assert len(_generate_path_mapping_rules(newer, profile("sp-2", "linux", Projects="/mnt"))) == 1
    assert PathMappingRule(**rule) == PathMappingRule("posix", "/proj", "/mnt")
    assert dataclasses.asdict(PathMappingRule(**rule)) == {
        "source_path_format": "posix",
        "source_path": "/proj",
        "destination_path": "/mnt",
    }
    settings: Dict[str, Any] = {"s3BucketName": "bucket", "rootPrefix": "root", "tier": "GLACIER"}
    assert JobAttachmentS3Settings(**settings) == JobAttachmentS3Settings("bucket", "root")
    with pytest.raises(TypeError):
        JobAttachmentS3Settings(rootPrefix="root")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("c:\\proj\\X\\y.txt", "/mnt/p/X/y.txt"),
        ("C:/Proj/special/Q.txt", "/mnt/s/Q.txt"),
        ("C:\\PROJ", "/mnt/p"),
        ("C:\\Proj\\Specials\\a", "/mnt/p/Specials/a"),
    ],
)
def test_the_longest_rule_wins_and_windows_knows_no_case(
    windows: _PathMappingRuleApplier, path: str, expected: str
) -> None:
    assert windows.strict_transform(path) == Path(expected)
    assert windows.transform(path) == Path(expected)


@pytest.mark.parametrize("path", ["D:\\a", "C:\\Project\\a", "proj\\a", "\\Proj\\a", "", "C:\\Proj\\..\\Windows\\a"])
def test_a_path_without_a_rule_stays_as_it_is(windows: _PathMappingRuleApplier, path: str) -> None:
    assert windows.transform(path) == path
    with pytest.raises(ValueError, match="No path mapping rule"):
        windows.strict_transform(path)


def test_posix_paths_differ_by_case_and_keep_backslashes() -> None:
    applier = _PathMappingRuleApplier(rules("posix", **{"/proj/": "/mnt/p", "/": "/all"}))

    assert applier.source_path_format == "posix"
    assert applier.strict_transform(PurePosixPath("/proj/a\\b/c")) == Path("/mnt/p", "a\\b", "c")
    assert applier.strict_transform("/Proj/a") == Path("/all/Proj/a")


def test_a_share_of_windows_is_one_component() -> None:
    applier = _PathMappingRuleApplier(rules("windows", **{"\\\\Server\\Share": "/mnt/share"}))

    assert applier.strict_transform(PureWindowsPath("//server/share/a/B.txt")) == Path("/mnt/share/a/B.txt")
    assert applier.transform("\\\\server\\shared\\a") == "\\\\server\\shared\\a"


def test_without_rules_there_is_no_format_and_nothing_is_mapped() -> None:
    applier = _PathMappingRuleApplier([])

    assert applier.source_path_format is None
    assert applier.transform("/proj/a") == "/proj/a"
    with pytest.raises(ValueError, match="/proj/a"):
        applier.strict_transform("/proj/a")


def test_rules_of_several_or_unknown_formats_are_refused() -> None:
    with pytest.raises(ValueError, match="both formats"):
        _PathMappingRuleApplier([*rules("posix", **{"/a": "/b"}), *rules("windows", **{"C:\\a": "/b"})])
    with pytest.raises(ValueError, match="vms"):
        _PathMappingRuleApplier(rules("vms", **{"/a": "/b"}))


def test_a_rule_is_known_by_the_hash_of_its_source() -> None:
    rule = PathMappingRule("posix", "/projects/é", "/mnt")

    assert rule.get_hashed_source_path(HashAlgorithm.XXH128) == hash_data("/projects/é".encode(), HashAlgorithm.XXH128)


names = st.text("abAB.é \\", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))


@given(st.lists(names, max_size=4), st.lists(names, max_size=4), st.lists(names, max_size=4))
def test_a_mapped_path_lies_in_the_destination_with_the_rest_of_its_components(
    source: List[str], longer: List[str], rest: List[str]
) -> None:
    applier = _PathMappingRuleApplier(
        [
            PathMappingRule("posix", "/" + "/".join(source), "/short"),
            PathMappingRule("posix", "/" + "/".join(source + longer), "/long"),
        ]
    )

    mapped = applier.strict_transform("/" + "/".join([*source, *longer, *rest]))

    assert mapped == Path("/long" if longer else "/short", *rest)
