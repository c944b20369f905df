"""Checking, reading and unpacking archives of job bundles, which anybody who may write to the bucket can have made.

:func:`open_archive` reads the list of an archive's files and refuses it as a whole, before anything is written, where

* a file would land outside of the folder, is a link or a device, stands there twice or is encrypted;
* there are more than :data:`MAXIMUM_ENTRIES` files, or far more bytes than so small an archive should have;
* there is no job template at the top, or in the one folder that holds everything.

Unpacking compares the size and the checksum of every file with the list.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Callable, Dict, Iterator, List, Optional, Set, Tuple, Union

from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.containment import Containment
from deadline.job_attachments.exceptions import PathOutsideDirectoryError

from ..loader import FILE_TYPES
from .content_digest import content_digest
from .entry_names import is_plain, is_wanted

MAXIMUM_ENTRIES = 100_000
MAXIMUM_RATIO = 200
"""How many times the bytes of the archive its files may have together."""
ALWAYS_ALLOWED_BYTES = 256 * 1024 * 1024
"""The bytes that files may have together however small the archive is."""
MAXIMUM_TEXT_BYTES = 16 * 1024 * 1024
"""The bytes of a template that is read without unpacking the archive."""

_BLOCK = 1024 * 1024
_MADE_ON_UNIX = 3
_TYPES_WITH_CONTENT = (0, stat.S_IFREG)
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SUFFIXES = tuple(suffix for _, suffix in sorted(FILE_TYPES, reverse=True))  # YAML goes before JSON
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError),
    *(OSError, OverflowError),  # where a place in the file is none
)
"""What zipfile raises about archives that are damaged, or of a kind that it does not know."""


class InvalidArchiveError(DeadlineOperationError, ValueError):
    """A file is not an archive of a job bundle, or one that must not be unpacked."""


@dataclass(frozen=True)
class _Entry:
    """A file in an archive, and its path within the bundle."""

    info: zipfile.ZipInfo
    path: str


class BundleArchive:
    """An archive that has been checked. Made by :func:`open_archive`."""

    def __init__(self, zip_file: zipfile.ZipFile, size: int, where: str) -> None:
        self._zip = zip_file
        self._where = where
        self.size = size
        """The bytes of the archive itself."""
        entries = self._checked_entries()
        root = self._root([entry.path for entry in entries])
        within = (_Entry(entry.info, entry.path[len(root) :]) for entry in entries)
        self._entries = [entry for entry in within if is_wanted(entry.path)]

    @property
    def total_bytes(self) -> int:
        """The bytes of all files."""
        return sum(entry.info.file_size for entry in self._entries)

    @property
    def digest(self) -> str:
        """What stands for the content; see :mod:`.content_digest`."""
        return content_digest((entry.path, entry.info.file_size, entry.info.CRC) for entry in self._entries)

    def read_text(self, name: str) -> Optional[Tuple[str, str]]:
        """The text of ``<name>.yaml`` or ``<name>.json`` at the top of the bundle, and its file name.

        Raises:
            InvalidArchiveError: It is too large, damaged, or no text.
        """
        by_path = {entry.path: entry for entry in self._entries}
        for suffix in _SUFFIXES:
            entry = by_path.get(name + suffix)
            if entry is None:
                continue
            if entry.info.file_size > MAXIMUM_TEXT_BYTES:
                raise InvalidArchiveError(f"{entry.path} in {self._where} is larger than {MAXIMUM_TEXT_BYTES} bytes.")
            content = b"".join(self._blocks(entry))
            try:
                return content.decode("utf-8-sig"), entry.path
            except UnicodeDecodeError as error:
                raise InvalidArchiveError(f"{entry.path} in {self._where} is not UTF-8 text.") from error
        return None

    def extract_to(self, folder: Path, on_bytes: Optional[Callable[[int], object]] = None) -> None:
        """Unpack all files into an empty folder; what was unpacked before an error stays for the caller to remove.

        Args:
            folder: The folder, which exists.
            on_bytes: Gets the bytes that were written since the last call. What it raises ends the work.

        Raises:
            InvalidArchiveError: The archive is damaged, or has names that this system cannot have.
            DeadlineOperationError: A file cannot be written.
        """
        self._require_space(folder)
        containment = Containment(folder)
        for entry in self._entries:
            target = self._target(containment, entry)
            with self._create(target, entry) as file:
                for block in self._blocks(entry):
                    with self._write_errors(target):
                        file.write(block)
                    if on_bytes is not None:
                        on_bytes(len(block))

    def _checked_entries(self) -> List[_Entry]:
        infos = self._zip.infolist()
        if len(infos) > MAXIMUM_ENTRIES:
            raise InvalidArchiveError(f"{self._where} has more than {MAXIMUM_ENTRIES} files; it was not unpacked.")
        entries: Dict[str, _Entry] = {}
        for info in infos:
            if not info.filename:  # ZipInfo itself stumbles over it
                raise InvalidArchiveError(f"{self._where} has a file without a name; it was not unpacked.")
            name = info.filename[:-1] if info.is_dir() else info.filename
            self._check(info, name)
            if info.is_dir() or not is_wanted(name):
                continue
            if name in entries:
                raise InvalidArchiveError(f"{self._where} has the file {name!r} twice; it was not unpacked.")
            entries[name] = _Entry(info, name)
        total = sum(entry.info.file_size for entry in entries.values())
        if total > max(ALWAYS_ALLOWED_BYTES, MAXIMUM_RATIO * self.size):
            raise InvalidArchiveError(
                f"{self._where} has {self.size} bytes and says that its files have {total}, as an archive does that is "
                "made to fill a disk; it was not unpacked."
            )
        return list(entries.values())

    def _check(self, info: zipfile.ZipInfo, name: str) -> None:
        if not is_plain(name):
            raise InvalidArchiveError(
                f"{self._where} names {info.filename!r}, which is no plain path below a folder; it was not unpacked."
            )
        kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == _MADE_ON_UNIX else 0
        if kind not in _TYPES_WITH_CONTENT and not info.is_dir():
            raise InvalidArchiveError(f"{info.filename!r} in {self._where} is a link or a device; it was not unpacked.")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _METHODS:
            raise InvalidArchiveError(
                f"{info.filename!r} in {self._where} is encrypted, or compressed in another way than zip files of job "
                "bundles are (deflate)."
            )

    def _root(self, paths: List[str]) -> str:
        """What paths begin with that lie in the bundle's folder: nothing, or the one folder that holds everything."""
        found: Set[str] = set(paths)
        roots = {"", *(f"{path.partition('/')[0]}/" for path in paths)}
        for root in sorted(roots) if len(roots) == 2 else [""]:
            if any(f"{root}template{suffix}" in found for suffix in _SUFFIXES):
                return root
        raise InvalidArchiveError(
            f"{self._where} is not an archive of a job bundle: it has neither template.yaml nor template.json at its top."
        )

    def _require_space(self, folder: Path) -> None:
        free = shutil.disk_usage(folder).free
        if self.total_bytes > free:
            raise InvalidArchiveError(
                f"{self._where} needs {self.total_bytes} bytes on the disk of {folder}, where {free} are free. Make room "
                "and try again."
            )

    def _target(self, containment: Containment, entry: _Entry) -> Path:
        try:
            return containment.target_of(entry.path)
        except PathOutsideDirectoryError as error:
            raise InvalidArchiveError(
                f"{self._where} has a file whose name this system cannot have: {entry.path!r}."
            ) from error

    @contextlib.contextmanager
    def _create(self, target: Path, entry: _Entry) -> Iterator[IO[bytes]]:
        """A new file; as executable as the one that was put into the archive."""
        unix_mode = entry.info.external_attr >> 16 if entry.info.create_system == _MADE_ON_UNIX else 0
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with self._write_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            file = os.fdopen(os.open(target, flags, 0o777 if unix_mode & stat.S_IXUSR else 0o666), "wb")
        try:
            yield file
        finally:
            with self._write_errors(target):
                file.close()

    @contextlib.contextmanager
    def _write_errors(self, target: Path) -> Iterator[None]:
        try:
            yield
        except (FileExistsError, NotADirectoryError) as error:
            raise InvalidArchiveError(
                f"{self._where} has two files or folders that are one on this system: {target.name!r}."
            ) from error
        except OSError as error:
            raise DeadlineOperationError(f"{target} cannot be written: {error.strerror or error}.") from error

    def _blocks(self, entry: _Entry) -> Iterator[bytes]:
        """The content of a file; raises where it is not what the archive's list says."""
        left = entry.info.file_size
        try:
            with self._zip.open(entry.info) as stream:
                while True:
                    block = stream.read(_BLOCK)
                    if not block:
                        break
                    left -= len(block)
                    yield block
        except _BROKEN as error:
            raise self._damaged(entry) from error
        if left:
            raise self._damaged(entry)

    def _damaged(self, entry: _Entry) -> InvalidArchiveError:
        return InvalidArchiveError(f"{entry.path} in {self._where} is damaged; make and upload the archive again.")


