"""What is found about a submission's files and limits before anything is uploaded."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from deadline.client.api.submission import file_findings
from deadline.client.api.submission.exclusions import Exclusions
from deadline.client.api.submission.file_findings import root_findings, worker_systems
from deadline.client.api.submission.findings import ERROR, WARNING, Finding, describe, refuse_errors
from deadline.client.api.submission.input_files import InputFiles, find_input_files
from deadline.client.api.submission.plan import SubmissionPlan, plan_submission
from deadline.client.api.submission.preflight import Preflight, preflight
from deadline.client.api.submission.request import SubmissionRequest
from deadline.client.api.submission.request_limits import request_findings
from deadline.client.api.submission.submit import submit_job_bundle
from deadline.client.config import set_setting
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle.submission import AssetReferences
from deadline.job_attachments.exceptions import MisconfiguredInputsError
from deadline.job_attachments.grouping import group_paths
from deadline.job_attachments.models import AssetRootGroup, StorageProfile, StorageProfileOperatingSystemFamily

from .conftest import Farm, Host, python_step, write_bundle

posix_only = pytest.mark.skipif(os.name == "nt", reason="Windows has neither such links nor such files")


def files_in(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")


def inputs_in(*directories: Path, files: tuple[Path, ...] = (), exclude: tuple[str, ...] = ()) -> InputFiles:
    references = AssetReferences(input_directories=set(map(str, directories)), input_filenames=set(map(str, files)))
    return find_input_files(references, exclude)


def names(found: list[str], folder: Path) -> list[str]:
    return sorted(Path(path).relative_to(folder).as_posix() for path in found)


def plan_of(bundle: Path, references: dict[str, Any] | None = None, **request: Any) -> SubmissionPlan:
    content = {"assetReferences": {"inputs": references or {}}}
    write_bundle(bundle, {"steps": [python_step("pass")]}, asset_references=content)
    return plan_submission(SubmissionRequest(str(bundle), **request))


def subjects(checked: Preflight, severity: str) -> dict[str, str]:
    """The message about each path or field."""
    return {finding.subject: finding.message for finding in checked.findings if finding.severity == severity}


# The walk


def test_a_directory_stands_for_all_files_below_it(tmp_path: Path) -> None:
    files_in(tmp_path, "a", "deep/er/b", ".hidden/.c")
    (tmp_path / "nothing").mkdir()

    found = inputs_in(tmp_path, tmp_path / "deep", tmp_path / "nothing", tmp_path / "gone", files=(tmp_path / "a",))

    assert names(found.files, tmp_path) == [".hidden/.c", "a", "deep/er/b"]
    assert names(found.unused_paths, tmp_path) == ["gone", "nothing"]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("*.tmp", ["a", "deep/b.tmp", "deep/cache/c", "deep/d"]),
        ("**/*.tmp", ["a", "deep/cache/c", "deep/d"]),
        ("deep/**", ["a", "x.tmp"]),
        ("**/cache/**", ["a", "deep/b.tmp", "deep/d", "x.tmp"]),
        ("deep/?", ["a", "deep/b.tmp", "deep/cache/c", "x.tmp"]),
        ("./deep/[!d]*", ["a", "deep/cache/c", "deep/d", "x.tmp"]),
        ("deep", ["a", "deep/b.tmp", "deep/cache/c", "deep/d", "x.tmp"]),
        ("**", []),
    ],
)
def test_patterns_leave_files_out(pattern: str, left: list[str], tmp_path: Path) -> None:
    files_in(tmp_path, "a", "x.tmp", "deep/b.tmp", "deep/cache/c", "deep/d")
    assert names(inputs_in(tmp_path, exclude=(pattern,)).files, tmp_path) == left


@pytest.mark.parametrize("pattern", ["/etc/*", "../*", "a/../../b", ""])
def test_a_pattern_that_leaves_the_directory_is_refused(pattern: str) -> None:
    with pytest.raises(DeadlineOperationError, match="exclude pattern"):
        Exclusions.of([pattern])


@posix_only
def test_an_excluded_folder_is_not_looked_into_and_named_files_travel_all_the_same(tmp_path: Path) -> None:
    files_in(tmp_path, "cache/a", "cache/link/b")
    (tmp_path / "cache" / "loop").symlink_to(tmp_path)

    found = inputs_in(tmp_path, files=(tmp_path / "cache/a",), exclude=("cache/**",))

    assert names(found.files, tmp_path) == ["cache/a"]
    assert found.linked_folders == []


@posix_only
def test_links_are_files_or_are_passed_over_and_told(tmp_path: Path) -> None:
    project, outside = tmp_path / "project", tmp_path / "outside"
    files_in(project, "a")
    files_in(outside, "b")
    (project / "to_file").symlink_to(outside / "b")
    (project / "to_folder").symlink_to(outside)
    (project / "to_nothing").symlink_to(outside / "gone")
    os.mkfifo(project / "pipe")

    found = inputs_in(project, files=(project / "to_nothing",))

    assert names(found.files, project) == ["a", "to_file"]
    assert names(found.links, project) == ["to_file"]
    assert names(found.linked_folders, project) == ["to_folder"]
    assert set(names(found.missing_files, project)) == {"to_nothing"}
    assert found.passed_over == [(str(project / "pipe"), "a pipe")]


@posix_only
def test_what_is_named_as_a_file_has_to_be_one(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        previous = os.getcwd()
        os.chdir(tmp_path)  # names of sockets are short
        try:
            listening.bind("socket")
        finally:
            os.chdir(previous)
        found = inputs_in(files=(tmp_path / "pipe", tmp_path / "socket", tmp_path, Path("/dev/null")))

    kinds = {Path(path).name: kind for path, kind in found.not_regular}
    assert kinds == {"pipe": "a pipe", "socket": "a socket", tmp_path.name: "a folder", "null": "a device"}


UNREADABLE = """
import os, sys
from deadline.client.api.submission.input_files import find_input_files
from deadline.client.job_bundle.submission import AssetReferences
if os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
folder = sys.argv[1]
found = find_input_files(AssetReferences(input_directories={folder}, input_filenames={folder + "/closed/below"}))
print([os.path.relpath(path, folder) for path in found.files])
print(sorted(os.path.relpath(path, folder) for path, _ in found.unreadable))
"""


@posix_only
def test_what_may_not_be_read_is_found_without_reading_it() -> None:
    # Root may read everything, so that the walk is another user's; tmp_path lies in a folder that nobody else may enter.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files_in(folder, "open", "secret", "closed/below")
        for path, mode in ((folder, 0o755), (folder / "secret", 0), (folder / "closed", 0)):
            path.chmod(mode)
        try:
            command = [sys.executable, "-c", UNREADABLE, name]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        finally:
            (folder / "closed").chmod(0o755)

    assert done.stdout.splitlines() == ["['open']", "['closed', 'closed/below', 'secret']"], done.stderr


# What is found about a submission


def test_everything_that_is_missing_is_told_at_once(farm: Farm, tmp_path: Path) -> None:
    references = {"filenames": ["gone.ma", "also/gone.tex"], "directories": ["no textures"]}
    plan = plan_of(tmp_path / "bundle", references)

    warned = subjects(preflight(plan), WARNING)
    assert {Path(path).name for path in warned} == {"gone.ma", "gone.tex", "no textures"}

    strict = preflight(plan_of(tmp_path / "bundle", references, require_paths_exist=True))
    with pytest.raises(MisconfiguredInputsError) as caught:
        strict.refuse_errors()
    assert all(name in str(caught.value) for name in ("gone.ma", "also", "no textures", "nothing was uploaded"))
    assert strict.warnings == []


@posix_only
def test_links_that_lead_out_of_known_folders_are_told_with_where_they_lead(farm: Farm, tmp_path: Path) -> None:
    bundle, outside = tmp_path / "bundle", tmp_path / "outside"
    files_in(bundle, "in/a")
    files_in(outside, "secret", "folder/b")
    (bundle / "in" / "link").symlink_to(bundle / "in" / "a")
    # A bundle has no links that leave it; a project folder may.
    project = tmp_path / "project"
    project.mkdir()
    (project / "leaves").symlink_to(outside / "secret")
    (project / "folder").symlink_to(outside / "folder")
    references = {"filenames": ["in/link", str(project / "leaves"), str(project / "folder" / "b")]}

    checked = preflight(plan_of(bundle, references, known_asset_paths=(str(project),)))

    told = {finding.subject: finding.detail for finding in checked.findings}
    assert told == {
        str(project / "leaves"): f"-> {(outside / 'secret').resolve()}",
        str(project / "folder"): f"-> {(outside / 'folder').resolve()}",
    }
    assert checked.group is not None
    assert checked.group.total_input_files == 3
    all_known = preflight(plan_of(bundle, references, known_asset_paths=(str(project), str(outside))))
    assert all_known.findings == ()


@posix_only
def test_a_submission_shows_what_does_not_travel(farm: Farm, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    files_in(bundle, "in/a", "else/b")
    (bundle / "in" / "linked").symlink_to(bundle / "else")
    plan = plan_of(bundle, {"directories": ["in"]})
    host = Host()

    submit_job_bundle(plan.request, host)

    (message,) = [message for message in host.messages if message.startswith("Warning")]
    assert "Links to folders" in message
    assert f"{bundle / 'in' / 'linked'}: -> {(bundle / 'else').resolve()}" in message


def test_a_queue_without_attachments_is_told_for_inputs_that_it_would_need(farm: Farm, tmp_path: Path) -> None:
    set_setting("defaults.queue_id", farm.new_queue())
    set_setting("settings.storage_profile_id", "")
    files_in(tmp_path / "bundle", "scene.ma")

    checked = preflight(plan_of(tmp_path / "bundle", {"filenames": ["scene.ma"], "directories": ["textures"]}))

    assert checked.group is None
    (message,) = checked.warnings
    assert "Another queue has no job attachments" in message
    assert "scene.ma" in message
    assert "textures" in message
    assert preflight(plan_of(tmp_path / "bundle")).findings == ()


def test_shared_locations_need_neither_a_walk_nor_attachments(farm: Farm, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    profile = farm.client.create_storage_profile(
        farmId=farm.farm_id,
        displayName="Linux",
        osFamily="LINUX",
        fileSystemLocations=[{"name": "Library", "path": str(shared), "type": "SHARED"}],
    )["storageProfileId"]
    set_setting("defaults.queue_id", farm.new_queue(allowedStorageProfileIds=[profile]))
    set_setting("settings.storage_profile_id", profile)
    references = {"directories": [str(shared / "gone"), str(tmp_path / "local")]}

    checked = preflight(plan_of(tmp_path / "bundle", references))

    assert list(subjects(checked, WARNING)) == [str(tmp_path / "local")]


def test_a_request_beyond_the_services_limits_is_refused_before_the_upload(farm: Farm, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    files_in(bundle, "scene.ma")
    plan = plan_of(bundle, {"filenames": ["scene.ma"]}, priority=101)
    host = Host()

    with pytest.raises(DeadlineOperationError, match=r"(?s)nothing was uploaded.*priority: 101"):
        submit_job_bundle(plan.request, host)
    assert not any("Hashing" in message for message in host.messages)


# Limits


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"template": "x" * 1_000_001}, "template"),
        ({"parameters": {f"P{number}": {"int": "1"} for number in range(201)}}, "parameters"),
        ({"parameters": {"Text": {"string": "x" * 1025}}}, "parameters.Text"),
        ({"parameters": {"Paths": {"pathList": ["/a", "/" * 1025]}}}, "parameters.Paths"),
        ({"maxFailedTasksCount": 2**31}, "maxFailedTasksCount"),
        ({"maxWorkerCount": -2}, "maxWorkerCount"),
    ],
)
def test_what_the_service_would_refuse_is_found_by_its_field(given: dict[str, Any], field: str) -> None:
    (finding,) = request_findings(given)
    assert (finding.severity, finding.field) == (ERROR, field)


def test_the_limits_themselves_are_fine() -> None:
    parameters = {f"P{number}": {"string": "x" * 1024} for number in range(200)}
    request = {"template": "x" * 1_000_000, "parameters": parameters, "priority": 100, "maxWorkerCount": -1}
    assert list(request_findings(request)) == []


def root_with(*paths: str, outputs: tuple[str, ...] = (), location: str | None = None) -> AssetRootGroup:
    return AssetRootGroup(
        location, "/root", {Path("/root", path) for path in paths}, {Path("/root", o) for o in outputs}
    )


def found_in(root: AssetRootGroup, *systems: str) -> list[tuple[str, str]]:
    findings = root_findings(root, frozenset(systems))
    return [(finding.severity, Path(finding.subject).relative_to("/root").as_posix()) for finding in findings]


@posix_only
def test_paths_too_long_for_windows_are_counted_where_its_workers_put_them() -> None:
    room = file_findings.LONGEST_WINDOWS_PATH - file_findings.WINDOWS_SESSION_FOLDER
    fits, long = "a" * room, "b" * (room + 1)

    assert found_in(root_with(fits, long), "windows") == [(WARNING, long)]
    assert found_in(root_with(fits, long), "posix") == []
    assert found_in(root_with(long, location="Projects"), "windows") == []


@posix_only
def test_names_too_long_for_linux_are_found_in_folders_too() -> None:
    long = "é" * 128
    root = root_with(f"{long}/a", f"{long}/b", "é" * 127, outputs=("x" * 256,))

    assert found_in(root, "posix") == [(ERROR, long), (ERROR, "x" * 256)]
    assert found_in(root, "windows") == []


@posix_only
def test_names_that_another_system_takes_for_one_are_found() -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    root = root_with("Tex/Wood.tx", "tex/wood.TX", "tex/other", composed, decomposed)

    found = found_in(root, "posix")

    assert {path for _, path in found} == {"tex/wood.TX", max(composed, decomposed)}
    assert {severity for severity, _ in found} == {WARNING}


@posix_only
def test_roots_and_outputs_have_limits_of_the_service() -> None:
    many = root_with(outputs=tuple(f"out{number}" for number in range(101)))
    assert found_in(many, "posix") == [(ERROR, ".")]
    deep = AssetRootGroup(None, "/" + "d/" * 512 + "d", set(), set())
    assert [finding.severity for finding in root_findings(deep, frozenset(["posix"]))] == [ERROR]
    group = group_paths([], [], [])
    group.asset_groups = [root_with()] * 11
    assert file_findings.too_many_roots(group).detail.count("/root") == 11


def test_the_workers_systems_are_those_that_queue_and_storage_profile_name() -> None:
    windows = StorageProfile("sp-1", "W", StorageProfileOperatingSystemFamily.WINDOWS)
    posix_user = {"jobRunAsUser": {"posix": {"user": "job", "group": "job"}, "runAs": "QUEUE_CONFIGURED_USER"}}
    here = {"windows"} if os.name == "nt" else set()

    assert worker_systems({}, None) == here or {"posix"}
    assert worker_systems(posix_user, None) == {"posix"} | here
    assert worker_systems(posix_user, windows) == {"posix", "windows"}
    assert worker_systems({"jobRunAsUser": {"windows": {"user": "job"}}}, None) == {"windows"}


# Findings as people read them


def test_findings_of_one_kind_are_one_text_with_the_first_few_paths() -> None:
    findings = [Finding(WARNING, "Files are odd", "Look at them.", path=f"/f{number}") for number in range(12)]
    odd = Finding(ERROR, "A field is odd", "Mend it.", field="template", detail="7")

    many, one = describe([*findings, odd])

    assert many.splitlines()[:2] == ["Warning: Files are odd:", "    /f0"]
    assert many.splitlines()[-3:] == ["    /f9", "    ... and 2 more", "  Look at them."]
    assert one == str(odd) == "Error: A field is odd:\n    template: 7\n  Mend it."
    refuse_errors(findings)
    with pytest.raises(DeadlineOperationError, match="template: 7"):
        refuse_errors([*findings, odd])


def test_names_that_are_no_text_can_be_shown() -> None:
    finding = Finding(WARNING, "Odd", "Look.", path="/bad\udcff")
    assert "\\udcff" in str(finding)
    str(finding).encode("utf-8")


def test_a_job_of_which_no_worker_may_work_is_warned_of() -> None:
    (finding,) = request_findings({"maxWorkerCount": 0})
    assert (finding.severity, finding.field) == (WARNING, "maxWorkerCount")
    assert "-1" in finding.advice
