"""What a listing of shared job bundles is made of, and what every repository of them can do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Protocol

from .info import BundleInfo


@dataclass(frozen=True)
class BrowseEntry:
    """A bundle, or a folder in which there may be some.

    Attributes:
        name: The name to show; that of an archive is without its ending.
        path: What the repository knows it by: a path, or an ``s3://`` address.
        is_bundle: Whether it is a job bundle.
        is_archive: Whether it is one in an archive.
    """

    name: str
    path: str
    is_bundle: bool
    is_archive: bool = False


class BundleRepository(Protocol):
    """Where job bundles are found."""

    def list_entries(self, path: str = "") -> List[BrowseEntry]:
        """What is directly below ``path``, in the order of the names; below the root where left out."""

    def get_bundle_info(self, path: str) -> Optional[BundleInfo]:
        """What is known about a bundle, or ``None`` where it cannot be read."""

    def root_path(self) -> str:
        """The path of the root."""