@contextlib.contextmanager
def open_archive(source: Union[str, IO[bytes]], where: str) -> Iterator[BundleArchive]:
    """Check an archive and give access to it.

    Args:
        source: The path of a file, or an open one, which stays open.
        where: How messages call it.

    Raises:
        InvalidArchiveError: It is not an archive of a job bundle, or one that must not be unpacked.
        DeadlineOperationError: The file cannot be read.
    """
    with contextlib.ExitStack() as stack:
        if isinstance(source, str):
            try:
                file: IO[bytes] = stack.enter_context(open(source, "rb"))
            except OSError as error:
                raise DeadlineOperationError(f"{where} cannot be read: {error.strerror or error}.") from error
        else:
            file = source
        size = file.seek(0, os.SEEK_END)
        try:
            zip_file = stack.enter_context(zipfile.ZipFile(file))
        except _BROKEN as error:
            raise InvalidArchiveError(
                f"{where} is not an archive of a job bundle, or it is damaged: {error}"
            ) from error
        yield BundleArchive(zip_file, size, where)


def check_archive(source: Union[str, IO[bytes]], where: str) -> None:
    """Raise as of :func:`open_archive` where an archive cannot be used."""
    with open_archive(source, where):
        pass


def read_template_from_archive(path: str) -> Optional[Tuple[str, str]]:
    """The text of the job template in an archive and its file name; ``None`` where that cannot be read."""
    try:
        with open_archive(path, path) as archive:
            return archive.read_text("template")
    except DeadlineOperationError:
        return None
