"""Version 2023-03-03 of the manifest format."""

from __future__ import annotations

from ..manifest_model import BaseManifestModel
from ..versions import ManifestVersion
from .asset_manifest import AssetManifest, ManifestPath

__all__ = ["AssetManifest", "ManifestModel", "ManifestPath"]


class ManifestModel(BaseManifestModel):
    """The classes of this version."""

    manifest_version = ManifestVersion.v2023_03_03
    AssetManifest = AssetManifest
    Path = ManifestPath
