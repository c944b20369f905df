"""Hashing a job's attachments, with a summary for the user."""

from __future__ import annotations

import textwrap
from typing import Any, Callable, List, Optional, Tuple

from ..models import AssetRootGroup, AssetRootManifest
from ..progress_tracker import ProgressReportMetadata, ProgressStatus, SummaryStatistics
from ..upload import S3AssetManager
from ._printing import say_nothing


def _hash_attachments(
    *,
    asset_manager: S3AssetManager,
    asset_groups: List[AssetRootGroup],
    total_input_files: int,
    total_input_bytes: int,
    print_function_callback: Callable[[Any], None] = say_nothing,
    hashing_progress_callback: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    hash_cache_dir: Optional[str] = None,
    telemetry_callback: Optional[Callable[[SummaryStatistics], None]] = None,
) -> Tuple[SummaryStatistics, List[AssetRootManifest]]:
    """Hash the inputs of asset groups, and print and report a summary; errors as of the asset manager's method."""
    summary, manifests = asset_manager.hash_assets_and_create_manifest(
        asset_groups, total_input_files, total_input_bytes, hash_cache_dir, hashing_progress_callback
    )
    if total_input_files == 0 and hashing_progress_callback is not None:
        hashing_progress_callback(
            ProgressReportMetadata(ProgressStatus.PREPARING_IN_PROGRESS, 100, 0, "No files to hash", 0)
        )
    if telemetry_callback is not None:
        telemetry_callback(summary)
    print_function_callback("Hashing Summary:")
    print_function_callback(textwrap.indent(str(summary), "    "))
    return summary, manifests
