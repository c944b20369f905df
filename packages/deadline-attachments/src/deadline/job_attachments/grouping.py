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
from typing import Dict, Iterable, List, Optional, Sequence, Tuple

from .exceptions import MisconfiguredInputsError
from .models import AssetRootGroup, AssetUploadGroup, FileSystemLocationType, StorageProfile

logger = logging.getLogger("deadline.job_attachments.upload")


@dataclass
class _Group:
    location_name: Optional[str]
    inputs: List[str] = field(default_factory=list)
    outputs: List[str] = field(default_factory=list)
    references: List[str] = field(default_factory=list)


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

    def any_below(self, folder: str) -> bool:
        """Whether a location lies within ``folder``."""
        return any(_is_within(path, folder) for path in [*self.shared, *(entry[0] for entry in self.local)])


class _Grouping:
    """Finds the group of each path; of files in one folder that are no links only once."""

    def __init__(self, profile: Optional[StorageProfile]) -> None:
        self.groups: Dict[str, _Group] = {}
        self._locations = _Locations.of(profile)
        self._of_folders: Dict[str, Optional[_Group]] = {}

    def of_file(self, path: str) -> Optional[_Group]:
        """The group of a file that is no link, or ``None`` when workers see it themselves."""
        folder, _, name = path.rpartition(os.sep)
        try:
            return self._of_folders[folder]
        except KeyError:
            group = self.of(path, os.path.join(os.path.realpath(folder or os.sep), name))
            # A location may be a single file of the folder, which says nothing about the others.
            if not self._locations.any_below(os.path.realpath(folder or os.sep)):
                self._of_folders[folder] = group
            return group

    def of(self, path: str, resolved: str) -> Optional[_Group]:
        """The group of any path, of which ``resolved`` has its links followed."""
        if any(_is_within(resolved, shared) for shared in self._locations.shared):
            return None
        for location, key, name in self._locations.local:
            if _is_within(resolved, location):
                return self.groups.setdefault(os.path.normcase(key), _Group(name))
        return self.groups.setdefault(os.path.normcase(Path(path).anchor), _Group(None))


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
    grouping = _Grouping(storage_profile)
    missing: List[str] = []
    wrong: List[str] = []
    references = _normalized(referenced_paths)
    sizes: List[int] = []
    for path in _normalized(input_paths):
        try:
            status = os.lstat(path)
            is_link = stat.S_ISLNK(status.st_mode)
            if is_link:
                status = os.stat(path)
        except (OSError, ValueError):
            if require_paths_exist:
                missing.append(path)
            else:
                logger.warning("Input path %s does not exist; the job refers to it without its content.", path)
                references.append(path)
            continue
        if not stat.S_ISREG(status.st_mode):
            wrong.append(path)
            continue
        group = grouping.of(path, os.path.realpath(path)) if is_link else grouping.of_file(path)
        if group is not None:
            group.inputs.append(path)
            sizes.append(status.st_size)
    if missing or wrong:
        raise MisconfiguredInputsError(_misconfigured(missing, wrong))
    for path in _normalized(output_paths):
        group = grouping.of(path, os.path.realpath(path))
        if group is not None:
            group.outputs.append(path)
    for path in references:
        group = grouping.of(path, os.path.realpath(path))
        if group is not None:
            group.references.append(path)
    return AssetUploadGroup(
        asset_groups=sorted(
            map(_asset_root_group, grouping.groups.values()),
            key=lambda group: (group.root_path, group.file_system_location_name or ""),
        ),
        total_input_files=len(sizes),
        total_input_bytes=sum(sizes),
    )


def _normalized(paths: Iterable[str]) -> List[str]:
    """Absolute paths without ``.`` and ``..``, each once, with links left alone."""
    return list(dict.fromkeys(os.path.abspath(path) for path in paths if str(path)))


def _is_within(path: str, folder: str) -> bool:
    path, folder = os.path.normcase(path), os.path.normcase(folder)
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _asset_root_group(group: _Group) -> AssetRootGroup:
    return AssetRootGroup(
        file_system_location_name=group.location_name,
        root_path=_root_of(group),
        inputs=set(map(Path, group.inputs)),
        outputs=set(map(Path, group.outputs)),
        references=set(map(Path, group.references)),
    )


def _root_of(group: _Group) -> str:
    # All files of a folder say the same.
    folders = {os.path.dirname(path) for path in group.inputs}
    root = os.path.commonpath([*folders, *group.outputs, *group.references])
    return os.path.dirname(root) if os.path.isfile(root) else root


def _misconfigured(missing: Sequence[str], wrong: Sequence[str]) -> str:
    message = "Job attachments cannot be uploaded, because these inputs are not files that exist."
    if missing:
        message += "\nMissing input files:" + "".join(f"\n\t{path}" for path in sorted(missing))
    if wrong:
        message += "\nDirectories classified as files:" + "".join(f"\n\t{path}" for path in sorted(wrong))
    return message
