"""What became of files since a manifest was made: compared by size and time, or by the hashes of their contents."""

from __future__ import annotations

import os
from pathlib import Path
from posixpath import normpath
from typing import Callable, Dict, Iterable, Sequence

from .asset_manifests import BaseManifestPath
from .hashing import relative_posix_path
from .models import ManifestDiff

MTIME_TOLERANCE_US = 1
"""File systems and copying programs round times; by so much they may differ."""


def compare_status(root: Path, files: Sequence[str], before: Sequence[BaseManifestPath]) -> ManifestDiff:
    """Compare files below ``root`` by size and modification time, without reading them.

    Args:
        root: An absolute path.
        files: Absolute paths; one that has vanished meanwhile counts as deleted.
        before: The entries of the manifest.
    """
    now: Dict[str, os.stat_result] = {}
    for path in files:
        try:
            now[relative_posix_path(path, root)] = os.stat(path)
        except FileNotFoundError:
            continue
    return _difference(now, before, lambda path, entry: _same_status(now[path], entry))


def compare_hashes(entries: Sequence[BaseManifestPath], before: Sequence[BaseManifestPath]) -> ManifestDiff:
    """Compare the entries of a manifest with those of an earlier one, by the hashes of their contents."""
    now = {entry.path: entry.hash for entry in entries}
    return _difference(now, before, lambda path, entry: now[path] == entry.hash)


def _same_status(status: os.stat_result, entry: BaseManifestPath) -> bool:
    return status.st_size == entry.size and abs(status.st_mtime_ns // 1000 - entry.mtime) <= MTIME_TOLERANCE_US


def _difference(
    now: Iterable[str], before: Sequence[BaseManifestPath], is_same: Callable[[str, BaseManifestPath], bool]
) -> ManifestDiff:
    known = {normpath(entry.path): entry for entry in before}
    difference = ManifestDiff()
    found = set()
    for path in sorted(now):
        found.add(path)
        if path not in known:
            difference.new.append(path)
        elif not is_same(path, known[path]):
            difference.modified.append(path)
    difference.deleted = sorted(path for path in known if path not in found)
    return difference
