"""What tasks wrote into the output folders of a session: found, hashed, and uploaded with a manifest for each root.

A file counts as written when it was not brought to the session or sent from it before, or has another size or time since.
Names that begin with a dot are names like others.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path, PureWindowsPath
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Sequence, Tuple, Type

from .asset_manifests import BaseAssetManifest, BaseManifestModel, HashAlgorithm, hash_data
from .exceptions import AssetSyncError
from .hashing import HashedFile, relative_posix_path
from .models import ManifestProperties, PathFormat
from .resolved_paths import is_within
from .root_uploads import RootToUpload
from .session_folders import SessionRoot


class Written(NamedTuple):
    """A file that a task wrote, and its status when it was found."""

    path: str
    root: SessionRoot
    status: os.stat_result


class Baseline:
    """The files that are known to be in the folders of a session.

    ``mtimes`` are their modification times in nanoseconds, by absolute path; others may read and write it.
    """

    def __init__(self, mtimes: Dict[str, int]) -> None:
        self.mtimes = mtimes
        self._sizes: Dict[str, int] = {}

    def record(self, path: str, status: os.stat_result) -> None:
        """Note that a file is known in this state."""
        self.mtimes[path] = status.st_mtime_ns
        self._sizes[path] = status.st_size

    def record_present(self, paths: Iterable[str]) -> None:
        """Note those of the files that exist in the state in which they are."""
        for path in paths:
            try:
                self.record(path, os.stat(path))
            except OSError:
                continue

    def knows(self, path: str, status: os.stat_result) -> bool:
        """Whether a file is as it is known."""
        return self.mtimes.get(path) == status.st_mtime_ns and self._sizes.get(path, status.st_size) == status.st_size


def find_written(
    roots: Sequence[SessionRoot], session_dir: Path, baseline: Baseline, logger: Any
) -> Dict[str, Written]:
    """The files that tasks wrote into the output folders of roots, by path.

    Links whose files lie outside root and session, broken links, links to folders, and what is no regular file are left
    out with a line in the log. Raises :class:`AssetSyncError` for a folder that cannot be read.
    """
    written: Dict[str, Written] = {}
    for root in roots:
        for directory in root.properties.outputRelativeDirectories or []:
            folder = os.path.normpath(os.path.join(root.folder, _native(directory, root.properties)))
            if not is_within(folder, root.folder):
                logger.warning("The output folder %s leads out of its root %s and is left out.", folder, root.folder)
                continue
            for path, status in _files_below(folder, (root.folder, str(session_dir)), logger):
                if not baseline.knows(path, status):
                    written[path] = Written(path, root, status)
    return written


def output_manifests(
    hashed: Iterable[HashedFile], written: Dict[str, Written], model: Type[BaseManifestModel], prefix: str
) -> List[RootToUpload]:
    """The manifests of files that were written; ``prefix`` is where they go, below the manifest folder."""
    entries: Dict[int, List[Any]] = {}
    roots: Dict[int, SessionRoot] = {}
    make: Any = model.Path
    for file in hashed:
        root = written[file.path].root
        roots[id(root.properties)] = root
        relative = relative_posix_path(file.path, Path(root.folder))
        entry = make(path=relative, hash=file.hash, size=file.size, mtime=file.mtime_us)
        entries.setdefault(id(root.properties), []).append(entry)
    return [
        RootToUpload(
            _manifest(model, entries[key]),
            Path(root.folder),
            output_manifest_name(root.properties),
            prefix,
            root.properties.as_output_metadata()["Metadata"],
        )
        for key, root in roots.items()
    ]


def output_manifest_name(properties: ManifestProperties) -> str:
    """The name of a root's output manifest; roots of equal paths in several locations have different ones."""
    located = f"{properties.fileSystemLocationName or ''}{properties.rootPath}"
    return f"{hash_data(located.encode('utf-8'), HashAlgorithm.XXH128)}_output"


def _manifest(model: Type[BaseManifestModel], entries: List[Any]) -> BaseAssetManifest:
    build: Any = model.AssetManifest
    manifest: BaseAssetManifest = build(
        hash_alg=HashAlgorithm.XXH128, paths=entries, total_size=sum(entry.size for entry in entries)
    )
    return manifest


def _native(directory: str, properties: ManifestProperties) -> str:
    """An output folder, which is written as on the submitting machine, as this machine writes it."""
    if PathFormat(properties.rootPathFormat) is PathFormat.WINDOWS:
        return str(Path(PureWindowsPath(directory).as_posix()))
    return str(Path(directory))


def _files_below(folder: str, allowed: Tuple[str, ...], logger: Any) -> Iterator[Tuple[str, os.stat_result]]:
    """The regular files below a folder; links that lead to files are files when those lie in one of ``allowed``."""

    def unreadable(error: OSError) -> None:
        if isinstance(error, NotADirectoryError):
            logger.warning("The output folder %s is no folder and is left out.", error.filename)
        elif not isinstance(error, FileNotFoundError):
            raise AssetSyncError(f"The output folder {error.filename} cannot be read: {error.strerror or error}.")

    for place, folders, names in os.walk(folder, onerror=unreadable):
        folders.sort()
        for name in folders:
            if os.path.islink(os.path.join(place, name)):
                logger.warning("The output %s is a link to a folder and is left out.", os.path.join(place, name))
        for name in sorted(names):
            path = os.path.join(place, name)
            is_link = os.path.islink(path)
            try:
                status = os.stat(path)
            except OSError as error:
                why = "is a link that leads to nothing" if is_link else f"cannot be looked at ({error.strerror})"
                logger.warning("The output %s %s and is left out.", path, why)
                continue
            if not stat.S_ISREG(status.st_mode):
                logger.warning("The output %s is no regular file and is left out.", path)
            elif is_link and not any(is_within(path, within) for within in allowed):
                logger.warning("The output %s is a link that leads out of the session and is left out.", path)
            else:
                yield path, status
