"""Downloads that may be looked at and changed before they are made: other folders for asset roots, and patterns.

The roots of outputs come from the metadata of their manifests, which a job's own tasks may write: a task can name any
folder of whoever downloads. So tell :class:`OutputDownloader` the roots that the job declares (``rootPath`` in the answer of
GetJob); it downloads nothing to another root until somebody has confirmed a folder for it by
:meth:`~_BaseFilterableDownloader.set_root_path`. A caller that does not tell them trusts the metadata, or shows the roots to
its user first.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any, Collection, Dict, List, Optional, Set, Tuple

from .asset_manifests import BaseManifestPath, HashAlgorithm
from .download_plan import plan_download
from .exceptions import UndeclaredAssetRootError
from .file_downloads import ProgressCallback, download_plans
from .job_manifests import (
    get_job_input_output_paths_by_asset_root,
    get_job_input_paths_by_asset_root,
    get_job_output_paths_by_asset_root,
)
from .models import Attachments, FileConflictResolution, JobAttachmentS3Settings, ManifestPathGroup
from .path_filters import matches
from .progress_tracker import DownloadSummaryStatistics

_Files = Tuple[HashAlgorithm, List[BaseManifestPath]]


class _BaseFilterableDownloader:
    """Files of asset roots, which may be narrowed by patterns and sent to other folders before they are downloaded."""

    def __init__(
        self,
        s3_settings: JobAttachmentS3Settings,
        initial_paths_by_root: Dict[str, ManifestPathGroup],
        session: Any = None,
        include_filters: Optional[List[str]] = None,
        manifest_label: Optional[str] = None,
        declared_roots: Optional[Collection[str]] = None,
    ) -> None:
        """``manifest_label`` says in messages what kind of files they are; ``declared_roots`` are trusted, or all roots
        where it is ``None``."""
        self.s3_settings = s3_settings
        self.session = session
        self._label = manifest_label or "files"
        self._initial = initial_paths_by_root
        self._declared = declared_roots
        self._new_roots: Dict[str, str] = {}
        self._filters: List[List[str]] = [include_filters] if include_filters else []

    @property
    def paths_by_root(self) -> Dict[str, ManifestPathGroup]:
        """The files as they will be downloaded, by local folder."""
        groups: Dict[str, ManifestPathGroup] = {}
        for root, files in self._files_by_root().items():
            for hash_alg, entries in files:
                group = groups.setdefault(root, ManifestPathGroup())
                group.files_by_hash_alg.setdefault(hash_alg, []).extend(entries)
                group.total_bytes += sum(entry.size for entry in entries)
        return groups

    @property
    def undeclared_roots(self) -> List[str]:
        """Roots that have files, that the job does not declare, and for which nobody has confirmed a folder."""
        trusted = self._initial if self._declared is None else {*self._declared, *self._new_roots}
        return [root for root, group in self._initial.items() if root not in trusted and self._has_files(root, group)]

    def get_paths_by_root(self) -> Dict[str, List[str]]:
        """The relative paths that will be downloaded, sorted, by local folder."""
        return {root: group.get_all_paths() for root, group in self.paths_by_root.items()}

    def apply_include_filters(self, include_filters: List[str]) -> None:
        """Keep only files that match one of the patterns (see :mod:`.path_filters`), and all patterns given before."""
        if include_filters:
            self._filters.append(include_filters)

    def set_root_path(self, original_root: str, new_root: str) -> None:
        """Download the files of a root to another folder.

        The root is named as it was originally or, where none was originally named so, by the folder that it has now; so
        two roots may also change places. Roots that get the same folder are merged; a file whose name another root's
        file has already gets the original root as the beginning of its name.

        Raises:
            ValueError: There is no such root; the message names those there are.
        """
        found = [original_root] if original_root in self._initial else []
        folders = (original_root, os.path.abspath(original_root))
        found = found or [root for root, folder in self._new_roots.items() if folder in folders]
        if not found:
            raise ValueError(f"{original_root!r} is no asset root of these {self._label}; there are {self._roots()}.")
        for root in found:
            self._new_roots[root] = os.path.abspath(new_root)

    def download(
        self,
        file_conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
        on_downloading_files: ProgressCallback = None,
        *,
        max_bandwidth: Optional[float] = None,
    ) -> DownloadSummaryStatistics:
        """Download the files, ``max_bandwidth`` bytes a second at the most; errors as of :func:`.file_downloads.download_files_from_manifests`, and

        Raises:
            UndeclaredAssetRootError: There are :attr:`undeclared_roots`; nothing was written.
        """
        if self.undeclared_roots:
            raise UndeclaredAssetRootError(
                f"The {self._label} name folders that the job does not have: {', '.join(self.undeclared_roots)}. Nothing "
                "was downloaded. If you trust the job, choose the folder for each of them, then download again."
            )
        plans = [
            (root, plan_download(Path(root), entries, hash_alg, file_conflict_resolution))
            for root, files in self._files_by_root().items()
            for hash_alg, entries in files
        ]
        settings = self.s3_settings
        return download_plans(
            plans,
            settings.s3BucketName,
            settings.full_cas_prefix(),
            self.session,
            on_downloading_files,
            max_bandwidth=max_bandwidth,
        )

    def _roots(self) -> List[str]:
        return [self._new_roots.get(root, root) for root in self._initial]

    def _has_files(self, root: str, group: ManifestPathGroup) -> bool:
        return any(self._is_wanted(root, entry) for entries in group.files_by_hash_alg.values() for entry in entries)

    def _is_wanted(self, root: str, entry: BaseManifestPath) -> bool:
        return all(matches(root, entry.path, patterns) for patterns in self._filters)

    def _files_by_root(self) -> Dict[str, List[_Files]]:
        used: Dict[str, Set[str]] = {}
        result: Dict[str, Dict[HashAlgorithm, List[BaseManifestPath]]] = {}
        for original, group in self._initial.items():
            root = self._new_roots.get(original, original)
            names = used.setdefault(root, set())
            taken = frozenset(names)
            for hash_alg, entries in group.files_by_hash_alg.items():
                # Of a path that was written several times the last file counts.
                for entry in {entry.path: entry for entry in entries}.values():
                    if self._is_wanted(root, entry):
                        chosen = _renamed(entry, original, names) if entry.path in taken else entry
                        names.add(chosen.path)
                        result.setdefault(root, {}).setdefault(hash_alg, []).append(chosen)
        return {root: list(files.items()) for root, files in result.items()}


def _renamed(entry: BaseManifestPath, root: str, names: Set[str]) -> BaseManifestPath:
    """The file under a name that begins with its root and that no other has."""
    folder, slash, name = entry.path.rpartition("/")
    prefix = root.replace("/", "_").replace("\\", "_").replace(":", "_")
    path = f"{folder}{slash}{prefix}_{name}"
    while path in names:
        name = f"{prefix}_{name}"
        path = f"{folder}{slash}{prefix}_{name}"
    make: Any = type(entry)
    renamed: BaseManifestPath = make(path=path, hash=entry.hash, size=entry.size, mtime=entry.mtime)
    return renamed


class OutputDownloader(_BaseFilterableDownloader):
    """Downloads what a job, a step, a task or one session action wrote; looks for it when it is made."""

    def __init__(
        self,
        s3_settings: JobAttachmentS3Settings,
        farm_id: str,
        queue_id: str,
        job_id: str,
        step_id: Optional[str] = None,
        task_id: Optional[str] = None,
        session_action_id: Optional[str] = None,
        session: Any = None,
        include_filters: Optional[List[str]] = None,
        *,
        declared_roots: Optional[Collection[str]] = None,
    ) -> None:
        """
        Args:
            s3_settings: The queue's bucket and root prefix.
            farm_id: The farm.
            queue_id: The queue.
            job_id: The job.
            step_id: The step, where only its outputs are wanted.
            task_id: The task of that step.
            session_action_id: The run of that task.
            session: A boto3 session with access to the bucket.
            include_filters: Patterns, as of :meth:`apply_include_filters`.
            declared_roots: The ``rootPath`` of each of the job's attachment manifests. Outputs of other roots are not
                downloaded unless a folder is set for them. Without it every root is trusted.

        Raises :class:`JobAttachmentsError` and :class:`AssetSyncError` as of
        :func:`.output_manifests.find_output_manifests`.
        """
        paths = get_job_output_paths_by_asset_root(
            s3_settings, farm_id, queue_id, job_id, step_id, task_id, session_action_id, session
        )
        super().__init__(s3_settings, paths, session, include_filters, "outputs", declared_roots)

    def get_output_paths_by_root(self) -> Dict[str, List[str]]:
        """The former name of :meth:`get_paths_by_root`."""
        warnings.warn("Use get_paths_by_root().", DeprecationWarning, stacklevel=2)
        return self.get_paths_by_root()

    def download_job_output(
        self,
        file_conflict_resolution: FileConflictResolution = FileConflictResolution.CREATE_COPY,
        on_downloading_files: ProgressCallback = None,
    ) -> DownloadSummaryStatistics:
        """The former name of :meth:`download`."""
        warnings.warn("Use download().", DeprecationWarning, stacklevel=2)
        return self.download(file_conflict_resolution, on_downloading_files)


class InputDownloader(_BaseFilterableDownloader):
    """Downloads the files that were submitted with a job."""

    def __init__(
        self,
        s3_settings: JobAttachmentS3Settings,
        attachments: Attachments,
        session: Any = None,
        include_filters: Optional[List[str]] = None,
    ) -> None:
        """Raises :class:`AssetSyncError` when a manifest is missing or is not the one that the job was submitted with."""
        paths = get_job_input_paths_by_asset_root(s3_settings, attachments, session)
        super().__init__(s3_settings, paths, session, include_filters, "inputs")


def download_files_in_directory(
    s3_settings: JobAttachmentS3Settings,
    attachments: Attachments,
    farm_id: str,
    queue_id: str,
    job_id: str,
    directory_path: str,
    local_download_dir: str,
    session: Any = None,
    on_downloading_files: ProgressCallback = None,
) -> DownloadSummaryStatistics:
    """Download what a directory of a job's asset roots has, inputs and outputs, into one folder.

    Args:
        s3_settings: The queue's bucket and root prefix.
        attachments: Of the job.
        farm_id: The farm.
        queue_id: The queue.
        job_id: The job.
        directory_path: The directory, relative to the asset roots.
        local_download_dir: The folder; files have their paths relative to the asset roots below it.
        session: A boto3 session with access to the bucket.
        on_downloading_files: Gets reports and answers whether to go on.

    Returns:
        What was done; nothing, where the directory has no files.
    """
    groups = get_job_input_output_paths_by_asset_root(
        s3_settings, attachments, farm_id, queue_id, job_id, session=session
    )
    directory = directory_path.replace(os.sep, "/").rstrip("/") + "/"
    downloader = _BaseFilterableDownloader(
        s3_settings, {root: _below(directory, group) for root, group in groups.items()}, session
    )
    for root in groups:
        downloader.set_root_path(root, local_download_dir)
    return downloader.download(on_downloading_files=on_downloading_files)


def _below(directory: str, group: ManifestPathGroup) -> ManifestPathGroup:
    return ManifestPathGroup(
        files_by_hash_alg={
            hash_alg: [entry for entry in entries if entry.path.startswith(directory)]
            for hash_alg, entries in group.files_by_hash_alg.items()
        }
    )
