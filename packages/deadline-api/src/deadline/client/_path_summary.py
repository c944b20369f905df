"""A door: the folder that paths have in common."""

from __future__ import annotations

from .job_bundle.paths import common_ancestor

__all__ = ["common_ancestor"]
