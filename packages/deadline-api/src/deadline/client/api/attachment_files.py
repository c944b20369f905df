"""The files that manifest files name, sent to S3 and fetched from there.

A plan finds the folders of this machine that the manifests belong to, and asks nothing. It can be shown, and then be
carried out::

    plan = plan_attachment_upload(["shot.manifest"], root_dirs=["/shots/7"])
    plan.upload(queue_attachment_location(farm_id, queue_id))

The name of a manifest file has the hash of its root in it. A rule (``source_path``, ``destination_path``) leads from a root,
as whoever made the manifest called it, to a folder of this machine.
"""

from __future__ import annotations

import os
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator, List, Optional, Sequence

from deadline.client.config import get_setting
from deadline.client.config.config_file import get_cache_directory
from deadline.job_attachments.attachment_transfer import (
    LocalManifest,
    download_attachments,
    manifests_to_download,
    manifests_to_upload,
    upload_attachments,
)
from deadline.job_attachments.download_plan import plan_download
from deadline.job_attachments.exceptions import NonValidInputError
from deadline.job_attachments.manifest_roots import read_rules, rules_of_folders
from deadline.job_attachments.models import FileConflictResolution, UploadManifestInfo
from deadline.job_attachments.progress_tracker import (
    DownloadSummaryStatistics,
    ProgressReportMetadata,
    ProgressStatus,
    ProgressTracker,
    SummaryStatistics,
)
from deadline.job_attachments.uploader import S3AssetUploader

from .attachment_location import AttachmentLocation
from .bandwidth import max_bandwidth

OnProgress = Optional[Callable[[ProgressReportMetadata], bool]]


@dataclass(frozen=True)
class AttachmentUpload:
    """What was sent: the manifests in the order in which they were given, and numbers of their files."""

    manifests: List[UploadManifestInfo]
    statistics: SummaryStatistics


@dataclass(frozen=True)
class _Plan:
    manifests: Sequence[LocalManifest]

    @property
    def total_files(self) -> int:
        """The number of files."""
        return sum(len(one.manifest.paths) for one in self.manifests)

    @property
    def total_bytes(self) -> int:
        """The bytes of all files."""
        return sum(one.manifest.totalSize for one in self.manifests)


@dataclass(frozen=True)
class AttachmentUploadPlan(_Plan):
    """What will be sent. Made by :func:`plan_attachment_upload`."""

    manifest_prefix: Optional[str] = None
    """Where the manifests go, below the manifest folder in S3; without it they are not sent."""

    def unfit_files(self) -> List[str]:
        """The files with which the upload would fail: they are not there, or have another size than the manifest says."""
        return [path for one in self.manifests for path in _unfit_files(one)]

    def upload(
        self, location: AttachmentLocation, *, config: Optional[ConfigParser] = None, on_progress: OnProgress = None
    ) -> AttachmentUpload:
        """Send what S3 lacks, and then the manifests.

        Args:
            location: Where to.
            config: A configuration to read from instead of the settings file.
            on_progress: Gets reports, and answers whether to go on.

        Raises:
            AssetSyncCancelledError: ``on_progress`` answered no; files that were sent stay.
            AssetSyncError: S3 failed, or a file changed or vanished; no manifest was sent.
        """
        connections = int(get_setting("settings.s3_max_pool_connections", config))
        uploader = S3AssetUploader(
            location.session, s3_max_pool_connections=connections, max_bandwidth=max_bandwidth(config)
        )
        status = ProgressStatus.UPLOAD_IN_PROGRESS
        tracker = ProgressTracker(status, self.total_files, self.total_bytes, on_progress)
        sent = upload_attachments(
            uploader, location.settings, self.manifests, self.manifest_prefix, get_cache_directory(), tracker
        )
        return AttachmentUpload(sent, tracker.get_summary_statistics())


