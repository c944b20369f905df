"""Input files into a session and output files out of it, through ``deadline.job_attachments``.

A job's asset roots are folders of the submitting machine. In a session each has a folder of its own, to which the job's paths
are mapped; roots in a location of the fleet's storage profile are where that profile says. Input files are brought before the
first task, the outputs of a step's dependencies before the step's first task, and what a task has written into the
output directories since is sent when it has succeeded, with a manifest for each root.
"""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import json
import sqlite3
import time
from pathlib import Path, PureWindowsPath
from typing import Any, Callable, Iterator

from openjd.sessions import PathMappingRule

from deadline.job_attachments._utils import _get_unique_dest_dir_name
from deadline.job_attachments.api.manifest import _manifest_merge, _manifest_snapshot
from deadline.job_attachments.asset_manifests import BaseAssetManifest, HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.decode import decode_manifest
from deadline.job_attachments.asset_sync import AssetSync
from deadline.job_attachments.download import download_files_from_manifests
from deadline.job_attachments.exceptions import AssetSyncError, JobAttachmentsError
from deadline.job_attachments.models import (
    Attachments,
    FileConflictResolution,
    JobAttachmentS3Settings,
    ManifestProperties,
    PathFormat,
)
from deadline.job_attachments.progress_tracker import ProgressReportMetadata, ProgressStatus, ProgressTracker
from deadline.job_attachments.upload import S3AssetUploader
from local_farm.runner.aws import FarmSession
from local_farm.runner.claims import ClaimedSession, ClaimedTask
from local_farm.state.database import Database

SAY_INTERVAL = 1.0
"""Seconds between two lines about a transfer in a session's log."""

Say = Callable[[str], None]
Wanted = Callable[[], bool]


class AttachmentsFailure(Exception):
    """Files could not be brought or sent. The message says which and why."""


def open_attachments(
    database: Database, aws: FarmSession, session: ClaimedSession, folder: Path
) -> SessionAttachments | None:
    """The attachments of a session's job; ``None`` for a job without any.

    Raises :class:`AttachmentsFailure` when the job has attachments but its queue has no bucket for them.
    """
    with database.transaction() as db:
        job = _doc(db, "SELECT doc FROM jobs WHERE job_id = ?", session.job_id)
        queue = _doc(db, "SELECT doc FROM resources WHERE kind = 'queue' AND id = ?", session.queue_id)
        dependencies: dict[str, list[str]] = {}
        for row in db.execute(
            "SELECT step_id, depends_on FROM step_dependencies JOIN steps USING (step_id) WHERE job_id = ?",
            (session.job_id,),
        ):
            dependencies.setdefault(row["step_id"], []).append(row["depends_on"])
    manifests = (job.get("attachments") or {}).get("manifests")
    if not manifests:
        return None
    settings = queue.get("jobAttachmentSettings")
    if not settings:
        raise AttachmentsFailure(f"The job has attachments, but {session.queue_id} has no job attachment settings.")
    attachments = Attachments(manifests=[ManifestProperties.from_dict(manifest) for manifest in manifests])
    with _explained("The job's files have no place in this session"):
        return SessionAttachments(aws, session, folder, JobAttachmentS3Settings(**settings), attachments, dependencies)


@dataclasses.dataclass
class _Root:
    """One asset root of the job in this session."""

    properties: ManifestProperties
    folder: Path
    manifests: list[str] = dataclasses.field(default_factory=list)
    """Manifest files of everything that was brought here or has been sent; what they name is not sent (again)."""

    @property
    def output_name(self) -> str:
        """The name of the root's output manifests."""
        located = (self.properties.fileSystemLocationName or "") + self.properties.rootPath
        return f"{hash_data(located.encode('utf-8'), HashAlgorithm.XXH128)}_output"

    @property
    def output_patterns(self) -> list[str]:
        """Globs, relative to the root, for everything in the output directories."""
        directories = self.properties.outputRelativeDirectories or []
        if self.properties.rootPathFormat is PathFormat.WINDOWS:
            directories = [PureWindowsPath(directory).as_posix() for directory in directories]
        return ["**" if directory == "." else f"{glob.escape(directory)}/**" for directory in directories]


