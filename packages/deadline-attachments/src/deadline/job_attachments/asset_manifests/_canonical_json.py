"""The canonical text of a manifest: equal manifests have equal bytes, and so equal hashes.

Sorted keys, no white space, ASCII with ``\\u`` escapes, and paths in the order of their UTF-16 code units, which is not
the order of code points: U+1F600 begins with the unit D83D and stands before U+FF21.
"""

from __future__ import annotations

import json

from .base_manifest import BaseAssetManifest


def canonical_path_comparator(path: str) -> bytes:
    """What to sort paths by; also works for names that are no valid text (lone surrogates)."""
    return path.encode("utf-16-be", errors="surrogatepass")


def manifest_to_canonical_json_string(manifest: BaseAssetManifest) -> str:
    """The canonical text of a manifest whose paths are sorted."""
    document = {
        "hashAlg": str(manifest.hashAlg.value),
        "manifestVersion": str(manifest.manifestVersion.value),
        "paths": [
            {"hash": entry.hash, "mtime": entry.mtime, "path": entry.path, "size": entry.size}
            for entry in manifest.paths
        ],
        "totalSize": manifest.totalSize,
    }
    # The members above are in order; U+007F is the one ASCII character that json leaves and the format escapes.
    return json.dumps(document, separators=(",", ":"), ensure_ascii=True).replace("\x7f", "\\u007f")
