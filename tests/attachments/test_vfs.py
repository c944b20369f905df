"""Mounting a job's files: programs of a folder play the virtual file system and the system's tools.

A mount is a file below ``state``, named by its mount point with ``%`` for ``/``: the launch script makes it and runs until
it is gone, ``findmnt`` looks for it, and ``fusermount3`` removes it. ``sudo`` runs what it is given.
"""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Callable, Iterator, Optional

import boto3
import pytest

from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.asset_sync import AssetSync
from deadline.job_attachments.download import handle_existing_vfs, mount_vfs_from_manifests
from deadline.job_attachments.exceptions import (
    PathOutsideDirectoryError,
    VFSExecutableMissingError,
    VFSFailedToMountError,
    VFSLaunchScriptMissingError,
    VFSRunPathNotSetError,
)
from deadline.job_attachments.models import JobAttachmentS3Settings, JobAttachmentsFileSystem
from deadline.job_attachments.os_file_permission import (
    PosixFileSystemPermissionSettings,
    WindowsFileSystemPermissionSettings,
    WindowsPermissionEnum,
)
from deadline.job_attachments.progress_tracker import SummaryStatistics
from deadline.job_attachments.vfs import (
    DEADLINE_VFS_CACHE_ENV_VAR,
    DEADLINE_VFS_PID_FILE_NAME,
    VFS_MANIFEST_FOLDER_PERMISSIONS,
    VFSProcessManager,
)
from deadline.job_attachments.virtual_file_system.pid_file import Mount, PidFile

from .job_files import entry, files_below, manifest_of, submit, write

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the virtual file system is one of POSIX")

STRANGE = "mount here: $(touch pwned); `touch pwned` & 'x\" %3A\n"

SUDO = """#!/bin/sh
while [ "$1" != "-u" ]; do shift; done
printf '%s\\n' "$2" >> "{state}/users"
shift 2
exec "$@"
"""
NAME = """name() { printf '%s' "$1" | tr '/' '%'; }
"""
FINDMNT = f"""#!/bin/sh
{NAME}
[ -e "{{state}}/$(name "$1")" ]
"""
FUSERMOUNT = f"""#!/bin/sh
{NAME}
if [ -e "{{state}}/stuck" ]; then echo "device is busy"; exit 1; fi
rm "{{state}}/$(name "$2")"
"""
LAUNCH = f"""#!/bin/sh
{NAME}
for argument in "$@"; do printf '%s\\0' "$argument"; done > "{{state}}/arguments"
env > "{{state}}/environment"
pwd > "{{state}}/folder"
if [ -e "{{state}}/broken" ]; then echo "cannot mount today"; exit 3; fi
echo "mounting"
touch "{{state}}/$(name "$1")"
while [ -e "{{state}}/$(name "$1")" ]; do sleep 0.01; done
"""


