"""The differences between a folder and a manifest as a tree for people."""

from __future__ import annotations

import os
from typing import Any, Dict, Iterable, Iterator

from .models import FileStatus, ManifestDiff

_MARKS = {FileStatus.NEW: " +", FileStatus.MODIFIED: " M", FileStatus.DELETED: " -", FileStatus.UNCHANGED: ""}
_COLOURS = {
    FileStatus.NEW: "\x1b[32m",
    FileStatus.MODIFIED: "\x1b[33m",
    FileStatus.DELETED: "\x1b[31m",
    FileStatus.UNCHANGED: "\x1b[90m",
}
_PLAIN = "\x1b[0m"


def difference_tree(
    root: str, all_files: Iterable[str], manifest_diff: ManifestDiff, *, coloured: bool = False
) -> Iterator[str]:
    """The lines of a tree of a folder's files: new ones marked ``+``, modified ones ``M``, deleted ones ``-``.

    Args:
        root: The folder.
        all_files: The files that are there, by absolute paths or by paths relative to the folder.
        manifest_diff: The differences.
        coloured: Whether lines have the escape sequences of a terminal in them, green, yellow, red and grey.
    """
    base = os.path.abspath(root)
    statuses = {_relative(path, base): FileStatus.UNCHANGED for path in all_files}
    statuses.update(dict.fromkeys(manifest_diff.new, FileStatus.NEW))
    statuses.update(dict.fromkeys(manifest_diff.modified, FileStatus.MODIFIED))
    statuses.update(dict.fromkeys(manifest_diff.deleted, FileStatus.DELETED))
    tree: Dict[str, Any] = {}
    for path, status in statuses.items():
        *folders, name = path.split("/")
        folder = tree
        for part in folders:
            folder = folder.setdefault(f"{part}/", {})
        folder[name] = status
    yield root
    yield from _lines(tree, "", coloured)


def _relative(path: str, base: str) -> str:
    relative = os.path.relpath(os.path.join(base, path), base)
    return relative.replace(os.sep, "/")


def _lines(tree: Dict[str, Any], indent: str, coloured: bool) -> Iterator[str]:
    for number, (name, inside) in enumerate(sorted(tree.items()), start=1):
        last = number == len(tree)
        branch = "└── " if last else "├── "
        if isinstance(inside, dict):
            yield f"{indent}{branch}{name}"
            yield from _lines(inside, f"{indent}{'    ' if last else '│   '}", coloured)
        else:
            text = f"{name}{_MARKS[inside]}"
            yield f"{indent}{branch}{_COLOURS[inside]}{text}{_PLAIN}" if coloured else f"{indent}{branch}{text}"
