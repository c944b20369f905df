"""``deadline attachment``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data

STATISTICS = [
    *("total_time", "total_files", "total_bytes", "processed_files", "processed_bytes"),
    *("skipped_files", "skipped_bytes", "transfer_rate"),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two files that no other test has sent."""
    folder = tmp_path / "root"
    (folder / "deep").mkdir(parents=True)
    (folder / "one.txt").write_text(f"one of {tmp_path}", encoding="utf-8")
    (folder / "deep" / "two.txt").write_text(f"two of {tmp_path}", encoding="utf-8")
    return folder


@pytest.fixture
def manifest(deadline: Any, root: Path, tmp_path: Path) -> str:
    (tmp_path / "manifests").mkdir()
    arguments = ("--root", str(root), "--destination", str(tmp_path / "manifests"), "--name", "shot", "--json")
    path: str = deadline("manifest", "snapshot", *arguments).json["manifest"]
    return path


def rules_file(folder: Path, source: Path, destination: Path) -> str:
    rules = [
        {"source_path_format": "posix", "source_path": str(source), "destination_path": str(destination)},
    ]
    path = folder / "rules.json"
    path.write_text(json.dumps({"path_mapping_rules": rules}), encoding="utf-8")
    return str(path)


def key_of(path: Path) -> str:
    return f"{hash_data(path.read_bytes(), HashAlgorithm.XXH128)}.xxh128"


def uploaded(farm: Any, *prefix: str) -> set[str]:
    return {key.rpartition("/")[2] for key in farm.objects(*prefix)[1]}


def test_files_go_to_the_queue_and_come_back(
    farm: Any, deadline: Any, root: Path, manifest: str, tmp_path: Path
) -> None:
    keys = {key_of(root / "one.txt"), key_of(root / "deep" / "two.txt")}
    arguments = ("attachment", "upload", "-m", manifest, "-r", str(root), "--json")

    first, second = deadline(*arguments), deadline(*arguments)

    assert first.code == 0, first.err
    assert list(first.json) == ["manifests", *STATISTICS]
    assert (first.json["processed_files"], second.json["skipped_files"]) == (2, 2)
    assert first.json["manifests"] == [
        {
            "manifest": manifest,
            "output_manifest_path": Path(manifest).name,
            "output_manifest_hash": hash_data(Path(manifest).read_bytes(), HashAlgorithm.XXH128),
            "source_path": str(root),
            "s3_uri": None,
        }
    ]
    assert keys <= uploaded(farm, "Data")
    assert Path(manifest).name not in uploaded(farm, "Manifests")

    target = tmp_path / "here"
    back = deadline(
        *("attachment", "download", "--manifests", manifest, "--json"),
        *("--path-mapping-rules", rules_file(tmp_path, root, target)),
    )
    assert back.code == 0, back.err
    assert list(back.json) == STATISTICS
    assert back.json["processed_files"] == 2
    assert (target / "deep" / "two.txt").read_bytes() == (root / "deep" / "two.txt").read_bytes()


def test_the_manifest_goes_along_where_it_is_asked_for(farm: Any, deadline: Any, root: Path, manifest: str) -> None:
    arguments = ("attachment", "upload", "-m", manifest, "-r", str(root), "--upload-manifest-path", "today")

    result = deadline(*arguments)

    assert result.code == 0, result.err
    bucket, manifests = farm.objects("Manifests", "today")
    (key,) = [key for key in manifests if key.endswith(Path(manifest).name)]
    assert f"s3://{bucket}/{key}" in result.out
    assert f"Uploaded the files of {manifest}, from the root {root}" in result.out
    assert "Upload Summary:\n    Processed 2 files" in result.out
    assert farm.s3.head_object(Bucket=bucket, Key=key)["Metadata"]["asset-root"] == str(root)
    assert deadline(*arguments, "--json").json["manifests"][0]["s3_uri"] == f"s3://{bucket}/{key}"


