"""Manifests of version 2023-03-03."""

from __future__ import annotations

from typing import Any, Dict, List

from ...exceptions import ManifestDecodeValidationError
from .._canonical_json import canonical_path_comparator, manifest_to_canonical_json_string
from ..base_manifest import BaseAssetManifest, BaseManifestPath
from ..hash_algorithms import HashAlgorithm
from ..versions import ManifestVersion

SUPPORTED_HASH_ALGS = {HashAlgorithm.XXH128}
DEFAULT_HASH_ALG = HashAlgorithm.XXH128


class ManifestPath(BaseManifestPath):
    """A file of a manifest."""

    manifest_version = ManifestVersion.v2023_03_03


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
                ManifestPath(path=entry["path"], hash=entry["hash"], size=entry["size"], mtime=entry["mtime"])
                for entry in manifest_data["paths"]
            ],
            total_size=manifest_data["totalSize"],
        )

    def encode(self) -> str:
        """The canonical text; puts :attr:`paths` into the format's order."""
        self.paths.sort(key=lambda entry: canonical_path_comparator(entry.path))
        return manifest_to_canonical_json_string(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AssetManifest):
            return NotImplemented
        return (self.hashAlg, self.totalSize, self.paths) == (other.hashAlg, other.totalSize, other.paths)

    __hash__ = None  # type: ignore[assignment]