class FakeVfs:
    """The installed programs, and what is mounted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.state.mkdir(parents=True)
        for path, text in {
            "tools/sudo": SUDO,
            "tools/findmnt": FINDMNT,
            "install/bin/deadline_vfs": "#!/bin/sh\n",
            "install/link/fusermount3": FUSERMOUNT,
            "install/scripts/production/al2/run_deadline_vfs_al2.sh": LAUNCH,
        }.items():
            program = folder / path
            program.parent.mkdir(parents=True, exist_ok=True)
            program.write_text(text.replace("{state}", str(self.state)))
            program.chmod(0o755)

    def marker(self, mount_point: Path) -> Path:
        return self.state / str(mount_point).replace("/", "%")

    def is_mounted(self, mount_point: Path) -> bool:
        return self.marker(mount_point).exists()

    def read(self, name: str) -> str:
        return (self.state / name).read_text()

    @property
    def arguments(self) -> list[str]:
        return self.read("arguments").split("\0")[:-1]


@pytest.fixture
def vfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeVfs]:
    fake = FakeVfs(tmp_path / "vfs")
    monkeypatch.setenv("DEADLINE_VFS_PATH", str(fake.folder / "install"))
    monkeypatch.setenv("PATH", f"{fake.folder / 'tools'}{os.pathsep}{os.environ['PATH']}")
    yield fake
    for marker in fake.state.iterdir():
        marker.unlink()
    until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("vfs-log")])


@pytest.fixture
def session_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "session"
    folder.mkdir()
    return folder


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def permissions(user: str = "job-user") -> PosixFileSystemPermissionSettings:
    import grp

    return PosixFileSystemPermissionSettings(user, grp.getgrgid(os.getgid()).gr_name, 0o030, 0o020)


def mount(session: boto3.Session, session_dir: Path, root: Path, *names: str, **arguments: Any) -> None:
    mount_vfs_from_manifests(
        "the-bucket", {str(root): manifest_of(*map(entry, names))}, session, session_dir,
        {"AWS_PROFILE": "queue-role"}, arguments.pop("settings", permissions()), "root/Data", **arguments,
    )  # fmt: skip


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_root_is_mounted_with_its_manifest_and_unmounted_at_the_end_of_the_session(
    vfs: FakeVfs, session: boto3.Session, session_dir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    monkeypatch.setenv(DEADLINE_VFS_CACHE_ENV_VAR, "/cache")
    root, told = session_dir / "assetroot", []

    with caplog.at_level(logging.INFO, "deadline.job_attachments.vfs"):
        mount(session, session_dir, root, "a", "b/c", on_mount_complete=told.append)

        assert told == [True]
        assert vfs.is_mounted(root)
        manifest = next((session_dir / ".vfs_manifests").iterdir())
        assert vfs.arguments == [
            str(root), "-f", "--clienttype=deadline", "--bucket=the-bucket", f"--manifest={manifest}",
            "--region=us-west-2", "-oallow_other", "--casprefix=root/Data",
            f"--cachedir={session_dir / '.vfs_object_cache'}",
        ]  # fmt: skip
        environment = dict(line.partition("=")[::2] for line in vfs.read("environment").splitlines())
        assert environment["AWS_PROFILE"] == "queue-role"
        assert environment["PATH"].split(os.pathsep)[:2] == [
            str(vfs.folder / "install/link"),
            str(vfs.folder / "tools"),
        ]
        assert environment["LD_LIBRARY_PATH"] == str(vfs.folder / "install/lib")
        assert environment["DEADLINE_VFS_CACHE"] == "/cache"
        assert "HOME" not in environment
        assert vfs.read("folder").strip() == str(session_dir)
        assert [file.path for file in decode_manifest(manifest.read_text()).paths] == ["a", "b/c"]
        assert (session_dir / ".vfs_object_cache/root/Data").is_dir()
        assert (session_dir / ".vfs_logs").is_dir()

        AssetSync("farm-1", session).cleanup_session(session_dir, JobAttachmentsFileSystem.VIRTUAL, "job-user")

        assert not vfs.is_mounted(root)
        assert not (session_dir / DEADLINE_VFS_PID_FILE_NAME).exists()
        assert set(vfs.read("users").split()) == {"job-user"}
        until(lambda: "ended with 0" in caplog.text)
    assert "mounting" in caplog.text


def test_the_jobs_group_may_use_what_it_has_to_and_others_may_not_w_s5(
    vfs: FakeVfs, session: boto3.Session, session_dir: Path
) -> None:
    root = session_dir / "assetroot"

    mount(session, session_dir, root, "a")

    assert mode_of(root) == 0o770
    assert mode_of(next((session_dir / ".vfs_manifests").iterdir())) == 0o640
    assert mode_of(session_dir / ".vfs_manifests") & 0o031 == 0o031
    assert mode_of(session_dir / ".vfs_object_cache/root") & 0o030 == 0o030


def test_names_that_mean_something_to_a_shell_are_only_names_w_s5(
    vfs: FakeVfs, session: boto3.Session, tmp_path: Path
) -> None:
    session_dir = tmp_path / "a $(touch pwned) session"
    session_dir.mkdir()
    root = session_dir / STRANGE.strip()

    mount(session, session_dir, root, "a", settings=permissions("job user; touch pwned"))

    assert vfs.arguments[0] == str(root)
    assert vfs.read("users").splitlines() == ["job user; touch pwned"]
    command = VFSProcessManager("b", "r", "/m ; touch pwned", str(root), "u", {}).build_launch_command(root)
    shown = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {' '.join(command[4:])}"], stdout=subprocess.PIPE, check=True
    )
    assert shown.stdout.decode().splitlines()[1:3] == [str(root), "-f"]
    VFSProcessManager.kill_all_processes(session_dir, "job-user")
    assert not vfs.is_mounted(root)
    assert not list(tmp_path.rglob("pwned"))


def test_what_is_mounted_already_keeps_its_files(vfs: FakeVfs, session: boto3.Session, session_dir: Path) -> None:
    root, other = session_dir / "assetroot", session_dir / "other"
    mount(session, session_dir, root, "first", "both")
    mount(session, session_dir, other, "x")

    mount(session, session_dir, root, "both", "second")

    noted = VFSProcessManager.get_manifest_path_for_mount(session_dir, root)
    assert noted is not None
    assert sorted(file.path for file in decode_manifest(noted.read_text()).paths) == ["both", "first", "second"]
    assert [known.mount_point for known in PidFile(session_dir).mounts()] == [str(other), str(root)]
    assert VFSProcessManager.kill_process_at_mount(session_dir, root, "job-user")
    assert not VFSProcessManager.is_mount(root)
    assert VFSProcessManager.is_mount(other)
    alone = manifest_of(entry("x"))
    assert handle_existing_vfs(alone, session_dir, str(root), "job-user") is alone


def test_a_mount_that_does_not_go_away_is_reported_and_stays_noted_w_c23(
    vfs: FakeVfs, session: boto3.Session, session_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    root, told = session_dir / "assetroot", []
    mount(session, session_dir, root, "a")
    (vfs.state / "stuck").touch()

    with caplog.at_level(logging.ERROR):
        AssetSync("farm-1", session).cleanup_session(session_dir, JobAttachmentsFileSystem.VIRTUAL, "job-user")
    assert "device is busy" in caplog.text
    with pytest.raises(VFSFailedToMountError, match="could not be unmounted"):
        mount(session, session_dir, root, "b", on_mount_complete=told.append)

    assert vfs.is_mounted(root)
    assert [known.mount_point for known in PidFile(session_dir).mounts()] == [str(root)]


@pytest.mark.timeout(30)  # waiting for the mount would take a minute
def test_a_program_that_ends_instead_of_mounting_is_not_waited_for(
    vfs: FakeVfs, session: boto3.Session, session_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (vfs.state / "broken").touch()
    told: list[bool] = []

    with caplog.at_level(logging.INFO), pytest.raises(VFSFailedToMountError, match=r"\.vfs_logs"):
        mount(session, session_dir, session_dir / "assetroot", "a", on_mount_complete=told.append)

    assert told == [False]
    assert PidFile(session_dir).mounts() == []
    until(lambda: "cannot mount today" in caplog.text)


def test_waiting_for_a_mount_has_an_end(vfs: FakeVfs, session_dir: Path) -> None:
    root = session_dir / "assetroot"

    assert VFSProcessManager.wait_for_mount(root, session_dir, mount_wait_seconds=0.05) is False
    assert VFSProcessManager.wait_for_mount(root, session_dir, mount_wait_seconds=0.05, expected=False) is True
    vfs.marker(root).touch()
    assert VFSProcessManager.wait_for_mount(root, session_dir, mount_wait_seconds=0.05) is True


def test_the_program_is_looked_for_on_the_search_path_then_where_it_is_installed_then_here(
    vfs: FakeVfs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    write(here, {"bin/deadline_vfs": b""})
    monkeypatch.chdir(here)
    assert VFSProcessManager.find_vfs() == str(vfs.folder / "install/bin/deadline_vfs")
    assert VFSProcessManager.get_cwd() == str(vfs.folder / "install")
    assert VFSProcessManager.find_vfs_link_dir() == str(vfs.folder / "install/link")
    assert VFSProcessManager.get_library_path() == str(vfs.folder / "install/lib")

    (vfs.folder / "tools/deadline_vfs").write_text("#!/bin/sh\n")
    (vfs.folder / "tools/deadline_vfs").chmod(0o755)
    assert VFSProcessManager.find_vfs() == str(vfs.folder / "tools/deadline_vfs")

    (vfs.folder / "tools/deadline_vfs").unlink()
    monkeypatch.setenv("DEADLINE_VFS_PATH", str(tmp_path / "nowhere"))
    assert VFSProcessManager.find_vfs() == str(here / "bin/deadline_vfs")
    with pytest.raises(VFSLaunchScriptMissingError, match="nowhere"):
        VFSProcessManager.find_vfs_launch_script()

    (here / "bin/deadline_vfs").unlink()
    with pytest.raises(VFSExecutableMissingError, match="DEADLINE_VFS_PATH"):
        VFSProcessManager.find_vfs()


def test_only_the_settings_of_posix_and_paths_within_their_roots_are_mounted(
    vfs: FakeVfs, session: boto3.Session, session_dir: Path
) -> None:
    windows = WindowsFileSystemPermissionSettings("u", WindowsPermissionEnum.READ, WindowsPermissionEnum.READ)
    with pytest.raises(TypeError, match="POSIX"):
        mount(session, session_dir, session_dir / "assetroot", "a", settings=windows)
    with pytest.raises(PathOutsideDirectoryError):
        mount(session, session_dir, session_dir / "assetroot", "a", "../b")
    assert list(session_dir.iterdir()) == []


def test_the_settings_of_one_session_do_not_reach_another_w_c23(
    vfs: FakeVfs, session: boto3.Session, session_dir: Path
) -> None:
    mount(session, session_dir, session_dir / "assetroot", "a")

    constant = VFS_MANIFEST_FOLDER_PERMISSIONS
    assert (constant.os_user, constant.os_group, constant.dir_mode, constant.file_mode) == ("", "", 0o31, 0o64)


def test_the_mounts_of_a_session_are_noted_whatever_their_names_are_w_c23(session_dir: Path) -> None:
    mounts = [Mount(f"/m{number}{STRANGE}\udc80", number, f"/manifests/a:1:b%{STRANGE}") for number in range(3)]
    file = PidFile(session_dir)
    for each in mounts:
        file.add(each)
    file.add(Mount("/plain", 7, "/manifests/plain.json"))

    assert PidFile(session_dir).mounts() == [*mounts, Mount("/plain", 7, "/manifests/plain.json")]
    file.remove(mounts[1].mount_point)
    lines = file.path.read_bytes().splitlines(keepends=True)
    assert (len(lines), lines[-1]) == (3, b"/plain:7:/manifests/plain.json\n")
    with file.path.open("a") as text:
        text.write("no mount at all\n")
    assert PidFile(session_dir).find("/plain") == Mount("/plain", 7, "/manifests/plain.json")
    for each in (mounts[0], mounts[2], Mount("/plain", 7, "")):
        file.remove(each.mount_point)
    assert list(session_dir.iterdir()) == []


def test_paths_of_a_mount_are_told(session_dir: Path) -> None:
    manager = VFSProcessManager("b", "r", "/manifest", "/mounted", "u", {})

    assert (manager.get_mount_point(), manager.get_file_path("a/b")) == ("/mounted", "/mounted/a/b")
    with pytest.raises(VFSRunPathNotSetError):
        manager.get_logs_folder()
    assert VFSProcessManager.logs_folder_path(session_dir) == session_dir / ".vfs_logs"


@pytest.mark.parametrize("installed", [True, False])
@pytest.mark.parametrize("call", ["sync_inputs", "attachment_sync_inputs"])
def test_inputs_are_mounted_where_that_is_possible_and_else_copied_w_c23(
    vfs: FakeVfs, session: boto3.Session, bucket: str, session_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    call: str, installed: bool,
) -> None:  # fmt: skip
    settings = JobAttachmentS3Settings(bucket, "root")
    write(tmp_path / "in", {"file": b"input"})
    _, attachments = submit(session, settings, [tmp_path / "in"], tmp_path / "caches")
    attachments.fileSystem = JobAttachmentsFileSystem.VIRTUAL.value
    if not installed:
        monkeypatch.setenv("DEADLINE_VFS_PATH", str(tmp_path / "nowhere"))
        monkeypatch.chdir(tmp_path)
    told: list[Optional[bool]] = []

    with pytest.deprecated_call():
        statistics, (rule,) = getattr(AssetSync("farm-1", session), call)(
            settings, attachments, "queue-1", "job-1", session_dir, permissions(),
            os_env_vars={"AWS_PROFILE": "queue-role"}, on_vfs_mount_complete=told.append,
        )  # fmt: skip

    folder = Path(rule["destination_path"])
    assert vfs.is_mounted(folder) == installed
    assert told == ([True] if installed else [])
    assert files_below(folder) == ({} if installed else {"file": b"input"})
    assert statistics.processed_files == (0 if installed else 1)
    assert (statistics == SummaryStatistics()) == installed
