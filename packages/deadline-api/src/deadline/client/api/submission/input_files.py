"""Finding a job's input files: one walk that also sees what of them cannot travel.

Directories that are inputs stand for all files below them. Links to folders are not followed, as they could lead
anywhere or in circles. Each name is looked at once; links alone are resolved.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from typing import Iterable, Iterator, List, Sequence, Tuple

from deadline.client.job_bundle.submission import AssetReferences

from .exclusions import Exclusions

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)

PathWithReason = Tuple[str, str]


@dataclass
class InputFiles:
    """What was found of a job's inputs, as absolute paths."""

    files: List[str] = field(default_factory=list)
    """Regular files that can be read, each once."""
    links: List[str] = field(default_factory=list)
    """Those of the files that are links."""
    missing_files: List[str] = field(default_factory=list)
    missing_directories: List[str] = field(default_factory=list)
    empty_directories: List[str] = field(default_factory=list)
    """Input directories without any file."""
    unreadable: List[PathWithReason] = field(default_factory=list)
    """Files and folders that may not be read, and why."""
    not_regular: List[PathWithReason] = field(default_factory=list)
    """Named inputs that are no regular files, and what they are."""
    passed_over: List[PathWithReason] = field(default_factory=list)
    """What below an input directory is neither a file nor a folder, and what it is."""
    linked_folders: List[str] = field(default_factory=list)
    """Links to folders below input directories; nothing of them travels."""

    @property
    def unused_paths(self) -> List[str]:
        """Inputs without content, to which the job merely refers."""
        return [*self.missing_files, *self.missing_directories, *self.empty_directories]


def find_input_files(references: AssetReferences, exclude: Iterable[str] = ()) -> InputFiles:
    """Find the files among the references and below the directories among them.

    Args:
        references: Of the job.
        exclude: Patterns of files below input directories that do not travel; see :mod:`.exclusions`.

    Raises:
        DeadlineOperationError: A pattern cannot be used.
    """
    return _Finder(Exclusions.of(exclude)).find(references)


class _Finder:
    def __init__(self, exclusions: Exclusions) -> None:
        self._exclusions = exclusions
        self._found = InputFiles()
        self._seen: set[str] = set()

    def find(self, references: AssetReferences) -> InputFiles:
        for path in _absolute(references.input_filenames):
            self._take_named(path)
        for directory in _absolute(references.input_directories):
            if not os.path.isdir(directory):
                self._found.missing_directories.append(directory)
            elif not self._take_folder(directory, self._exclusions):
                self._found.empty_directories.append(directory)
        return self._found

    def _take_named(self, path: str) -> None:
        try:
            status = os.lstat(path)
            is_link = stat.S_ISLNK(status.st_mode)
            if is_link:
                status = os.stat(path)
        except PermissionError as error:
            self._found.unreadable.append((path, error.strerror or str(error)))
        except (OSError, ValueError):
            self._found.missing_files.append(path)
        else:
            if stat.S_ISREG(status.st_mode):
                self._take(path, is_link)
            else:
                self._found.not_regular.append((path, _kind(status.st_mode)))

    def _take_folder(self, root: str, exclusions: Exclusions) -> bool:
        """Take the files below a folder; whether there is any."""
        any_file = False
        folders = [(root, exclusions)]
        while folders:
            folder, excluded = folders.pop()
            for entry in self._entries(folder):
                if _is_plain_folder(entry):
                    below = excluded.below(entry.name)
                    if not below.everything:
                        folders.append((entry.path, below))
                elif not (excluded and excluded.has_file(entry.name)):
                    any_file |= self._take_entry(entry)
        return any_file

    def _entries(self, folder: str) -> Sequence[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except OSError as error:
            self._found.unreadable.append((folder, error.strerror or str(error)))
            return ()

    def _take_entry(self, entry: os.DirEntry[str]) -> bool:
        """Take what is no plain folder; whether it is a file, be it one that cannot be had."""
        if entry.is_file(follow_symlinks=False):
            self._take(entry.path, False)
            return True
        try:
            status = entry.stat()
        except OSError:
            # A link to nothing: a file that somebody counts on, and that is not there.
            self._found.missing_files.append(entry.path)
            return True
        if stat.S_ISDIR(status.st_mode):
            self._found.linked_folders.append(entry.path)
        elif stat.S_ISREG(status.st_mode):
            self._take(entry.path, True)
            return True
        else:
            self._found.passed_over.append((entry.path, _kind(status.st_mode)))
        return False

    def _take(self, path: str, is_link: bool) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        if not os.access(path, os.R_OK):
            self._found.unreadable.append((path, "Permission denied"))
            return
        self._found.files.append(path)
        if is_link:
            self._found.links.append(path)


def _absolute(paths: Iterable[str]) -> Iterator[str]:
    """Absolute paths without ``.`` and ``..``, sorted, each once, with links left alone."""
    return iter(sorted({os.path.abspath(path) for path in paths if path}))


def _is_plain_folder(entry: os.DirEntry[str]) -> bool:
    if not entry.is_dir(follow_symlinks=False):
        return False
    # Junctions of Windows are links too, and do not say so before Python 3.12.
    return os.name != "nt" or not _is_junction(entry)


def _is_junction(entry: os.DirEntry[str]) -> bool:
    tag = getattr(entry.stat(follow_symlinks=False), "st_reparse_tag", 0)
    return bool(tag) and tag == getattr(stat, "IO_REPARSE_TAG_MOUNT_POINT", None)


def _kind(mode: int) -> str:
    return next((kind for check, kind in _KINDS if check(mode)), "no regular file")
