"""Errors of the service by their names, with the status, the members and the headers that the service model gives them."""

from __future__ import annotations

import functools
from typing import Any, Mapping

from local_farm.protocol.errors import ServiceError
from local_farm.protocol.model import members_of, service_model

_TEXTS = {
    "AccessDeniedException": "User: {caller} is not authorized to perform: deadline:{operation}",
    "ConflictException": "The resource is being changed by another request.",
    "InternalServerErrorException": "An internal error occurred; please try again.",
    "ResourceNotFoundException": "Resource of type {type} with id {id} does not exist.",
    "ServiceQuotaExceededException": "The quota of the account is exceeded.",
    "ThrottlingException": "Rate exceeded",
    "ValidationException": "The request is not valid.",
}
_REASONS = {
    "ConflictException": "CONCURRENT_MODIFICATION",
    "ServiceQuotaExceededException": "SERVICE_QUOTA_EXCEEDED_EXCEPTION",
    "ValidationException": "OTHER",
}


@functools.lru_cache(maxsize=1)
def error_codes() -> frozenset[str]:
    """The names of the errors that the service has."""
    return frozenset(shape.name for shape in service_model().error_shapes)


def new_error(code: str, operation: str, caller: str, members: Mapping[str, Any]) -> ServiceError:
    """An error as the service answers it; what it requires beyond ``members`` is made up.

    Args:
        code: One of :func:`error_codes`.
        operation: The operation that fails.
        caller: The ARN of who called.
        members: Members of the error's shape, e.g. ``message`` or ``retryAfterSeconds``.
    """
    shape = service_model().shape_for(code)
    filled: dict[str, Any] = {"resourceId": "unknown", "resourceType": "resource", "serviceCode": "deadline"}
    filled.update(quotaCode="L-00000000", reason=_REASONS.get(code, "OTHER"))
    filled = {name: value for name, value in filled.items() if name in shape.required_members}
    filled.update(members)
    text = _TEXTS.get(code, code).format(
        caller=caller, operation=operation, type=filled.get("resourceType"), id=filled.get("resourceId")
    )
    error = ServiceError(filled.pop("message", text), **filled)
    error.code, error.status = code, shape.metadata.get("error", {}).get("httpStatusCode", error.status)
    return error


def members_in_headers(code: str) -> dict[str, str]:
    """Which members of an error are not in the body but in a header, and in which."""
    if code not in error_codes():
        return {}
    return {
        name: member.serialization.get("name", name)
        for name, member in members_of(service_model().shape_for(code)).items()
        if member.serialization.get("location") == "header"
    }
