"""What became of files since a manifest was made: compared by size and time, or by the hashes of their contents."""

from __future__ import annotations

import os
from pathlib import Path
from posixpath import normpath
from typing import Callable, Dict, Iterator, Mapping, Sequence, Tuple, TypeVar

from .asset_manifests import BaseManifestPath
from .hashing import relative_posix_path
from .models import FileStatus, ManifestDiff

MTIME_TOLERANCE_US = 1
"""File systems and copying programs round times; by so much they may differ."""

Found = TypeVar("Found")
Statuses = Iterator[Tuple[str, FileStatus]]
"""Root-relative paths with what became of them; those that are there, sorted, then those that are not."""


def statuses_by_time(root: Path, files: Sequence[str], before: Sequence[BaseManifestPath]) -> Statuses:
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
    return _statuses(now, before, _has_same_time)


def statuses_by_hash(entries: Sequence[BaseManifestPath], before: Sequence[BaseManifestPath]) -> Statuses:
    """Compare the entries of a manifest with those of an earlier one, by the hashes of their contents."""
    return _statuses({entry.path: entry for entry in entries}, before, lambda now, entry: now.hash == entry.hash)


def compare_status(root: Path, files: Sequence[str], before: Sequence[BaseManifestPath]) -> ManifestDiff:
    """The differences of :func:`statuses_by_time`."""
    return _differences(statuses_by_time(root, files, before))


def compare_hashes(entries: Sequence[BaseManifestPath], before: Sequence[BaseManifestPath]) -> ManifestDiff:
    """The differences of :func:`statuses_by_hash`."""
    return _differences(statuses_by_hash(entries, before))


def _has_same_time(now: os.stat_result, entry: BaseManifestPath) -> bool:
    return now.st_size == entry.size and abs(now.st_mtime_ns // 1000 - entry.mtime) <= MTIME_TOLERANCE_US


def _statuses(
    now: Mapping[str, Found], before: Sequence[BaseManifestPath], is_same: Callable[[Found, BaseManifestPath], bool]
) -> Statuses:
    known = {normpath(entry.path): entry for entry in before}
    found = set()
    for path in sorted(now):
        normal = normpath(path)
        found.add(normal)
        if normal not in known:
            yield path, FileStatus.NEW
        else:
            yield path, FileStatus.UNCHANGED if is_same(now[path], known[normal]) else FileStatus.MODIFIED
    for path in sorted(known.keys() - found):
        yield path, FileStatus.DELETED


def _differences(statuses: Statuses) -> ManifestDiff:
    difference = ManifestDiff()
    lists = {
        FileStatus.NEW: difference.new,
        FileStatus.MODIFIED: difference.modified,
        FileStatus.DELETED: difference.deleted,
    }
    for path, status in statuses:
        if status in lists:
            lists[status].append(path)
    return difference
