"""Where the paths of one machine are on another.

Two storage profiles know the same places by the same names; a rule leads from where one machine has a place to where the
other has it. Of the rules that hold for a path the one with the longest source wins, counted in whole components.

>>> rules = [
...     PathMappingRule("windows", "C:\\\\Proj", "/mnt/p"),
...     PathMappingRule("windows", "C:\\\\Proj\\\\Fx", "/mnt/fx"),
... ]
>>> PathMappingRuleApplier(rules).strict_transform("c:/proj/FX/Fire.vdb").as_posix()
'/mnt/fx/Fire.vdb'
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Type, Union

from .models import PathFormat, PathMappingRule, StorageProfile

Profile = Union[StorageProfile, Mapping[str, Any]]
"""A storage profile, as a value or as the service answers; members that are not known do no harm."""

_SYNTAX: Dict[PathFormat, Type[PurePath]] = {
    PathFormat.POSIX: PurePosixPath,
    PathFormat.WINDOWS: PureWindowsPath,
}


@dataclass(frozen=True)
class MappedPath:
    """A path on this machine: ``parts`` below ``folder``, which is the destination of the rule that led there."""

    folder: Path
    parts: Tuple[str, ...]


def generate_path_mapping_rules(source_profile: Profile, destination_profile: Profile) -> List[PathMappingRule]:
    """A rule for each place that both profiles have, in the order of the source's; none between a profile and itself."""
    source, destination = _members(source_profile), _members(destination_profile)
    if source["storageProfileId"] == destination["storageProfileId"]:
        return []
    windows = source["osFamily"].lower() == PathFormat.WINDOWS.value
    source_format = PathFormat.WINDOWS if windows else PathFormat.POSIX
    destinations = {location["name"]: location["path"] for location in destination.get("fileSystemLocations") or ()}
    return [
        PathMappingRule(source_format.value, location["path"], destinations[location["name"]])
        for location in source.get("fileSystemLocations") or ()
        if location["name"] in destinations
    ]


class PathMappingRuleApplier:
    """Maps paths by rules, all of which are written in one format.

    Attributes:
        path_mapping_rules: The rules.
        source_path_format: Their format, ``posix`` or ``windows``; ``None`` without rules, when nothing is mapped.
    """

    def __init__(self, path_mapping_rules: Iterable[PathMappingRule]) -> None:
        """Raises :class:`ValueError` for rules of different formats, or of one that is not known."""
        self.path_mapping_rules = list(path_mapping_rules)
        formats = {_format_of(rule) for rule in self.path_mapping_rules}
        if len(formats) > 1:
            raise ValueError("Path mapping rules of both formats, posix and windows, cannot be applied together.")
        self.source_path_format: Optional[str] = None
        self._syntax: Type[PurePath] = PurePath
        self._folds_case = False
        self._destinations: Dict[Tuple[str, ...], Path] = {}
        for source_format in formats:
            self.source_path_format = source_format.value
            self._syntax = _SYNTAX[source_format]
            self._folds_case = source_format is PathFormat.WINDOWS
        for rule in self.path_mapping_rules:
            source = self._comparable(self.parts_of(rule.source_path))
            self._destinations.setdefault(source, Path(rule.destination_path))
        self._lengths = sorted({len(source) for source in self._destinations}, reverse=True)

    def strict_transform(self, path: Union[str, PurePath]) -> Path:
        """Where a path is on this machine; raises :class:`ValueError` when no rule says so."""
        mapped = self.match(self.parts_of(path))
        if mapped is None:
            raise ValueError(f"No path mapping rule leads from {path} to a place on this machine.")
        return mapped.folder.joinpath(*mapped.parts)

    def transform(self, path: str) -> Union[Path, str]:
        """Where a path is on this machine, or the path as it is when no rule says so."""
        mapped = self.match(self.parts_of(path))
        return path if mapped is None else mapped.folder.joinpath(*mapped.parts)

    def parts_of(self, path: Union[str, PurePath]) -> Tuple[str, ...]:
        """The components of a path in the rules' format; the first of an absolute path is its root."""
        return self._syntax(path).parts

    def match(self, parts: Sequence[str]) -> Optional[MappedPath]:
        """Where the path with these components is on this machine, or ``None`` when no rule says so.

        A path that climbs is not mapped: it might leave the destination.
        """
        comparable = self._comparable(parts)
        for length in self._lengths:
            destination = self._destinations.get(comparable[:length])
            if destination is not None:
                rest = tuple(parts[length:])
                return None if ".." in rest else MappedPath(destination, rest)
        return None

    def _comparable(self, parts: Sequence[str]) -> Tuple[str, ...]:
        return tuple(map(str.lower, parts)) if self._folds_case else tuple(parts)


def _members(profile: Profile) -> Mapping[str, Any]:
    return profile.to_dict() if isinstance(profile, StorageProfile) else profile


def _format_of(rule: PathMappingRule) -> PathFormat:
    try:
        return PathFormat(rule.source_path_format)
    except ValueError:
        raise ValueError(
            f"{rule.source_path_format!r} is no format of a path mapping rule; expected posix or windows."
        ) from None
