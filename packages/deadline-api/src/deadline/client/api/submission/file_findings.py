"""What is found about a job's files: those that cannot travel, and those that workers cannot use as they are."""

from __future__ import annotations

import os
import unicodedata
from typing import Any, Dict, FrozenSet, Iterable, Iterator, List, Mapping, Optional

from deadline.job_attachments.grouping import group_paths
from deadline.job_attachments.models import (
    AssetRootGroup,
    AssetUploadGroup,
    FileSystemLocationType,
    StorageProfile,
    StorageProfileOperatingSystemFamily,
)

from .findings import ERROR, WARNING, Finding
from .input_files import InputFiles, PathWithReason
from .known_paths import KnownPaths

LONGEST_WINDOWS_PATH = 259
"""Characters of a path that any program on Windows can open."""
WINDOWS_SESSION_FOLDER = 109
r"""Characters before a file's path below its asset root where a worker puts it:
``C:\ProgramData\Amazon\OpenJD\session-<40>\assetroot-<20>\``."""
LONGEST_POSIX_NAME = 255
"""Bytes of a file's or folder's name."""
MOST_ROOTS = 10
LONGEST_ROOT = 1024
MOST_OUTPUT_DIRECTORIES = 100

_POSIX, _WINDOWS = "posix", "windows"


def input_findings(
    inputs: InputFiles, profile: Optional[StorageProfile], require_paths_exist: bool
) -> Iterator[Finding]:
    severity = ERROR if require_paths_exist else WARNING
    for kind, paths in (("files", inputs.missing_files), ("directories", inputs.missing_directories)):
        for path in dict.fromkeys(paths):
            yield Finding(
                severity,
                f"Input {kind} do not exist" + ("" if require_paths_exist else "; nothing of them is uploaded"),
                "Check the paths, and that the drives they are on are connected.",
                path=path,
            )
    yield from _about(
        *(ERROR, inputs.not_regular, profile, "Input files are no regular files"),
        "Name a folder as an input directory, and remove what is neither file nor folder from the job's inputs.",
    )
    yield from _about(
        *(ERROR, inputs.unreadable, profile, "Inputs cannot be read"),
        "Ask for the permission to read them, or leave them out by an exclude pattern.",
    )
    yield from _about(
        *(WARNING, inputs.passed_over, profile, "In input directories there is what has no content to upload"),
        "Leave it out by an exclude pattern to be rid of this warning.",
    )
    yield from _about(
        *(WARNING, [(path, f"-> {os.path.realpath(path)}") for path in inputs.linked_folders], profile),
        "Links to folders in input directories are not followed; nothing of them is uploaded",
        "Where the job needs them, name the folders that they lead to as input directories too.",
    )


def _about(
    severity: str, paths: Iterable[PathWithReason], profile: Optional[StorageProfile], message: str, advice: str
) -> Iterator[Finding]:
    """A finding for each path that would have to be uploaded."""
    details = dict(paths)
    for path in not_shared(details, profile):
        yield Finding(severity, message, advice, path=path, detail=details[path])


def links_out_of_known_folders(inputs: InputFiles, known: KnownPaths) -> Iterator[Finding]:
    leaving: Dict[str, None] = {}
    for link in inputs.links:
        target = os.path.realpath(link)
        if known.contain(os.path.dirname(link)) and not known.contain(os.path.dirname(target)):
            leaving[link] = None
    for folder in {os.path.dirname(file) for file in inputs.files}:
        link_above = _link_out(folder, known)
        if link_above is not None:
            leaving[link_above] = None
    for link in sorted(leaving):
        yield Finding(
            WARNING,
            "Links lead from known folders to unknown ones; what they lead to is uploaded",
            "Check that the job is meant to have these files.",
            path=link,
            detail=f"-> {os.path.realpath(link)}",
        )


def _link_out(folder: str, known: KnownPaths) -> Optional[str]:
    """The folder on the way to ``folder`` that is not known though the one above it is."""
    while not known.contain(folder):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        if known.contain(above):
            return folder
        folder = above
    return None


