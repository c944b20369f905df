"""A door: a manifest of a folder's files, under the name by which other programs import it."""

from __future__ import annotations

from typing import Any, Callable, Optional, Sequence

from ..manifest_files import manifest_of_files
from ..progress_tracker import ProgressReportMetadata, SummaryStatistics
from .base_manifest import BaseAssetManifest

__all__ = ["_create_manifest_for_single_root"]


def _create_manifest_for_single_root(
    *,
    files: Sequence[str],
    root: str,
    print_function_callback: Optional[Callable[[Any], None]] = None,
    hashing_progress_callback: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    telemetry_callback: Optional[Callable[[SummaryStatistics], None]] = None,
    hash_cache_dir: Optional[str] = None,
) -> Optional[BaseAssetManifest]:
    """A manifest of files below ``root``; see :func:`.manifest_files.manifest_of_files`. Nothing is printed."""
    return manifest_of_files(
        root,
        files,
        on_progress=hashing_progress_callback,
        on_summary=telemetry_callback,
        hash_cache_dir=hash_cache_dir,
    )
