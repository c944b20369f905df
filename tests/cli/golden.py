"""What was printed when somebody last looked at it, in files."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Mapping

FOLDER = Path(__file__).parent / "snapshots"
UPDATE = "UPDATE_SNAPSHOTS=1 uv run pytest tests/cli/test_snapshots.py"

_ID = re.compile(r"(?<![a-z])([a-z]+)-[0-9a-f]{32}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d[:-]\d\d[:-]\d\d(?:\.\d+)?(?: ?[+-]\d\d:?\d\d|Z)?")
_VARYING = {
    # What is measured
    r"(?<!-00[ T])(?<![\w:-])\d+:\d\d:\d\d(?:\.\d+)?(?![\w:])": "0:00:00",
    r"(?<![\w.:])\d+\.\d+(?![\w.])": "0.0",
    r'(?<=Duration": )\d+': "0",
    r"(?<=[ ,])\d+ (s|ms|seconds?|minutes)\b": r"0 \1",
    r"(?<=elapsed     ).+": "0.0s",
    # The machine and its farm
    r"127\.0\.0\.1:\d+": "127.0.0.1:80",
    r"deadline-local-[0-9a-f]+": "bucket",
    r"\bCPython [^\"\n]+": "CPython 3",
    r"\(([a-z, ]+)\) \d+\.\d+\.\d+, boto3 [\d.]+, botocore [\d.]+": "(all) 1.0.0, boto3 1.0.0, botocore 1.0.0",
    r'(?<="hostName": )".*?"': '"host"',
    r"\b(Worker|hostName)(\x1b\[0m)?: \S+": r"\1\2: host",
    # Credentials
    r'(?<="AccessKeyId": )".*?"': '"ASIA"',
    r'(?<="SecretAccessKey": )".*?"': '"secret"',
    r'(?<="SessionToken": )".*?"': '"token"',
}


def comparable(printed: str, values: Mapping[str, str]) -> str:
    """The text with placeholders for what differs from run to run; ids and times keep their width, and so tables theirs.

    Args:
        printed: What a command printed.
        values: What to put in the place of other texts.
    """
    for text in sorted(values, key=len, reverse=True):
        printed = printed.replace(text, values[text])
    printed = _ID.sub(lambda found: f"{found[1]}-{'#' * 32}", printed)
    printed = _TIME.sub(lambda found: re.sub(r"\d", "0", found[0]).replace(" -", " +"), printed)
    for pattern, placeholder in _VARYING.items():
        printed = re.sub(pattern, placeholder, printed)
    return printed


def check(name: str, printed: str) -> None:
    """Compare with the file of that name; with UPDATE_SNAPSHOTS in the environment, write it."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(printed, encoding="utf-8")
    assert path.exists(), f"There is no {path}. Write it with: {UPDATE}"
    expected = path.read_text(encoding="utf-8")
    difference = difflib.unified_diff(expected.splitlines(), printed.splitlines(), str(path), "printed", lineterm="")
    assert printed == expected, "\n".join([f"Where this is meant, write it anew: {UPDATE}", *difference])
