"""A door: output manifests and their files, under the names by which the client imports them."""

from __future__ import annotations

from .discovery import (
    add_output_manifests_from_s3 as _add_output_manifests_from_s3,
    get_manifests_to_download as _get_manifests_to_download,
)
from .files import download_manifest_paths as _download_manifest_paths
from .manifests import (
    download_all_manifests_with_absolute_paths as _download_all_manifests_with_absolute_paths,
    merge_absolute_path_manifest_list as _merge_absolute_path_manifest_list,
)

__all__ = [
    "_add_output_manifests_from_s3",
    "_download_all_manifests_with_absolute_paths",
    "_download_manifest_paths",
    "_get_manifests_to_download",
    "_merge_absolute_path_manifest_list",
]
