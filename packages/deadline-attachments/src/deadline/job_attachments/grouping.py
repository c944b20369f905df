"""Which files of a job share an asset root.

Without a storage profile there is one group for each drive (on POSIX: one), and its root is the deepest folder that
holds all of its paths. With one, paths within a LOCAL location form a group with the location's name, and paths within
a SHARED one are left out, because workers see them themselves.
"""

from __future__ import annotations

import logging
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, Iterable, List, Optional, Sequence, Set, Tuple

from .exceptions import MisconfiguredInputsError
from .models import AssetRootGroup, AssetUploadGroup, FileSystemLocationType, StorageProfile

logger = logging.getLogger("deadline.job_attachments.upload")


@dataclass
class _Group:
    location_name: Optional[str]
    inputs: Dict[Path, int] = field(default_factory=dict)
    outputs: Set[Path] = field(default_factory=set)
    references: Set[Path] = field(default_factory=set)


@dataclass(frozen=True)
class _Locations:
    """The locations of a storage profile, resolved; the longest path first."""

    local: Sequence[Tuple[str, str, str]]
    shared: Sequence[str]

    @classmethod
    def of(cls, profile: Optional[StorageProfile]) -> _Locations:
        local, shared = [], []
        for location in profile.fileSystemLocations if profile else ():
            resolved = os.path.realpath(location.path)
            if location.type == FileSystemLocationType.LOCAL:
                local.append((resolved, location.path, location.name))
            else:
                shared.append(resolved)
        return cls(sorted(local, key=lambda entry: len(entry[1]), reverse=True), shared)


class _Resolver:
    """Resolves links of folders once for all files in them."""

    def __init__(self) -> None:
        self._folders: Dict[str, str] = {}

    def __call__(self, path: Path) -> str:
        if path.is_symlink():
            return os.path.realpath(path)
        folder = str(path.parent)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return os.path.join(self._folders[folder], path.name)


def group_paths(
    input_paths: Iterable[str],
    output_paths: Iterable[str],
    referenced_paths: Iterable[str],
    storage_profile: Optional[StorageProfile] = None,
    require_paths_exist: bool = False,
) -> AssetUploadGroup:
    """Group a job's input files, output folders and referenced paths into asset roots, ordered by root.

    Args:
        input_paths: Files. One that does not exist becomes a reference, with a warning in the log.
        output_paths: Folders, which need not exist.
        referenced_paths: Paths that only take part in finding the roots.
        storage_profile: Of this machine.
        require_paths_exist: Make a missing input an error.

    Raises:
        MisconfiguredInputsError: Listing inputs that are missing, and those that are no regular files.
    """
    locations = _Locations.of(storage_profile)
    resolve = _Resolver()
    groups: Dict[str, _Group] = {}
    missing: List[str] = []
    wrong: List[str] = []
    references = _normalized(referenced_paths)
    for path in _normalized(input_paths):
        try:
            status = path.stat()
        except OSError:
            if require_paths_exist:
                missing.append(str(path))
            else:
                logger.warning("Input path %s does not exist; the job refers to it without its content.", path)
                references.append(path)
            continue
        if not stat.S_ISREG(status.st_mode):
            wrong.append(str(path))
            continue
        group = _group_of(path, resolve(path), locations, groups)
        if group is not None:
            group.inputs[path] = status.st_size
    if missing or wrong:
        raise MisconfiguredInputsError(_misconfigured(missing, wrong))
    for path in _normalized(output_paths):
        group = _group_of(path, os.path.realpath(path), locations, groups)
        if group is not None:
            group.outputs.add(path)
    for path in references:
        group = _group_of(path, os.path.realpath(path), locations, groups)
        if group is not None:
            group.references.add(path)
    return _upload_group(groups.values())


def _normalized(paths: Iterable[str]) -> List[Path]:
    """Absolute paths without ``.`` and ``..``, each once, with links left alone."""
    return list(dict.fromkeys(Path(os.path.abspath(path)) for path in paths if str(path)))


def _group_of(path: Path, resolved: str, locations: _Locations, groups: Dict[str, _Group]) -> Optional[_Group]:
    """The group of a path, or ``None`` when workers see it themselves."""
    if any(_is_within(resolved, shared) for shared in locations.shared):
        return None
    for location, key, name in locations.local:
        if _is_within(resolved, location):
            return groups.setdefault(os.path.normcase(key), _Group(name))
    return groups.setdefault(os.path.normcase(path.anchor), _Group(None))


def _is_within(path: str, folder: str) -> bool:
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _upload_group(groups: Iterable[_Group]) -> AssetUploadGroup:
    asset_groups = [
        AssetRootGroup(
            file_system_location_name=group.location_name,
            root_path=_root_of(group),
            inputs=set(group.inputs),
            outputs=group.outputs,
            references=group.references,
        )
        for group in groups
    ]
    sizes = [size for group in groups for size in group.inputs.values()]
    return AssetUploadGroup(
        asset_groups=sorted(asset_groups, key=lambda group: (group.root_path, group.file_system_location_name or "")),
        total_input_files=len(sizes),
        total_input_bytes=sum(sizes),
    )


def _root_of(group: _Group) -> str:
    root = os.path.commonpath([*group.inputs, *group.outputs, *group.references])
    return os.path.dirname(root) if os.path.isfile(root) else root


def _misconfigured(missing: Sequence[str], wrong: Sequence[str]) -> str:
    message = "Job attachments cannot be uploaded, because these inputs are not files that exist."
    if missing:
        message += "\nMissing input files:" + "".join(f"\n\t{path}" for path in sorted(missing))
    if wrong:
        message += "\nDirectories classified as files:" + "".join(f"\n\t{path}" for path in sorted(wrong))
    return message
