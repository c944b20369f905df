"""Manifests: which files belong to an asset root, with the hash of each one's content."""

from __future__ import annotations

from .base_manifest import BaseAssetManifest, BaseManifestPath
from .hash_algorithms import HashAlgorithm, hash_data, hash_file
from .manifest_model import BaseManifestModel, ManifestModelRegistry
from .versions import ManifestVersion

ManifestModelRegistry.register()

__all__ = [
    "BaseAssetManifest",
    "BaseManifestModel",
    "BaseManifestPath",
    "HashAlgorithm",
    "ManifestModelRegistry",
    "ManifestVersion",
    "hash_data",
    "hash_file",
]
