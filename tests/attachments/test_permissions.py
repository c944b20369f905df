"""Who may use downloaded files: groups and modes on POSIX, access entries on Windows (its libraries played by a fake)."""

from __future__ import annotations

import ctypes
import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from deadline.job_attachments.download import download_files_from_manifests
from deadline.job_attachments.exceptions import AssetSyncError, PathOutsideDirectoryError
from deadline.job_attachments.os_file_permission import (
    FileSystemPermissionSettings,
    PosixFileSystemPermissionSettings,
    WindowsFileSystemPermissionSettings,
    WindowsPermissionEnum,
    access_of,
    set_permissions,
)
from deadline.job_attachments.windows_permissions import ExplicitAccess, WindowsAccess

from .job_files import entry, files_below, manifest_of, put, write

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="groups and modes")
WINDOWS = WindowsFileSystemPermissionSettings("job-user", WindowsPermissionEnum.READ_WRITE, WindowsPermissionEnum.READ)


def own_group() -> str:
    import grp

    return grp.getgrgid(os.getgid()).gr_name


def posix(group: str = "") -> PosixFileSystemPermissionSettings:
    return PosixFileSystemPermissionSettings("job-user", group or own_group(), dir_mode=0o030, file_mode=0o020)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def fetch(
    session: boto3.Session, bucket: str, folder: Path, settings: FileSystemPermissionSettings, *names: str
) -> Any:
    return download_files_from_manifests(
        bucket, {str(folder): manifest_of(*map(entry, names))}, "root/Data",
        session=session, fs_permission_settings=settings,
    )  # fmt: skip


