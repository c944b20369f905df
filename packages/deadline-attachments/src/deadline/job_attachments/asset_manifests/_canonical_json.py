"""The canonical text of a manifest: equal manifests have equal bytes, and so equal hashes.

Sorted keys, no white space, ASCII with ``\\u`` escapes, and paths in the order of their UTF-16 code units, which is not
the order of code points: U+1F600 begins with the unit D83D and stands before U+FF21.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from typing import Any, Callable, Sequence

from .base_manifest import BaseAssetManifest

_ENTRIES_AT_ONCE = 50_000
"""A text for each entry of a million would take more memory than the manifest."""


def canonical_path_comparator(path: str) -> bytes:
    """What to sort paths by; also works for names that are no valid text (lone surrogates)."""
    return path.encode("utf-16-be", errors="surrogatepass")


def path_sort_key(paths: Sequence[str]) -> Callable[[Any], Any]:
    """What to sort entries by, of which these are the paths.

    For ASCII the order of code points, by which Python compares texts, is that of the code units, and needs no copies.
    """
    if all(map(str.isascii, paths)):
        return attrgetter("path")
    return lambda entry: canonical_path_comparator(entry.path)


def manifest_to_canonical_json_string(manifest: BaseAssetManifest) -> str:
    """The canonical text of a manifest whose paths are sorted."""
    text = f'{{"hashAlg":{_text(manifest.hashAlg.value)},"manifestVersion":{_text(manifest.manifestVersion.value)},"paths":['
    for start in range(0, len(manifest.paths), _ENTRIES_AT_ONCE):
        # Added to one text, which grows where it is, instead of joined at the end, when all of it would exist twice.
        text += ("," if start else "") + _entries(manifest.paths[start : start + _ENTRIES_AT_ONCE])
    text += f'],"totalSize":{_number(manifest.totalSize)}}}'
    return text


def _entries(entries: Sequence[Any]) -> str:
    text = ",".join(
        [
            f'{{"hash":{encode_basestring_ascii(entry.hash)},"mtime":{_number(entry.mtime)}'
            f',"path":{encode_basestring_ascii(entry.path)},"size":{_number(entry.size)}}}'
            for entry in entries
        ]
    )
    # U+007F is the one ASCII character that the encoder leaves and the format escapes.
    return text.replace("\x7f", "\\u007f")


def _text(value: Any) -> str:
    return encode_basestring_ascii(str(value)).replace("\x7f", "\\u007f")


def _number(value: Any) -> Any:
    return value if type(value) is int else json.dumps(value)
