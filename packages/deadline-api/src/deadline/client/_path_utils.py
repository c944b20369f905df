"""A door: paths taken as text."""

from __future__ import annotations

from .job_bundle.paths import (
    is_absolute_path,
    is_any_path_contained,
    is_bare_unc_anchor,
    is_path_contained,
    is_uri,
    normalized_path,
    path_components,
)

__all__ = [
    "is_absolute_path",
    "is_any_path_contained",
    "is_bare_unc_anchor",
    "is_path_contained",
    "is_uri",
    "normalized_path",
    "path_components",
]
