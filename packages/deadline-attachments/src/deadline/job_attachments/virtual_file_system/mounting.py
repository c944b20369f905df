"""Mounting the asset roots of a session."""

from __future__ import annotations

import dataclasses
import logging
import os
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Optional

from ..asset_manifests import BaseAssetManifest
from ..containment import Containment
from ..exceptions import VFSFailedToMountError
from ..manifest_files import read_manifest_file
from ..os_file_permission import FileSystemPermissionSettings, PosixFileSystemPermissionSettings
from ..output_manifests import merge_asset_manifests
from ..posix_permissions import PosixAccess
from .constants import (
    VFS_CACHE_FOLDER_IN_SESSION,
    VFS_LOGS_FOLDER_IN_SESSION,
    VFS_MANIFEST_FOLDER_IN_SESSION,
    VFS_MANIFEST_FOLDER_PERMISSIONS,
)
from .process import VFSProcessManager

logger = logging.getLogger("deadline.job_attachments.vfs")


def mount_vfs_from_manifests(
    s3_bucket: str,
    manifests_by_root: Mapping[str, BaseAssetManifest],
    boto3_session: Any,
    session_dir: Path,
    os_env_vars: Dict[str, str],
    fs_permission_settings: Optional[FileSystemPermissionSettings],
    cas_prefix: Optional[str] = None,
    on_mount_complete: Optional[Callable[[bool], None]] = None,
) -> None:
    """Mount each asset root with the files of its manifest; what is mounted there already keeps its files.

    Args:
        s3_bucket: The bucket.
        manifests_by_root: Manifests by the folder to mount at.
        boto3_session: Tells the region.
        session_dir: The session's folder, which gets cache, manifests and logs.
        os_env_vars: The environment of the program; names the AWS profile.
        fs_permission_settings: The job's user and group.
        cas_prefix: The prefix of data objects.
        on_mount_complete: Is told of each root whether its mount succeeded.

    Raises:
        TypeError: The permission settings are not those of POSIX.
        PathOutsideDirectoryError: A manifest names a path outside its root; nothing was mounted.
        VFSExecutableMissingError: The program is not installed.
        VFSFailedToMountError: A root was not mounted.
    """
    if not isinstance(fs_permission_settings, PosixFileSystemPermissionSettings):
        raise TypeError("The virtual file system needs the permission settings of POSIX.")
    for root, manifest in manifests_by_root.items():
        containment = Containment(Path(root))
        for entry in manifest.paths:
            containment.target_of(entry.path)
    session_dir = Path(session_dir)
    cache = session_dir / VFS_CACHE_FOLDER_IN_SESSION
    manifests = session_dir / VFS_MANIFEST_FOLDER_IN_SESSION
    access = PosixAccess(fs_permission_settings)
    _make_folders(session_dir, cache / (cas_prefix or "").strip("/"), access)
    _make_folders(session_dir, session_dir / VFS_LOGS_FOLDER_IN_SESSION, access)
    _make_folders(session_dir, manifests, PosixAccess(_manifest_permissions(fs_permission_settings)))
    for root, manifest in manifests_by_root.items():
        merged = handle_existing_vfs(manifest, session_dir, root, fs_permission_settings.os_user)
        VFSProcessManager(
            s3_bucket,
            boto3_session.region_name,
            _write_manifest(merged, manifests),
            root,
            fs_permission_settings.os_user,
            os_env_vars,
            fs_permission_settings.os_group,
            cas_prefix,
            str(cache),
            on_mount_complete,
        ).start(session_dir)


def handle_existing_vfs(
    manifest: BaseAssetManifest, session_dir: Path, mount_point: str, os_user: str
) -> BaseAssetManifest:
    """Make room for a mount: what is mounted there is unmounted, and its files are put below those of ``manifest``.

    Returns:
        The manifest to mount.

    Raises:
        VFSFailedToMountError: The old mount did not go away.
    """
    if not VFSProcessManager.is_mount(mount_point):
        return manifest
    path = VFSProcessManager.get_manifest_path_for_mount(session_dir, mount_point)
    if path is None:
        logger.warning("Something is mounted at %s of which no manifest is known; its files are not kept.", mount_point)
        merged: Optional[BaseAssetManifest] = manifest
    else:
        merged = merge_asset_manifests([read_manifest_file(str(path)), manifest])
    if not VFSProcessManager.kill_process_at_mount(session_dir, mount_point, os_user):
        raise VFSFailedToMountError(
            f"{mount_point} is mounted already and could not be unmounted; why is in the session's log."
        )
    return merged or manifest


def _manifest_permissions(settings: PosixFileSystemPermissionSettings) -> PosixFileSystemPermissionSettings:
    # A copy: several sessions of one process have different users.
    return dataclasses.replace(
        VFS_MANIFEST_FOLDER_PERMISSIONS, os_user=settings.os_user, os_group=settings.os_group
    )  # fmt: skip


def _make_folders(session_dir: Path, folder: Path, access: PosixAccess) -> None:
    """Make a folder of the session, and give access to it and to those between."""
    folder.mkdir(parents=True, exist_ok=True)
    made = session_dir
    for name in folder.relative_to(session_dir).parts:
        made = made / name
        access.add_to_folder(str(made))


def _write_manifest(manifest: BaseAssetManifest, folder: Path) -> str:
    handle, path = tempfile.mkstemp(prefix="deadline-merged-manifest-", suffix=".json", dir=folder)
    with open(handle, "w", encoding="utf-8", newline="") as file:
        file.write(manifest.encode())
    return os.fspath(path)
