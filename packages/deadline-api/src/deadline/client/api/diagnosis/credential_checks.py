"""Checks of the AWS profile, of its credentials, and whether AWS accepts them."""

from __future__ import annotations

import datetime
from typing import Any

from botocore.exceptions import MissingDependencyException, ProfileNotFound

from deadline.client.auth.credentials import (
    MISSING_DEPENDENCY_REMEDIATION,
    AwsAuthenticationStatus,
    AwsCredentialsSource,
    check_authentication,
    get_credentials_source,
)
from deadline.client.auth.regions import resolve_region
from deadline.client.auth.session import new_session

from ..advice import advice_on
from .explaining import explain
from .findings import Finding, error, ok
from .subject import Subject

_LOG_IN = "Log in with: deadline auth login"
_SOURCES = {
    AwsCredentialsSource.HOST_PROVIDED: "provided by this machine",
    AwsCredentialsSource.DEADLINE_CLOUD_MONITOR_LOGIN: "login of the Deadline Cloud monitor",
    AwsCredentialsSource.AWS_CONSOLE_LOGIN: "sign-in at the AWS console",
    AwsCredentialsSource.NOT_VALID: "no profile",
}


def check_profile(subject: Subject) -> Finding:
    """Whether the AWS profile exists and a region is known."""
    try:
        session: Any = new_session(subject.config)
        anonymous: Any = new_session(subject.config)
        region = resolve_region(subject.config) or session.region_name
    except ProfileNotFound as failure:
        name = failure.kwargs.get("profile", "")
        return error(str(name), "There is no AWS profile of that name.", " ".join(advice_on(failure)))
    found = f"{session.profile_name}, region {region or 'unknown'}"
    if not region:
        return error(
            found,
            "Nothing says which AWS region to call.",
            "Name one with `deadline config set defaults.farm_region <region>`, --region, AWS_DEFAULT_REGION or in the AWS "
            "profile.",
        )
    # Credentials may take long to be had, or fail, and what needs none must not depend on them. Requests are signed all the
    # same: to some servers the signature tells which service is meant.
    anonymous._session.set_credentials("NOBODY", "none")
    # The models of services are large.
    anonymous._session.register_component("data_loader", session._session.get_component("data_loader"))
    subject.session, subject.anonymous_session, subject.region = session, anonymous, region
    return ok(found)


def check_credentials(subject: Subject) -> Finding:
    """Where the credentials come from, whether they can be had, and how long they last."""
    source = get_credentials_source(subject.config)
    origin = _SOURCES[source]
    log_in = "" if source is AwsCredentialsSource.HOST_PROVIDED else _LOG_IN
    try:
        credentials = subject.session.get_credentials()
        if credentials is not None:
            credentials.get_frozen_credentials()
    except MissingDependencyException:
        why, _, next_step = MISSING_DEPENDENCY_REMEDIATION.partition(". ")
        return error(origin, f"{why}.", next_step)
    except Exception as failure:  # a profile can name any program to ask for credentials, and this can fail in any way
        why, next_step = explain(failure)
        return error(origin, why, log_in or next_step)
    if credentials is None:
        return error(
            origin,
            "There are no AWS credentials.",
            log_in
            or "Log in with `deadline auth login`, or choose an AWS profile that has credentials with --profile.",
        )
    return ok(f"{origin}, by {credentials.method}{time_left(credentials)}")


def check_authentication_of_user(subject: Subject) -> Finding:
    """Whether AWS Deadline Cloud accepts the credentials."""
    check = check_authentication(subject.config, session=subject.session, client_config=subject.client_config)
    if check.status is AwsAuthenticationStatus.AUTHENTICATED:
        return ok("AWS Deadline Cloud accepts the credentials")
    why, next_step = explain(check.error) if check.error else ("", "")
    if check.status is AwsAuthenticationStatus.NEEDS_LOGIN:
        next_step = _LOG_IN
    return error(check.status.name, why, next_step)


def check_identity(subject: Subject) -> Finding:
    """Who one is to AWS."""
    identity = subject.client("sts").get_caller_identity()
    return ok(f"account {identity['Account']}, {identity['Arn']}")


def _expiry_of(credentials: Any) -> datetime.datetime | None:
    # There is no other way to know: botocore keeps it for itself.
    expiry = getattr(credentials, "_expiry_time", None)
    return expiry if isinstance(expiry, datetime.datetime) else None


def in_words(seconds: float) -> str:
    """A time in the unit that fits it: ``43 minutes``."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}s"
    return f"{max(seconds, 0):.0f} seconds"


def time_left(credentials: Any) -> str:
    """How long credentials last, as a sentence goes on; empty where they do not say so."""
    expiry = _expiry_of(credentials)
    if expiry is None:
        return ""
    return f", for {in_words((expiry - datetime.datetime.now(datetime.timezone.utc)).total_seconds())} more"
