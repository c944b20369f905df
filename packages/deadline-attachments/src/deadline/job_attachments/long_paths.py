r"""Paths on Windows that are longer than 260 characters.

Windows opens such a path only when it is written with the prefix ``\\?\`` (a share: ``\\?\UNC\``), unless both the
machine and the program are set up for long paths. A path with the prefix is taken as it stands: it must be absolute,
and ``..`` and ``/`` mean nothing in it. Users should never see the prefix.

Everything here works on texts, and ``windows`` says whose rules apply; elsewhere paths stay as they are.

https://learn.microsoft.com/en-us/windows/win32/fileio/maximum-file-path-limitation
"""

from __future__ import annotations

import functools
import sys
from pathlib import PureWindowsPath

ON_WINDOWS = sys.platform == "win32"
WINDOWS_MAX_PATH_LENGTH = 260
TEMPORARY_NAME_LENGTH = 9
"""How much longer a name may become while its file is written: a dot and eight characters."""

_PREFIX = "\\\\?\\"
_UNC_PREFIX = "\\\\?\\UNC\\"
_DEVICE_PREFIX = "\\\\.\\"


def as_extended_length_path(path: str, *, windows: bool = ON_WINDOWS) -> str:
    """The path with the prefix, whatever its length; for walks into folders that may be deep.

    Raises :class:`ValueError` for a path that is relative or climbs, which must be resolved first.
    """
    if not windows or path.startswith((_PREFIX, _DEVICE_PREFIX)):
        return path
    parsed = PureWindowsPath(path)
    if not parsed.is_absolute():
        raise ValueError(f"{path!r} is relative; only an absolute path can be written as an extended-length path.")
    if ".." in parsed.parts:
        raise ValueError(f"{path!r} has '..' in it and must be resolved to be written as an extended-length path.")
    text = str(parsed)
    return f"{_UNC_PREFIX}{text[2:]}" if text.startswith("\\\\") else f"{_PREFIX}{text}"


def long_path_compatible(path: str, *, windows: bool = ON_WINDOWS) -> str:
    """The path as file system calls can take it: with the prefix when it, or a name beside it, would be too long.

    Relative paths stay as they are. Raises :class:`ValueError` for a long path that climbs.
    """
    if not windows or len(path) + TEMPORARY_NAME_LENGTH < WINDOWS_MAX_PATH_LENGTH:
        return path
    return as_extended_length_path(path, windows=True) if PureWindowsPath(path).is_absolute() else path


def without_prefix(path: str, *, windows: bool = ON_WINDOWS) -> str:
    """The path as users know it."""
    if windows and path.startswith(_UNC_PREFIX):
        return f"\\\\{path[len(_UNC_PREFIX) :]}"
    return path[len(_PREFIX) :] if windows and path.startswith(_PREFIX) else path


@functools.lru_cache(maxsize=1)
def are_long_paths_enabled() -> bool:
    """Whether this process can open long paths without the prefix; asked once."""
    if not ON_WINDOWS:
        return True
    import ctypes

    try:
        # What counts is the machine's setting and the program's manifest together, which this knows.
        asked = ctypes.WinDLL("ntdll").RtlAreLongPathsEnabled  # type: ignore[attr-defined,unused-ignore]
    except (OSError, AttributeError):
        return False
    asked.restype = ctypes.c_ubyte
    return bool(asked())
