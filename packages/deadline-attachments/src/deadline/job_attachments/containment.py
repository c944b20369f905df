"""Keeping what a manifest names within the folder that it is for.

Manifests come from S3, where a job's own tasks may write; their paths are not to be trusted. A path that is absolute,
climbs with ``..``, has a drive, a device name or an empty part, or passes through a link out of the root is refused
before anything is written.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Dict

from .exceptions import PathOutsideDirectoryError

_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


class Containment:
    """Turns paths of manifests into paths below ``root``, an absolute folder that need not exist yet."""

    def __init__(self, root: Path) -> None:
        """Raises :class:`ValueError` when the root is not absolute."""
        if not root.is_absolute():
            raise ValueError(f"The folder to download to must be an absolute path; {str(root)!r} is not.")
        self.root = root
        self._resolved_root = os.path.realpath(root)
        self._folders: Dict[str, bool] = {}

    def target_of(self, manifest_path: str) -> Path:
        """Where a file of a manifest belongs; raises :class:`PathOutsideDirectoryError` when that is not below."""
        parts = manifest_path.split("/")
        if any(_is_refused(part) for part in parts):
            raise PathOutsideDirectoryError(
                f"The manifest names {manifest_path!r}, which is no plain path below {self.root}. Nothing was written."
            )
        target = self.root.joinpath(*parts)
        if not self._stays_inside(target.parent):
            raise PathOutsideDirectoryError(
                f"{target} passes through a link that leads out of {self.root}. Nothing was written; remove the link "
                "or download to another folder."
            )
        return target

    def _stays_inside(self, folder: Path) -> bool:
        key = str(folder)
        if key not in self._folders:
            resolved = os.path.realpath(folder)
            root = self._resolved_root
            self._folders[key] = resolved == root or resolved.startswith(root.rstrip(os.sep) + os.sep)
        return self._folders[key]


def _is_refused(part: str) -> bool:
    if part in ("", ".", "..") or "\0" in part:
        return True
    if os.name != "nt":
        return False
    # Windows drops trailing dots and blanks, so that `.. ` would climb after all.
    return bool(re.search(r'[\\:*?"<>|]|[. ]$', part) or _WINDOWS_DEVICE.fullmatch(part))
