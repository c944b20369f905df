"""Telling whether a folder still holds exactly what an archive holds.

The digest is made of the paths, sizes and checksums (CRC-32) of all files; a zip file's directory lists them, so that an
archive need not be unpacked for it. It recognises changes, and is no protection against somebody who makes two contents
with equal checksums on purpose.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zlib
from pathlib import Path
from typing import Iterable, Optional, Tuple

_BLOCK = 1024 * 1024

FileContent = Tuple[str, int, int]
"""The path of a file with slashes, its size in bytes, and its CRC-32."""


def content_digest(files: Iterable[FileContent]) -> str:
    """Sixteen hexadecimal digits that stand for the content of these files."""
    digest = hashlib.sha256()
    for path, size, checksum in sorted(files):
        digest.update(f"{path}\0{size}\0{checksum:08x}\n".encode("utf-8", errors="surrogatepass"))
    return digest.hexdigest()[:16]


def folder_digest(folder: Path) -> Optional[str]:
    """The digest of the files in a folder; ``None`` where it cannot be read, or holds links or no files."""
    files = []
    try:
        for parent, folders, names in os.walk(folder, onerror=_raise):
            if any(Path(parent, name).is_symlink() for name in folders):
                return None
            for name in names:
                path = Path(parent, name)
                if not stat.S_ISREG(path.lstat().st_mode):
                    return None
                files.append((path.relative_to(folder).as_posix(), *_size_and_checksum(path)))
    except OSError:
        return None
    return content_digest(files) if files else None


def _size_and_checksum(path: Path) -> Tuple[int, int]:
    size = checksum = 0
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            if not block:
                return size, checksum
            size += len(block)
            checksum = zlib.crc32(block, checksum)


def _raise(error: OSError) -> None:
    raise error
