"""The ``asset_references`` file of a job bundle."""

from __future__ import annotations

from deadline.client.exceptions import DeadlineOperationError

from .loader import path_of, read_yaml_or_json_object
from .submission import AssetReferences


def read_asset_references(bundle_dir: str) -> AssetReferences:
    """The references in a bundle's ``asset_references`` file; relative paths are relative to the bundle.

    Raises:
        DeadlineOperationError: The file is not well formed.
    """
    content = read_yaml_or_json_object(bundle_dir, "asset_references", required=False)
    try:
        return AssetReferences.from_dict(content).resolved_against(bundle_dir)
    except DeadlineOperationError as error:
        raise DeadlineOperationError(f"{path_of(bundle_dir, 'asset_references')}: {error}") from error