class SessionAttachments:
    """The asset roots of a job in one session.

    Arguments:
        folder: The session's folder; each root gets a folder in it.
        dependencies: The steps that each step depends on.
    """

    def __init__(
        self,
        aws: FarmSession,
        session: ClaimedSession,
        folder: Path,
        settings: JobAttachmentS3Settings,
        attachments: Attachments,
        dependencies: dict[str, list[str]],
    ) -> None:
        self._aws = aws
        self._session = session
        self._folder = folder
        self._settings = settings
        self._attachments = attachments
        self._dependencies = dependencies
        self._sync = AssetSync(session.farm_id, boto3_session=aws, session_id=session.session_id)
        self._uploader = S3AssetUploader(aws)
        self._mapping = AssetSync.generate_dynamic_path_mapping(folder, attachments)
        # Roots within a location of a storage profile get a folder of their own as well: this machine may well be the one
        # that submitted the job, and its files are not the session's to overwrite.
        self._located = {
            properties.rootPath: str(folder / _get_unique_dest_dir_name(properties.rootPath))
            for properties in attachments.manifests
            if properties.fileSystemLocationName
        }
        self._roots = [
            _Root(
                properties,
                Path(
                    AssetSync.get_local_destination(
                        properties,
                        dynamic_mapping_rules=self._mapping,
                        storage_profiles_path_mapping_rules=self._located,
                    )
                ),
            )
            for properties in attachments.manifests
        ]
        for root in self._roots:
            root.folder.mkdir(parents=True, exist_ok=True)

    @property
    def path_mapping_rules(self) -> list[PathMappingRule]:
        """Where this session has the job's roots."""
        return [
            PathMappingRule.from_dict(
                {
                    "source_path_format": PathFormat(root.properties.rootPathFormat).value,
                    "source_path": root.properties.rootPath,
                    "destination_path": str(root.folder),
                }
            )
            for root in self._roots
        ]

    def depends_on_outputs(self, step_id: str) -> bool:
        """Whether outputs of other steps have to be brought before the step's tasks."""
        return step_id in self._dependencies

    def bring_inputs(self, *, say: Say, wanted: Wanted) -> None:
        """Download the job's input files.

        Arguments:
            say: Takes lines for the session's log.
            wanted: Asked now and then whether to go on.

        Raises:
            AttachmentsFailure: Not everything could be brought, or it was not wanted any more.
        """
        self._bring(None, "job", say, wanted)

    def bring_outputs_of_dependencies(self, step_id: str, *, say: Say, wanted: Wanted) -> None:
        """Download what the tasks of the steps have written on which ``step_id`` depends; as :meth:`bring_inputs`."""
        self._bring(self._dependencies[step_id], step_id, say, wanted)

    def _bring(self, step_dependencies: list[str] | None, suffix: str, say: Say, wanted: Wanted) -> None:
        with _explained("The job's files could not be downloaded"):
            manifests = self._sync._aggregate_asset_root_manifests(
                self._folder,
                self._settings,
                self._session.queue_id,
                self._session.job_id,
                self._attachments,
                step_dependencies=step_dependencies,
                dynamic_mapping_rules=self._mapping,
                storage_profiles_path_mapping_rules=self._located,
            )
            files = self._sync._check_and_write_local_manifests(manifests, str(self._folder), suffix)
            statistics = download_files_from_manifests(
                self._settings.s3BucketName,
                manifests,
                self._settings.full_cas_prefix(),
                session=self._aws,
                on_downloading_files=_reporter(say, wanted),
                # The folders are the session's own: a file of the same name is an older state of the same file.
                conflict_resolution=FileConflictResolution.OVERWRITE,
            )
            for root in self._roots:
                if str(root.folder) in files:
                    root.manifests.append(files[str(root.folder)])
        say(str(statistics).rstrip())

    def send_outputs(
        self, task: ClaimedTask, *, action_id: str, started_at: float, say: Say, wanted: Wanted
    ) -> list[dict[str, str]]:
        """Upload what is new in the output directories since files were last brought or sent.

        Arguments:
            action_id: The session action in which the task ran.
            started_at: When it began, in seconds since the epoch.

        Returns:
            For each root of the job, in its order, the service's record of its output manifest; empty where there is none.

        Raises:
            AttachmentsFailure: As :meth:`bring_inputs`.
        """
        prefix = self._output_prefix(task, action_id, started_at)
        with _explained("The task's output files could not be uploaded"):
            return [self._send_root(root, prefix, action_id, say, wanted) for root in self._roots]

    def _output_prefix(self, task: ClaimedTask, action_id: str, started_at: float) -> str:
        ids = (self._session.farm_id, self._session.queue_id, self._session.job_id, task.step_id)
        return JobAttachmentS3Settings.partial_session_action_manifest_prefix(*ids, task.task_id, action_id, started_at)

    def _send_root(self, root: _Root, prefix: str, action_id: str, say: Say, wanted: Wanted) -> dict[str, str]:
        if not root.output_patterns:
            return {}
        scratch = self._folder / "manifests" / action_id
        snapshot = _manifest_snapshot(
            root=str(root.folder),
            destination=str(scratch),
            name="output",
            include=root.output_patterns,
            diff=self._merged(root, scratch),
            print_function_callback=_ignore,
            hash_cache_dir=str(self._folder / "cache"),
        )
        if snapshot is None:
            return {}
        manifest = decode_manifest(Path(snapshot.manifest).read_text(encoding="utf-8"))
        path, digest = self._uploader.upload_assets(
            self._settings,
            manifest,
            Path(root.properties.rootPath),
            partial_manifest_prefix=prefix,
            progress_tracker=_upload_tracker(manifest, say, wanted),
            s3_check_cache_dir=str(self._folder / "cache"),
            manifest_metadata=root.properties.as_output_metadata(),
            manifest_file_name=root.output_name,
            asset_root=root.folder,
        )
        root.manifests.append(snapshot.manifest)
        say(f"Uploaded {len(manifest.paths)} output files of {root.properties.rootPath}.")
        return {"outputManifestPath": path, "outputManifestHash": digest}

    def _merged(self, root: _Root, scratch: Path) -> str | None:
        """A manifest of everything that is known to be in the root, or ``None`` when nothing is."""
        if not root.manifests:
            return None
        merged = _manifest_merge(str(root.folder), root.manifests, str(scratch), "merge", _ignore)
        return merged.local_manifest_path if merged else None


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    try:
        yield
    except (AssetSyncError, JobAttachmentsError, OSError) as error:
        raise AttachmentsFailure(f"{what}: {error}") from error


def _upload_tracker(manifest: BaseAssetManifest, say: Say, wanted: Wanted) -> ProgressTracker:
    return ProgressTracker(
        ProgressStatus.UPLOAD_IN_PROGRESS, len(manifest.paths), manifest.totalSize, _reporter(say, wanted)
    )


def _reporter(say: Say, wanted: Wanted) -> Callable[[ProgressReportMetadata], bool]:
    """A callback of the engine: writes to the session's log now and then, and answers whether to go on."""
    said_at = time.monotonic()

    def report(progress: ProgressReportMetadata) -> bool:
        nonlocal said_at
        if time.monotonic() - said_at >= SAY_INTERVAL:
            said_at = time.monotonic()
            say(progress.progressMessage)
        return wanted()

    return report


def _ignore(_line: object) -> None:
    """The engine's way to print a path, which nobody here reads."""


def _doc(db: sqlite3.Connection, query: str, id_: str) -> dict[str, Any]:
    row = db.execute(query, (id_,)).fetchone()
    doc: dict[str, Any] = json.loads(row["doc"]) if row else {}
    return doc
