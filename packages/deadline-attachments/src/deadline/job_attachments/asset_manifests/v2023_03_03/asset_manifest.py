"""Manifests of version 2023-03-03."""

from __future__ import annotations

from typing import Any, Dict, List

from ...exceptions import ManifestDecodeValidationError
from .._canonical_json import manifest_to_canonical_json_string, path_sort_key
from ..base_manifest import BaseAssetManifest, BaseManifestPath
from ..hash_algorithms import HashAlgorithm
from ..versions import ManifestVersion

SUPPORTED_HASH_ALGS = {HashAlgorithm.XXH128}
DEFAULT_HASH_ALG = HashAlgorithm.XXH128
LARGEST_NUMBER = 2**63 - 1
"""Of bytes, and of microseconds before and after the epoch: what systems count in."""
_new = object.__new__


class ManifestPath(BaseManifestPath):
    """A file of a manifest."""

    __slots__ = ()

    manifest_version = ManifestVersion.v2023_03_03


def entry_of(members: Dict[str, Any]) -> Any:
    """A well-formed entry of ``paths`` as what it will be, while JSON is parsed; any other object as it is.

    So a manifest of a million files is never held as a million dictionaries.
    """
    if "path" not in members:
        return members
    get = members.get
    path, digest, size, mtime = members["path"], get("hash"), get("size"), get("mtime")
    if (
        type(path) is type(digest) is str
        and type(size) is type(mtime) is int
        and digest.isalnum()
        and digest.isascii()
        and 0 <= size <= LARGEST_NUMBER
        and -LARGEST_NUMBER <= mtime <= LARGEST_NUMBER
    ):
        # Half as long as a call of the class, whose parameters have names.
        entry = _new(ManifestPath)
        entry.path, entry.hash, entry.size, entry.mtime = path, digest, size, mtime
        return entry
    return members


class AssetManifest(BaseAssetManifest):
    """The files below an asset root; ``total_size`` is the sum of their bytes."""

    manifestVersion = ManifestVersion.v2023_03_03

    def __init__(self, *, hash_alg: HashAlgorithm, paths: List[Any], total_size: int) -> None:
        super().__init__(hash_alg=hash_alg, paths=paths)
        self.totalSize = total_size
        if hash_alg not in SUPPORTED_HASH_ALGS:
            raise ManifestDecodeValidationError(f"{hash_alg!r} is no hash algorithm of this manifest version.")

    @classmethod
    def get_default_hash_alg(cls) -> HashAlgorithm:
        return DEFAULT_HASH_ALG

    @classmethod
    def decode(cls, *, manifest_data: Dict[str, Any]) -> AssetManifest:
        """From parsed JSON that was validated."""
        return cls(
            hash_alg=HashAlgorithm(manifest_data["hashAlg"]),
            paths=[
                entry
                if isinstance(entry, ManifestPath)
                else ManifestPath(path=entry["path"], hash=entry["hash"], size=entry["size"], mtime=entry["mtime"])
                for entry in manifest_data["paths"]
            ],
            total_size=manifest_data["totalSize"],
        )

    def encode(self) -> str:
        """The canonical text; puts :attr:`paths` into the format's order."""
        self.paths.sort(key=path_sort_key([entry.path for entry in self.paths]))
        return manifest_to_canonical_json_string(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AssetManifest):
            return NotImplemented
        return (self.hashAlg, self.totalSize, self.paths) == (other.hashAlg, other.totalSize, other.paths)

    __hash__ = None  # type: ignore[assignment]
