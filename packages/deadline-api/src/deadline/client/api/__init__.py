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
:mod:`.resources`              single resources, and lists below a job
:mod:`.queue_parameters`       the job parameters that a queue's environments define
:mod:`.storage_profiles`       storage profiles
:mod:`.submission`             submitting a job bundle
:mod:`.job_completion`         waiting until a job has ended
:mod:`.session_logs`           what sessions logged
:mod:`.log_spans`              which session's log is wanted, and which part of it
:mod:`.output_download`        downloading what a job wrote
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
    )
    from deadline.client.auth.credentials import (
        AwsCredentialsSource as AwsCredentialsSource,
    )
    from deadline.client.auth.credentials import (
        check_authentication_status as check_authentication_status,
    )
    from deadline.client.auth.credentials import (
        check_deadline_api_available as check_deadline_api_available,
    )
    from deadline.client.auth.credentials import (
        get_credentials_source as get_credentials_source,
    )
    from deadline.client.auth.credentials import (
        get_user_and_identity_store_id as get_user_and_identity_store_id,
    )
    from deadline.client.auth.login import (
        login as login,
    )
    from deadline.client.auth.login import (
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
    )
    from deadline.client.auth.queue_role import (
        assume_queue_role_for_user as assume_queue_role_for_user,
    )
    from deadline.client.auth.queue_role import (
        get_queue_user_boto3_session as get_queue_user_boto3_session,
    )
    from deadline.client.auth.session import (
        get_boto3_client as get_boto3_client,
    )
    from deadline.client.auth.session import (
        get_boto3_session as get_boto3_session,
    )
    from deadline.client.auth.telemetry import (
        TelemetryClient as TelemetryClient,
    )
    from deadline.client.auth.telemetry import (
        get_deadline_cloud_library_telemetry_client as get_deadline_cloud_library_telemetry_client,
    )
    from deadline.client.auth.telemetry import (
        get_telemetry_client as get_telemetry_client,
    )
    from deadline.client.auth.telemetry import (
        record_function_latency_telemetry_event as record_function_latency_telemetry_event,
    )
    from deadline.client.auth.telemetry import (
        record_success_fail_telemetry_event as record_success_fail_telemetry_event,
    )
    from deadline.client.auth.update_check import (
        UpdateCheckResult as UpdateCheckResult,
    )
    from deadline.client.auth.update_check import (
        UpdateCheckStatus as UpdateCheckStatus,
    )
    from deadline.client.auth.update_check import (
        safe_check_for_updates as safe_check_for_updates,
    )

    from ._submit_job_bundle import (
        create_job_from_job_bundle as create_job_from_job_bundle,
    )
    from .job_completion import (
        FailedTask as FailedTask,
    )
    from .job_completion import (
        JobCompletionResult as JobCompletionResult,
    )
    from .job_completion import (
        wait_for_job_completion as wait_for_job_completion,
    )
    from .lists import (
        list_farms as list_farms,
    )
    from .lists import (
        list_fleets as list_fleets,
    )
    from .lists import (
        list_jobs as list_jobs,
    )
    from .lists import (
        list_queues as list_queues,
    )
    from .lists import (
        list_storage_profiles_for_queue as list_storage_profiles_for_queue,
    )
    from .output_download import (
        OutputDownloadPlan as OutputDownloadPlan,
    )
    from .output_download import (
        plan_output_download as plan_output_download,
    )
    from .queue_parameters import (
        get_queue_parameter_definitions as get_queue_parameter_definitions,
    )
    from .resources import (
        get_farm as get_farm,
    )
    from .resources import (
        get_fleet as get_fleet,
    )
    from .resources import (
        get_job as get_job,
    )
    from .resources import (
        get_queue as get_queue,
    )
    from .resources import (
        get_session as get_session,
    )
    from .resources import (
        list_fleets_of_queue as list_fleets_of_queue,
    )
    from .resources import (
        list_sessions as list_sessions,
    )
    from .resources import (
        list_steps as list_steps,
    )
    from .resources import (
        list_tasks as list_tasks,
    )
    from .resources import (
        search_jobs as search_jobs,
    )
    from .session_logs import (
        LogEvent as LogEvent,
    )
    from .session_logs import (
        SessionLogResult as SessionLogResult,
    )
    from .session_logs import (
        get_session_logs as get_session_logs,
    )
    from .storage_profiles import (
        get_storage_profile_for_queue as get_storage_profile_for_queue,
    )
    from .submission.create_job import (
        wait_for_create_job_to_complete as wait_for_create_job_to_complete,
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
    "deadline.client.auth.queue_role": (
        "assume_queue_role_for_read",
        "assume_queue_role_for_user",
        "get_queue_user_boto3_session",
    ),
    "deadline.client.auth.session": (
        "get_boto3_client",
        "get_boto3_session",
    ),
    "deadline.client.auth.login": (
        "login",
        "logout",
    ),
    "deadline.client.auth.monitor_urls": ("build_monitor_url",),
    "deadline.client.auth.precache": ("precache_clients",),
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
    ".job_completion": (
        "FailedTask",
        "JobCompletionResult",
        "wait_for_job_completion",
    ),
    ".lists": (
        "list_farms",
        "list_fleets",
        "list_jobs",
        "list_queues",
        "list_storage_profiles_for_queue",
    ),
    ".output_download": (
        "OutputDownloadPlan",
        "plan_output_download",
    ),
    ".queue_parameters": ("get_queue_parameter_definitions",),
    ".resources": (
        "get_farm",
        "get_fleet",
        "get_job",
        "get_queue",
        "get_session",
        "list_fleets_of_queue",
        "list_sessions",
        "list_steps",
        "list_tasks",
        "search_jobs",
    ),
    ".session_logs": (
        "LogEvent",
        "SessionLogResult",
        "get_session_logs",
    ),
    ".storage_profiles": ("get_storage_profile_for_queue",),
    ".submission.create_job": ("wait_for_create_job_to_complete",),
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
