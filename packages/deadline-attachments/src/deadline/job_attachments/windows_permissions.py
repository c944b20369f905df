"""Access entries on Windows, through the system's own libraries.

An entry that allows the user something is added to the access list of a file or folder; entries that are there stay.
The libraries are loaded when they are needed, and may be given instead.
"""

from __future__ import annotations

import ctypes
import sys
from typing import Any

from .exceptions import AssetSyncError
from .long_paths import long_path_compatible
from .permission_settings import WindowsFileSystemPermissionSettings, WindowsPermissionEnum

_READ = 0x00120089  # FILE_GENERIC_READ
_WRITE = 0x00120116  # FILE_GENERIC_WRITE
_EXECUTE = 0x001200A0  # FILE_GENERIC_EXECUTE
_ALL = 0x001F01FF  # FILE_ALL_ACCESS
ACCESS_MASKS = {
    WindowsPermissionEnum.READ: _READ,
    WindowsPermissionEnum.WRITE: _WRITE,
    WindowsPermissionEnum.EXECUTE: _EXECUTE,
    WindowsPermissionEnum.READ_WRITE: _READ | _WRITE,
    WindowsPermissionEnum.FULL_CONTROL: _ALL,
}
"""The access rights of each permission, as of the Windows header winnt.h."""

_FILE_OBJECT = 1  # SE_FILE_OBJECT
_ACCESS_LIST = 4  # DACL_SECURITY_INFORMATION
_GRANT = 1  # GRANT_ACCESS
_BY_NAME = 1  # TRUSTEE_IS_NAME
_USER = 1  # TRUSTEE_IS_USER


class Trustee(ctypes.Structure):
    """``TRUSTEE_W``: who is meant."""

    _fields_ = (
        ("pMultipleTrustee", ctypes.c_void_p),
        ("MultipleTrusteeOperation", ctypes.c_uint32),
        ("TrusteeForm", ctypes.c_uint32),
        ("TrusteeType", ctypes.c_uint32),
        ("ptstrName", ctypes.c_wchar_p),
    )


class ExplicitAccess(ctypes.Structure):
    """``EXPLICIT_ACCESS_W``: what somebody is allowed; not inherited by what a folder contains."""

    _fields_ = (
        ("grfAccessPermissions", ctypes.c_uint32),
        ("grfAccessMode", ctypes.c_uint32),
        ("grfInheritance", ctypes.c_uint32),
        ("Trustee", Trustee),
    )


class WindowsAccess:
    """Allows a user to use files and folders."""

    def __init__(
        self, settings: WindowsFileSystemPermissionSettings, advapi32: Any = None, kernel32: Any = None
    ) -> None:
        """``advapi32`` and ``kernel32`` are the system's libraries of these names."""
        self._settings = settings
        self._advapi32 = advapi32 if advapi32 is not None else _library("advapi32")
        self._kernel32 = kernel32 if kernel32 is not None else _library("kernel32")

    def add_to_folder(self, path: str) -> None:
        self._allow(path, self._settings.dir_mode)

    def add_to_file(self, path: str) -> None:
        self._allow(path, self._settings.file_mode)

    def _allow(self, path: str, permission: WindowsPermissionEnum) -> None:
        name = ctypes.c_wchar_p(long_path_compatible(path, windows=True))
        old, new, descriptor = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
        who = Trustee(None, 0, _BY_NAME, _USER, self._settings.os_user)
        entry = ExplicitAccess(ACCESS_MASKS[permission], _GRANT, 0, who)
        try:
            self._check(
                path,
                self._advapi32.GetNamedSecurityInfoW(
                    name, _FILE_OBJECT, _ACCESS_LIST, None, None, ctypes.byref(old), None, ctypes.byref(descriptor)
                ),
            )
            self._check(path, self._advapi32.SetEntriesInAclW(1, ctypes.byref(entry), old, ctypes.byref(new)))
            self._check(
                path, self._advapi32.SetNamedSecurityInfoW(name, _FILE_OBJECT, _ACCESS_LIST, None, None, new, None)
            )
        finally:
            # The old list is a part of the descriptor.
            for memory in (new, descriptor):
                if memory.value:
                    self._kernel32.LocalFree(memory)

    def _check(self, path: str, status: int) -> None:
        if status:
            raise AssetSyncError(
                f"{path} could not be made accessible to the user {self._settings.os_user}: {_explain(status)}."
            )


def _library(name: str) -> Any:
    if sys.platform == "win32":
        return ctypes.WinDLL(name)
    raise TypeError("Access entries of Windows cannot be added to files on this operating system.")


def _explain(status: int) -> str:
    if sys.platform == "win32":
        return f"{ctypes.FormatError(status).rstrip('. ')} (error {status})"
    return f"error {status}"