def root_findings(root: AssetRootGroup, systems: FrozenSet[str]) -> Iterator[Finding]:
    prefix = os.path.join(root.root_path, "")
    inputs = sorted(map(str, root.inputs))
    outputs = sorted(map(str, root.outputs))
    if len(root.root_path) > LONGEST_ROOT:
        yield _too_long(ERROR, root.root_path, "Asset roots", f"{LONGEST_ROOT} characters", len(root.root_path))
    if len(outputs) > MOST_OUTPUT_DIRECTORIES:
        yield Finding(
            ERROR,
            f"A job has more than {MOST_OUTPUT_DIRECTORIES} output directories below an asset root",
            "Name a folder above them as the output directory instead.",
            path=root.root_path,
            detail=f"{len(outputs)}",
        )
    if _WINDOWS in systems:
        # A location of a storage profile is put where the worker's own profile says.
        before = len(prefix) if root.file_system_location_name else WINDOWS_SESSION_FOLDER
        for path in inputs:
            length = before + len(path) - len(prefix)
            if length > LONGEST_WINDOWS_PATH:
                yield _too_long(
                    *(WARNING, path, "Paths are too long for many programs on Windows workers"),
                    f"{LONGEST_WINDOWS_PATH} characters",
                    length,
                )
    if _POSIX in systems:
        yield from _long_names([*inputs, *outputs])
    yield from _colliding(inputs, len(prefix))


def _long_names(paths: Iterable[str]) -> Iterator[Finding]:
    looked_at = set()
    for path in paths:
        # Most paths are shorter than one name may be: no name of theirs needs a look.
        while len(path) * 4 > LONGEST_POSIX_NAME and path not in looked_at:
            looked_at.add(path)
            path, name = os.path.split(path)
            size = len(name.encode("utf-8", "surrogateescape")) if len(name) * 4 > LONGEST_POSIX_NAME else 0
            if size > LONGEST_POSIX_NAME:
                yield _too_long(
                    *(ERROR, os.path.join(path, name), "Names are too long for workers with Linux or macOS"),
                    f"{LONGEST_POSIX_NAME} bytes",
                    size,
                )


def _colliding(files: Iterable[str], prefix: int) -> Iterator[Finding]:
    """Files of which another system sees one only, because it takes their names for the same."""
    first: Dict[str, str] = {}
    for path in files:
        relative = path[prefix:]
        key = relative.casefold()
        if not key.isascii():
            key = unicodedata.normalize("NFC", key)
        other = first.setdefault(key, path)
        if other is not path:
            yield Finding(
                WARNING,
                "Files have the same name but for upper and lower case, or for how their letters are encoded; on Windows "
                "and macOS one of them replaces the other",
                "Rename them where workers or other people use such a system.",
                path=path,
                detail=f"and {other}",
            )


def _too_long(severity: str, path: str, message: str, limit: str, length: int) -> Finding:
    return Finding(
        severity,
        f"{message} (the limit is {limit})",
        "Use shorter names, or move the files up to folders that are less deep.",
        path=path,
        detail=f"{length}",
    )


def too_many_roots(group: AssetUploadGroup) -> Finding:
    return Finding(
        ERROR,
        f"A job's files have more than {MOST_ROOTS} asset roots",
        "Files of one drive or of one LOCAL location of the storage profile share a root; bring them together on fewer.",
        field="attachments.manifests",
        detail=", ".join(root.root_path for root in group.asset_groups),
    )


def worker_systems(queue: Mapping[str, Any], profile: Optional[StorageProfile]) -> FrozenSet[str]:
    """The operating systems on which the job may run, as far as somebody says; else that of this machine."""
    users = queue.get("jobRunAsUser") or {}
    systems = {system for system in (_POSIX, _WINDOWS) if (users.get(system) or {}).get("user")}
    if profile is not None:
        windows = profile.osFamily is StorageProfileOperatingSystemFamily.WINDOWS
        systems.add(_WINDOWS if windows else _POSIX)
    if os.name == "nt":
        systems.add(_WINDOWS)
    return frozenset(systems or {_POSIX})


def not_shared(paths: Iterable[str], profile: Optional[StorageProfile]) -> List[str]:
    """The paths, absolute, without those in ``SHARED`` locations."""
    paths = [os.path.abspath(path) for path in paths]
    locations = profile.fileSystemLocations if profile else []
    if not any(location.type is FileSystemLocationType.SHARED for location in locations):
        return paths
    travelling = {str(path) for root in group_paths([], [], paths, profile).asset_groups for path in root.references}
    return [path for path in paths if path in travelling]
