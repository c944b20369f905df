"""A tree of paths as text, cut to so many entries."""

from __future__ import annotations

from collections import deque
from typing import Deque, Dict, Iterable, Iterator, List, Mapping, Optional, Sequence

from ..models import PathFormat
from .folders import summarize_paths_by_nested_directory
from .summary import PathSummary

_INDENT = "  "
_MORE = "..."


def summarize_path_list(
    path_list: Iterable[str],
    *,
    path_format: Optional[PathFormat] = None,
    total_size_by_path: Optional[Mapping[str, int]] = None,
    max_entries: int = 10,
    include_totals: bool = True,
) -> str:
    """The files of a list as an indented tree with a line for each entry; empty for no files.

    Args:
        path_list: Paths of files.
        path_format: How they are written; as on this machine where it is not said.
        total_size_by_path: Their sizes in bytes.
        max_entries: How many entries there are at the most. Upper levels come first; a line with dots stands for those
            that are left out of a folder of which others are shown.
        include_totals: Whether each entry tells its number of files and their size.

    Raises:
        KeyError: Sizes are given, but not for every path.
    """
    top: Sequence[PathSummary] = summarize_paths_by_nested_directory(
        path_list, path_format=path_format, total_size_by_path=total_size_by_path
    )
    if len(top) == 1 and _holds_only_folders(top[0]):
        top = top[0].children or ()
    shown = _shares(top, max(1, max_entries))
    return "\n".join(_lines(top, max(1, max_entries), shown, include_totals, "", 0))


def _holds_only_folders(summary: PathSummary) -> bool:
    separators = "/\\" if summary.path_format is PathFormat.WINDOWS else "/"
    below = len(summary.path)
    return bool(summary.children) and all(
        any(separator in child.path[below:] for separator in separators) for child in summary.children or ()
    )


def _shares(top: Sequence[PathSummary], left: int) -> Dict[int, int]:
    """How many entries of each folder are shown, by the folder's identity; level by level, while there are any left."""
    shares: Dict[int, int] = {}
    queue: Deque[PathSummary] = deque(top[:left])
    left -= len(queue)
    while queue and left:
        folder = queue.popleft()
        children: List[PathSummary] = (folder.children or [])[:left]
        shares[id(folder)] = len(children)
        left -= len(children)
        queue.extend(children)
    return shares


def _lines(
    summaries: Sequence[PathSummary], count: int, shares: Mapping[int, int], totals: bool, below: str, depth: int
) -> Iterator[str]:
    for summary in summaries[:count]:
        inside = shares.get(id(summary), 0)
        text = summary.summary(below=below, include_totals=totals)
        yield f"{_INDENT * depth}{text}{':' if inside else ''}"
        if inside:
            yield from _lines(summary.children or (), inside, shares, totals, summary.path, depth + 1)
    if count < len(summaries):
        yield f"{_INDENT * depth}{_MORE}"
