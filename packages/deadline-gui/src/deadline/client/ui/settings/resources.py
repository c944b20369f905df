"""Farms, queues and storage profiles to choose from. Knows no Qt; the calls block until AWS has answered."""

from __future__ import annotations

import contextlib
import sys
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Any, Dict, Iterator, List, Sequence, Tuple

from deadline.client.exceptions import DeadlineOperationError

_OS_FAMILIES = {"win32": "WINDOWS", "darwin": "MACOS"}

_LOG_IN = "Log in with `deadline auth login` or choose another AWS profile, then refresh the list."
_ADVICE = {
    "AccessDeniedException": "The AWS profile may not list them; you can enter an id instead.",
    "ExpiredToken": _LOG_IN,
    "ExpiredTokenException": _LOG_IN,
    "IncompleteSignature": _LOG_IN,
    "InvalidClientTokenId": _LOG_IN,
    "MissingAuthenticationTokenException": _LOG_IN,
    "ResourceNotFoundException": "Choose again what they belong to.",
    "ThrottlingException": "Refresh the list in a moment.",
    "UnrecognizedClientException": _LOG_IN,
}


@dataclass(frozen=True)
class Resource:
    """One to choose: how it reads, its id and, for farms, its AWS region."""

    label: str
    id: str
    region: str = ""


@dataclass(frozen=True)
class Listing:
    """What there is to choose from, and what kept more from being found."""

    resources: Tuple[Resource, ...]
    warning: str = ""


def list_farms(config: ConfigParser) -> Listing:
    """The farms of all regions.

    Raises:
        DeadlineOperationError: No region answered; the message says why and what to do.
    """
    from deadline.client.api.farms_by_region import iter_farms_by_region

    farms: List[Resource] = []
    errors: Dict[str, Exception] = {}
    answered = False
    with _explained("farms"):
        for region, found, error in iter_farms_by_region(config):
            if error is not None:
                errors[region or ""] = error
                continue
            answered = True
            place = f" ({region})" if region else ""
            farms += [Resource(f"{farm['displayName']}{place}", farm["farmId"], region or "") for farm in found or []]
        if errors and not answered:
            raise next(iter(errors.values()))
    warning = f"Some regions could not be asked: {', '.join(sorted(errors))}." if errors else ""
    return Listing(_sorted(farms), warning)


def list_queues(config: ConfigParser, farm_id: str) -> Listing:
    """The queues of a farm; errors as of :func:`list_farms`."""
    from deadline.client import api

    with _explained("queues"):
        queues = api.list_queues(config=config, farmId=farm_id)["queues"]
    return Listing(_sorted([Resource(queue["displayName"], queue["queueId"]) for queue in queues]))


def list_storage_profiles(config: ConfigParser, farm_id: str, queue_id: str) -> Listing:
    """The storage profiles of a queue that are for this operating system; errors as of :func:`list_farms`."""
    from deadline.client import api

    with _explained("storage profiles"):
        profiles = api.list_storage_profiles_for_queue(config=config, farmId=farm_id, queueId=queue_id)
    ours = _OS_FAMILIES.get(sys.platform, "LINUX")
    return Listing(
        _sorted(
            [
                Resource(profile["displayName"], profile["storageProfileId"])
                for profile in profiles["storageProfiles"]
                if profile["osFamily"].upper() == ours
            ]
        )
    )


@contextlib.contextmanager
def _explained(what: str) -> Iterator[None]:
    """Turn errors of AWS calls into one that says what could not be listed, why, and what to do."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        reason, advice = _reason_and_advice(error)
        raise DeadlineOperationError(f"The {what} could not be listed: {reason.rstrip('.')}. {advice}") from error


def _reason_and_advice(error: Any) -> Tuple[str, str]:
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        answer = error.response.get("Error", {})
        code = answer.get("Code", "")
        return f"{answer.get('Message', '').rstrip('.')} ({code})", _ADVICE.get(code, "Refresh the list to try again.")
    if isinstance(error, (exceptions.ConnectionError, exceptions.HTTPClientError)):
        # Which address was tried helps few, and takes three lines; the window has it in a tool tip.
        return "AWS was not reached", "Check the network connection, and the HTTPS proxy and CA bundle in this window."
    if isinstance(error, exceptions.ProfileNotFound):
        return str(error), "Choose another AWS profile."
    if isinstance(error, exceptions.NoRegionError):
        return str(error), "Name a region in the AWS profile or in the variable AWS_DEFAULT_REGION."
    return str(error), _LOG_IN


def _sorted(resources: Sequence[Resource]) -> Tuple[Resource, ...]:
    return tuple(sorted(resources, key=lambda resource: (resource.label.casefold(), resource.id)))
