"""Downloading files of a job: a plan that can be looked at and changed, then the download.

A plan asks nothing and prints nothing. What a face has to ask is in it: the local folder of each asset root
(:attr:`JobDownloadPlan.roots`; those of another operating system need a new one), and the files that exist already. What it
has to tell is in it too: :attr:`JobDownloadPlan.warnings` and :attr:`JobDownloadPlan.notes`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Callable, Collection, Dict, List, Mapping, Optional, Sequence

from deadline.client.exceptions import DeadlineOperationError
from deadline.job_attachments.download import _BaseFilterableDownloader
from deadline.job_attachments.long_paths import WINDOWS_MAX_PATH_LENGTH, are_long_paths_enabled
from deadline.job_attachments.models import (
    FileConflictResolution,
    JobAttachmentS3Settings,
    ManifestPathGroup,
    PathFormat,
)
from deadline.job_attachments.path_filters import matches
from deadline.job_attachments.progress_tracker import DownloadSummaryStatistics, ProgressReportMetadata

JOB = "JOB"
LOCAL = "LOCAL"
"""What patterns look at: the paths with which the job was submitted, or those of this machine."""

Groups = Dict[str, ManifestPathGroup]
"""Files by the root that their paths are relative to."""


class JobDownloadPlan:
    """What will be downloaded, and where to."""

    def __init__(
        self,
        job: Mapping[str, Any],
        downloader: _BaseFilterableDownloader,
        root_formats: Mapping[str, str],
        *,
        nothing: str,
        include: Collection[str] = (),
        warnings: Collection[str] = (),
        notes: Collection[str] = (),
        max_bandwidth: Optional[float] = None,
    ) -> None:
        # Patterns look at local paths, so that a root can still be given another folder that they will match.
        self._roots = {root: root for root in downloader.get_paths_by_root()}
        downloader.apply_include_filters(list(include))
        self.job = job
        """The answer of GetJob."""
        self.warnings = [*warnings, *_long_paths(downloader)]
        """What the user should know before files are downloaded."""
        self.notes = list(notes)
        """What the user may like to know."""
        self.nothing = nothing
        """What to say where there are no files."""
        self._downloader = downloader
        self._max_bandwidth = max_bandwidth
        self._formats = root_formats

    @property
    def roots(self) -> Dict[str, str]:
        """The local folder of each asset root; where paths were mapped, of each folder to which some were."""
        return dict(self._roots)

    @property
    def foreign_roots(self) -> List[str]:
        """The asset roots of another operating system that still need a local folder."""
        host = PathFormat.get_host_path_format_string()
        return [root for root, local in self._roots.items() if root == local and self._formats.get(root, host) != host]

    def set_root(self, root: str, new_root: str) -> None:
        """Download an asset root's files to another folder.

        Args:
            root: An asset root, as in :attr:`roots`.
            new_root: The local folder; ``~`` is expanded, and relative ones are made absolute.

        Raises:
            DeadlineOperationError: There is no such asset root.
        """
        local = os.path.abspath(os.path.expanduser(new_root))
        try:
            self._downloader.set_root_path(root, local)
        except ValueError as error:
            raise DeadlineOperationError(str(error)) from error
        self._roots[root] = local

    @property
    def paths_by_root(self) -> Dict[str, List[str]]:
        """The relative paths to be downloaded, sorted, by local folder."""
        return self._downloader.get_paths_by_root()

    @property
    def total_files(self) -> int:
        """The number of files."""
        return sum(map(len, self.paths_by_root.values()))

    @property
    def total_bytes(self) -> int:
        """The bytes of all files."""
        return sum(group.total_bytes for group in self._downloader.paths_by_root.values())

    def existing_files(self) -> List[str]:
        """The files to be downloaded whose names are taken, as absolute paths."""
        paths = (Path(root, path) for root, names in self.paths_by_root.items() for path in names)
        return [str(path) for path in paths if path.is_file()]

    def download(
        self,
        conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
        on_progress: Optional[Callable[[ProgressReportMetadata], bool]] = None,
    ) -> DownloadSummaryStatistics:
        """Download the files: each complete and verified, or not there.

        Args:
            conflict_resolution: What to do with files that exist: SKIP, OVERWRITE or CREATE_COPY.
            on_progress: Gets reports, and answers whether to go on.

        Raises:
            AssetSyncCancelledError: ``on_progress`` answered no; files that are complete stay.
            DeadlineOperationError: An asset root still needs a local folder.
            AssetSyncError: S3 failed, or a file could not be written.
        """
        if self.foreign_roots:
            raise DeadlineOperationError(
                f"These folders are of another operating system, and need a folder on this machine: "
                f"{', '.join(self.foreign_roots)}"
            )
        return self._downloader.download(conflict_resolution, on_progress, max_bandwidth=self._max_bandwidth)


def attachment_settings_of(queue: Mapping[str, Any]) -> JobAttachmentS3Settings:
    """The job attachment settings in an answer of GetQueue.

    Raises:
        DeadlineOperationError: The queue has none.
    """
    settings = queue.get("jobAttachmentSettings")
    if not settings:
        raise DeadlineOperationError(
            f"Queue {queue.get('displayName') or queue.get('queueId')} has no job attachments. Ask the farm's "
            "administrator to set up an S3 bucket for it."
        )
    return JobAttachmentS3Settings(s3BucketName=settings["s3BucketName"], rootPrefix=settings["rootPrefix"])


def clean_patterns(patterns: Sequence[str]) -> List[str]:
    """Patterns with slashes alone, none doubled, and without ``./`` at their beginning; empty ones are left out."""
    return [pattern for pattern in map(_pattern, patterns) if pattern]


def matching(groups: Groups, patterns: Sequence[str]) -> Groups:
    """Those of the files that match a pattern; all of them where there are none."""
    if not patterns:
        return groups
    found: Groups = {}
    for root, group in groups.items():
        for algorithm, files in group.files_by_hash_alg.items():
            kept = [file for file in files if matches(root, file.path, patterns)]
            if kept:
                narrowed = found.setdefault(root, ManifestPathGroup())
                narrowed.files_by_hash_alg[algorithm] = kept
                narrowed.total_bytes += sum(file.size for file in kept)
    return found


def _pattern(text: str) -> str:
    text = re.sub(r"/{2,}", "/", text.strip().replace("\\", "/"))
    return text[2:] if text.startswith("./") else text


def _long_paths(downloader: _BaseFilterableDownloader) -> List[str]:
    """A warning for each path that other programs may not open, on Windows."""
    if are_long_paths_enabled():
        return []
    paths = (os.path.join(root, path) for root, names in downloader.get_paths_by_root().items() for path in names)
    return [
        f"{path} has {len(path)} characters. Programs may not open it unless long paths are enabled on this machine."
        for path in paths
        if len(path) >= WINDOWS_MAX_PATH_LENGTH
    ]
