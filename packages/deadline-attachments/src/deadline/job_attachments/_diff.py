"""A door: differences between folders and manifests, under the names by which other programs import them."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from posixpath import normpath
from typing import Iterable, List, Optional, Sequence, Tuple

from .asset_manifests import BaseAssetManifest, BaseManifestPath
from .comparison import statuses_by_hash, statuses_by_time
from .difference_tree import difference_tree
from .manifest_files import manifest_of_files
from .models import FileStatus, ManifestDiff

__all__ = [
    "_fast_file_list_to_manifest_diff",
    "compare_manifest",
    "diff_manifest",
    "find_file_with_status",
    "pretty_print_cli",
]

Differences = List[Tuple[FileStatus, BaseManifestPath]]


class _StandardOutput(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to what standard output is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stdout
        super().emit(record)

    def format(self, record: logging.LogRecord) -> str:
        # Names of files may have bytes in them that are no text, and consoles may not know all of Unicode.
        encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
        return super().format(record).encode(encoding, "backslashreplace").decode(encoding)


# A logger of its own, so that a host can send the tree elsewhere, and it is no line of the host's log.
logger = logging.getLogger("deadline.job_attachments.diff")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(_StandardOutput())


def pretty_print_cli(root: str, all_files: Iterable[str], manifest_diff: ManifestDiff) -> None:
    """Show a folder's differences as a tree on standard output, in colours where that is a terminal."""
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    text = "\n".join(difference_tree(root, all_files, manifest_diff, coloured=coloured))
    # A name that is no text would be an error in every handler that encodes what it gets.
    logger.info("%s", text.encode("utf-8", "backslashreplace").decode("utf-8"))


def compare_manifest(reference_manifest: BaseAssetManifest, compare_manifest: BaseAssetManifest) -> Differences:
    """What became of each file of two manifests, by its hash; deleted are those of the reference alone."""
    before = {normpath(entry.path): entry for entry in reference_manifest.paths}
    now = {entry.path: entry for entry in compare_manifest.paths}
    return [
        (status, before[path] if status is FileStatus.DELETED else now[path])
        for path, status in statuses_by_hash(compare_manifest.paths, reference_manifest.paths)
    ]


def diff_manifest(
    manifest: BaseAssetManifest, root: str, files: Sequence[str], hash_cache_dir: Optional[str] = None
) -> Differences:
    """What became of each file of a manifest and of ``files`` below ``root``, all of which are hashed."""
    current = manifest_of_files(root, files, hash_cache_dir=hash_cache_dir)
    if current is None:
        return [(FileStatus.DELETED, entry) for entry in manifest.paths]
    return compare_manifest(manifest, current)


def find_file_with_status(differences: Differences, statuses: Sequence[FileStatus]) -> List[str]:
    """The paths of files of which one of these became."""
    return [entry.path for status, entry in differences if status in statuses]


def _fast_file_list_to_manifest_diff(
    root: str, current_files: Sequence[str], diff_manifest: BaseAssetManifest, return_root_relative_path: bool = True
) -> List[Tuple[str, FileStatus]]:
    """What became of each file of a manifest and of ``current_files`` below ``root``, by size and time.

    The unchanged are left out; the root may be relative.
    """
    base = Path(os.path.abspath(root))
    files = [os.path.abspath(path) for path in current_files]
    return [
        (path if return_root_relative_path else os.path.join(base, path), status)
        for path, status in statuses_by_time(base, files, diff_manifest.paths)
        if status is not FileStatus.UNCHANGED
    ]