@dataclass(frozen=True)
class AttachmentDownloadPlan(_Plan):
    """What will be fetched. Made by :func:`plan_attachment_download`."""

    def existing_files(self) -> List[str]:
        """The files to be fetched whose names are taken, as absolute paths."""
        paths = (os.path.join(one.folder, entry.path) for one in self.manifests for entry in one.manifest.paths)
        return [path for path in paths if os.path.isfile(path)]

    def download(
        self,
        location: AttachmentLocation,
        *,
        conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
        config: Optional[ConfigParser] = None,
        on_progress: OnProgress = None,
    ) -> DownloadSummaryStatistics:
        """Fetch the files: each complete and verified, or not there.

        Args:
            location: Where from.
            conflict_resolution: What to do with files that exist: SKIP, OVERWRITE or CREATE_COPY.
            config: A configuration to read from instead of the settings file.
            on_progress: Gets reports, and answers whether to go on.

        Raises:
            AssetSyncCancelledError: ``on_progress`` answered no; files that are complete stay.
            AssetSyncError: S3 failed, or a file could not be written.
        """
        return download_attachments(
            location.session,
            location.settings,
            self.manifests,
            conflict_resolution,
            on_progress,
            max_bandwidth=max_bandwidth(config),
        )


def plan_attachment_upload(
    manifest_files: Sequence[str],
    *,
    root_dirs: Sequence[str] = (),
    path_mapping_rules: Optional[str] = None,
    upload_manifest_path: Optional[str] = None,
) -> AttachmentUploadPlan:
    """Find the folders from which the files of manifest files will be sent.

    Args:
        manifest_files: The paths of the manifest files.
        root_dirs: The roots, where they are folders of this machine.
        path_mapping_rules: The path of a JSON file with rules from the roots. Exactly one of the two has to be given.
        upload_manifest_path: Where the manifests go, below the manifest folder in S3; without it they are not sent.

    Raises:
        NonValidInputError: A file cannot be read, a root is no folder, or a manifest belongs to none of the roots.
        ManifestDecodeValidationError: A file is no manifest.
    """
    if bool(root_dirs) == bool(path_mapping_rules):
        raise NonValidInputError(
            "Where are the files of the manifests? Give either their folders (--root-dirs) or a file with path mapping rules "
            "(--path-mapping-rules), and not both."
        )
    rules = read_rules(path_mapping_rules) if path_mapping_rules else rules_of_folders(root_dirs)
    prefix = (upload_manifest_path or "").strip("/") or None
    return AttachmentUploadPlan(manifests_to_upload(manifest_files, rules, published=prefix is not None), prefix)


def plan_attachment_download(
    manifest_files: Sequence[str], *, path_mapping_rules: Optional[str] = None
) -> AttachmentDownloadPlan:
    """Find the folders to which the files of manifest files will be fetched.

    Args:
        manifest_files: The paths of the manifest files.
        path_mapping_rules: The path of a JSON file with rules from the roots. A manifest without a rule gets a folder of its
            name in the working directory.

    Raises:
        NonValidInputError: A file cannot be read, or two manifests have one destination.
        ManifestDecodeValidationError: A file is no manifest.
        PathOutsideDirectoryError: A manifest names a path outside its root.
        AssetSyncError: A file could not be written, because of its name or of what is in its place.
    """
    manifests = manifests_to_download(manifest_files, read_rules(path_mapping_rules) if path_mapping_rules else ())
    for one in manifests:
        # Refuses what could not be carried out; what to do with files that exist makes no difference to that.
        plan_download(Path(one.folder), one.manifest.paths, one.manifest.hashAlg, FileConflictResolution.SKIP)
    return AttachmentDownloadPlan(manifests)


def _unfit_files(one: LocalManifest) -> Iterator[str]:
    for entry in one.manifest.paths:
        path = os.path.join(one.folder, entry.path)
        try:
            fits = os.stat(path).st_size == entry.size
        except OSError:
            fits = False
        if not fits:
            yield path