def test_rules_lead_from_the_root_to_the_files(
    farm: Any, deadline: Any, root: Path, manifest: str, tmp_path: Path
) -> None:
    key = key_of(root / "one.txt")
    moved = root.rename(tmp_path / "moved")
    rules = rules_file(tmp_path, root, moved)
    result = deadline("attachment", "upload", "-m", manifest, "--path-mapping-rules", rules)
    assert result.code == 0, result.err
    assert key in uploaded(farm, "Data")


def test_without_a_rule_the_files_come_into_a_folder_of_the_manifests_name(
    farm: Any, deadline: Any, root: Path, manifest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadline("attachment", "upload", "-m", manifest, "-r", str(root))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    result = deadline("attachment", "download", "-m", manifest, terminal=True)

    assert result.code == 0, result.err
    folder = tmp_path / "work" / Path(manifest).name
    assert (folder / "one.txt").read_bytes() == (root / "one.txt").read_bytes()
    assert f"Downloaded 2 files to {folder}" in result.out
    assert "100%" in result.out


@pytest.mark.parametrize(
    ("options", "setting", "expected"),
    [
        ((), "NOT_SELECTED", {"one.txt": "mine", "one (1).txt": "theirs"}),
        ((), "OVERWRITE", {"one.txt": "theirs"}),
        (("--conflict-resolution", "skip"), "OVERWRITE", {"one.txt": "mine"}),
    ],
)
def test_files_that_exist_are_treated_as_options_and_settings_say(
    options: tuple[str, ...],
    setting: str,
    expected: dict[str, str],
    farm: Any,
    deadline: Any,
    root: Path,
    manifest: str,
    tmp_path: Path,
) -> None:
    deadline("attachment", "upload", "-m", manifest, "-r", str(root))
    deadline("config", "set", "settings.conflict_resolution", setting)
    target = tmp_path / "here"
    target.mkdir()
    (target / "one.txt").write_text("mine", encoding="utf-8")
    rules = rules_file(tmp_path, root, target)

    assert deadline("attachment", "download", "-m", manifest, "--path-mapping-rules", rules, *options).code == 0

    theirs = (root / "one.txt").read_text(encoding="utf-8")
    found = {path.name: path.read_text(encoding="utf-8") for path in target.iterdir() if path.is_file()}
    assert {name: "theirs" if text == theirs else text for name, text in found.items()} == expected


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    farm: Any, deadline: Any, root: Path, manifest: str, tmp_path: Path
) -> None:
    keys = {key_of(root / "one.txt"), key_of(root / "deep" / "two.txt")}
    size = sum(path.stat().st_size for path in root.rglob("*.txt"))
    (root / "one.txt").unlink()
    target = tmp_path / "here"
    target.mkdir()
    (target / "one.txt").write_text("mine", encoding="utf-8")
    upload = ("attachment", "upload", "-m", manifest, "-r", str(root), "--dry-run")
    download = (
        *("attachment", "download", "-m", manifest, "--dry-run"),
        *("--path-mapping-rules", rules_file(tmp_path, root, target)),
    )

    planned = {"manifest": manifest, "source_path": str(root), "folder": str(root), "files": 2, "bytes": size}
    said = deadline(*upload, "--json").json
    assert said.pop("s3_root_uri").startswith("s3://")
    assert said == {"dryRun": True, "manifests": [planned], "unfitFiles": [str(root / "one.txt")]}
    assert str(root / "one.txt") in deadline(*upload).out
    planned["folder"] = str(target)
    existing = [str(target / "one.txt")]
    assert deadline(*download, "--json").json == {"dryRun": True, "manifests": [planned], "existingFiles": existing}
    assert f"to {target}" in deadline(*download).out
    assert not keys & uploaded(farm, "Data")
    assert [path.name for path in target.iterdir()] == ["one.txt"]


