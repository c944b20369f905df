"""Whether parsed JSON is a manifest of version 2023-03-03."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional, Tuple

from .asset_manifest import LARGEST_NUMBER, ManifestPath

_SHOWN = 200
"""Characters of a name that an error shows."""
_HASH = re.compile(r"[a-zA-Z0-9]+")
_MEMBERS = (("hashAlg", str), ("paths", list), ("manifestVersion", str), ("totalSize", int))
_ENTRY_MEMBERS = (("path", str), ("hash", str), ("size", int), ("mtime", int))


def validate_manifest_2023_03_03(manifest: Dict[str, Any]) -> Tuple[bool, Optional[str]]:
    """Whether ``manifest`` has the form of this version and, where it does not, what is wrong.

    Members that are not known are passed over, as readers of a later version's file would want it.
    """
    problem = _problem_of(manifest)
    return problem is None, problem


def _problem_of(manifest: Dict[str, Any]) -> Optional[str]:
    for name, kind in _MEMBERS:
        if not _is_a(manifest.get(name), kind):
            return f"The manifest's {name} is missing or is not a {kind.__name__}."
    if manifest["hashAlg"] != "xxh128":
        return f"The manifest's hashAlg is {manifest['hashAlg']!r}; expected 'xxh128'."
    if not manifest["paths"]:
        return "The manifest lists no files."
    for number, entry in enumerate(manifest["paths"]):
        if isinstance(entry, ManifestPath):
            continue
        if not isinstance(entry, dict):
            return f"Entry {number} of the manifest's paths is not an object."
        problem = _problem_of_entry(entry)
        if problem is not None:
            return f"Entry {number} of the manifest's paths{_named(entry)}: {problem}"
    return None


def _problem_of_entry(entry: Dict[str, Any]) -> Optional[str]:
    for name, kind in _ENTRY_MEMBERS:
        if not _is_a(entry.get(name), kind):
            return f"{name} is missing or is not a {kind.__name__}."
    if not _HASH.fullmatch(entry["hash"]):
        return f"the hash {_shortened(entry['hash'])} is not alphanumeric."
    if not 0 <= entry["size"] <= LARGEST_NUMBER:
        return "the size is not that of any file."
    if not -LARGEST_NUMBER <= entry["mtime"] <= LARGEST_NUMBER:
        return "the mtime is not that of any file."
    return None


def _is_a(value: Any, kind: type) -> bool:
    # JSON's true and false are numbers to Python, and to nobody else.
    return isinstance(value, kind) and not isinstance(value, bool)


def _named(entry: Dict[str, Any]) -> str:
    path = entry.get("path")
    return f" ({_shortened(path)})" if isinstance(path, str) else ""


def _shortened(text: str) -> str:
    return repr(text) if len(text) <= _SHOWN else f"{text[:_SHOWN]!r}..."
