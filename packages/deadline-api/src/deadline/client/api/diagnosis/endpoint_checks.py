"""Checks of whether AWS services are reached, and of the clock, by calls that need no credentials.

Any answer of a service will do, also that it refuses: then name, network, proxy and certificates are right. Whether one
may do something is the subject of other checks.
"""

from __future__ import annotations

import email.utils
import time
from typing import Any, Callable, Dict, Mapping, Tuple
from urllib.parse import urlsplit

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from .credential_checks import in_words
from .explaining import explain
from .findings import Finding, NothingToCheck, error, ok, warning
from .subject import Subject

_CALLS: Mapping[str, Tuple[str, Dict[str, Any]]] = {
    "deadline": ("list_farms", {"maxResults": 1}),
    "sts": ("get_caller_identity", {}),
    "s3": ("list_buckets", {}),
    "logs": ("describe_log_groups", {"limit": 1}),
}
"""By service a call that changes nothing."""

SERVICES = tuple(_CALLS)

LARGEST_SKEW = 300
"""Seconds between a request's time and the service's clock at which AWS refuses requests."""
NOTICEABLE_SKEW = 60


def endpoint_check(service: str) -> Callable[[Subject], Finding]:
    """The check of whether a service is reached."""

    def check(subject: Subject) -> Finding:
        client = subject.anonymous_client(service)
        url = _without_user(client.meta.endpoint_url)
        began = time.monotonic()
        try:
            headers, is_service = _ask(client, service)
        except Exception as failure:
            why, next_step = explain(failure)
            return error(url, why, next_step)
        found = f"{url} answered in {(time.monotonic() - began) * 1000:.0f} ms"
        _note_clock(subject, headers)
        if not is_service:
            return warning(
                found,
                "The answer is none of an AWS service.",
                "A proxy or a login page of the network may stand between. Open the address in a browser.",
            )
        return ok(found)

    return check


def check_clock(subject: Subject) -> Finding:
    """Whether this machine's clock is right enough for AWS."""
    if not subject.clock_skews:
        raise NothingToCheck("No service has told its time.")
    skew = sorted(subject.clock_skews)[len(subject.clock_skews) // 2]
    if abs(skew) < NOTICEABLE_SKEW:
        return ok("right to the minute")
    found = f"{in_words(abs(skew))} {'ahead of' if skew > 0 else 'behind'} AWS"
    advice = "Let the operating system set the clock by a time server."
    if abs(skew) < LARGEST_SKEW:
        return warning(found, "AWS refuses requests when it is five minutes.", advice)
    return error(found, "AWS refuses requests of clocks that are wrong by more than five minutes.", advice)


def _ask(client: Any, service: str) -> Tuple[Mapping[str, str], bool]:
    """The headers of the answer to a call, and whether it is one of a service and no web page."""
    method, arguments = _CALLS[service]
    try:
        answer = getattr(client, method)(**arguments)
    except ClientError as refusal:
        answer = refusal.response
    except (AttributeError, LookupError, TypeError, ValueError, ResponseParserError):
        # There was an answer, but botocore stumbled over it.
        return {}, False
    metadata = answer.get("ResponseMetadata", {})
    headers = metadata.get("HTTPHeaders", {})
    return headers, bool(metadata.get("RequestId")) or "html" not in headers.get("content-type", "")


def _note_clock(subject: Subject, headers: Mapping[str, str]) -> None:
    try:
        server_time = email.utils.parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, TypeError, ValueError):
        return
    # Appending is atomic, and the checks of all services do it.
    subject.clock_skews.append(time.time() - server_time)


def _without_user(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
