"""Which folders of a job's files were expected: the user named them, or they belong to the bundle.

A job bundle from elsewhere may name any file of the user's. Files are therefore uploaded without a question only from
*known* folders. Links are followed before that is decided: a link within a known folder does not make known what it
leads to.
"""

from __future__ import annotations

import os
from configparser import ConfigParser
from dataclasses import dataclass, field
from typing import Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from deadline.client.config import get_setting
from deadline.client.job_bundle.parameter_types import PARAMETER_TYPES, JobParameter
from deadline.client.job_bundle.paths import (
    is_absolute_path,
    is_any_path_contained,
    is_bare_unc_anchor,
    is_uri,
    path_components,
)
from deadline.job_attachments.models import FileSystemLocationType, StorageProfile

from .plan import SubmissionPlan


@dataclass(frozen=True)
class KnownPaths:
    """Folders from which files may be uploaded without a question, links resolved."""

    roots: Tuple[str, ...]
    local_locations: Mapping[str, str]
    """The names of the storage profile's ``LOCAL`` locations, by path."""
    _verdicts: Dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    def contain(self, folder: str) -> bool:
        """Whether a folder is one of them or lies below one; links are resolved once for each folder."""
        verdict = self._verdicts.get(folder)
        if verdict is None:
            verdict = self._verdicts[folder] = is_any_path_contained(os.path.realpath(folder), self.roots)
        return verdict


@dataclass(frozen=True)
class PathClasses:
    """A job's folders, by whether they are known."""

    known_inputs: Tuple[str, ...]
    unknown_inputs: Tuple[str, ...]
    known_outputs: Tuple[str, ...]
    unknown_outputs: Tuple[str, ...]

    @property
    def has_unknown(self) -> bool:
        """Whether any folder is unknown."""
        return bool(self.unknown_inputs or self.unknown_outputs)


def find_known_paths(plan: SubmissionPlan, config: Optional[ConfigParser] = None) -> KnownPaths:
    """The known folders of a submission."""
    request = plan.request
    return known_paths(
        bundle_dir=request.bundle_dir,
        named=request.known_asset_paths,
        setting=get_setting("settings.known_asset_paths", config),
        parameters=plan.parameters,
        parameter_names=plan.given_parameter_names,
        storage_profile=plan.storage_profile,
    )


def known_paths(
    *,
    bundle_dir: str,
    named: Iterable[str],
    setting: str,
    parameters: Sequence[JobParameter],
    parameter_names: Iterable[str],
    storage_profile: Optional[StorageProfile],
) -> KnownPaths:
    """Collect the known folders.

    Args:
        bundle_dir: The job bundle.
        named: Folders that the caller names.
        setting: The setting ``settings.known_asset_paths``.
        parameters: The job's parameters, with values.
        parameter_names: The parameters whose values come from the caller or hooks: their paths are known.
        storage_profile: The storage profile, of which the ``LOCAL`` locations are known.
    """
    names = set(parameter_names)
    locations = {
        location.path: location.name
        for location in (storage_profile.fileSystemLocations if storage_profile else [])
        if location.type is FileSystemLocationType.LOCAL
    }
    candidates = [os.path.abspath(bundle_dir), *named, *locations, *setting.split(os.pathsep)]
    candidates += [path for parameter in parameters if parameter["name"] in names for path in _folders_of(parameter)]
    return KnownPaths(_outermost(candidates), locations)


def classify_paths(known: KnownPaths, input_files: Iterable[str], output_directories: Iterable[str]) -> PathClasses:
    """Sort the folders of files, and folders of outputs, by whether they are known.

    Of nested input folders of one kind only the outermost is kept.
    """
    # A linked file comes from where it really is.
    folders = {os.path.dirname(os.path.realpath(file) if os.path.islink(file) else file) for file in input_files}
    inputs: Dict[bool, List[str]] = {True: [], False: []}
    for folder in folders:
        inputs[known.contain(folder)].append(folder)
    outputs: Dict[bool, List[str]] = {True: [], False: []}
    for directory in sorted(output_directories):
        outputs[known.contain(directory)].append(directory)
    return PathClasses(
        _without_nested(inputs[True]), _without_nested(inputs[False]), tuple(outputs[True]), tuple(outputs[False])
    )


def _folders_of(parameter: JobParameter) -> List[str]:
    """The folders in the value of a path parameter."""
    if "type" not in parameter or not PARAMETER_TYPES[parameter["type"]].is_path:
        return []
    value = parameter.get("value")
    paths = [path for path in (value if isinstance(value, list) else [value]) if isinstance(path, str) and path]
    is_file = parameter.get("objectType") == "FILE"
    return [os.path.dirname(path) if is_file else path for path in paths if not is_uri(path)]


def _outermost(candidates: Iterable[str]) -> Tuple[str, ...]:
    """Absolute folders with links resolved, without those below others."""
    roots: List[str] = []
    for candidate in candidates:
        path = os.path.expanduser(candidate.strip())
        if path and is_absolute_path(path) and not is_bare_unc_anchor(path):
            roots.append(os.path.realpath(path))
    return _without_nested(roots)


def _without_nested(folders: Iterable[str]) -> Tuple[str, ...]:
    kept: Dict[Tuple[str, ...], str] = {}
    for folder, parts in sorted(
        ((folder, path_components(folder)) for folder in set(folders)), key=lambda x: len(x[1])
    ):
        if not any(parts[:length] in kept for length in range(1, len(parts) + 1)):
            kept[parts] = folder
    return tuple(sorted(kept.values()))
