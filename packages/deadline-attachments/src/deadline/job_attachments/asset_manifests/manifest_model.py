"""The classes of each version of the manifest format."""

from __future__ import annotations

import importlib
from typing import ClassVar, Dict, Type

from .base_manifest import BaseAssetManifest, BaseManifestPath
from .versions import ManifestVersion


class BaseManifestModel:
    """The classes of one version."""

    manifest_version: ManifestVersion
    AssetManifest: Type[BaseAssetManifest]
    Path: Type[BaseManifestPath]


class ManifestModelRegistry:
    """The models by version."""

    _models: ClassVar[Dict[ManifestVersion, Type[BaseManifestModel]]] = {}

    @classmethod
    def register(cls) -> None:
        """Make all versions known that this package has."""
        for version in ManifestVersion:
            if version is not ManifestVersion.UNDEFINED:
                model = importlib.import_module(f".{version.name}", __package__).ManifestModel
                cls._models[model.manifest_version] = model

    @classmethod
    def get_manifest_model(cls, *, version: ManifestVersion) -> Type[BaseManifestModel]:
        """The model of a version; raises :class:`RuntimeError` when there is none."""
        if not cls._models:
            cls.register()
        if version not in cls._models:
            raise RuntimeError(f"There is no model for manifest version {version}.")
        return cls._models[version]
