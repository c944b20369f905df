"""Where a session on a worker has the asset roots of its job.

A root has a folder of its own below the session's folder, unless it belongs to a file system location that a storage profile
maps: then it is where the longest rule that leads to it says. A root may lie deeper than its location, because it is the
deepest folder that its files share.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Dict, List, Mapping, NamedTuple, Optional, Type

from ._utils import _get_unique_dest_dir_name
from .exceptions import AssetSyncError
from .models import Attachments, ManifestProperties, PathFormat, PathMappingRule


class SessionRoot(NamedTuple):
    """An asset root of the job, and its folder on this worker."""

    properties: ManifestProperties
    folder: str


def rule_into_session(properties: ManifestProperties, session_dir: Path) -> PathMappingRule:
    """The rule from a root to a folder of its own below ``session_dir``."""
    return PathMappingRule(
        source_path_format=PathFormat(properties.rootPathFormat).value,
        source_path=properties.rootPath,
        destination_path=folder_in_session(properties.rootPath, session_dir),
    )


def folder_in_session(root_path: str, session_dir: Path) -> str:
    """The folder of a root below ``session_dir``."""
    return str(Path(session_dir, _get_unique_dest_dir_name(root_path)))


def rules_into_session(
    attachments: Attachments, session_dir: Path, storage_profile_rules: Mapping[str, str]
) -> Dict[str, PathMappingRule]:
    """The rules of all roots that have a folder below ``session_dir``; without a storage profile's rules all have."""
    return {
        properties.rootPath: rule_into_session(properties, session_dir)
        for properties in attachments.manifests
        if not (properties.fileSystemLocationName and storage_profile_rules)
    }


def session_roots(
    attachments: Attachments,
    rules: Mapping[str, PathMappingRule],
    storage_profile_rules: Mapping[str, str],
) -> List[SessionRoot]:
    """All roots of a job with their folders; ``rules`` lead into the session.

    Raises :class:`AssetSyncError` for a root to which no rule leads.
    """
    return [
        SessionRoot(properties, local_destination(properties, rules, storage_profile_rules))
        for properties in attachments.manifests
    ]


def local_destination(
    properties: ManifestProperties, rules: Mapping[str, PathMappingRule], storage_profile_rules: Mapping[str, str]
) -> str:
    """The folder of a root; raises :class:`AssetSyncError` when no rule leads to one."""
    root = properties.rootPath
    if properties.fileSystemLocationName and (storage_profile_rules or root not in rules):
        located = _located(root, PathFormat(properties.rootPathFormat), storage_profile_rules)
        if located is None:
            raise AssetSyncError(
                f"No path mapping rule of the storage profile leads from {root} (file system location "
                f"{properties.fileSystemLocationName}) to a folder of this worker. Check that the fleet's storage profile "
                "has that location too."
            )
        return located
    rule = rules.get(root)
    if rule is None:
        raise AssetSyncError(f"No path mapping rule leads from {root} to a folder of this session.")
    return rule.destination_path


def _located(root: str, path_format: PathFormat, rules: Mapping[str, str]) -> Optional[str]:
    """Where the longest rule that leads to ``root``, or to a folder above it, puts it."""
    exact = rules.get(root)
    if exact:
        return exact
    flavour: Type[PurePath] = PureWindowsPath if path_format is PathFormat.WINDOWS else PurePosixPath
    path = flavour(root)
    # Parts of Windows paths are equal whatever their case; pure paths know that.
    sources = {flavour(source): destination for source, destination in rules.items()}
    for above in (path, *path.parents):
        destination = sources.get(above)
        if destination:
            return os.path.normpath(os.path.join(destination, *path.parts[len(above.parts) :]))
    return None
