"""A door: summaries of path lists under the name that they had; they are in ``deadline.job_attachments.api`` now."""

from __future__ import annotations

import warnings

from deadline.job_attachments.api import (
    PathSummary,
    human_readable_file_size,
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

warnings.warn(
    "deadline.common.path_utils is deprecated; import from deadline.job_attachments.api instead.",
    DeprecationWarning,
    stacklevel=2,
)
