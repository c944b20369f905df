"""A door: summaries of long path lists under the names by which other programs import them."""

from __future__ import annotations

from ._human_size import human_readable_file_size
from .path_summaries import (
    PathSummary,
    summarize_path_list,
    summarize_paths_by_nested_directory,
    summarize_paths_by_sequence,
)

__all__ = [
    "PathSummary",
    "human_readable_file_size",
    "summarize_path_list",
    "summarize_paths_by_nested_directory",
    "summarize_paths_by_sequence",
]
