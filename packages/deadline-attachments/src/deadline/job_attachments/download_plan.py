"""What a download will do, as a value: which contents are fetched, and which files each of them becomes.

Planning looks at the file system and asks nobody; carrying a plan out (:mod:`.receiving`) asks nobody either.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Sequence, Tuple

from .asset_manifests import BaseManifestPath, HashAlgorithm
from .containment import Containment
from .exceptions import AssetSyncError
from .models import FileConflictResolution


@dataclass(frozen=True)
class Target:
    """A file to be written; ``keep_existing`` when a file that has the name must not be replaced."""

    path: Path
    mtime_us: int
    keep_existing: bool


@dataclass(frozen=True)
class Content:
    """A content to be fetched, once, for all files that have it; size in bytes."""

    hash: str
    size: int
    targets: Tuple[Target, ...]


@dataclass(frozen=True)
class DownloadPlan:
    """What is fetched into one root, and what is not because it is there and stays."""

    root: Path
    hash_algorithm: HashAlgorithm
    contents: Sequence[Content]
    skipped: Sequence[BaseManifestPath]

    @property
    def total_files(self) -> int:
        """The number of files, skipped ones included."""
        return len(self.skipped) + sum(len(content.targets) for content in self.contents)

    @property
    def total_bytes(self) -> int:
        """The bytes of all files, skipped ones included."""
        fetched = sum(content.size * len(content.targets) for content in self.contents)
        return fetched + sum(entry.size for entry in self.skipped)


def plan_download(
    root: Path,
    entries: Iterable[BaseManifestPath],
    hash_algorithm: HashAlgorithm,
    conflict_resolution: FileConflictResolution,
) -> DownloadPlan:
    """Plan to bring the files of a manifest into ``root``.

    A path that the manifest names twice has the content of its last entry.

    Raises:
        PathOutsideDirectoryError: A path would leave the root.
        AssetSyncError: Two paths differ only by case and this machine's names do not; or a folder has a file's name.
        ValueError: The conflict resolution is none of SKIP, OVERWRITE and CREATE_COPY, or the root is not absolute.
    """
    if conflict_resolution not in (
        FileConflictResolution.SKIP,
        FileConflictResolution.OVERWRITE,
        FileConflictResolution.CREATE_COPY,
    ):
        raise ValueError(f"{conflict_resolution} does not say what to do with files that exist.")
    containment = Containment(root)
    by_path = {entry.path: entry for entry in entries}
    names: Dict[str, str] = {}
    targets: Dict[Tuple[str, int], List[Target]] = {}
    skipped = []
    for path, entry in by_path.items():
        target = containment.target_of(path)
        other = names.setdefault(os.path.normcase(target), path)
        if other != path:
            raise AssetSyncError(
                f"{other!r} and {path!r} are the same file on this machine; one of them must be renamed."
            )
        if conflict_resolution is FileConflictResolution.SKIP and target.is_file():
            skipped.append(entry)
            continue
        if target.is_dir():
            raise AssetSyncError(f"{target} is a folder, and the file of that name cannot be written. Move it away.")
        keep = conflict_resolution is FileConflictResolution.CREATE_COPY
        targets.setdefault((entry.hash, entry.size), []).append(Target(target, entry.mtime, keep))
    contents = [Content(digest, size, tuple(files)) for (digest, size), files in targets.items()]
    # The largest first, so that the end of the download is made of small ones.
    contents.sort(key=lambda content: content.size, reverse=True)
    return DownloadPlan(root, hash_algorithm, contents, skipped)
