"""What tasks printed, found in the log of their session.

A session's log holds what the runtime of Open Job Description says as well: banners, parameters, commands. What a process
prints stands between the line ``Output:`` and the one that says how the process ended.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator

_BEGIN = "Output:"
_END = re.compile(r"Process pid \d+ exited with code|INTERRUPT: |Canceling subprocess |-{40,}$|={40,}$")
_FOR_THE_RUNTIME = re.compile(r"openjd_\w+:")


def printed_by_processes(lines: Iterable[str]) -> Iterator[str]:
    """The lines that processes printed for people."""
    printing = False
    for line in lines:
        if line == _BEGIN:
            printing = True
        elif _END.match(line):
            printing = False
        elif printing and line.strip() and not _FOR_THE_RUNTIME.match(line):
            yield line