@posix_only
def test_the_group_may_use_what_was_downloaded_and_the_way_to_it(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    put(session, bucket, b"hello\n")
    root = tmp_path / "root"
    write(root, {"mine": b"mine", "beside/other": b"other"})
    for path in (tmp_path, root, root / "beside", root / "mine"):
        path.chmod(0o700)

    fetch(session, bucket, root, posix(), "a/b/file")

    added = {path.relative_to(tmp_path).as_posix(): mode_of(path) & 0o030 for path in [tmp_path, *tmp_path.rglob("*")]}
    assert added == {
        ".": 0, "root": 0o030, "root/a": 0o030, "root/a/b": 0o030, "root/a/b/file": 0o020,
        "root/mine": 0, "root/beside": 0, "root/beside/other": 0,
    }  # fmt: skip
    assert mode_of(root) == 0o730
    assert (root / "a/b/file").stat().st_gid == os.getgid()


@posix_only
def test_files_with_absolute_paths_get_access_and_their_folders_do_not(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    put(session, bucket, b"hello\n")
    (tmp_path / "folder").mkdir(mode=0o700)

    download_files_from_manifests(
        bucket, {"": manifest_of(entry(str(tmp_path / "folder/file")))}, "root/Data",
        session=session, fs_permission_settings=posix(),
    )  # fmt: skip

    assert (mode_of(tmp_path / "folder"), mode_of(tmp_path / "folder/file") & 0o020) == (0o700, 0o020)


@posix_only
def test_settings_of_another_system_are_refused_before_anything_is_downloaded(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    put(session, bucket, b"hello\n")

    with pytest.raises(TypeError, match="WindowsFileSystemPermissionSettings"):
        fetch(session, bucket, tmp_path / "root", WINDOWS, "file")
    with pytest.raises(AssetSyncError, match="no-such-group"):
        fetch(session, bucket, tmp_path / "root", posix("no-such-group"), "file")

    assert not (tmp_path / "root").exists()


@posix_only
def test_nothing_outside_the_root_gets_access(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"root/fine": b"", "outside/file": b""})
    (root / "leads out").symlink_to(tmp_path / "outside")
    (root / "replaced").symlink_to(tmp_path / "outside/file")
    for path in (root, root / "fine", tmp_path / "outside", tmp_path / "outside/file"):
        path.chmod(0o700)
    access = access_of(posix())

    for name in ("../outside/file", "leads out/file"):
        with pytest.raises(PathOutsideDirectoryError):
            set_permissions([root / "fine", root / name], root, access)
    assert mode_of(root / "fine") == 0o700
    # A file that became a link meanwhile is not followed.
    with pytest.raises(AssetSyncError, match="replaced"):
        set_permissions([root / "replaced"], root, access)
    assert (mode_of(tmp_path / "outside"), mode_of(tmp_path / "outside/file")) == (0o700, 0o700)


class FakeWindows:
    """The functions of advapi32 and kernel32 that are used; remembers what it is told, or fails with ``error``."""

    def __init__(self, error: int = 0) -> None:
        self.error = error
        self.granted: list[tuple[str, str, int]] = []
        self.freed: list[int] = []
        self._entry: Any = None
        self.advapi32 = SimpleNamespace(
            GetNamedSecurityInfoW=self._get, SetEntriesInAclW=self._add, SetNamedSecurityInfoW=self._set
        )
        self.kernel32 = SimpleNamespace(LocalFree=lambda memory: self.freed.append(memory.value))

    def _get(
        self, name: Any, kind: int, what: int, owner: Any, group: Any, old: Any, sacl: Any, descriptor: Any
    ) -> int:
        assert (kind, what) == (1, 4)
        old._obj.value, descriptor._obj.value = 100, 200
        return 0

    def _add(self, count: int, entry: Any, old: Any, new: Any) -> int:
        assert (count, old.value) == (1, 100)
        self._entry = entry._obj
        new._obj.value = 300
        return self.error

    def _set(self, name: Any, kind: int, what: int, owner: Any, group: Any, new: Any, sacl: Any) -> int:
        assert (kind, what, new.value) == (1, 4, 300)
        assert (self._entry.grfAccessMode, self._entry.Trustee.TrusteeForm) == (1, 1)
        self.granted.append((name.value, self._entry.Trustee.ptstrName, self._entry.grfAccessPermissions))
        return 0


def test_on_windows_the_user_is_allowed_to_use_files_and_folders(tmp_path: Path) -> None:
    windows = FakeWindows()
    write(tmp_path, {"root/a/file": b""})
    file = tmp_path / "root/a/file"

    set_permissions([file], tmp_path / "root", WindowsAccess(WINDOWS, windows.advapi32, windows.kernel32))

    assert windows.granted == [
        (str(file), "job-user", 0x120089),
        (str(file.parent), "job-user", 0x120089 | 0x120116),
        (str(file.parent.parent), "job-user", 0x120089 | 0x120116),
    ]
    assert windows.freed == [300, 200] * 3


def test_a_refusal_of_windows_names_the_file_and_the_user_and_leaks_nothing(tmp_path: Path) -> None:
    windows = FakeWindows(error=1332)

    with pytest.raises(AssetSyncError, match=r"file could not be made accessible to the user job-user: .*1332"):
        WindowsAccess(WINDOWS, windows.advapi32, windows.kernel32).add_to_file(str(tmp_path / "file"))

    assert windows.granted == []
    assert windows.freed == [300, 200]


def test_long_paths_of_windows_are_written_so_that_it_opens_them() -> None:
    windows = FakeWindows()
    path = "C:\\root\\" + "folder\\" * 40 + "file"

    WindowsAccess(WINDOWS, windows.advapi32, windows.kernel32).add_to_file(path)

    assert windows.granted[0][0] == f"\\\\?\\{path}"


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="the layout of 64 bits")
def test_the_entry_has_the_layout_that_windows_reads() -> None:
    # EXPLICIT_ACCESS_W of 64 bits: three numbers, padding, and a TRUSTEE_W of pointer, three numbers, padding, pointer.
    assert ctypes.sizeof(ExplicitAccess) == 48
    assert ExplicitAccess.Trustee.offset == 16


@posix_only
def test_files_that_the_user_may_use_already_are_left_as_they_are(
    session: boto3.Session, bucket: str, tmp_path: Path
) -> None:
    put(session, bucket, b"hello\n")
    fetch(session, bucket, tmp_path / "root", posix(), "file")
    changed = (tmp_path / "root/file").stat().st_ctime_ns

    set_permissions([tmp_path / "root/file"], tmp_path / "root", access_of(posix()))

    assert (tmp_path / "root/file").stat().st_ctime_ns == changed
    assert files_below(tmp_path) == {"root/file": b"hello\n"}
