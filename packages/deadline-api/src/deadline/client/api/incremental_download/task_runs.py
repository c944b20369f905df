"""What ran in the sessions of jobs since the last run, and the manifests of what it wrote."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Collection, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from deadline.job_attachments._incremental_downloads.discovery import add_output_manifests_from_s3
from deadline.job_attachments.exceptions import AssetSyncError, JobAttachmentS3BotoCoreError

from .categories import CategorizedJob, Category, moment
from .ledger import Window
from .parallel import in_parallel
from .service import QueueService

S3_LISTINGS = 3


@dataclass
class JobTaskRuns:
    """The task runs of a job that are new, or wanted again."""

    job: CategorizedJob
    actions: List[Dict[str, Any]] = field(default_factory=list)
    """Session actions that succeeded, each with its ``manifests``: one for each of the job's, in their order."""
    without_output: int = 0
    """Task runs that wrote nothing."""
    succeeded_tasks: Set[str] = field(default_factory=set)
    failed_tasks: Set[str] = field(default_factory=set)
    """Tasks that failed on the farm, and did not succeed later."""
    completed_indexes: Dict[str, int] = field(default_factory=dict)
    """By session, the highest index of an action that succeeded."""
    sessions_seen_again: Set[str] = field(default_factory=set)
    """Sessions that a later run will look at again."""
    sessions_ended: Optional[datetime] = None
    """The latest end of a session."""
    error: Optional[Exception] = None
    """Why the outputs of actions cannot be found."""

    def indexes_to_keep(self, to_retry: Collection[str]) -> Dict[str, int]:
        """The indexes that the checkpoint needs, for sessions that will be looked at again.

        Args:
            to_retry: Actions that are to be tried again.
        """
        kept = self.sessions_seen_again.union(map(session_of, to_retry))
        return {session_id: index for session_id, index in self.completed_indexes.items() if session_id in kept}


def find_task_runs(
    service: QueueService, jobs: Sequence[CategorizedJob], window: Window, retried: Collection[str]
) -> List[JobTaskRuns]:
    """The task runs of jobs that are new since the last run, or that are to be tried again; without manifests from S3.

    Args:
        service: Of the queue.
        jobs: The jobs to look at.
        window: From when until when outputs are looked for.
        retried: Session actions that are to be tried again.
    """
    of_retried = set(map(session_of, retried))
    all_sessions = service.list_sessions([job.job_id for job in jobs])
    wanted = [_wanted_sessions(job, sessions, window, of_retried) for job, sessions in zip(jobs, all_sessions)]
    names = [(job.job_id, session["sessionId"]) for job, sessions in zip(jobs, wanted) for session in sessions]
    actions = dict(zip(names, service.list_session_actions(names)))
    return [
        _task_runs(job, [(each, actions[job.job_id, each["sessionId"]]) for each in sessions], window, retried)
        for job, sessions in zip(jobs, wanted)
    ]


def find_manifests(
    service: QueueService, runs: Sequence[JobTaskRuns], queue: Mapping[str, Any], s3_session: Any
) -> None:
    """Find the output manifests of actions of which the service does not tell them, and drop actions without any."""

    def find(job: JobTaskRuns) -> None:
        try:
            add_output_manifests_from_s3(service.farm_id, queue, job.job.job, s3_session, job.actions)
        except JobAttachmentS3BotoCoreError:
            raise
        except (AssetSyncError, RuntimeError) as error:
            # An object that is no output manifest of the job is no reason to leave out other jobs.
            job.error = error

    silent = [job for job in runs if any(action.get("manifests") is None for action in job.actions)]
    in_parallel(find, silent, service.keep_going, S3_LISTINGS)
    for job in runs:
        if job.error is None:
            written = [action for action in job.actions if any(output_paths(action))]
            job.without_output = len(job.actions) - len(written)
            job.actions = written


def output_paths(action: Mapping[str, Any]) -> List[Optional[str]]:
    """The keys of an action's output manifests below the manifest folder, one for each manifest of the job."""
    return [output.get("outputManifestPath") for output in action.get("manifests") or ()]


def session_of(action_id: str) -> str:
    """The session of an action."""
    return f"session-{action_id.split('-')[1]}"


def _wanted_sessions(
    job: CategorizedJob, sessions: Sequence[Dict[str, Any]], window: Window, retried: Collection[str]
) -> List[Dict[str, Any]]:
    """The sessions that run, or that ended since the last run; and those with actions that are to be tried again."""
    before = job.before
    threshold = before.session_ended_timestamp if before is not None else None
    if threshold is None:
        threshold = window.started if before is not None else window.oldest_of_unknown_jobs
    if before is not None or job.category is not Category.ADDED:
        threshold -= window.consistency
    return [
        session
        for session in sessions
        if session.get("endedAt") is None or session["endedAt"] >= threshold or session["sessionId"] in retried
    ]


def _task_runs(
    job: CategorizedJob,
    sessions: Sequence[Tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]],
    window: Window,
    retried: Collection[str],
) -> JobTaskRuns:
    before = job.before
    indexes = before.session_completed_indexes if before is not None else {}
    runs = JobTaskRuns(job, completed_indexes=dict(indexes))
    for session, actions in sessions:
        session_id = session["sessionId"]
        for action in actions:
            if "taskRun" not in action["definition"]:
                continue
            task_id = action["definition"]["taskRun"].get("taskId")
            if action["status"] == "FAILED" and task_id:
                runs.failed_tasks.add(task_id)
            if action["status"] != "SUCCEEDED":
                continue
            if task_id:
                runs.succeeded_tasks.add(task_id)
            index = int(action["sessionActionId"].rpartition("-")[2])
            if index > indexes.get(session_id, -1) or action["sessionActionId"] in retried:
                runs.actions.append(dict(action))
                runs.completed_indexes[session_id] = max(index, runs.completed_indexes.get(session_id, -1))
    runs.failed_tasks -= runs.succeeded_tasks
    ends = [session.get("endedAt") for session, _ in sessions]
    runs.sessions_ended = _latest(before.session_ended_timestamp if before is not None else None, *ends)
    runs.sessions_seen_again = {
        session["sessionId"]
        for session, _ in sessions
        if session.get("endedAt") is None
        or runs.sessions_ended is None
        or session["endedAt"] >= runs.sessions_ended - window.consistency
    }
    return runs


def _latest(*times: Any) -> Optional[datetime]:
    known = [time for time in map(moment, times) if time is not None]
    return max(known) if known else None
