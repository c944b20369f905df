"""A door: submitting a job bundle by the function that other programs call.

The arguments are turned into a :class:`~.submission.request.SubmissionRequest` and a host made of the callbacks; the work
is done in :mod:`deadline.client.api.submission`.
"""

from __future__ import annotations

import os
from configparser import ConfigParser
from typing import Any, Callable, Collection, List, Mapping, Optional, Sequence

from deadline.client.job_bundle.parameter_types import JobParameter
from deadline.job_attachments.progress_tracker import ProgressReportMetadata

from .submission.create_job import wait_for_create_job_to_complete
from .submission.request import SubmissionRequest
from .submission.submit import save_debug_snapshot, submit_job_bundle
from .submission.telemetry import hashing_telemetry_callback

__all__ = ["create_job_from_job_bundle", "hashing_telemetry_callback", "wait_for_create_job_to_complete"]

ProgressCallback = Callable[[ProgressReportMetadata], bool]


class _Callbacks:
    """A host made of callbacks, any of which may be missing."""

    def __init__(
        self,
        show: Callable[[str], Any],
        confirm: Optional[Callable[[str, bool], bool]],
        hashing: Optional[ProgressCallback],
        uploading: Optional[ProgressCallback],
        keep_waiting: Optional[Callable[[], bool]],
    ) -> None:
        self._show, self._confirm = show, confirm
        self._hashing, self._uploading, self._keep_waiting = hashing, uploading, keep_waiting

    def show(self, message: str) -> None:
        self._show(message)

    def confirm(self, message: str, default: bool) -> Optional[bool]:
        return None if self._confirm is None else bool(self._confirm(message, default))

    def hashing(self, report: ProgressReportMetadata) -> bool:
        return self._hashing is None or bool(self._hashing(report))

    def uploading(self, report: ProgressReportMetadata) -> bool:
        return self._uploading is None or bool(self._uploading(report))

    def ready_to_create(self) -> bool:
        return True

    def keep_waiting(self) -> bool:
        return self._keep_waiting is None or bool(self._keep_waiting())


def create_job_from_job_bundle(
    job_bundle_dir: str,
    job_parameters: Optional[Sequence[Mapping[str, Any]]] = None,
    *,
    name: Optional[str] = None,
    queue_parameter_definitions: Optional[List[JobParameter]] = None,
    job_attachments_file_system: Optional[str] = None,
    config: Optional[ConfigParser] = None,
    priority: Optional[int] = None,
    max_failed_tasks_count: Optional[int] = None,
    max_retries_per_task: Optional[int] = None,
    max_worker_count: Optional[int] = None,
    target_task_run_status: Optional[str] = None,
    require_paths_exist: bool = False,
    submitter_name: Optional[str] = None,
    submitter_version: Optional[str] = None,
    known_asset_paths: Optional[Collection[str]] = None,
    debug_snapshot_dir: Optional[str] = None,
    from_gui: bool = False,
    print_function_callback: Callable[[str], Any] = print,
    interactive_confirmation_callback: Optional[Callable[[str, bool], bool]] = None,
    hashing_progress_callback: Optional[ProgressCallback] = None,
    upload_progress_callback: Optional[ProgressCallback] = None,
    create_job_result_callback: Optional[Callable[[], bool]] = None,
    force_s3_check: Optional[bool] = None,
    exclude: Optional[Collection[str]] = None,
) -> Optional[str]:
    """Submit a job bundle to the default farm and queue, and return the id of the job, or ``None`` for a debug snapshot.

    Args:
        job_bundle_dir: The job bundle.
        job_parameters: Mappings of ``name`` and ``value`` that go before the bundle's values. Relative paths are relative
            to the working directory.
        name: The job's name, instead of the template's.
        queue_parameter_definitions: The queue's parameters, where the caller has asked for them already; those with a
            ``value`` are sent.
        job_attachments_file_system: ``COPIED`` or ``VIRTUAL``, instead of the setting.
        config: A configuration to use instead of the settings file. Without it the settings remember the job.
        priority: The job's priority, 0 to 100; 50 where neither this nor the bundle says otherwise.
        max_failed_tasks_count: After how many failed tasks the job fails, instead of the setting.
        max_retries_per_task: How often a failed task is tried again, instead of the setting.
        max_worker_count: How many workers may work on the job; -1 is no limit.
        target_task_run_status: ``READY`` or ``SUSPENDED``.
        require_paths_exist: Whether a missing input is an error.
        submitter_name: The submitter, for AWS support; ``Custom`` where left out.
        submitter_version: Its version.
        known_asset_paths: Folders from which files may be uploaded without a question.
        debug_snapshot_dir: A folder to which everything that would be sent is written; no job is created then. Where the
            name ends in ``.zip``, an archive.
        from_gui: Whether a window asks.
        print_function_callback: Gets messages.
        interactive_confirmation_callback: Gets a question and its default answer, and answers it.
        hashing_progress_callback: Gets reports, and answers whether to go on.
        upload_progress_callback: Gets reports, and answers whether to go on.
        create_job_result_callback: Answers whether to go on waiting for the job to be created.
        force_s3_check: Whether S3 is asked for each file instead of trusting the local cache; the setting where left out.
        exclude: Patterns of files below input directories that are not uploaded, such as ``**/*.tmp``.

    Raises:
        The errors of :func:`.submission.submit.submit_job_bundle`.
    """
    request = SubmissionRequest(
        bundle_dir=os.fspath(job_bundle_dir),
        job_parameters=tuple(job_parameters or ()),
        name=name,
        priority=priority,
        max_failed_tasks_count=max_failed_tasks_count,
        max_retries_per_task=max_retries_per_task,
        max_worker_count=max_worker_count,
        target_task_run_status=target_task_run_status,
        queue_parameter_definitions=queue_parameter_definitions,
        job_attachments_file_system=job_attachments_file_system,
        require_paths_exist=require_paths_exist,
        known_asset_paths=tuple(known_asset_paths or ()),
        exclude=tuple(exclude or ()),
        force_s3_check=force_s3_check,
        submitter_name=submitter_name or "Custom",
        submitter_version=submitter_version,
        from_gui=from_gui,
    )
    host = _Callbacks(
        print_function_callback,
        interactive_confirmation_callback,
        hashing_progress_callback,
        upload_progress_callback,
        create_job_result_callback,
    )
    if debug_snapshot_dir:
        save_debug_snapshot(request, os.fspath(debug_snapshot_dir), host, config)
        return None
    return submit_job_bundle(request, host, config).job_id
