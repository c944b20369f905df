"""Long lists of paths for people: numbered files as sequences, folders as trees, and a text of a few lines.

>>> frames = [f"/r/a/frame_{number:03d}.png" for number in (1, 2, 3, 5, 10)]
>>> print(summarize_path_list([*frames, "/r/a/readme.txt"], path_format=PathFormat.POSIX))
/r/a/ (6 files):
  frame_%03d.png (5 files, sequence 1-3,5,10)
  readme.txt (1 file)

=====================  ===============================================================================
module                 subject
=====================  ===============================================================================
:mod:`.sequences`      which numbered names of a folder belong together
:mod:`.summary`        :class:`PathSummary`, the value for a file, a sequence of files, or a folder
:mod:`.folders`        lists of paths as summaries: flat, or nested as their folders are
:mod:`.text`           the tree as text, cut to so many entries
=====================  ===============================================================================
"""

from __future__ import annotations

from ..models import PathFormat
from .folders import summarize_paths_by_nested_directory, summarize_paths_by_sequence
from .summary import PathSummary
from .text import summarize_path_list

__all__ = [
    "PathFormat",
    "PathSummary",
    "summarize_path_list",
    "summarize_paths_by_nested_directory",
    "summarize_paths_by_sequence",
]
