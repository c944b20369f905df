"""Manifests of version 2023-03-03, to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data, hash_file
from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from deadline.job_attachments.exceptions import ManifestDecodeValidationError, UnsupportedHashingAlgorithmError

VECTORS = json.loads(Path(__file__).with_name("vectors").joinpath("manifests.json").read_text(encoding="utf-8"))
XXH128 = HashAlgorithm.XXH128


def manifest_of(paths: list[dict[str, Any]], total_size: int = 0) -> AssetManifest:
    return AssetManifest(hash_alg=XXH128, paths=[ManifestPath(**path) for path in paths], total_size=total_size)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_manifest_is_encoded_to_the_byte_and_read_back(vector: dict[str, Any]) -> None:
    manifest = manifest_of(vector["paths"], vector["totalSize"])

    text = manifest.encode()

    assert text == vector["canonical"]
    assert hash_data(text.encode("utf-8"), XXH128) == vector["hash"]
    assert decode_manifest(text) == manifest


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "path": st.text(st.characters(exclude_categories=[]), min_size=1),
                "hash": st.text("0123456789abcdef", min_size=32, max_size=32),
                "size": st.integers(0, 2**60),
                "mtime": st.integers(-(2**60), 2**60),
            }
        ),
        min_size=1,
    )
)
def test_any_manifest_survives_its_text_which_is_ascii_and_ordered(paths: list[dict[str, Any]]) -> None:
    manifest = manifest_of(paths)

    text = manifest.encode()

    assert text.isascii()
    assert "\x7f" not in text
    read = decode_manifest(text)
    assert read == manifest
    units = [entry.path.encode("utf-16-be", "surrogatepass") for entry in read.paths]
    assert units == sorted(units)


@pytest.mark.parametrize(
    ("content", "digest"),
    [
        (b"", "99aa06d3014798d86001c324468d497f"),
        (b"hello\n", "6bba86c7e069f56d5a10b435f1c8e49c"),
        ("/projects/é".encode(), "7695caa312c8779b76a99c51a1e382a9"),
    ],
)
def test_hashes_are_those_that_everybody_computes(content: bytes, digest: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)

    assert hash_data(content, XXH128) == digest
    assert hash_file(str(file), XXH128) == digest
    with pytest.raises(UnsupportedHashingAlgorithmError):
        hash_data(content, "md5")  # type: ignore[arg-type]


ENTRY = {"path": "a", "hash": "abc", "size": 1, "mtime": 1}
GOOD = {"hashAlg": "xxh128", "manifestVersion": "2023-03-03", "paths": [ENTRY], "totalSize": 1}


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ([], "JSON object"),
        ({**GOOD, "manifestVersion": "1999-01-01"}, "1999-01-01"),
        ({**GOOD, "manifestVersion": "UNDEFINED"}, "UNDEFINED"),
        ({key: value for key, value in GOOD.items() if key != "manifestVersion"}, "manifestVersion"),
        ({**GOOD, "hashAlg": "md5"}, "hashAlg"),
        ({**GOOD, "totalSize": "1"}, "totalSize"),
        ({**GOOD, "paths": []}, "no files"),
        ({**GOOD, "paths": ["a"]}, "Entry 0"),
        ({**GOOD, "paths": [ENTRY, {**ENTRY, "size": None}]}, "Entry 1.*size"),
        ({**GOOD, "paths": [{**ENTRY, "hash": "../x"}]}, "Entry 0.*hash"),
    ],
)
def test_what_is_no_manifest_is_refused_with_the_member_at_fault(document: Any, named: str) -> None:
    with pytest.raises(ManifestDecodeValidationError, match=named):
        decode_manifest(json.dumps(document))


def test_members_that_are_not_known_are_passed_over() -> None:
    document = {**GOOD, "later": True, "paths": [{**ENTRY, "mode": 0o755}]}

    assert decode_manifest(json.dumps(document)) == manifest_of([ENTRY], 1)
