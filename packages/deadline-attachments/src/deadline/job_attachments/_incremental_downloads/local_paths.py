"""Where the files of another machine's manifest belong on this one, and the folder that each must not leave."""

from __future__ import annotations

import ntpath
import os
import posixpath
import re
import threading
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..asset_manifests import BaseManifestPath
from ..asset_manifests.v2023_03_03 import ManifestPath
from ..containment import Containment
from ..exceptions import PathOutsideDirectoryError
from ..models import PathFormat
from ..path_mapping import PathMappingRuleApplier

_NOT_IN_A_WINDOWS_NAME = re.compile(r"[\\:]")


class LocalManifestPath(ManifestPath):
    """A file of a manifest by its absolute path on this machine.

    ``folder`` is the one that a rule led to, or the asset root where nothing was mapped: the file must not leave it, which
    is looked at again just before it is written.
    """

    __slots__ = ("folder",)

    def __init__(self, *, path: str, hash: str, size: int, mtime: int, folder: str) -> None:  # noqa: A002
        super().__init__(path=path, hash=hash, size=size, mtime=mtime)
        self.folder = folder


class Containments:
    """The containment of each folder, made once; safe to use from several threads."""

    def __init__(self) -> None:
        self._by_folder: Dict[Path, Containment] = {}
        self._lock = threading.Lock()

    def of(self, folder: Path) -> Containment:
        """Raises :class:`ValueError` for a folder that is not absolute."""
        with self._lock:
            if folder not in self._by_folder:
                self._by_folder[folder] = Containment(folder)
            return self._by_folder[folder]


class Localizer:
    """Finds the places of files below one asset root, as it was on the machine that submitted."""

    def __init__(self, root_path: str, applier: Optional[PathMappingRuleApplier], containments: Containments) -> None:
        self._root = root_path
        self._applier = applier
        self._containments = containments
        windows = _is_windows(root_path, applier)
        self._separator = "\\" if windows else "/"
        self._refused = _NOT_IN_A_WINDOWS_NAME if windows else None
        path_module: Any = ntpath if windows else posixpath
        self._normal_root = path_module.normpath(root_path)
        self._root_parts = applier.parts_of(self._normal_root) if applier is not None else ()

    def localize(self, entries: Sequence[BaseManifestPath]) -> Tuple[List[LocalManifestPath], List[str]]:
        """The files with their places, and the paths on the other machine of those that have none.

        A file has none when no rule leads from it, when this machine has no such root, when the manifest names it by
        anything but a plain path below the root, or when a link on this machine leads out of its folder.
        """
        placed: List[LocalManifestPath] = []
        unmapped: List[str] = []
        for entry in entries:
            try:
                folder, target = self._place_of(entry.path)
            except (PathOutsideDirectoryError, ValueError):
                unmapped.append(self._on_the_other_machine(entry.path))
            else:
                placed.append(
                    LocalManifestPath(
                        path=str(target), hash=entry.hash, size=entry.size, mtime=entry.mtime, folder=str(folder)
                    )
                )
        return placed, unmapped

    def _place_of(self, path: str) -> Tuple[Path, Path]:
        if self._applier is None:
            folder = Path(self._root)
            return folder, self._containments.of(folder).target_of(path)
        parts = path.split("/")
        if self._refused is not None and any(map(self._refused.search, parts)):
            raise PathOutsideDirectoryError(f"{path!r} is no path below {self._root}, which is one of Windows.")
        # A path that climbs has no match, and the containment refuses what else is no plain path.
        mapped = self._applier.match((*self._root_parts, *parts))
        if mapped is None:
            raise ValueError(f"No rule leads from {path!r} below {self._root}.")
        return mapped.folder, self._containments.of(mapped.folder).target_of("/".join(mapped.parts))

    def _on_the_other_machine(self, path: str) -> str:
        path = path.replace("/", self._separator)
        return f"{self._normal_root.rstrip(self._separator)}{self._separator}{path}"


def _is_windows(root_path: str, applier: Optional[PathMappingRuleApplier]) -> bool:
    if applier is None:
        return os.name == "nt"
    if applier.source_path_format is None:
        return ntpath.splitdrive(root_path)[0] != ""
    return applier.source_path_format == PathFormat.WINDOWS.value
