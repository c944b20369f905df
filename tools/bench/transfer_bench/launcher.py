"""Runs one command and writes down what the operating system says it took.

``python -I -S launcher.py RESULT COMMAND ...`` writes a JSON object to the file RESULT.

A process of its own, and a small one, because Linux counts the memory of whoever starts a process towards the started
one's peak until it has become another program: nothing can be seen below the launcher's own few megabytes, whatever the
size of the bench.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(result: str, command: list[str]) -> int:
    started = time.perf_counter()
    # Found on the PATH; the command's own children are in its account once it has waited for them.
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    wall = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    figures = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "rss": usage.ru_maxrss * unit,
        "code": code,
    }
    with open(result, "w", encoding="utf-8") as file:
        json.dump(figures, file)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
