"""``deadline manifest``."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data

TIME_NS = 1_700_000_000_000_000_000


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("_", ".")
        path.write_text(content, encoding="utf-8")
        os.utime(path, ns=(TIME_NS, TIME_NS))
    return folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "root" / "deep", b_txt="bb")
    return write(tmp_path / "root", a_txt="a", c_tmp="ccc")


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    folder = tmp_path / "manifests"
    folder.mkdir()
    return folder


def paths_in(manifest: str) -> list[str]:
    return [entry["path"] for entry in json.loads(Path(manifest).read_text(encoding="utf-8"))["paths"]]


def take(deadline: Any, root: Path, manifests: Path, *more: str) -> str:
    arguments = ("manifest", "snapshot", "--root", str(root), "-d", str(manifests), "--json", *more)
    path: str = deadline(*arguments).json["manifest"]
    return path


def test_a_snapshot_is_one_line_of_json_and_a_file_named_after_its_root(
    deadline: Any, root: Path, manifests: Path
) -> None:
    result = deadline("manifest", "snapshot", "--root", str(root), "--destination", str(manifests), "-n", "x", "--json")

    assert (result.code, result.err) == (0, "")
    (line,) = result.out.splitlines()
    assert list(json.loads(line)) == ["root", "manifest"]
    assert result.json["root"] == str(root)
    digest = hash_data(str(root).encode(), HashAlgorithm.XXH128)
    assert re.fullmatch(rf"x-{digest}-[\dT-]+\.manifest", Path(result.json["manifest"]).name)
    assert paths_in(result.json["manifest"]) == ["a.txt", "c.tmp", "deep/b.txt"]


def test_a_snapshot_tells_people_what_was_hashed_and_where_the_manifest_is(
    deadline: Any, root: Path, manifests: Path
) -> None:
    pipe = deadline("manifest", "snapshot", "--root", str(root), "-d", str(manifests))
    terminal = deadline("manifest", "snapshot", "--root", str(root), terminal=True)

    assert pipe.code == terminal.code == 0
    assert pipe.out.startswith("Hashing Attachments\nHashing Summary:\n    Processed 3 files totaling 6 B.\n")
    (made,) = manifests.iterdir()
    assert pipe.out.endswith(f"Manifest generated at {made}\n")
    assert "went to the root" in terminal.out
    assert "100%  6 B / 6 B of 3 files" in terminal.out
    (in_root,) = root.glob("*.manifest")
    assert str(in_root) in terminal.out


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("-i", "*.txt", "-i", "deep/**"), ["a.txt", "deep/b.txt"]),
        (("-e", "**/*.tmp", "--exclude", "a.txt"), ["deep/b.txt"]),
        (("-i", "**/*.t*", "-e", "*.tmp"), ["a.txt", "deep/b.txt"]),
        (("-ie", '{"include": ["*"], "exclude": ["*.tmp"]}'), ["a.txt"]),
        (("-ie", '{"include": ["*"]}', "-i", "deep/*"), ["deep/b.txt"]),
    ],
)
def test_patterns_choose_files(
    options: tuple[str, ...], expected: list[str], deadline: Any, root: Path, manifests: Path
) -> None:
    assert paths_in(take(deadline, root, manifests, *options)) == expected
    before = take(deadline, root, manifests, "-i", "*.none-but", "-i", "a.txt")
    diff = deadline("manifest", "diff", "--root", str(root), "--manifest", before, "--json", *options).json
    assert diff["new"] == [path for path in expected if path != "a.txt"]


def test_patterns_may_stand_in_a_file(deadline: Any, root: Path, manifests: Path, tmp_path: Path) -> None:
    config = tmp_path / "patterns.json"
    config.write_text('{"exclude": ["deep/**"]}', encoding="utf-8")
    assert paths_in(take(deadline, root, manifests, "--include-exclude-config", str(config))) == ["a.txt", "c.tmp"]


def test_a_snapshot_of_nothing_prints_no_json_and_writes_no_file(deadline: Any, root: Path, manifests: Path) -> None:
    before = take(deadline, root, manifests)
    arguments = ("manifest", "snapshot", "--root", str(root), "-d", str(manifests), "--diff", before)

    silent, told = deadline(*arguments, "--json"), deadline(*arguments)

    assert (silent.code, silent.out, silent.err) == (0, "", "")
    assert (told.code, "no manifest was written" in told.out) == (0, True)
    assert [str(path) for path in manifests.iterdir()] == [before]


def test_a_snapshot_against_a_manifest_lists_what_changed(deadline: Any, root: Path, manifests: Path) -> None:
    before = take(deadline, root, manifests)
    (root / "a.txt").write_text("changed", encoding="utf-8")
    (root / "new.txt").write_text("new", encoding="utf-8")
    assert paths_in(take(deadline, root, manifests, "--diff", before)) == ["a.txt", "new.txt"]


def test_a_difference_is_lists_of_paths_or_a_tree(
    deadline: Any, root: Path, manifests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = take(deadline, root, manifests)
    (root / "a.txt").write_text("changed", encoding="utf-8")
    (root / "deep" / "new.txt").write_text("new", encoding="utf-8")
    (root / "c.tmp").unlink()
    monkeypatch.chdir(root.parent)
    arguments = ("manifest", "diff", "--root", "root", "--manifest", before)

    as_json, piped, terminal = deadline(*arguments, "--json"), deadline(*arguments), deadline(*arguments, terminal=True)

    assert as_json.out == (
        json.dumps({"new": ["deep/new.txt"], "modified": ["a.txt"], "deleted": ["c.tmp"]}, indent=4) + "\n"
    )
    assert deadline(*arguments, "--output", "JSON").out == as_json.out
    assert (as_json.code, as_json.err, piped.err) == (0, "", "")
    heading, top, *tree = piped.out.splitlines()
    assert "1 new, 1 modified, 1 deleted" in heading
    assert top == str(root)
    assert tree == ["├── a.txt M", "├── c.tmp -", "└── deep/", "    ├── b.txt", "    └── new.txt +"]
    assert "\x1b[32mnew.txt +\x1b[0m" in terminal.out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in deadline(*arguments, terminal=True).out


def test_only_reading_the_files_finds_a_change_that_kept_size_and_time(
    deadline: Any, root: Path, manifests: Path
) -> None:
    before = take(deadline, root, manifests)
    write(root, a_txt="z")
    arguments = ("manifest", "diff", "--root", str(root), "--manifest", before, "--json")

    assert deadline(*arguments).json["modified"] == []
    assert deadline(*arguments, "--force-rehash").json["modified"] == ["a.txt"]
    assert paths_in(take(deadline, root, manifests, "--diff", before, "--force-rehash")) == ["a.txt"]


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("snapshot",), 2, "--root"),
        (("snapshot", "--root", "{tmp}/missing"), 1, "missing"),
        (("snapshot", "--root", "{tmp}/root", "-d", "{tmp}/missing"), 1, "destination"),
        (("snapshot", "--root", "{tmp}/root", "--diff", "{tmp}/missing"), 1, "cannot be read"),
        (("snapshot", "--root", "{tmp}/root", "--diff", "{tmp}/root/a.txt"), 1, "is no manifest"),
        (("snapshot", "--root", "{tmp}/root", "-ie", "{{"), 1, "JSON"),
        (("snapshot", "--root", "{tmp}/root", "-i", "../*"), 1, "leads out of"),
        (("diff", "--root", "{tmp}/root"), 2, "--manifest"),
        (("diff", "--root", "{tmp}/root", "--manifest", "{tmp}/missing"), 1, "cannot be read"),
        (("upload", "{tmp}/missing", "--s3-cas-uri", "s3://bucket/root"), 1, "cannot be read"),
        (("upload", "{tmp}/root/a.txt", "--s3-cas-uri", "s3://bucket/root"), 1, "is no manifest"),
        (("download", "{tmp}/x"), 2, "--job-id"),
    ],
)
def test_wrong_input_is_told_in_a_sentence(
    arguments: tuple[str, ...], code: int, named: str, deadline: Any, root: Path, tmp_path: Path
) -> None:
    result = deadline("manifest", *(argument.format(tmp=tmp_path) for argument in arguments))
    assert (result.code, result.out) == (code, "")
    assert named in result.err
    assert "Traceback" not in result.err


def test_a_manifest_goes_to_the_queue_or_to_an_address(farm: Any, deadline: Any, root: Path, manifests: Path) -> None:
    path = take(deadline, root, manifests)
    digest = hash_data(Path(path).read_bytes(), HashAlgorithm.XXH128)
    bucket, before = farm.objects("Manifests")

    dry = deadline("manifest", "upload", path, "--s3-manifest-prefix", "mine", "--dry-run", "--json").json
    assert farm.objects("Manifests")[1].keys() == before.keys()
    to_queue = deadline("manifest", "upload", path, "--s3-manifest-prefix", "mine", "--json")
    to_address = deadline("manifest", "upload", path, "--s3-cas-uri", f"s3://{bucket}/elsewhere/")

    assert list(to_queue.json) == ["manifest", "path", "hash"]
    assert to_queue.json["hash"] == digest
    assert dry == {"dryRun": True, **to_queue.json}
    address = to_queue.json["path"]
    assert address.startswith(f"s3://{bucket}/")
    assert address.endswith(f"/Manifests/mine/{Path(path).name}")
    stored = farm.s3.get_object(Bucket=bucket, Key=address.split("/", 3)[3])["Body"].read()
    assert stored == Path(path).read_bytes()
    assert f"s3://{bucket}/elsewhere/Manifests/{Path(path).name}" in to_address.out
    assert farm.s3.head_object(Bucket=bucket, Key=f"elsewhere/Manifests/{Path(path).name}")


def test_the_manifests_of_a_job_are_downloaded_by_its_roots(
    farm: Any, deadline: Any, ended: Any, tmp_path: Path
) -> None:
    target = tmp_path / "new" / "folder"
    arguments = ("manifest", "download", str(target), "--job-id", ended.frames)

    dry = deadline(*arguments, "--dry-run", "--json").json
    assert not target.exists()
    inputs = deadline(*arguments, "--asset-type", "input", "--json")
    everything = deadline(*arguments)

    bundle = str(ended.frames_bundle)
    assert dry == {
        "dryRun": True,
        "manifests": [{"manifest_root": bundle, "files": 5, "bytes": dry["manifests"][0]["bytes"]}],
    }
    (one,) = inputs.json["downloaded"]
    assert list(one) == ["manifest_root", "local_manifest_path"]
    assert one["manifest_root"] == bundle
    assert paths_in(one["local_manifest_path"]) == ["scene/model.txt"]
    (other,) = (path for path in target.iterdir() if str(path) != one["local_manifest_path"])
    assert str(other) in everything.out
    assert f"Downloading the input manifests of job {ended.frames}." in everything.out
    assert len(paths_in(str(other))) == 5


def test_the_manifests_of_a_step_are_what_it_wrote(farm: Any, deadline: Any, ended: Any, tmp_path: Path) -> None:
    step = farm.tasks(ended.frames)[0][0]
    arguments = ("manifest", "download", str(tmp_path), "--job-id", ended.frames, "--asset-type", "OUTPUT", "--json")

    (one,) = deadline(*arguments, "--step-id", step).json["downloaded"]

    assert sorted(path.rpartition("/")[2] for path in paths_in(one["local_manifest_path"])) == [
        *("1.json", "2.json", "frame_1.txt", "frame_2.txt")
    ]


def test_a_job_that_is_not_there_is_told_with_those_that_are(
    farm: Any, deadline: Any, ended: Any, tmp_path: Path
) -> None:
    almost = ended.frames[:-1] + ("0" if ended.frames[-1] != "0" else "1")
    result = deadline("manifest", "download", str(tmp_path), "--job-id", almost)
    assert result.code == 1
    assert ended.frames in result.err
    assert "Traceback" not in result.err


def test_without_a_queue_the_error_names_the_option(deadline: Any, root: Path, manifests: Path) -> None:
    result = deadline("manifest", "upload", take(deadline, root, manifests), "--region", "us-west-2")
    assert result.code == 2
    assert "--farm-id" in result.err
