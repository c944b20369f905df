"""A run from its beginning to its end."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import Counter
from configparser import ConfigParser
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any, ContextManager, Dict, Iterator, List, Mapping, Optional, Tuple

from deadline.client.auth.telemetry.decorators import record_success_fail_telemetry_event
from deadline.client.config import get_setting
from deadline.client.exceptions import DeadlineOperationError

from ..bandwidth import max_bandwidth
from ..job_download import attachment_settings_of
from .candidates import find_candidates
from .categories import EXAMINED, CategorizedJob, Category, categorize
from .events import (
    DOWNLOADING,
    DownloadPlanned,
    JobsSorted,
    PathsUnmapped,
    QueueKnown,
    StepDone,
    SyncOutputEvent,
    Warned,
    WindowKnown,
)
from .failed_jobs import FailedJobs
from .files import CheckpointFiles, open_folder
from .host import QuietSyncHost, SyncOutputHost
from .ledger import FORCED, Ledger, open_ledger
from .notes import Notes
from .outputs import OutputPlan, read_outputs
from .pid_lock import PidLock
from .profiles import ProfileMapping, get_local_profile, location_problems
from .request import SyncOutputRequest
from .result import SyncOutputResult
from .retries import Retries, find_retries
from .service import QueueService
from .status_file import status_files, write_pointer, write_status
from .task_runs import JobTaskRuns, find_manifests, find_task_runs
from .transfer import Transfer


@record_success_fail_telemetry_event(metric_name="queue_sync_output")
def sync_queue_output(
    request: SyncOutputRequest, host: Optional[SyncOutputHost] = None, config: Optional[ConfigParser] = None
) -> SyncOutputResult:
    """Download what the jobs of a queue wrote since the last run with the same checkpoint folder and storage profile.

    Outputs of one job that cannot be downloaded keep no others from being downloaded; they are among the result's
    failures, and are tried again by the next run.

    Args:
        request: The queue, and how to go about it.
        host: Who is told what happens, and asked whether to go on.
        config: A configuration to read from instead of the settings file.

    Raises:
        CheckpointInUse: Another run is at work with the same checkpoint.
        DeadlineOperationCanceled: The host does not want to go on; what is complete stays, and the next run goes on there.
        DeadlineOperationError: The service refused, the queue has no job attachments, this machine has no storage profile,
            or the checkpoint cannot be used.
        AssetSyncError: S3 failed before anything was downloaded.
    """
    request.check()
    return _Run(request, host or QuietSyncHost(), config).carry_out()


class _Run:
    """One run; its methods are called in the order in which they stand."""

    def __init__(self, request: SyncOutputRequest, host: SyncOutputHost, config: Optional[ConfigParser]) -> None:
        self._request = request
        self._host = host
        self._config = config
        self._begun = time.monotonic()
        self._showing = threading.RLock()
        self._warnings: List[str] = []
        self._service = QueueService(request.farm_id, request.queue_id, config, host.keep_going)

    def carry_out(self) -> SyncOutputResult:
        """Look up what the run works with, then do its work while no other run can."""
        folder = open_folder(self._request.checkpoint_dir)
        profile = self._local_profile()
        queue = self._service.get_queue()
        attachment_settings_of(queue)
        files = CheckpointFiles(folder, self._request.queue_id, profile["storageProfileId"] if profile else None)
        self._show(QueueKnown(queue, profile, str(files.checkpoint), self._request.dry_run))
        for problem in location_problems(profile, _is_usable) if profile else ():
            self._show(Warned(problem))
        with PidLock(files.lock, f"The download of the outputs of queue {queue['displayName']}"):
            ledger, failed_jobs = self._open(files, _now_of(queue))
            notes = Notes(ledger, failed_jobs)
            try:
                return self._work(queue, profile, files, notes)
            except BaseException:
                # What was taken up is on the disk.
                if not self._request.dry_run:
                    with contextlib.suppress(DeadlineOperationError):
                        ledger.save()
                raise

    def _local_profile(self) -> Optional[Mapping[str, Any]]:
        if self._request.ignore_storage_profiles:
            return None
        given = self._request.storage_profile_id
        profile_id = given or get_setting("settings.storage_profile_id", self._config)
        return get_local_profile(self._service, profile_id, from_option=bool(given))

    def _open(self, files: CheckpointFiles, now: datetime) -> Tuple[Ledger, FailedJobs]:
        request = self._request
        ledger = open_ledger(
            files, now, request.bootstrap_lookback, force_bootstrap=request.force_bootstrap, dry_run=request.dry_run
        )
        failed_jobs = FailedJobs(files.failed_jobs)
        if ledger.bootstrap == FORCED:
            failed_jobs.forget_all()
            if not request.dry_run:
                failed_jobs.save()
        window = ledger.window
        self._show(WindowKnown(window.since, window.until, now, ledger.bootstrap, request.bootstrap_lookback))
        return ledger, failed_jobs

    def _work(
        self, queue: Mapping[str, Any], profile: Optional[Mapping[str, Any]], files: CheckpointFiles, notes: Notes
    ) -> SyncOutputResult:
        mapping = ProfileMapping(self._service, profile, self._show)
        retries, jobs = self._find_jobs(notes, mapping, needs_profile=profile is not None)
        notes.take_up_placeholders(jobs)
        s3_session = self._service.open_s3_session(queue)
        runs = self._find_task_runs(
            [job for job in jobs if job.category in EXAMINED], queue, s3_session, notes, retries
        )
        plan = self._plan(runs, queue, s3_session, mapping)
        resolution, bandwidth = self._request.conflict_resolution, max_bandwidth(self._config)
        transfer = Transfer(self._service, queue, s3_session, resolution, self._show, bandwidth)
        if not self._request.dry_run:
            self._download(runs, plan, transfer, notes, mapping, retries)
        status = self._finish(jobs, runs, plan, files, profile, notes)
        window = notes.ledger.window
        failures = notes.failures(runs, plan)
        failed = {failure.job_id for failure in failures}
        with_outputs = {task.key.job_id for task in plan.tasks if task.files}
        return SyncOutputResult(
            farm_id=self._request.farm_id,
            queue_id=self._request.queue_id,
            queue_name=queue["displayName"],
            storage_profile_id=files.storage_profile_id,
            checkpoint_file=str(files.checkpoint),
            dry_run=self._request.dry_run,
            bootstrap=notes.ledger.bootstrap,
            since=window.since,
            until=max(window.since, window.until),
            jobs=Counter(job.category for job in jobs),
            changed_jobs=sum(job.is_news for job in jobs),
            examined_jobs=len(runs),
            downloaded_jobs=len(with_outputs - failed),
            task_runs=sum(len(run.actions) for run in runs),
            files=sum(len(task.files) for task in plan.tasks) if self._request.dry_run else transfer.files,
            bytes=sum(task.bytes for task in plan.tasks) if self._request.dry_run else transfer.bytes,
            skipped_files=transfer.skipped_files,
            unmapped_files=sum(len(paths) for of_job in plan.unmapped.values() for paths in of_job.values()),
            failures=tuple(failures),
            retried_jobs=len(retries.job_ids),
            warnings=tuple(self._warnings),
            status_files=tuple(status),
            seconds=time.monotonic() - self._begun,
        )

    def _find_jobs(
        self, notes: Notes, mapping: ProfileMapping, *, needs_profile: bool
    ) -> Tuple[Retries, List[CategorizedJob]]:
        window = notes.ledger.window
        with self._step("Searching for jobs"):
            candidates = find_candidates(self._service, window.since)
        retries = find_retries(self._service, notes, mapping, candidates, self._show)
        with self._step("Comparing jobs with the checkpoint"):
            jobs = categorize(
                {**candidates, **retries.jobs},
                notes.ledger.jobs,
                lambda job_ids: retries.with_details(self._service, job_ids),
                window.until,
                needs_profile=needs_profile,
                to_retry=retries.job_ids,
            )
        self._show(JobsSorted([job for job in jobs if job.is_news or job.category is Category.UNCHANGED]))
        return retries, jobs

    def _find_task_runs(
        self,
        jobs: List[CategorizedJob],
        queue: Mapping[str, Any],
        s3_session: Any,
        notes: Notes,
        retries: Retries,
    ) -> List[JobTaskRuns]:
        if not jobs:
            return []
        with self._step(f"Listing the sessions and session actions of {_count(len(jobs), 'job')}"):
            runs = find_task_runs(self._service, jobs, notes.ledger.window, retries.action_ids)
        with self._step("Looking for output manifests"):
            find_manifests(self._service, runs, queue, s3_session)
        for run in runs:
            if run.without_output:
                what = _count(run.without_output, "task run")
                self._show(Warned(f"{what} of job {run.job.name} ({run.job.job_id}) had no output."))
        return runs

    def _plan(
        self, runs: List[JobTaskRuns], queue: Mapping[str, Any], s3_session: Any, mapping: ProfileMapping
    ) -> OutputPlan:
        with_actions = [run for run in runs if run.actions]
        profiles = [run.job.job.get("storageProfileId") for run in with_actions]
        appliers = mapping.appliers(profiles)
        number = sum(len(run.actions) for run in with_actions)
        with self._step(f"Reading the output manifests of {_count(number, 'task run')}") if number else _nothing():
            plan = read_outputs(self._service, with_actions, queue, s3_session, appliers)
        for run in with_actions:
            unmapped = plan.unmapped.get(run.job.job_id)
            if unmapped:
                paths = [path for of_action in unmapped.values() for path in of_action]
                self._show(PathsUnmapped(run.job, mapping.name_of(run.job.job.get("storageProfileId")), paths))
        sizes = {file.path: file.size for task in plan.tasks for file in task.files.values()}
        with_files = {task.key.job_id for task in plan.tasks if task.files}
        self._show(DownloadPlanned(len(with_files), number, len(sizes), sum(sizes.values()), sizes))
        return plan

    def _download(
        self,
        runs: List[JobTaskRuns],
        plan: OutputPlan,
        transfer: Transfer,
        notes: Notes,
        mapping: ProfileMapping,
        retries: Retries,
    ) -> None:
        """Download the outputs, and take up each job when its outputs are there."""
        by_id = {run.job.job_id: run for run in runs}

        def fingerprint_of(run: JobTaskRuns) -> str:
            return mapping.fingerprint(run.job.job.get("storageProfileId"))

        def take_up(some: List[JobTaskRuns]) -> None:
            notes.take_up(some, plan, fingerprint_of, retries.action_ids)

        take_up([run for run in runs if not plan.tasks_of(run.job.job_id)])
        with self._step(DOWNLOADING) if plan.tasks else _nothing():
            for job_ids in transfer.carry_out(plan):
                take_up([by_id[job_id] for job_id in job_ids])
        for text in notes.given_up:
            self._show(Warned(text))

    def _finish(
        self,
        jobs: List[CategorizedJob],
        runs: List[JobTaskRuns],
        plan: OutputPlan,
        files: CheckpointFiles,
        profile: Optional[Mapping[str, Any]],
        notes: Notes,
    ) -> List[str]:
        """Write the status files and then the checkpoint; which status files there are now."""
        if self._request.dry_run:
            return []
        facts = notes.facts(jobs, runs, plan)
        now = datetime.now(timezone.utc)
        written = []
        for path in status_files(files, profile):
            try:
                write_status(path, files, facts, now, failed=any(each.error is not None for each in facts))
                written.append(str(path))
            except OSError as error:
                self._show(Warned(f"The status file {path} could not be written: {error.strerror or error}."))
        if profile is None and written:
            try:
                warning = write_pointer(files)
            except OSError as error:
                warning = f"{files.status_pointer} could not be written: {error.strerror or error}."
            if warning:
                self._show(Warned(warning))
        notes.retire(jobs)
        notes.failed_jobs.save()
        notes.ledger.finish()
        return written

    @contextlib.contextmanager
    def _step(self, text: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self._show(StepDone(text, time.monotonic() - begun))

    def _show(self, event: SyncOutputEvent) -> None:
        with self._showing:
            if isinstance(event, Warned):
                self._warnings.append(event.text)
            self._host.show(event)


def _now_of(answer: Dict[str, Any]) -> datetime:
    """The time by the service's clock or by ours, whichever is earlier.

    The window ends before it; a clock that is fast would end it after jobs that are going to end, and lose them.
    """
    ours = datetime.now(timezone.utc)
    try:
        theirs = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    except (KeyError, TypeError, ValueError):
        return ours
    return min(ours, theirs) if theirs.tzinfo is not None else ours


def _is_usable(folder: str) -> bool:
    return os.path.isdir(folder) and os.access(folder, os.W_OK)


def _nothing() -> ContextManager[None]:
    return contextlib.nullcontext()


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
