"""The library: submit job bundles, watch jobs, read their logs, download what they made.

>>> from deadline.client import api
>>> api.list_farms()["farms"]  # doctest: +SKIP
[{'farmId': 'farm-0123456789abcdef0123456789abcdef', 'displayName': 'Studio', 'region': 'us-west-2', ...}]

Names are imported when they are first used, so that importing this package costs next to nothing. ``_EXPORTS`` is the table
of which module each one comes from.

=============================  =====================================================================
module                         subject
=============================  =====================================================================
:mod:`.lists`                  lists of farms, queues, fleets, jobs, storage profiles
:mod:`.farms_by_region`        the farms of several AWS regions
:mod:`.resources`              single resources, and lists below a job or a fleet
:mod:`.queue_parameters`       the job parameters that a queue's environments define
:mod:`.storage_profiles`       storage profiles
:mod:`.submission`             submitting a job bundle, or looking at what would be submitted
:mod:`.submitter`              a frame for submitters of programs that make scenes
:mod:`.job_completion`         waiting until a job has ended
:mod:`.job_search`             jobs by a part of their names or ids, and by filters
:mod:`.job_failure`            why a job failed
:mod:`.job_control`            canceling, suspending, archiving and requeueing, planned before it is done
:mod:`.schedule_trace`         how a job's time was spent, worker by worker
:mod:`.session_logs`           what sessions logged, also while they run
:mod:`.worker_logs`            what workers logged
:mod:`.log_spans`              which session's log is wanted, and which part of it
:mod:`.output_download`        downloading what a job wrote
:mod:`.input_download`         downloading what a job was submitted with
:mod:`.incremental_download`   downloading what the jobs of a queue have written since the last time
:mod:`.queue_credentials`      credentials of a queue's role, for other programs
:mod:`.selection`              the farm and queue to use where only one makes sense
:mod:`.errors`                 errors of AWS calls, for people
:mod:`.advice`                 what to do about them
=============================  =====================================================================
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, List

if TYPE_CHECKING:
    from deadline.client.auth.credentials import (
        AwsAuthenticationStatus as AwsAuthenticationStatus,
        AwsCredentialsSource as AwsCredentialsSource,
        check_authentication_status as check_authentication_status,
        check_deadline_api_available as check_deadline_api_available,
        get_credentials_source as get_credentials_source,
        get_user_and_identity_store_id as get_user_and_identity_store_id,
    )
    from deadline.client.auth.login import (
        login as login,
        logout as logout,
    )
    from deadline.client.auth.monitor_urls import (
        build_monitor_url as build_monitor_url,
    )
    from deadline.client.auth.precache import (
        precache_clients as precache_clients,
    )
    from deadline.client.auth.queue_role import (
        assume_queue_role_for_read as assume_queue_role_for_read,
        assume_queue_role_for_user as assume_queue_role_for_user,
        get_queue_user_boto3_session as get_queue_user_boto3_session,
    )
    from deadline.client.auth.session import (
        get_boto3_client as get_boto3_client,
        get_boto3_session as get_boto3_session,
    )
    from deadline.client.auth.telemetry import (
        TelemetryClient as TelemetryClient,
        get_deadline_cloud_library_telemetry_client as get_deadline_cloud_library_telemetry_client,
        get_telemetry_client as get_telemetry_client,
        record_function_latency_telemetry_event as record_function_latency_telemetry_event,
        record_success_fail_telemetry_event as record_success_fail_telemetry_event,
    )
    from deadline.client.auth.update_check import (
        UpdateCheckResult as UpdateCheckResult,
        UpdateCheckStatus as UpdateCheckStatus,
        safe_check_for_updates as safe_check_for_updates,
    )

    from ._submit_job_bundle import (
        create_job_from_job_bundle as create_job_from_job_bundle,
    )
    from .attachment_files import (
        plan_attachment_download as plan_attachment_download,
        plan_attachment_upload as plan_attachment_upload,
    )
    from .attachment_location import (
        AttachmentLocation as AttachmentLocation,
        own_attachment_location as own_attachment_location,
        queue_attachment_location as queue_attachment_location,
    )
    from .diagnosis import (
        CheckResult as CheckResult,
        CheckState as CheckState,
        Diagnosis as Diagnosis,
        diagnose as diagnose,
    )
    from .farms_by_region import (
        region_of_farm as region_of_farm,
    )
    from .incremental_download import (
        QuietSyncHost as QuietSyncHost,
        SyncOutputHost as SyncOutputHost,
        SyncOutputRequest as SyncOutputRequest,
        SyncOutputResult as SyncOutputResult,
        sync_queue_output as sync_queue_output,
    )
    from .input_download import (
        InputDownloadPlan as InputDownloadPlan,
        plan_input_download as plan_input_download,
    )
    from .job_completion import (
        FailedTask as FailedTask,
        JobCompletionResult as JobCompletionResult,
        wait_for_job_completion as wait_for_job_completion,
    )
    from .job_control import (
        JobChange as JobChange,
        JobChangePlan as JobChangePlan,
        RequeueFailure as RequeueFailure,
        RequeueProgress as RequeueProgress,
        RequeueResult as RequeueResult,
        StepToRequeue as StepToRequeue,
        TaskRequeuePlan as TaskRequeuePlan,
        TaskToRequeue as TaskToRequeue,
        change_job as change_job,
        plan_job_archiving as plan_job_archiving,
        plan_job_cancellation as plan_job_cancellation,
        plan_job_resumption as plan_job_resumption,
        plan_job_settings as plan_job_settings,
        plan_job_suspension as plan_job_suspension,
        plan_task_requeue as plan_task_requeue,
        requeue_tasks as requeue_tasks,
    )
    from .job_failure import (
        JobFailure as JobFailure,
        find_job_failure as find_job_failure,
    )
    from .job_logs import (
        follow_job_logs as follow_job_logs,
    )
    from .job_progress import (
        JobProgress as JobProgress,
        StepProgress as StepProgress,
        TaskCounts as TaskCounts,
        find_job_progress as find_job_progress,
    )
    from .job_search import (
        JobMatches as JobMatches,
        find_jobs as find_jobs,
    )
    from .lists import (
        list_farms as list_farms,
        list_fleets as list_fleets,
        list_jobs as list_jobs,
        list_queues as list_queues,
        list_storage_profiles_for_queue as list_storage_profiles_for_queue,
    )
    from .manifest_files import (
        compare_with_manifest as compare_with_manifest,
        describe_manifest_upload as describe_manifest_upload,
        get_job_manifests as get_job_manifests,
        take_snapshot as take_snapshot,
        upload_manifest as upload_manifest,
    )
    from .output_download import (
        OutputDownloadPlan as OutputDownloadPlan,
        plan_output_download as plan_output_download,
    )
    from .queue_credentials import (
        export_queue_credentials as export_queue_credentials,
    )
    from .queue_parameters import (
        get_queue_parameter_definitions as get_queue_parameter_definitions,
    )
    from .resources import (
        get_farm as get_farm,
        get_fleet as get_fleet,
        get_job as get_job,
        get_queue as get_queue,
        get_session as get_session,
        get_session_action as get_session_action,
        get_step as get_step,
        get_worker as get_worker,
        list_fleets_of_queue as list_fleets_of_queue,
        list_session_actions as list_session_actions,
        list_sessions as list_sessions,
        list_steps as list_steps,
        list_tasks as list_tasks,
        list_workers as list_workers,
        search_jobs as search_jobs,
        search_workers as search_workers,
    )
    from .schedule_trace import (
        chrome_trace as chrome_trace,
        collect_schedule as collect_schedule,
        schedule_statistics as schedule_statistics,
        write_chrome_trace as write_chrome_trace,
    )
    from .session_logs import (
        LogEvent as LogEvent,
        SessionLogResult as SessionLogResult,
        follow_session_log as follow_session_log,
        get_session_logs as get_session_logs,
        iterate_session_log as iterate_session_log,
    )
    from .storage_profiles import (
        get_storage_profile_for_queue as get_storage_profile_for_queue,
        list_storage_profiles as list_storage_profiles,
    )
    from .submission.asynchronous import (
        save_debug_snapshot_async as save_debug_snapshot_async,
        submit_job_bundle_async as submit_job_bundle_async,
    )
    from .submission.create_job import (
        wait_for_create_job_to_complete as wait_for_create_job_to_complete,
    )
    from .submission.description import (
        describe_request as describe_request,
    )
    from .submission.host import (
        QuietHost as QuietHost,
        SubmissionHost as SubmissionHost,
    )
    from .submission.request import (
        SubmissionRequest as SubmissionRequest,
        SubmissionResult as SubmissionResult,
    )
    from .submission.submit import (
        save_debug_snapshot as save_debug_snapshot,
        submit_job_bundle as submit_job_bundle,
    )
    from .submitter import (
        BaseSubmitter as BaseSubmitter,
        BaseSubmitterSettings as BaseSubmitterSettings,
        SubmissionContext as SubmissionContext,
        get_queue_parameters as get_queue_parameters,
    )
    from .url_handler import (
        install_url_handler as install_url_handler,
        uninstall_url_handler as uninstall_url_handler,
    )
    from .web_urls import (
        download_of_url as download_of_url,
        settings_for_url as settings_for_url,
    )
    from .worker_logs import (
        SessionAndWorkerLogs as SessionAndWorkerLogs,
        WorkerLogResult as WorkerLogResult,
        get_session_and_worker_logs as get_session_and_worker_logs,
        get_worker_logs as get_worker_logs,
        get_worker_logs_of_session as get_worker_logs_of_session,
    )

_EXPORTS = {
    "deadline.client.auth.credentials": (
        "AwsAuthenticationStatus",
        "AwsCredentialsSource",
        "check_authentication_status",
        "check_deadline_api_available",
        "get_credentials_source",
        "get_user_and_identity_store_id",
    ),
    "deadline.client.auth.login": (
        "login",
        "logout",
    ),
    "deadline.client.auth.monitor_urls": ("build_monitor_url",),
    "deadline.client.auth.precache": ("precache_clients",),
    "deadline.client.auth.queue_role": (
        "assume_queue_role_for_read",
        "assume_queue_role_for_user",
        "get_queue_user_boto3_session",
    ),
    "deadline.client.auth.session": (
        "get_boto3_client",
        "get_boto3_session",
    ),
    "deadline.client.auth.telemetry": (
        "TelemetryClient",
        "get_deadline_cloud_library_telemetry_client",
        "get_telemetry_client",
        "record_function_latency_telemetry_event",
        "record_success_fail_telemetry_event",
    ),
    "deadline.client.auth.update_check": (
        "UpdateCheckResult",
        "UpdateCheckStatus",
        "safe_check_for_updates",
    ),
    "._submit_job_bundle": ("create_job_from_job_bundle",),
    ".attachment_files": (
        "plan_attachment_download",
        "plan_attachment_upload",
    ),
    ".attachment_location": (
        "AttachmentLocation",
        "own_attachment_location",
        "queue_attachment_location",
    ),
    ".diagnosis": (
        "CheckResult",
        "CheckState",
        "Diagnosis",
        "diagnose",
    ),
    ".farms_by_region": ("region_of_farm",),
    ".incremental_download": (
        "QuietSyncHost",
        "SyncOutputHost",
        "SyncOutputRequest",
        "SyncOutputResult",
        "sync_queue_output",
    ),
    ".input_download": (
        "InputDownloadPlan",
        "plan_input_download",
    ),
    ".job_completion": (
        "FailedTask",
        "JobCompletionResult",
        "wait_for_job_completion",
    ),
    ".job_control": (
        "JobChange",
        "JobChangePlan",
        "RequeueFailure",
        "RequeueProgress",
        "RequeueResult",
        "StepToRequeue",
        "TaskRequeuePlan",
        "TaskToRequeue",
        "change_job",
        "plan_job_archiving",
        "plan_job_cancellation",
        "plan_job_resumption",
        "plan_job_settings",
        "plan_job_suspension",
        "plan_task_requeue",
        "requeue_tasks",
    ),
    ".job_failure": (
        "JobFailure",
        "find_job_failure",
    ),
    ".job_logs": ("follow_job_logs",),
    ".job_progress": (
        "JobProgress",
        "StepProgress",
        "TaskCounts",
        "find_job_progress",
    ),
    ".job_search": (
        "JobMatches",
        "find_jobs",
    ),
    ".lists": (
        "list_farms",
        "list_fleets",
        "list_jobs",
        "list_queues",
        "list_storage_profiles_for_queue",
    ),
    ".manifest_files": (
        "compare_with_manifest",
        "describe_manifest_upload",
        "get_job_manifests",
        "take_snapshot",
        "upload_manifest",
    ),
    ".output_download": (
        "OutputDownloadPlan",
        "plan_output_download",
    ),
    ".queue_credentials": ("export_queue_credentials",),
    ".queue_parameters": ("get_queue_parameter_definitions",),
    ".resources": (
        "get_farm",
        "get_fleet",
        "get_job",
        "get_queue",
        "get_session",
        "get_session_action",
        "get_step",
        "get_worker",
        "list_fleets_of_queue",
        "list_session_actions",
        "list_sessions",
        "list_steps",
        "list_tasks",
        "list_workers",
        "search_jobs",
        "search_workers",
    ),
    ".schedule_trace": (
        "chrome_trace",
        "collect_schedule",
        "schedule_statistics",
        "write_chrome_trace",
    ),
    ".session_logs": (
        "LogEvent",
        "SessionLogResult",
        "follow_session_log",
        "get_session_logs",
        "iterate_session_log",
    ),
    ".storage_profiles": (
        "get_storage_profile_for_queue",
        "list_storage_profiles",
    ),
    ".submission.asynchronous": (
        "save_debug_snapshot_async",
        "submit_job_bundle_async",
    ),
    ".submission.create_job": ("wait_for_create_job_to_complete",),
    ".submission.description": ("describe_request",),
    ".submission.host": (
        "QuietHost",
        "SubmissionHost",
    ),
    ".submission.request": (
        "SubmissionRequest",
        "SubmissionResult",
    ),
    ".submission.submit": (
        "save_debug_snapshot",
        "submit_job_bundle",
    ),
    ".submitter": (
        "BaseSubmitter",
        "BaseSubmitterSettings",
        "SubmissionContext",
        "get_queue_parameters",
    ),
    ".url_handler": (
        "install_url_handler",
        "uninstall_url_handler",
    ),
    ".web_urls": (
        "download_of_url",
        "settings_for_url",
    ),
    ".worker_logs": (
        "SessionAndWorkerLogs",
        "WorkerLogResult",
        "get_session_and_worker_logs",
        "get_worker_logs",
        "get_worker_logs_of_session",
    ),
}

_MODULES = {name: module for module, names in _EXPORTS.items() for name in names}

__all__ = sorted(_MODULES)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULES[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> List[str]:
    return sorted({*globals(), *_MODULES})
