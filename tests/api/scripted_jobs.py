"""Jobs of a farm whose course a test writes: what their tasks do, when, and which files they leave.

Nobody runs them. Rows go straight into the farm's database, and files into its bucket, as a worker would leave them.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional

from deadline.job_attachments.asset_manifests import HashAlgorithm, hash_data
from deadline.job_attachments.asset_manifests.v2023_03_03 import AssetManifest, ManifestPath
from deadline.job_attachments.models import JobAttachmentS3Settings, ManifestProperties, PathFormat

if TYPE_CHECKING:
    from local_farm.farm import LocalFarm

    from .conftest import Farm

MTIME_US = 1_700_000_000_123_456
HOUR = 3600.0


class ScriptedQueue:
    """A queue of its own in the farm's bucket."""

    def __init__(self, running: LocalFarm, farm: Farm, **members: Any) -> None:
        shared = farm.client.get_queue(farmId=farm.farm_id, queueId=farm.queue_id)
        self.running = running
        self.farm = farm
        self.settings = JobAttachmentS3Settings(**shared["jobAttachmentSettings"])
        members.setdefault("jobAttachmentSettings", shared["jobAttachmentSettings"])
        self.queue_id = farm.new_queue(**members)

    def new_profile(self, os_family: str = "LINUX", **places: str) -> str:
        """A storage profile that the queue allows, with the paths of its file system locations by their names."""
        farm_id = self.farm.farm_id
        answer = self.farm.client.create_storage_profile(
            farmId=farm_id,
            displayName=f"Profile {len(places)}",
            osFamily=os_family,
            fileSystemLocations=[{"name": name, "path": path, "type": "LOCAL"} for name, path in places.items()],
        )
        profile_id = str(answer["storageProfileId"])
        queue = self.farm.client.get_queue(farmId=farm_id, queueId=self.queue_id)
        allowed = [*queue.get("allowedStorageProfileIds", []), profile_id]
        with self.running.database.transaction() as db:
            self._set_in_doc(db, "queue", self.queue_id, allowedStorageProfileIds=allowed)
        return profile_id

    def set_places(self, profile_id: str, **places: str) -> None:
        """Give a storage profile other file system locations."""
        locations = [{"name": name, "path": path, "type": "LOCAL"} for name, path in places.items()]
        with self.running.database.transaction() as db:
            self._set_in_doc(db, "storageProfile", profile_id, fileSystemLocations=locations)

    def new_job(self, name: str, root: Optional[str], **options: Any) -> ScriptedJob:
        """A job; see :class:`ScriptedJob`."""
        return ScriptedJob(self, name, root, **options)

    def clear(self) -> None:
        """No jobs any more."""
        with self.running.database.transaction() as db:
            db.execute("DELETE FROM jobs WHERE queue_id = ?", (self.queue_id,))

    def put(self, key: str, body: bytes, metadata: Optional[Mapping[str, str]] = None) -> None:
        """Store an object below the root prefix."""
        from local_farm.neighbours import put_into_moto

        put_into_moto(self.settings.s3BucketName, f"{self.settings.rootPrefix}/{key}", body, metadata or {})

    def put_content(self, body: bytes) -> None:
        """Store the content of a file."""
        self.put(f"Data/{hash_data(body, HashAlgorithm.XXH128)}.xxh128", body)

    @staticmethod
    def _set_in_doc(db: Any, kind: str, id_: str, **members: Any) -> None:
        (doc,) = db.execute("SELECT doc FROM resources WHERE kind = ? AND id = ?", (kind, id_)).fetchone()
        changed = json.dumps({**json.loads(doc), **members})
        db.execute("UPDATE resources SET doc = ? WHERE kind = ? AND id = ?", (changed, kind, id_))


