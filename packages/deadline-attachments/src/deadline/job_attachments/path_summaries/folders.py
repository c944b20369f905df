"""Lists of paths as summaries: flat, or nested as their folders are."""

from __future__ import annotations

import ntpath
import re
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, Type

from ..models import PathFormat
from .sequences import find_sequences
from .summary import PathSummary

_NOT_PLAIN = re.compile(r"[/\\](?=[/\\])|(?:^|[/\\])\.(?:[/\\]|$)|[/\\]$")
"""What a path may have that another spelling of it has not: ``a//b``, ``./a``, ``a/``."""


def summarize_paths_by_sequence(
    path_list: Iterable[str],
    *,
    path_format: Optional[PathFormat] = None,
    total_size_by_path: Optional[Mapping[str, int]] = None,
) -> List[PathSummary]:
    """The files of a list, with numbered ones of a folder as sequences; sorted by path.

    Args:
        path_list: Paths of files; one that is listed twice counts once.
        path_format: How they are written; as on this machine where it is not said.
        total_size_by_path: Their sizes in bytes.

    Raises:
        KeyError: Sizes are given, but not for every path.
    """
    folders = _Folders(path_list, path_format, total_size_by_path)
    return _sorted(summary for summaries in folders.files.values() for summary in summaries)


def summarize_paths_by_nested_directory(
    path_list: Iterable[str],
    *,
    path_format: Optional[PathFormat] = None,
    total_size_by_path: Optional[Mapping[str, int]] = None,
) -> List[PathSummary]:
    """The files of a list as trees of folders; arguments and errors as of :func:`summarize_paths_by_sequence`.

    A folder with a single thing in it is left out for that thing, so that no level has nothing to tell.
    """
    folders = _Folders(path_list, path_format, total_size_by_path)
    parents: Dict[str, str] = {"": ""}
    for folder in folders.files:
        while folder not in parents:
            parents[folder] = folders.parent_of(folder)
            folder = parents[folder]
    contents = folders.files
    # From the deepest to the topmost, so that each folder is complete when it becomes part of the one above.
    for folder in sorted(filter(None, parents), key=len, reverse=True):
        inside = contents.pop(folder)
        summary = (
            inside[0] if len(inside) == 1 else PathSummary(folder, path_format=path_format, children=_sorted(inside))
        )
        contents.setdefault(parents[folder], []).append(summary)
    return _sorted(contents.get("", ()))


class _Folders:
    """The paths of a list by folder: a path with a separator at its end, or empty for names without one."""

    def __init__(
        self, paths: Iterable[str], path_format: Optional[PathFormat], sizes: Optional[Mapping[str, int]]
    ) -> None:
        self._format = PathFormat(path_format) if path_format else PathFormat.get_host_path_format()
        self._is_windows = self._format is PathFormat.WINDOWS
        self._syntax: Type[PurePath] = PureWindowsPath if self._is_windows else PurePosixPath
        self._separator = "\\" if self._is_windows else "/"
        names: Dict[str, Dict[str, int]] = {}
        for path in paths:
            size = 0 if sizes is None else sizes[path]
            folder, name = self._split(path)
            if name:
                names.setdefault(folder, {})[name] = size
        self.files = {
            folder: list(self._summaries(folder, found, sizes is not None)) for folder, found in names.items()
        }

    def parent_of(self, folder: str) -> str:
        """The folder that a folder is in; empty for a topmost one."""
        parent = folder[: folder.rfind(self._separator, 0, -1) + 1]
        # A share is one thing, though it has a separator in it.
        is_share = self._is_windows and folder.startswith("\\\\")
        return "" if is_share and len(parent) < len(ntpath.splitdrive(folder)[0]) else parent

    def _split(self, path: str) -> Tuple[str, str]:
        if self._is_windows:
            path = path.replace("/", "\\")
        # Parsing each of many paths would take longer than all the rest.
        if _NOT_PLAIN.search(path, 2 if self._is_windows and path.startswith("\\\\") else 0):
            path = str(self._syntax(path))
            if path in (".", self._syntax(path).anchor):
                return "", ""
        end = path.rfind(self._separator) + 1
        return path[:end], path[end:]

    def _summaries(self, folder: str, sizes: Mapping[str, int], are_known: bool) -> Iterator[PathSummary]:
        pattern_folder = folder.replace("%", "%%")
        for files in find_sequences(sizes):
            yield PathSummary(
                f"{folder if files.numbers is None else pattern_folder}{files.pattern}",
                path_format=self._format,
                index_set=files.numbers,
                total_size=sum([sizes[name] for name in files.names]) if are_known else None,
            )


def _sorted(summaries: Iterable[PathSummary]) -> List[PathSummary]:
    return sorted(summaries, key=lambda summary: summary.path)
