"""All checks, and running them."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Callable, List, Optional

from deadline.client.config.config_file import read_config
from deadline.client.config.editing import copy_config
from deadline.client.exceptions import DeadlineOperationError

from . import bucket_checks, credential_checks, farm_checks, local_checks, settings_checks, version_checks
from .endpoint_checks import SERVICES, check_clock, endpoint_check
from .findings import CheckResult, Diagnosis
from .running import Check, run_checks
from .subject import Subject

TIMEOUT_SECONDS = 10.0


def all_checks(*, check_updates: bool = False) -> List[Check]:
    """The checks in the order of the results; a check stands behind those that it needs."""
    endpoints = tuple(f"endpoint-{service}" for service in SERVICES)
    return [
        Check("settings", settings_checks.check_settings),
        Check("environment", settings_checks.check_environment),
        Check("network-settings", settings_checks.check_network_settings, needs=("settings",)),
        Check("profile", credential_checks.check_profile, needs=("settings", "network-settings")),
        Check("credentials", credential_checks.check_credentials, needs=("profile",)),
        *(Check(name, endpoint_check(service), needs=("profile",)) for name, service in zip(endpoints, SERVICES)),
        Check("clock", check_clock, after=endpoints),
        Check(
            "authentication",
            credential_checks.check_authentication_of_user,
            needs=("credentials", "endpoint-deadline"),
        ),
        Check("identity", credential_checks.check_identity, needs=("credentials", "endpoint-sts")),
        Check("farm", farm_checks.check_farm, needs=("authentication",)),
        Check("queue", farm_checks.check_queue, needs=("farm",)),
        Check("fleets", farm_checks.check_fleets, needs=("queue",)),
        Check("storage-profile", farm_checks.check_storage_profile, needs=("queue",)),
        Check("queue-role", farm_checks.check_queue_role, needs=("queue",)),
        Check("queue-logs", farm_checks.check_queue_logs, needs=("queue-role", "endpoint-logs")),
        Check("bucket-list", bucket_checks.check_listing, needs=("queue-role", "endpoint-s3")),
        Check("bucket-read", bucket_checks.check_reading, needs=("queue-role", "endpoint-s3"), after=("bucket-list",)),
        Check("bucket-write", bucket_checks.check_writing, needs=("queue-role", "endpoint-s3"), after=("bucket-list",)),
        *(Check(name.replace("_", "-"), local_checks.cache_check(name)) for name in local_checks.CACHES),
        Check("job-history", local_checks.check_job_history),
        Check("python", version_checks.check_python),
        Check("packages", version_checks.check_packages),
        *([Check("updates", version_checks.check_updates)] if check_updates else []),
    ]


def diagnose(
    config: Optional[ConfigParser] = None,
    *,
    check_updates: bool = False,
    timeout: float = TIMEOUT_SECONDS,
    go_on: Callable[[], bool] = lambda: True,
    on_result: Callable[[CheckResult], None] = lambda result: None,
) -> Diagnosis:
    """Look for what keeps this client from working with AWS Deadline Cloud: settings, credentials, network, permissions.

    Nothing is changed, here or there. Checks run side by side; what keeps failing shows as the first error, and checks
    that make no sense after it are skipped.

    Args:
        config: A configuration to read from instead of the settings file.
        check_updates: Whether to ask the package index for a newer release too.
        timeout: The seconds that each check may take.
        go_on: Asked again and again; where it says no, checks that have not ended are skipped.
        on_result: Takes each result in the order of the checks, as soon as all before it are known too.
    """
    settings_error: Optional[Exception] = None
    if config is None:
        try:
            config = read_config()
        except DeadlineOperationError as error:
            config, settings_error = ConfigParser(interpolation=None), error
    subject = Subject(copy_config(config), timeout, settings_error)
    checks = all_checks(check_updates=check_updates)
    return Diagnosis(run_checks(checks, subject, timeout=timeout, go_on=go_on, on_result=on_result))
