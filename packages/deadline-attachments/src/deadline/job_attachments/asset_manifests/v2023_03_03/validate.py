"""Whether parsed JSON is a manifest of version 2023-03-03."""

from __future__ import annotations

import re
from typing import Any, Dict, Optional, Tuple

from .asset_manifest import ManifestPath

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
        if not isinstance(manifest.get(name), kind):
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
        for name, kind in _ENTRY_MEMBERS:
            if not isinstance(entry.get(name), kind):
                return f"Entry {number} of the manifest's paths: {name} is missing or is not a {kind.__name__}."
        if not _HASH.fullmatch(entry["hash"]):
            return f"Entry {number} of the manifest's paths: the hash {entry['hash']!r} is not alphanumeric."
    return None
