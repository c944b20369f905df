"""Making an archive of a job bundle: a zip file of what its folder holds, with the ending ``.ojd``.

Links are passed over, as they would lead elsewhere on another machine; empty folders are not kept. The archive is a file
on disk without a name, which is gone when it is closed: bundles may be larger than memory.
"""

from __future__ import annotations

import logging
import os
import stat
import tempfile
import zipfile
from pathlib import Path
from typing import IO, Callable, Iterator, List, Optional, Tuple

from deadline.client.exceptions import DeadlineOperationError

from ..loader import is_job_bundle_dir
from .entry_names import is_plain, is_wanted
from .extraction import check_archive
from .names import ARCHIVE_SUFFIX

logger = logging.getLogger(__name__)

CHUNK = 4 * 1024 * 1024

OnBytes = Callable[[int], object]
"""Gets the number of bytes since the last call. What it raises ends the work, and is how to cancel it."""


def archive_bundle_dir(source_dir: str, progress_callback: Optional[OnBytes] = None) -> IO[bytes]:
    """An archive of a bundle's folder, as an open file at its beginning; close it when it is no longer needed.

    Args:
        source_dir: The folder.
        progress_callback: Gets the bytes of files as they are read; their sum is :func:`get_bundle_dir_size`.

    Raises:
        DeadlineOperationError: A file cannot be read, or has a name that other systems cannot have.
    """
    files = _files_of(source_dir)
    # Not a SpooledTemporaryFile: before Python 3.11 it lacks what zipfile needs of a file.
    archive: IO[bytes] = tempfile.TemporaryFile(prefix="deadline-bundle-")  # noqa: SIM115
    try:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zip_file:
            for path, name in files:
                _add(zip_file, path, name, progress_callback)
        archive.seek(0)
    except OSError as error:
        archive.close()
        raise DeadlineOperationError(
            f"The archive of {source_dir} could not be made: {error.strerror or error}: "
            f"{error.filename or tempfile.gettempdir()}"
        ) from error
    except BaseException:
        archive.close()
        raise
    return archive


def get_bundle_dir_size(source_dir: str) -> int:
    """The bytes of all files that :func:`archive_bundle_dir` would put into an archive."""
    return sum(path.stat().st_size for path, _ in _files_of(source_dir))


def check_bundle(source: str) -> None:
    """Raise :class:`DeadlineOperationError` where ``source`` is neither a bundle's folder nor a file that ends in ``.ojd``."""
    if os.path.isdir(source):
        if not is_job_bundle_dir(source):
            raise DeadlineOperationError(
                f"The folder {source} is not a job bundle: it has neither template.yaml nor template.json."
            )
    elif not source.endswith(ARCHIVE_SUFFIX) or not os.path.isfile(source):
        raise DeadlineOperationError(
            f"{source or 'An empty path'} is not a job bundle: it is neither a folder nor a file that ends in {ARCHIVE_SUFFIX}. Check its "
            "path; `deadline bundle list FOLDER` lists the bundles of a folder."
        )


def open_bundle_archive(source: str, progress_callback: Optional[OnBytes] = None) -> IO[bytes]:
    """The archive of a bundle that is a folder or an archive already, as an open file at its beginning.

    Args:
        source: A bundle's folder, or a file that ends in ``.ojd``.
        progress_callback: As of :func:`archive_bundle_dir`; not called for a file.

    Raises:
        DeadlineOperationError: ``source`` is neither, or cannot be read or used.
    """
    check_bundle(source)
    if os.path.isdir(source):
        return archive_bundle_dir(source, progress_callback)
    try:
        file = open(source, "rb")  # noqa: SIM115
    except OSError as error:
        raise DeadlineOperationError(f"{source} cannot be read: {error.strerror or error}.") from error
    try:
        check_archive(file, source)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _files_of(source_dir: str) -> List[Tuple[Path, str]]:
    """The files of a bundle and their names in an archive."""
    try:
        return sorted(_walk(source_dir), key=lambda item: item[1])
    except OSError as error:
        raise DeadlineOperationError(
            f"The job bundle {source_dir} cannot be read: {error.strerror or error}: {error.filename}"
        ) from error


def _walk(source_dir: str) -> Iterator[Tuple[Path, str]]:
    root = Path(source_dir)
    for folder, folders, files in os.walk(root, onerror=_raise):
        for name in [*folders, *files]:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            in_archive = path.relative_to(root).as_posix()
            if stat.S_ISLNK(mode):
                logger.warning("The link %s is not put into the archive; replace it by what it leads to.", path)
            elif stat.S_ISREG(mode) and is_wanted(in_archive):
                if not is_plain(in_archive):
                    raise DeadlineOperationError(
                        f"{str(path)!r} has a name that other systems cannot have. Rename it to share the job bundle."
                    )
                yield path, in_archive
            elif not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                logger.warning("%s is not put into the archive: it is no file.", path)


def _add(zip_file: zipfile.ZipFile, path: Path, name: str, on_bytes: Optional[OnBytes]) -> None:
    info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    info.compress_type = zipfile.ZIP_DEFLATED
    with path.open("rb") as file, zip_file.open(info, "w") as entry:
        while True:
            chunk = file.read(CHUNK)
            if not chunk:
                return
            entry.write(chunk)
            if on_bytes is not None:
                on_bytes(len(chunk))


def _raise(error: OSError) -> None:
    raise error
