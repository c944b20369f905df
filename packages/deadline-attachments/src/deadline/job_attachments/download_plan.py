"""What a download will do, as a value: which contents are fetched, and which files each of them becomes.

Planning looks at the file system and asks nobody; carrying a plan out (:mod:`.receiving`) asks nobody either.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Optional, Sequence, Set, Tuple

from .asset_manifests import BaseManifestPath, HashAlgorithm
from .containment import Containment
from .exceptions import AssetSyncError
from .folders import ignores_case
from .long_paths import ON_WINDOWS, WINDOWS_MAX_PATH_LENGTH, as_extended_length_path
from .models import FileConflictResolution

LONGEST_TEMPORARY_NAME = 80
LONGEST_PATH = 32_767 if ON_WINDOWS else 4_096
"""Characters of the longest path that the system opens: looking at each step of a longer one would only take long."""


@dataclass(frozen=True)
class Target:
    """A file to be written; ``keep_existing`` when a file that has the name must not be replaced.

    ``root`` is the folder that must not be left on the way to it, if there is one.
    """

    path: Path
    mtime_us: int
    keep_existing: bool
    root: Optional[Path] = None


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
    target_of: Optional[Callable[[str], Path]] = None,
) -> DownloadPlan:
    """Plan to bring the files of a manifest into ``root``.

    A path that the manifest names twice has the content of its last entry. ``target_of`` says where a path of the
    manifest belongs, where that is not below ``root`` (see :class:`.containment.AbsolutePaths`).

    Raises:
        PathOutsideDirectoryError: A path would leave the root.
        AssetSyncError: Two paths differ only by case and this machine's names do not; a folder has a file's name, in the
            manifest or on this machine; or a path is too long for it.
        ValueError: The conflict resolution is none of SKIP, OVERWRITE and CREATE_COPY, or the root is not absolute.
    """
    if conflict_resolution not in (
        FileConflictResolution.SKIP,
        FileConflictResolution.OVERWRITE,
        FileConflictResolution.CREATE_COPY,
    ):
        raise ValueError(f"{conflict_resolution} does not say what to do with files that exist.")
    # Paths that a caller has mapped itself have no root that they must stay in.
    held_by = root if target_of is None else None
    target_of = target_of or Containment(root).target_of
    by_path = {entry.path: entry for entry in entries}
    name_of = _folded if ignores_case(root) else os.path.normcase
    names: Dict[str, str] = {}
    targets: Dict[Tuple[str, int], List[Target]] = {}
    skipped = []
    folders: Set[str] = set()
    for path, entry in by_path.items():
        if len(path) > LONGEST_PATH:
            raise AssetSyncError(f"{path[:80]!r}... is too long for a path: it has {len(path)} characters.")
        target = _openable(target_of(path))
        name = name_of(str(target))
        other = names.setdefault(name, path)
        _add_folders(folders, os.path.dirname(name))
        if other != path:
            raise AssetSyncError(
                f"{other!r} and {path!r} are the same file on this machine; one of them must be renamed."
            )
        kind = _kind_of(target)
        if conflict_resolution is FileConflictResolution.SKIP and kind == stat.S_IFREG:
            skipped.append(entry)
            continue
        if kind == stat.S_IFDIR:
            raise AssetSyncError(f"{target} is a folder, and the file of that name cannot be written. Move it away.")
        keep = conflict_resolution is FileConflictResolution.CREATE_COPY
        targets.setdefault((entry.hash, entry.size), []).append(Target(target, entry.mtime, keep, held_by))
    for name in folders & names.keys():
        raise AssetSyncError(
            f"The manifest names {names[name]!r} as a file, and other files in a folder of that name. Nothing was "
            "written; one of them must be renamed."
        )
    contents = [Content(digest, size, tuple(files)) for (digest, size), files in targets.items()]
    # The largest first, so that the end of the download is made of small ones.
    contents.sort(key=lambda content: content.size, reverse=True)
    return DownloadPlan(root, hash_algorithm, contents, skipped)


def _folded(path: str) -> str:
    """The same text for all ways of writing a path that are one to a file system which ignores case."""
    return unicodedata.normalize("NFC", os.path.normcase(path).casefold())


def _add_folders(folders: Set[str], folder: str) -> None:
    """Add a folder and those above it; where one is known, so are those above it."""
    while folder not in folders:
        folders.add(folder)
        folder = os.path.dirname(folder)


def _kind_of(path: Path) -> Optional[int]:
    """What is there, links followed, as :mod:`stat` writes it; ``None`` for nothing."""
    try:
        return stat.S_IFMT(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == errno.ELOOP:
            return None
        raise AssetSyncError(
            f"{path} cannot be written: {error.strerror or error}. Choose another folder to download to."
        ) from error


def _openable(path: Path) -> Path:
    """The path in a form in which Windows opens it and a temporary name beside it, however long they are."""
    if ON_WINDOWS and len(str(path)) + LONGEST_TEMPORARY_NAME >= WINDOWS_MAX_PATH_LENGTH:
        return Path(as_extended_length_path(str(path)))
    return path


def joined(plans: Sequence[DownloadPlan]) -> Tuple[List[Content], List[Content]]:
    """The contents of several plans of one hash algorithm, so that all are fetched side by side and each once.

    Where roots lie within each other two plans may name one file. Of files to be replaced the last plan's is taken, as
    if the plans were carried out one after another; the others are the second part of the answer.
    """
    if len(plans) == 1:
        return list(plans[0].contents), []
    replacing: Dict[str, Tuple[str, int, Target]] = {}
    kept: List[Tuple[str, int, Target]] = []
    dropped: List[Content] = []
    for plan in plans:
        for content in plan.contents:
            for target in content.targets:
                if target.keep_existing:
                    kept.append((content.hash, content.size, target))
                    continue
                key = os.path.normcase(target.path)
                earlier = replacing.pop(key, None)
                if earlier is not None:
                    dropped.append(Content(earlier[0], earlier[1], (earlier[2],)))
                replacing[key] = (content.hash, content.size, target)
    targets: Dict[Tuple[str, int], List[Target]] = {}
    for digest, size, target in (*replacing.values(), *kept):
        targets.setdefault((digest, size), []).append(target)
    return [Content(digest, size, tuple(files)) for (digest, size), files in targets.items()], dropped
