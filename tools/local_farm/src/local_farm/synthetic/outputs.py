"""Files that the tasks of synthetic jobs have written: manifests, and contents that many files share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Iterable, Mapping

from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.v2023_03_03.asset_manifest import AssetManifest, ManifestPath
from deadline.job_attachments.models import JobAttachmentS3Settings, ManifestProperties
from local_farm.synthetic.rows import JobRows, Place, TaskRun, asset_root
from local_farm.synthetic.shape import SyntheticJobs

DISTINCT_CONTENTS = 64
"""However many files there are, just so many differ: what is measured is the client, not the making of noise."""
SENDERS = 16

Put = Callable[[str, str, bytes, Mapping[str, str]], None]
"""Stores an object: bucket, key, content, metadata."""


class Outputs:
    """Makes and stores the outputs of synthetic jobs.

    Arguments:
        settings: The job attachment settings of the queue.
        put: Stores an object; called by several threads.
    """

    def __init__(self, shape: SyntheticJobs, place: Place, settings: Mapping[str, Any], put: Put) -> None:
        self._shape = shape
        self._place = place
        self._settings = JobAttachmentS3Settings(**settings)
        self._put = put
        self._root = ManifestProperties.from_dict(asset_root(shape))
        self._contents = [
            (f"{number:02d}".encode() * (shape.file_size // 2 + 1))[: shape.file_size]
            for number in range(min(DISTINCT_CONTENTS, max(1, shape.files_per_task * shape.tasks_per_job)))
        ]
        self._hashes = [hash_data(content, HashAlgorithm.XXH128) for content in self._contents]
        located = (self._root.fileSystemLocationName or "") + self._root.rootPath
        self._manifest_name = f"{hash_data(located.encode(), HashAlgorithm.XXH128)}_output"

    def put_contents(self) -> None:
        """Store what the files have in them."""
        for content, digest in zip(self._contents, self._hashes):
            self._put(self._settings.s3BucketName, f"{self._settings.full_cas_prefix()}/{digest}.xxh128", content, {})

    def put_manifests(self, jobs: Iterable[JobRows]) -> None:
        """Store a manifest for each task that succeeded, and note it at the run's session action."""
        runs = [(job, run) for job in jobs for run in job.runs if run.status == "SUCCEEDED"]
        if not self._shape.files_per_task:
            return
        with ThreadPoolExecutor(SENDERS) as senders:
            for (job, run), manifest in zip(runs, senders.map(self._put_manifest, (run for _, run in runs))):
                job.manifests[run.action_id] = [manifest]

    def _put_manifest(self, run: TaskRun) -> dict[str, str]:
        settings, place = self._settings, self._place
        folder = settings.partial_session_action_manifest_prefix(
            place.farm_id, place.queue_id, run.job_id, run.step_id, run.task_id, run.action_id, run.started_at
        )
        path = f"{folder}/{self._manifest_name}"
        text = self._manifest(run).encode().encode("utf-8")
        metadata = self._root.as_output_metadata()["Metadata"]
        self._put(settings.s3BucketName, settings.add_root_and_manifest_folder_prefix(path), text, metadata)
        return {"outputManifestPath": path, "outputManifestHash": hash_data(text, HashAlgorithm.XXH128)}

    def _manifest(self, run: TaskRun) -> AssetManifest:
        folder = f"renders/{self._shape.name}_{run.job_number + 1:05d}/{run.step_id[5:13]}"
        mtime = int((run.started_at + self._shape.task_seconds) * 1_000_000)
        first = run.frame * self._shape.files_per_task
        paths = [
            ManifestPath(
                path=f"{folder}/frame_{run.frame:04d}_{number:03d}.exr",
                hash=self._hashes[(first + number) % len(self._hashes)],
                size=self._shape.file_size,
                mtime=mtime,
            )
            for number in range(self._shape.files_per_task)
        ]
        return AssetManifest(hash_alg=HashAlgorithm.XXH128, paths=paths, total_size=self._shape.file_size * len(paths))
