"""Choosing files below a folder by patterns, as a shell does it.

A pattern is relative to the folder. ``*``, ``?`` and ``[...]`` match within a name, ``**`` as a whole name any number
of folders; ``/`` separates names, on Windows ``\\`` too. Names that begin with a dot are like all others: a renderer's
hidden outputs are outputs. Only files are chosen, so a folder's content is ``folder/**``.

All patterns are followed in one walk that enters only folders in which something can still match. Links to folders are
followed, but never back into a folder that the walk is in.
"""

from __future__ import annotations

import errno
import fnmatch
import json
import os
import re
from dataclasses import dataclass
from typing import Any, FrozenSet, Iterable, Iterator, List, Optional, Pattern, Sequence, Tuple, Union

from .exceptions import NonValidInputError
from .models import GlobConfig, default_glob_all

_ANY_DEPTH = "**"
_ANY_NAME = re.compile(fnmatch.translate("*"))

_Name = Union[str, Pattern[str]]
"""A component of a pattern: ``**``, or what a name has to match."""
_State = Tuple[_Name, ...]
"""What is left to be matched of a pattern."""


@dataclass(frozen=True)
class _Folder:
    """A folder of the walk: its path, what may match in it, and the real folders that the walk came through."""

    path: str
    real: str
    includes: FrozenSet[_State]
    excludes: FrozenSet[_State]
    above: FrozenSet[str]


def find_files(
    root: str,
    include: Optional[Sequence[str]] = None,
    exclude: Optional[Sequence[str]] = None,
    include_exclude_config: Optional[str] = None,
) -> List[str]:
    """The absolute paths of the files below ``root`` that are included and not excluded, sorted.

    Args:
        root: A folder; one that does not exist has no files.
        include: Patterns of the files wanted; none means all files.
        exclude: Patterns of the files left out after all.
        include_exclude_config: JSON, or the path of a file with JSON, that is an object with the lists ``include`` and
            ``exclude``; it counts only when neither of the other arguments names a pattern.

    Raises:
        NonValidInputError: A pattern leads out of the root, the configuration is neither a file nor JSON of that form,
            or a folder in which files may match cannot be listed.
    """
    if not include and not exclude and include_exclude_config:
        config = _parsed(include_exclude_config)
        include, exclude = config.get(GlobConfig.INCLUDE), config.get(GlobConfig.EXCLUDE)
    root = os.path.abspath(root)
    real = os.path.realpath(root)
    includes = _reached(_compiled(pattern, root) for pattern in include or default_glob_all())
    excludes = _reached(_compiled(pattern, root) for pattern in exclude or ())
    found: List[str] = []
    folders = [_Folder(root, real, includes, excludes, frozenset([real]))]
    while folders:
        folder = folders.pop()
        # What most want: all files. No name has to be looked at then.
        takes_all = not folder.excludes and (_ANY_DEPTH, _ANY_NAME) in folder.includes
        for entry, is_folder, is_file in _entries(folder.path):
            if takes_all and not is_folder:
                if is_file:
                    found.append(entry.path)
                continue
            included = _after(folder.includes, entry.name)
            if not included:
                continue
            excluded = _after(folder.excludes, entry.name)
            if is_folder:
                folders.extend(_entered(folder, entry, included, excluded))
            elif () in included and () not in excluded and is_file:
                found.append(entry.path)
    return sorted(found)


def _parsed(text: str) -> Any:
    source = "The include and exclude patterns"
    try:
        if os.path.isfile(text):
            source = f"The file {text}"
            with open(text, encoding="utf-8") as file:
                config = json.load(file)
        else:
            config = json.loads(text)
    except (OSError, ValueError) as error:
        raise NonValidInputError(f"{source} could not be read as a file or as JSON: {error}.") from error
    form = f'{source} must be JSON such as {{"include": ["*.exr"], "exclude": ["tmp/**"]}}'
    if not isinstance(config, dict):
        raise NonValidInputError(f"{form}, not a {type(config).__name__}.")
    for name in (GlobConfig.INCLUDE, GlobConfig.EXCLUDE):
        patterns = config.get(name, [])
        if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
            raise NonValidInputError(f"{form}: {name} is no list of texts.")
    return config


def _compiled(pattern: str, root: str) -> _State:
    drive, rest = os.path.splitdrive(pattern)
    names = re.split(r"[/\\]" if os.sep == "\\" else "/", rest)
    if drive or not names[0]:
        names = _below(root, drive, names, pattern)
    if ".." in names:
        raise NonValidInputError(f"The pattern {pattern} leads out of {root}; patterns are relative to it.")
    # A final slash asks for a folder, so that the empty name it leaves matches no file.
    wanted = [name for number, name in enumerate(names) if name != "." and (name or number == len(names) - 1)]
    return tuple(
        name if name == _ANY_DEPTH else re.compile(fnmatch.translate(os.path.normcase(name))) for name in wanted
    )


def _below(root: str, drive: str, names: Sequence[str], pattern: str) -> List[str]:
    """The names of an absolute pattern after those of the root."""
    root_drive, root_rest = os.path.splitdrive(root)
    above = [name for name in root_rest.split(os.sep) if name]
    own = list(names[1:])
    same = len(own) > len(above) and all(fnmatch.fnmatch(name, pattern_name) for name, pattern_name in zip(above, own))
    if os.path.normcase(drive) != os.path.normcase(root_drive) or not same:
        raise NonValidInputError(f"The pattern {pattern} leads out of {root}; patterns are relative to it.")
    return own[len(above) :]


def _entries(path: str) -> Iterator[Tuple[os.DirEntry[str], bool, bool]]:
    """What is in a folder, with whether it is a folder and whether it is a file, links followed."""
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if not entry.is_symlink():
                    is_folder = entry.is_dir()
                    yield entry, is_folder, not is_folder and entry.is_file()
                elif not _is_endless(entry):
                    yield entry, entry.is_dir(), entry.is_file()
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise NonValidInputError(
            f"{error.filename or path} cannot be read: {error.strerror or error}. Give access to it, or exclude it."
        ) from error


def _is_endless(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a link that leads to itself, and so as little to a file as one that leads to nothing."""
    try:
        entry.is_dir()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _entered(
    folder: _Folder, entry: os.DirEntry[str], includes: FrozenSet[_State], excludes: FrozenSet[_State]
) -> Iterator[_Folder]:
    """The folder of an entry, unless nothing can match there or the walk is in it already."""
    everything_excluded = (_ANY_DEPTH,) in excludes
    if everything_excluded or not any(state for state in includes):
        return
    # On Windows a junction is a link too, and does not say so before Python 3.12.
    may_link = entry.is_symlink() or os.name == "nt"
    real = os.path.realpath(entry.path) if may_link else os.path.join(folder.real, entry.name)
    if real not in folder.above:
        yield _Folder(entry.path, real, includes, excludes, folder.above | {real})


def _after(states: FrozenSet[_State], name: str) -> FrozenSet[_State]:
    """What is left of patterns after a name; an empty rest is a match."""
    name = os.path.normcase(name)
    left = []
    for state in states:
        if not state:
            continue
        first = state[0]
        if isinstance(first, str):
            left.append(state)
        elif first.match(name):
            left.append(state[1:])
    return _reached(left)


def _reached(states: Iterable[_State]) -> FrozenSet[_State]:
    """The states together with those that follow when ``**`` stands for no folder."""
    reached = set()
    for state in states:
        reached.add(state)
        while state and isinstance(state[0], str):
            state = state[1:]
            reached.add(state)
    return frozenset(reached)