class ScriptedJob:
    """A job of one step.

    Args:
        queue: Its queue.
        name: Its name.
        root: Its asset root, or ``None`` for a job without attachments.
        tasks: How many tasks it has; at first all of them are ready.
        profile: The storage profile with which it was submitted.
        root_format: ``posix`` or ``windows``.
        age: How many seconds ago it was created.
    """

    def __init__(
        self,
        queue: ScriptedQueue,
        name: str,
        root: Optional[str],
        *,
        tasks: int = 2,
        profile: Optional[str] = None,
        root_format: str = "posix",
        age: float = 600.0,
    ) -> None:
        self._queue = queue
        self._database = queue.running.database
        self._root = ManifestProperties(root, PathFormat(root_format)) if root is not None else None
        self._started = time.time() - age
        self._session: Optional[str] = None
        self._actions: Dict[str, int] = {}
        self.job_id = f"job-{uuid.uuid4().hex}"
        self.step_id = f"step-{uuid.uuid4().hex}"
        self.task_ids = [f"{self.step_id.replace('step-', 'task-', 1)}-{number}" for number in range(tasks)]
        doc: Dict[str, Any] = {"maxFailedTasksCount": 100, "maxRetriesPerTask": 5}
        if self._root is not None:
            manifest = {**self._root.to_dict(), "outputRelativeDirectories": ["."]}
            doc["attachments"] = {"manifests": [manifest], "fileSystem": "COPIED"}
        if profile is not None:
            doc["storageProfileId"] = profile
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO jobs (job_id, farm_id, queue_id, name, priority, lifecycle_status, lifecycle_message,"
                " created_at, started_at, doc) VALUES (?, ?, ?, ?, 50, 'CREATE_COMPLETE', '', ?, ?, ?)",
                (
                    *(self.job_id, queue.farm.farm_id, queue.queue_id, name),
                    *(self._started, self._started, json.dumps(doc)),
                ),
            )
            db.execute(
                "INSERT INTO steps (step_id, job_id, position, name, created_at, doc) VALUES (?, ?, 0, 'Run', ?, '{}')",
                (self.step_id, self.job_id, self._started),
            )
            for number, task_id in enumerate(self.task_ids):
                db.execute(
                    "INSERT INTO tasks (task_id, job_id, step_id, position, run_status, created_at, parameters)"
                    " VALUES (?, ?, ?, ?, 'READY', ?, '{}')",
                    (task_id, self.job_id, self.step_id, number, self._started),
                )

    def run(
        self,
        number: int,
        files: Optional[Mapping[str, bytes]] = None,
        *,
        status: str = "SUCCEEDED",
        told: bool = True,
        chunk: bool = False,
        stored: bool = True,
    ) -> str:
        """A task runs in the job's session and writes files; the id of the session action.

        Args:
            number: The task, from 0.
            files: Contents by paths below the asset root.
            status: How it ends.
            told: Whether the service tells of the output manifest.
            chunk: Whether it is a chunk of tasks, whose manifest stands beside the tasks.
            stored: Whether the contents are in the bucket.
        """
        now = time.time()
        task_id = self.task_ids[number]
        session = self._open_session(now)
        position = self._actions[session] = self._actions.get(session, -1) + 1
        action_id = f"{session.replace('session-', 'sessionaction-', 1)}-{position}"
        doc: Dict[str, Any] = {"definition": {"taskRun": {"taskId": task_id, "stepId": self.step_id}}}
        if files and self._root is not None:
            path = self._put_manifest(None if chunk else task_id, action_id, now, files, stored=stored)
            if told:
                doc["manifests"] = [{"outputManifestPath": path}]
        elif told and self._root is not None:
            doc["manifests"] = [{}]
        with self._database.transaction() as db:
            db.execute(
                "INSERT INTO session_actions (session_action_id, session_id, job_id, position, status, task_id, started_at,"
                " ended_at, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (action_id, session, self.job_id, position, status, task_id, now, now, json.dumps(doc)),
            )
            db.execute(
                "UPDATE tasks SET run_status = ?, ended_at = ?, latest_session_action_id = ? WHERE task_id = ?",
                (status, now, action_id, task_id),
            )
        return action_id

    def end_session(self, ago: float = 0.0) -> None:
        """The session ends, or ended some seconds ago."""
        assert self._session is not None
        with self._database.transaction() as db:
            db.execute(
                "UPDATE sessions SET ended_at = ?, lifecycle_status = 'ENDED' WHERE session_id = ?",
                (time.time() - ago, self._session),
            )
        self._session = None

    def end(self, ago: float = 0.0, rest: Optional[str] = None) -> None:
        """The job ends, or ended some seconds ago; tasks that are still ready get the status ``rest``."""
        if self._session is not None:
            self.end_session(ago)
        with self._database.transaction() as db:
            if rest is not None:
                db.execute(
                    "UPDATE tasks SET run_status = ? WHERE job_id = ? AND run_status = 'READY'", (rest, self.job_id)
                )
            db.execute("UPDATE jobs SET ended_at = ? WHERE job_id = ?", (time.time() - ago, self.job_id))

    def requeue(self, number: int) -> None:
        """A task is to run again."""
        with self._database.transaction() as db:
            db.execute("UPDATE tasks SET run_status = 'READY' WHERE task_id = ?", (self.task_ids[number],))
            db.execute("UPDATE jobs SET ended_at = NULL WHERE job_id = ?", (self.job_id,))

    def delete(self) -> None:
        """The job is gone."""
        with self._database.transaction() as db:
            db.execute("DELETE FROM jobs WHERE job_id = ?", (self.job_id,))

    def _open_session(self, now: float) -> str:
        if self._session is None:
            self._session = f"session-{uuid.uuid4().hex}"
            with self._database.transaction() as db:
                db.execute(
                    "INSERT INTO sessions (session_id, farm_id, queue_id, job_id, fleet_id, worker_id, lifecycle_status,"
                    " started_at, doc) VALUES (?, ?, ?, ?, ?, ?, 'STARTED', ?, ?)",
                    (
                        *(self._session, self._queue.farm.farm_id, self._queue.queue_id, self.job_id),
                        *(f"fleet-{uuid.uuid4().hex}", f"worker-{uuid.uuid4().hex}", now, "{}"),
                    ),
                )
        return self._session

    def _put_manifest(
        self, task_id: Optional[str], action_id: str, now: float, files: Mapping[str, bytes], *, stored: bool
    ) -> str:
        assert self._root is not None
        entries: List[Any] = [
            ManifestPath(path=path, hash=hash_data(body, HashAlgorithm.XXH128), size=len(body), mtime=MTIME_US)
            for path, body in files.items()
        ]
        for body in set(files.values()) if stored else ():
            self._queue.put_content(body)
        manifest = AssetManifest(hash_alg=HashAlgorithm.XXH128, paths=entries, total_size=sum(map(len, files.values())))
        ids = (self._queue.farm.farm_id, self._queue.queue_id, self.job_id, self.step_id)
        settings = self._queue.settings
        folder = (
            settings.partial_session_action_manifest_prefix_without_task(*ids, action_id, now)
            if task_id is None
            else settings.partial_session_action_manifest_prefix(*ids, task_id, action_id, now)
        )
        path = f"{folder}/{hash_data(self._root.rootPath.encode(), HashAlgorithm.XXH128)}_output"
        metadata = self._root.as_output_metadata()["Metadata"]
        self._queue.put(f"Manifests/{path}", manifest.encode().encode(), metadata)
        return path
