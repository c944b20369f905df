"""Data sets are the same everywhere, and made once."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from transfer_bench.datasets import SHAPES, DataSet, data_set, manifest_text


def digest(data: DataSet) -> str:
    found = hashlib.sha256()
    for relative in data.relative_paths():
        found.update(relative.encode() + (data.root / relative).read_bytes())
    return found.hexdigest()


def test_a_data_set_is_the_same_wherever_it_is_made(tmp_path: Path) -> None:
    first, second = (data_set(tmp_path / name, "S", 0.01) for name in ("a", "b"))
    assert digest(first) == digest(second)
    assert first.same_as(second.root)


def test_all_files_of_a_data_set_differ(tmp_path: Path) -> None:
    data = data_set(tmp_path, "H", 0.001)
    assert len({(data.root / relative).read_bytes() for relative in data.relative_paths()}) == data.files == 100


def test_a_data_set_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        data_set(tmp_path, "S", 0.001, said.append)
    assert len(said) == 1


def test_a_data_set_whose_making_was_interrupted_is_made_again(tmp_path: Path) -> None:
    data = data_set(tmp_path, "S", 0.001)
    (data.root.parent / "complete").unlink()
    (data.root / next(data.relative_paths())).unlink()
    assert data_set(tmp_path, "S", 0.001).same_as(data.root)


def test_a_missing_and_a_shortened_file_are_noticed(tmp_path: Path) -> None:
    data = data_set(tmp_path, "S", 0.001)
    copy = data_set(tmp_path / "copy", "S", 0.001)
    path = copy.root / next(copy.relative_paths())
    path.write_bytes(path.read_bytes()[:-1])
    assert not data.same_as(copy.root)
    path.unlink()
    assert not data.same_as(copy.root)


def test_scale_shrinks_the_number_of_files_and_the_size_of_a_single_one() -> None:
    assert (SHAPES["S"].scaled(0.01).files, SHAPES["S"].scaled(0.01).folders) == (100, 1)
    assert SHAPES["L"].scaled(0.5).size == SHAPES["L"].size / 2
    assert SHAPES["M"].scaled(1) == SHAPES["M"]


def test_the_manifest_has_its_entries_and_their_sum(tmp_path: Path) -> None:
    manifest = json.loads(manifest_text(tmp_path, 50).read_text(encoding="ascii"))
    assert len(manifest["paths"]) == 50
    assert manifest["totalSize"] == sum(entry["size"] for entry in manifest["paths"])
    assert [entry["path"] for entry in manifest["paths"]] == sorted(entry["path"] for entry in manifest["paths"])
