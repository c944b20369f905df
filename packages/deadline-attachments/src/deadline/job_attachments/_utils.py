"""A door: small helpers under the names by which other programs import them."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePath
from typing import Union

from ._s3_settings import (
    bucket_and_key as _get_bucket_and_object_key,
    float_to_iso_datetime_string as _float_to_iso_datetime_string,
    join_s3_paths as _join_s3_paths,
    random_guid as _generate_random_guid,
)
from .long_paths import (
    WINDOWS_MAX_PATH_LENGTH,
    are_long_paths_enabled as _is_windows_long_path_registry_enabled,
    as_extended_length_path,
    long_path_compatible,
    without_prefix,
)
from .resolved_paths import is_within as _is_relative_to
from .retrying import retry as _retry

__all__ = [
    "WINDOWS_MAX_PATH_LENGTH",
    "_as_extended_length_path",
    "_float_to_iso_datetime_string",
    "_generate_random_guid",
    "_get_bucket_and_object_key",
    "_get_long_path_compatible_path",
    "_get_unique_dest_dir_name",
    "_is_relative_to",
    "_is_windows_long_path_registry_enabled",
    "_join_s3_paths",
    "_normalize_windows_path",
    "_retry",
]


def _get_unique_dest_dir_name(source_root: str) -> str:
    """The name of the folder of a session that stands for an asset root: ``assetroot-`` and 20 hexadecimal digits."""
    return f"assetroot-{hashlib.shake_256(source_root.encode()).hexdigest(10)}"


def _as_extended_length_path(path: Union[str, PurePath]) -> Path:
    """See :func:`.long_paths.as_extended_length_path`."""
    return Path(as_extended_length_path(str(path)))


def _get_long_path_compatible_path(original_path: Union[str, PurePath]) -> Path:
    """See :func:`.long_paths.long_path_compatible`."""
    return Path(long_path_compatible(str(original_path)))


def _normalize_windows_path(path: Union[str, PurePath]) -> Path:
    """See :func:`.long_paths.without_prefix`."""
    return Path(without_prefix(str(path)))
