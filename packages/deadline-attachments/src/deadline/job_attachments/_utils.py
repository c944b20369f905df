"""A door: small helpers under the names by which other programs import them."""

from __future__ import annotations

import hashlib

from ._s3_settings import float_to_iso_datetime_string as _float_to_iso_datetime_string
from ._s3_settings import join_s3_paths as _join_s3_paths

__all__ = ["_float_to_iso_datetime_string", "_get_unique_dest_dir_name", "_join_s3_paths"]


def _get_unique_dest_dir_name(source_root: str) -> str:
    """The name of the folder of a session that stands for an asset root: ``assetroot-`` and 20 hexadecimal digits."""
    return f"assetroot-{hashlib.shake_256(source_root.encode()).hexdigest(10)}"
