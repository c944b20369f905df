"""Manifest files and the files that they name, on their way to S3 and back."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, List, Tuple

import boto3
import pytest

from deadline.job_attachments.api.attachment import _attachment_download, _attachment_upload
from deadline.job_attachments.api.manifest import _manifest_snapshot, _manifest_upload
from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.exceptions import (
    AssetSyncError,
    MalformedAttachmentSettingError,
    ManifestDecodeValidationError,
    NonValidInputError,
)
from deadline.job_attachments.models import FileConflictResolution


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def snapshot(root: Path, destination: Path, name: str = "made") -> str:
    made = _manifest_snapshot(root=str(root), destination=str(destination), name=name)
    assert made is not None
    return made.manifest


def stored(session: boto3.Session, bucket: str) -> Dict[str, Dict[str, Any]]:
    """The objects of a bucket: their bodies and metadata."""
    client: Any = session.client("s3")
    objects = {}
    for entry in client.list_objects_v2(Bucket=bucket).get("Contents", []):
        answer = client.get_object(Bucket=bucket, Key=entry["Key"])
        objects[entry["Key"]] = {"body": answer["Body"].read(), "metadata": answer["Metadata"]}
    return objects


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "root", one="1", two="2")


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """Where manifest files are written."""
    return tmp_path / "manifests"


def rules_file(tmp_path: Path, *places: Tuple[str, str], wrapped: bool = False) -> str:
    rules = [
        {"source_path_format": "posix", "source_path": source, "destination_path": destination, "comment": "new"}
        for source, destination in places
    ]
    path = tmp_path / "rules.json"
    path.write_text(json.dumps({"path_mapping_rules": rules} if wrapped else rules), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(("prefix", "folder"), [(None, ""), ("mine/today", "mine/today/"), ("/mine/", "mine/")])
def test_a_manifest_goes_below_the_manifest_folder_under_its_name(
    session: boto3.Session, bucket: str, root: Path, manifests: Path, prefix: Any, folder: str
) -> None:
    path = Path(snapshot(root, manifests))
    said: List[str] = []

    uploaded = _manifest_upload(str(path), bucket, "root", session, prefix, said.append)

    body = path.read_bytes()
    assert list(stored(session, bucket)) == [f"root/Manifests/{folder}{path.name}"]
    assert stored(session, bucket)[f"root/Manifests/{folder}{path.name}"]["body"] == body
    assert uploaded.output_manifest_path == f"{folder}{path.name}"
    assert uploaded.output_manifest_hash == hash_data(body, HashAlgorithm.XXH128)
    assert len(said) == 1


def test_an_uploaded_manifest_says_nothing_of_this_machine_w_c18(
    session: boto3.Session, bucket: str, root: Path, manifests: Path
) -> None:
    _manifest_upload(snapshot(root, manifests), bucket, "root", session)

    assert [entry["metadata"] for entry in stored(session, bucket).values()] == [{}]


def test_what_is_no_manifest_is_not_uploaded(session: boto3.Session, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")

    with pytest.raises(ManifestDecodeValidationError, match=r"other\.json"):
        _manifest_upload(str(tmp_path / "other.json"), bucket, "root", session)
    with pytest.raises(NonValidInputError, match="missing"):
        _manifest_upload(str(tmp_path / "missing"), bucket, "root", session)
    assert stored(session, bucket) == {}


def test_files_go_up_from_the_roots_of_their_manifests(
    session: boto3.Session, bucket: str, root: Path, manifests: Path, tmp_path: Path
) -> None:
    other = write(tmp_path / "other", three="3")
    paths = [snapshot(other, manifests), snapshot(root, manifests)]
    said: List[str] = []

    uploaded = _attachment_upload(
        paths,
        f"s3://{bucket}/root",
        session,
        [str(root), str(other)],
        print_function_callback=said.append,
        s3_check_cache_dir=str(tmp_path / "cache"),
    )

    digests = {hash_data(content.encode(), HashAlgorithm.XXH128): content for content in "123"}
    assert {key: entry["body"].decode() for key, entry in stored(session, bucket).items()} == {
        f"root/Data/{digest}.xxh128": content for digest, content in digests.items()
    }
    assert [info.source_path for info in uploaded] == [str(other), str(root)]
    assert [info.output_manifest_path for info in uploaded] == [Path(path).name for path in paths]
    assert [info.output_manifest_hash for info in uploaded] == [
        hash_data(Path(path).read_bytes(), HashAlgorithm.XXH128) for path in paths
    ]
    assert len(said) == 2


@pytest.mark.parametrize("source", ["/projects/shot", "/projects/é"])
@pytest.mark.parametrize("wrapped", [False, True])
def test_an_uploaded_manifest_names_the_root_that_a_rule_leads_from_and_no_location_w_c18(
    session: boto3.Session, bucket: str, root: Path, manifests: Path, tmp_path: Path, source: str, wrapped: bool
) -> None:
    path = snapshot(root, manifests)
    renamed = Path(path).with_name(f"made-{hash_data(source.encode(), HashAlgorithm.XXH128)}.manifest")
    Path(path).rename(renamed)

    (uploaded,) = _attachment_upload(
        [str(renamed)],
        f"s3://{bucket}/root",
        session,
        path_mapping_rules=rules_file(tmp_path, ("/nowhere", "/n"), (source, str(root)), wrapped=wrapped),
        upload_manifest_path="jobs/1",
        s3_check_cache_dir=str(tmp_path / "cache"),
    )

    assert uploaded.output_manifest_path == f"jobs/1/{renamed.name}"
    assert uploaded.source_path == source
    metadata = stored(session, bucket)[f"root/Manifests/jobs/1/{renamed.name}"]["metadata"]
    if source.isascii():
        assert metadata == {"asset-root": source}
    else:
        assert json.loads(metadata["asset-root-json"]) == source
        assert set(metadata) == {"asset-root", "asset-root-json"}


def test_a_root_may_be_named_otherwise_than_when_its_manifest_was_made(
    session: boto3.Session, bucket: str, root: Path, manifests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = snapshot(root, manifests)
    monkeypatch.chdir(root.parent)

    (uploaded,) = _attachment_upload([path], f"s3://{bucket}/root", session, ["root"], s3_check_cache_dir=str(tmp_path))

    assert uploaded.source_path == str(root)
    assert len(stored(session, bucket)) == 2


def test_input_that_cannot_be_used_is_refused_before_anything_is_sent(
    session: boto3.Session, bucket: str, root: Path, manifests: Path, tmp_path: Path
) -> None:
    path = snapshot(root, manifests)
    uri = f"s3://{bucket}/root"
    twin = str(write(tmp_path / "twin", **{Path(path).name: Path(path).read_text(encoding="utf-8")}) / Path(path).name)
    rules = rules_file(tmp_path, (str(root), str(root)))

    for options, message in (
        ({}, "either root directories or"),
        ({"root_dirs": [str(root)], "path_mapping_rules": rules}, "either root directories or"),
        ({"root_dirs": [str(root / "one")]}, "no directory"),
        ({"root_dirs": [str(tmp_path)]}, "belongs to none of the roots"),
        ({"path_mapping_rules": str(tmp_path / "missing.json")}, r"missing\.json"),
        ({"path_mapping_rules": str(root / "one")}, "list of objects"),
    ):
        with pytest.raises(NonValidInputError, match=message):
            _attachment_upload([path], uri, session, **options)
    with pytest.raises(NonValidInputError, match="have one name"):
        _attachment_upload([path, twin], uri, session, [str(root)], upload_manifest_path="jobs/1")
    with pytest.raises(NonValidInputError, match="missing"):
        _attachment_upload([f"{path}-missing-{Path(path).name}"], uri, session, [str(root)])
    with pytest.raises(MalformedAttachmentSettingError):
        _attachment_upload([path], bucket, session, [str(root)])
    assert stored(session, bucket) == {}


@pytest.mark.parametrize("rules", ["{}", '[{"source_path": "/a"}]', '{"path_mapping_rules": "x"}', "no json", "[1]"])
def test_rules_of_another_form_are_refused(
    session: boto3.Session, root: Path, manifests: Path, tmp_path: Path, rules: str
) -> None:
    path = tmp_path / "rules.json"
    path.write_text(rules, encoding="utf-8")

    with pytest.raises(NonValidInputError, match=r"rules\.json"):
        _attachment_download([snapshot(root, manifests)], "s3://bucket/root", session, str(path))


def test_a_file_that_changed_since_its_manifest_was_made_is_not_uploaded(
    session: boto3.Session, bucket: str, root: Path, manifests: Path, tmp_path: Path
) -> None:
    path = snapshot(root, manifests)
    (root / "two").write_text("3", encoding="utf-8")

    with pytest.raises(AssetSyncError, match="two"):
        _attachment_upload(
            [path],
            f"s3://{bucket}/root",
            session,
            [str(root)],
            upload_manifest_path="jobs",
            s3_check_cache_dir=str(tmp_path / "cache"),
        )
    assert not [key for key in stored(session, bucket) if "/Manifests/" in key]


def test_files_come_back_to_where_rules_lead_or_to_a_folder_of_the_manifests_name(
    session: boto3.Session, bucket: str, root: Path, manifests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write(tmp_path / "other", three="3")
    paths = [snapshot(root, manifests), snapshot(other, manifests)]
    uri = f"s3://{bucket}/root"
    _attachment_upload(paths, uri, session, [str(root), str(other)], s3_check_cache_dir=str(tmp_path / "cache"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    rules = rules_file(tmp_path, (str(root), str(tmp_path / "mapped")))
    said: List[str] = []

    statistics = _attachment_download(paths, uri, session, rules, said.append)

    assert {path.name: path.read_text() for path in (tmp_path / "mapped").iterdir()} == {"one": "1", "two": "2"}
    assert {path.name: path.read_text() for path in (here / Path(paths[1]).name).iterdir()} == {"three": "3"}
    assert (statistics.processed_files, statistics.processed_bytes) == (3, 3)
    assert len(said) == 2

    (tmp_path / "mapped" / "one").write_text("mine", encoding="utf-8")
    _attachment_download(paths[:1], uri, session, rules, conflict_resolution=FileConflictResolution.SKIP)
    assert (tmp_path / "mapped" / "one").read_text() == "mine"
    _attachment_download(paths[:1], uri, session, rules)
    assert (tmp_path / "mapped" / "one (1)").read_text() == "1"


def test_two_manifests_for_one_folder_are_refused(
    session: boto3.Session, bucket: str, root: Path, manifests: Path, tmp_path: Path
) -> None:
    paths = [snapshot(root, manifests, "a"), snapshot(root, manifests, "b")]

    with pytest.raises(NonValidInputError, match="would both be downloaded"):
        _attachment_download(paths, f"s3://{bucket}/root", session, rules_file(tmp_path, (str(root), os.curdir)))