def test_an_address_counts_with_and_without_a_profile(
    farm: Any, deadline: Any, root: Path, manifest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, before = farm.objects()
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    (tmp_path / "aws-credentials").write_text(
        f"[studio]\naws_access_key_id = {farm.environment['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {farm.environment['AWS_SECRET_ACCESS_KEY']}\n",
        encoding="utf-8",
    )
    arguments = ("attachment", "upload", "-m", manifest, "-r", str(root), "--json")

    by_profile = deadline(*arguments, "--s3-root-uri", f"s3://{bucket}/by-profile/", "--profile", "studio")
    by_queue = deadline(*arguments, "--s3-root-uri", f"s3://{bucket}/by-queue")
    rules = rules_file(tmp_path, root, tmp_path / "here")
    back = deadline(
        *("attachment", "download", "-m", manifest, "--path-mapping-rules", rules),
        *("--s3-root-uri", f"s3://{bucket}/by-profile", "--profile", "studio"),
    )

    assert (by_profile.code, by_queue.code, back.code) == (0, 0, 0), (by_profile.err, by_queue.err, back.err)
    for prefix in ("by-profile", "by-queue"):
        assert farm.s3.head_object(Bucket=bucket, Key=f"{prefix}/Data/{key_of(root / 'one.txt')}")
    assert farm.objects()[1].keys() == before.keys()
    assert (tmp_path / "here" / "one.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("upload", "-r", "{root}"), 2, "--manifests"),
        (("download",), 2, "--manifests"),
        (("upload", "-m", "{manifest}"), 1, "(--root-dirs) or a file with path mapping rules"),
        (("upload", "-m", "{manifest}", "-r", "{root}", "--path-mapping-rules", "{root}"), 1, "not both"),
        (("upload", "-m", "{manifest}", "-r", "{root}/deep"), 1, "belongs to none of the roots"),
        (("upload", "-m", "{manifest}", "-r", "{root}/missing"), 1, "does not exist"),
        (("upload", "-m", "{manifest}", "-r", "{root}", "--s3-root-uri", "bucket"), 1, "s3://bucket/prefix"),
        (("download", "-m", "{manifest}", "--s3-root-uri", "s3://bucket/"), 1, "s3://bucket/prefix"),
        (("upload", "-m", "{manifest}", "-r", "{root}", "--s3-root-uri", "s3://b/p", "--profile", "x"), 1, "(x)"),
        (("upload", "-m", "{manifest}", "-r", "{root}"), 2, "--farm-id"),
        (("download", "-m", "{root}/missing"), 1, "cannot be read"),
        (("download", "-m", "{manifest}", "-m", "{manifest}"), 1, "would both be downloaded to"),
        (("download", "-m", "{manifest}", "--path-mapping-rules", "{root}/one.txt"), 1, "are no JSON"),
        (("download", "-m", "{manifest}", "--conflict-resolution", "ask"), 2, "--conflict-resolution"),
    ],
)
def test_wrong_input_is_told_in_a_sentence(
    arguments: tuple[str, ...],
    code: int,
    named: str,
    deadline: Any,
    root: Path,
    manifest: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DEADLINE_CLOUD_REGIONS", "nowhere-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    words = (argument.format(root=root, manifest=manifest) for argument in arguments)
    result = deadline("attachment", *words)
    assert (result.code, result.out) == (code, "")
    assert named in result.err
    assert "Traceback" not in result.err


def test_a_manifest_that_leads_out_of_its_folder_is_refused(
    farm: Any, deadline: Any, manifest: str, root: Path, tmp_path: Path
) -> None:
    content = json.loads(Path(manifest).read_text(encoding="utf-8"))
    content["paths"][0]["path"] = "../../escaped.txt"
    Path(manifest).write_text(json.dumps(content), encoding="utf-8")
    rules = rules_file(tmp_path, root, tmp_path / "a" / "b")

    for more in ((), ("--dry-run",)):
        result = deadline("attachment", "download", "-m", manifest, "--path-mapping-rules", rules, *more)
        assert (result.code, "escaped.txt" in result.err) == (1, True)
    assert not (tmp_path / "escaped.txt").exists()
