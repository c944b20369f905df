"""Reading a manifest of any version."""

from __future__ import annotations

import contextlib
import gc
import json
from typing import Any, Dict, Iterator, Optional, Tuple

from ..exceptions import ManifestDecodeValidationError
from .base_manifest import BaseAssetManifest
from .manifest_model import ManifestModelRegistry
from .v2023_03_03.asset_manifest import entry_of
from .v2023_03_03.validate import validate_manifest_2023_03_03
from .versions import ManifestVersion

SUPPORTED_VERSIONS = (ManifestVersion.v2023_03_03,)


def decode_manifest(manifest: str) -> BaseAssetManifest:
    """A manifest from its text.

    Raises :class:`json.JSONDecodeError` for text that is no JSON, and :class:`ManifestDecodeValidationError`, with the
    entry and member at fault, for JSON that is no manifest.
    """
    document = _parsed(manifest)
    if not isinstance(document, dict):
        raise ManifestDecodeValidationError(f"A manifest is a JSON object with paths, this is a {_kind(document)}.")
    supported = ", ".join(version.value for version in SUPPORTED_VERSIONS)
    if "manifestVersion" not in document:
        raise ManifestDecodeValidationError(f"The manifest names no manifestVersion; supported: {supported}.")
    found = document["manifestVersion"]
    try:
        version = ManifestVersion(found)
    except ValueError:
        version = ManifestVersion.UNDEFINED
    if version not in SUPPORTED_VERSIONS:
        raise ManifestDecodeValidationError(f"{found!r} is no supported manifest version; supported: {supported}.")
    valid, problem = validate_manifest(document, version)
    if not valid:
        raise ManifestDecodeValidationError(problem)
    model = ManifestModelRegistry.get_manifest_model(version=version)
    return model.AssetManifest.decode(manifest_data=document)


def _parsed(manifest: str) -> Any:
    try:
        with _without_looking_for_garbage():
            return json.loads(manifest, object_hook=entry_of)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise ManifestDecodeValidationError("The manifest nests deeper than any manifest does.") from None
    except ValueError as error:
        # A number of so many digits that Python will not read it.
        raise ManifestDecodeValidationError(f"The manifest has a number that is none: {error}.") from error


@contextlib.contextmanager
def _without_looking_for_garbage() -> Iterator[None]:
    """Parsing makes objects by the million and no garbage, which Python would look for among them again and again: a fifth
    of the time."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _kind(document: Any) -> str:
    return type(document).__name__ if isinstance(document, (list, str, int, float, bool)) else "lone value"


def validate_manifest(manifest: Dict[str, Any], version: ManifestVersion) -> Tuple[bool, Optional[str]]:
    """Whether parsed JSON has the form of a version and, where it does not, what is wrong."""
    if version != ManifestVersion.v2023_03_03:
        return False, f"{version} is no supported manifest version."
    return validate_manifest_2023_03_03(manifest)
