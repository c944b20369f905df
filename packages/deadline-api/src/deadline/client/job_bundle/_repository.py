"""A door: shared job bundles."""

from __future__ import annotations

from .repository.archive import archive_bundle_dir, get_bundle_dir_size
from .repository.entries import BrowseEntry, BundleRepository
from .repository.extraction import read_template_from_archive
from .repository.info import BundleInfo, extract_bundle_info
from .repository.local_repository import LocalBundleRepository
from .repository.metadata import build_bundle_metadata
from .repository.names import sanitize_bundle_name
from .repository.s3_repository import S3BundleRepository

__all__ = [
    "BrowseEntry",
    "BundleInfo",
    "BundleRepository",
    "LocalBundleRepository",
    "S3BundleRepository",
    "archive_bundle_dir",
    "build_bundle_metadata",
    "extract_bundle_info",
    "get_bundle_dir_size",
    "read_template_from_archive",
    "sanitize_bundle_name",
]
