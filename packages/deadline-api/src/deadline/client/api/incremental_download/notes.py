"""What a run writes down about jobs: in the checkpoint, in the counts of failed jobs, and in the status file."""

from __future__ import annotations

from typing import Callable, Collection, Dict, Iterable, List, Mapping, Optional, Sequence, Set

from deadline.job_attachments._incremental_downloads.incremental_download_state import IncrementalDownloadJob

from .categories import CategorizedJob, Category, is_placeholder
from .failed_jobs import GIVEN_UP_AFTER, FailedJobs
from .failures import OF_THE_JOB, code_of
from .ledger import RETENTION, Ledger
from .outputs import OutputPlan
from .result import JobFailure
from .status_entries import JobFacts
from .task_runs import JobTaskRuns, output_paths

FAILED = "failed"
"""Why a session action is to be tried again: its outputs could not be downloaded. Where its files have no place on this
machine, the fingerprint of the path mapping is the reason instead: it is tried again when that changes."""

_PLACEHOLDERS = (Category.ATTACHMENTS_FREE, Category.MISSING_STORAGE_PROFILE)


class Notes:
    """The notes of runs before, which change as this one gets on."""

    def __init__(self, ledger: Ledger, failed_jobs: FailedJobs) -> None:
        self.ledger = ledger
        self.failed_jobs = failed_jobs
        self.given_up: List[str] = []
        """A sentence for each job whose outputs are given up."""
        self._abandoned: Set[str] = set()

    def take_up_placeholders(self, jobs: Iterable[CategorizedJob]) -> None:
        """Note which jobs nothing is downloaded from, so that nobody asks for them again."""
        new = [job for job in jobs if job.category in _PLACEHOLDERS and job.is_news]
        self.ledger.take_up([IncrementalDownloadJob(job.job) for job in new])

    def take_up(
        self,
        runs: Sequence[JobTaskRuns],
        plan: OutputPlan,
        fingerprint_of: Callable[[JobTaskRuns], str],
        retried: Collection[str],
    ) -> None:
        """Note what was done about the outputs of jobs, and what is left to be done.

        Args:
            runs: The jobs, whose outputs are on the disk but for those with errors.
            plan: What there was to be done.
            fingerprint_of: Of the path mapping of a job.
            retried: Session actions that were tried again.
        """
        entries = []
        for run in runs:
            error = error_of(run, plan)
            self._count(run, error)
            left = self._left(run, plan, fingerprint_of, retried)
            indexes = run.indexes_to_keep(left)
            entries.append(IncrementalDownloadJob(run.job.job, run.sessions_ended, indexes, left))
        with_files = any(task.files for run in runs for task in plan.tasks_of(run.job.job_id))
        self.ledger.take_up(entries, with_files=with_files)

    def forget(self, job_id: str) -> None:
        """A job is gone."""
        self.ledger.forget(job_id)
        self.failed_jobs.forget(job_id)

    def retire(self, jobs: Sequence[CategorizedJob]) -> None:
        """At the end of a run: keep of jobs that came to rest only what a requeue needs, and nothing of very old ones."""
        known = self.ledger.jobs
        for job in jobs:
            entry = known.get(job.job_id)
            if entry is None:
                continue
            ended, indexes, left = (
                entry.session_ended_timestamp,
                entry.session_completed_indexes,
                entry.session_actions_to_retry,
            )
            if job.category is Category.UNCHANGED:
                known[job.job_id] = IncrementalDownloadJob(job.job, ended, indexes, left)
            elif job.category is Category.INACTIVE and ended is not None:
                known[job.job_id] = IncrementalDownloadJob({"jobId": job.job_id}, ended, indexes)
            elif job.category is Category.INACTIVE:
                self.ledger.forget(job.job_id)
        seen = {job.job_id for job in jobs}
        oldest = self.ledger.window.until - RETENTION
        for job_id, entry in list(known.items()):
            ended = entry.session_ended_timestamp
            if job_id not in seen and (is_placeholder(entry) or (ended is not None and ended < oldest)):
                self.ledger.forget(job_id)

    def failures(self, runs: Sequence[JobTaskRuns], plan: OutputPlan) -> List[JobFailure]:
        """The jobs of which not all outputs could be downloaded."""
        found = []
        for run in runs:
            error = error_of(run, plan)
            if error is not None:
                job_id = run.job.job_id
                count, abandoned = self.failed_jobs.count(job_id), job_id in self._abandoned
                found.append(JobFailure(job_id, run.job.name, code_of(error), str(error), count, abandoned))
        return found

    def facts(self, jobs: Sequence[CategorizedJob], runs: Sequence[JobTaskRuns], plan: OutputPlan) -> List[JobFacts]:
        """What the run found out, for the status file."""
        by_id = {run.job.job_id: run for run in runs}
        return [
            _facts_of(job, by_id.get(job.job_id), plan)
            for job in jobs
            # Nothing happened to it, and what failed before is no less missing.
            if not (job.category is Category.UNCHANGED and self.failed_jobs.count(job.job_id))
        ]

    def _count(self, run: JobTaskRuns, error: Optional[Exception]) -> None:
        job_id = run.job.job_id
        if error is None:
            self.failed_jobs.forget(job_id)
            return
        of_the_job = code_of(error) in OF_THE_JOB
        self.failed_jobs.failed(job_id, counts=of_the_job)
        if of_the_job and self.failed_jobs.is_given_up(job_id):
            self._abandoned.add(job_id)
            self.given_up.append(
                f"Outputs of job {run.job.name} ({job_id}) could not be downloaded by {GIVEN_UP_AFTER} runs, and are given up. "
                "What the job writes from now on will be downloaded. To try again, begin anew with --force-bootstrap, or use "
                "deadline job download-output."
            )

    def _left(
        self,
        run: JobTaskRuns,
        plan: OutputPlan,
        fingerprint_of: Callable[[JobTaskRuns], str],
        retried: Collection[str],
    ) -> Dict[str, str]:
        """The session actions that are to be tried again, and why."""
        before: Mapping[str, str] = run.job.before.session_actions_to_retry if run.job.before is not None else {}
        left = {action_id: reason for action_id, reason in before.items() if action_id not in retried}
        unmapped = plan.unmapped.get(run.job.job_id)
        if unmapped:
            left.update(dict.fromkeys(unmapped, fingerprint_of(run)))
        if run.job.job_id in self._abandoned:
            return left
        failed = plan.actions_to_retry(run.job.job_id)
        if run.error is not None:
            failed |= {action["sessionActionId"] for action in run.actions if not any(output_paths(action))}
        return {**left, **dict.fromkeys(sorted(failed), FAILED)}


def error_of(run: JobTaskRuns, plan: OutputPlan) -> Optional[Exception]:
    """Why not all outputs of a job could be downloaded."""
    errors = [run.error, *(task.error for task in plan.tasks_of(run.job.job_id))]
    return next((error for error in errors if error is not None), None)


def _facts_of(job: CategorizedJob, run: Optional[JobTaskRuns], plan: OutputPlan) -> JobFacts:
    if run is None:
        return JobFacts(job)
    outputs = plan.tasks_of(job.job_id)
    return JobFacts(job, outputs, error_of(run, plan), run.succeeded_tasks, run.failed_tasks)
