"""Choosing files of asset roots by patterns.

A pattern is matched against root and path joined by a slash, as the shell does it, with ``*`` crossing slashes. One that
does not begin with ``/``, ``*`` or a drive may begin anywhere; one that ends with a slash means everything below.
"""

from __future__ import annotations

import copy
import fnmatch
from typing import Dict, List, Sequence

from .asset_manifests import BaseAssetManifest


def matches(root: str, path: str, patterns: Sequence[str]) -> bool:
    """Whether any of the patterns matches a file of a root; every file matches where there are none."""
    if not patterns:
        return True
    # Without a root paths are absolute already.
    subject = f"{root.replace(chr(92), '/').rstrip('/')}/{path}" if root else path.replace(chr(92), "/")
    return any(fnmatch.fnmatch(subject, _anchored(pattern)) for pattern in patterns)


def filter_manifests(
    manifests_by_root: Dict[str, List[BaseAssetManifest]], path_filters: List[str]
) -> Dict[str, List[BaseAssetManifest]]:
    """Copies of the manifests with only the files that match; manifests and roots without any are left out."""
    filtered: Dict[str, List[BaseAssetManifest]] = {}
    for root, manifests in manifests_by_root.items():
        for manifest in manifests:
            paths = [entry for entry in manifest.paths if matches(root, entry.path, path_filters)]
            if paths:
                part = copy.copy(manifest)
                part.paths = paths
                filtered.setdefault(root, []).append(part)
    return filtered


def _anchored(pattern: str) -> str:
    if pattern.endswith("/"):
        pattern += "*"
    if pattern.startswith(("/", "*")) or pattern[1:2] == ":":
        return pattern
    return f"*/{pattern}"
