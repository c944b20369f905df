"""The calls of the service that a run makes, several at a time, and with errors for people."""

from __future__ import annotations

import logging
from configparser import ConfigParser
from typing import Any, Callable, ContextManager, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from deadline.client.auth.queue_role import get_queue_user_boto3_session
from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import get_boto3_session
from deadline.client.exceptions import DeadlineOperationCanceled

from ..job_search import list_jobs_by_filter
from ..paging import call_paginated_list_api
from ..service_client import deadline_client, described_errors, error_code
from .parallel import in_parallel

BATCH = 100
NOT_FOUND = "ResourceNotFoundException"

logger = logging.getLogger("deadline.client.api.incremental_download")


class QueueService:
    """What is asked about one queue. ``is_wanted`` answers whether to go on, and is asked before each call.

    Its methods raise :class:`DeadlineOperationError` when the service refuses, and :class:`DeadlineOperationCanceled`.
    """

    def __init__(
        self, farm_id: str, queue_id: str, config: Optional[ConfigParser], is_wanted: Callable[[], bool]
    ) -> None:
        self.farm_id = farm_id
        self.queue_id = queue_id
        self._config = config
        self.is_wanted = is_wanted
        self._client = deadline_client(farm_id, config, patient=True)
        self._ids = {"farmId": farm_id, "queueId": queue_id}
        self._batches = hasattr(self._client, "batch_get_job")

    def keep_going(self) -> None:
        """Raise :class:`DeadlineOperationCanceled` when the run is to end."""
        if not self.is_wanted():
            raise DeadlineOperationCanceled("The download was canceled. The next run goes on where this one stopped.")

    def get_queue(self) -> Dict[str, Any]:
        """GetQueue, with the metadata of the answer."""
        with self._errors(f"get queue {self.queue_id}"):
            queue: Dict[str, Any] = self._client.get_queue(**self._ids)
            return queue

    def get_storage_profile(self, storage_profile_id: str) -> Dict[str, Any]:
        """GetStorageProfileForQueue; raises the error of boto3."""
        self.keep_going()
        profile: Dict[str, Any] = self._client.get_storage_profile_for_queue(
            **self._ids, storageProfileId=storage_profile_id
        )
        return profile

    def find_jobs(self, filter_expression: Mapping[str, Any]) -> List[Dict[str, Any]]:
        """All jobs of the queue that a filter finds."""
        session, region = get_boto3_session(config=self._config), resolve_region(self._config, farm_id=self.farm_id)
        return list_jobs_by_filter(session, self.farm_id, self.queue_id, filter_expression, region)

    def get_jobs(self, job_ids: Sequence[str]) -> Tuple[Dict[str, Dict[str, Any]], Set[str]]:
        """GetJob of many jobs: their answers by id, and the jobs that there are no more."""
        found: Dict[str, Dict[str, Any]] = {}
        gone: Set[str] = set()
        if len(job_ids) > 1 and self._batches:
            batches = [job_ids[start : start + BATCH] for start in range(0, len(job_ids), BATCH)]
            for answer in in_parallel(self._get_batch, batches, self.keep_going):
                found.update((job["jobId"], job) for job in answer.get("jobs") or [])
                errors = answer.get("errors") or []
                gone.update(error["jobId"] for error in errors if error["code"] == NOT_FOUND)
        left = [job_id for job_id in job_ids if job_id not in found and job_id not in gone]
        with self._errors("get jobs"):
            jobs = in_parallel(self._get_job, left, self.keep_going)
        found.update((job["jobId"], job) for job in jobs if job is not None)
        gone.update(job_id for job_id, job in zip(left, jobs) if job is None)
        return found, gone

    def list_sessions(self, job_ids: Sequence[str]) -> List[List[Dict[str, Any]]]:
        """The sessions of each job; none for one that there is no more."""

        def sessions_of(job_id: str) -> List[Dict[str, Any]]:
            return self._list(self._client.list_sessions, "sessions", jobId=job_id)

        with self._errors("list the sessions of jobs"):
            return in_parallel(sessions_of, job_ids, self.keep_going)

    def list_session_actions(self, sessions: Sequence[Tuple[str, str]]) -> List[List[Dict[str, Any]]]:
        """The session actions of each session, which is named by the ids of its job and its own."""

        def actions_of(ids: Tuple[str, str]) -> List[Dict[str, Any]]:
            job_id, session_id = ids
            return self._list(self._client.list_session_actions, "sessionActions", jobId=job_id, sessionId=session_id)

        with self._errors("list the session actions of jobs"):
            return in_parallel(actions_of, sessions, self.keep_going)

    def open_s3_session(self, queue: Mapping[str, Any]) -> Any:
        """A boto3 session with the role of the queue's users, which is assumed when it is first used."""
        return get_queue_user_boto3_session(
            self._client, self._config, self.farm_id, self.queue_id, queue["displayName"]
        )

    def _get_batch(self, job_ids: Sequence[str]) -> Dict[str, Any]:
        """BatchGetJob; an empty answer where that cannot be had: not all who may get a job may get many at once."""
        from botocore.exceptions import ClientError

        if not self._batches:
            return {}
        try:
            identifiers = [{**self._ids, "jobId": job_id} for job_id in job_ids]
            answer: Dict[str, Any] = self._client.batch_get_job(identifiers=identifiers)
            return answer
        except ClientError as error:
            logger.debug("Jobs are asked for one by one: %s", error)
            self._batches = False
            return {}

    def _get_job(self, job_id: str) -> Optional[Dict[str, Any]]:
        from botocore.exceptions import ClientError

        try:
            job: Dict[str, Any] = self._client.get_job(**self._ids, jobId=job_id)
            return job
        except ClientError as error:
            if error_code(error) == NOT_FOUND:
                return None
            raise

    def _list(self, method: Any, member: str, **arguments: str) -> List[Dict[str, Any]]:
        from botocore.exceptions import ClientError

        try:
            items: List[Dict[str, Any]] = call_paginated_list_api(method, member, **self._ids, **arguments)[member]
            return items
        except ClientError as error:
            if error_code(error) == NOT_FOUND:
                return []
            raise

    def _errors(self, action: str) -> ContextManager[None]:
        return described_errors(action, farm_id=self.farm_id, queue_id=self.queue_id, config=self._config)
