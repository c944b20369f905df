"""The errors of the service, in its words and shapes."""

from __future__ import annotations

from typing import Any


class ServiceError(Exception):
    """An error that the service answers with; ``members`` are those of its shape."""

    code = "InternalServerErrorException"
    status = 500

    def __init__(self, message: str, **members: Any) -> None:
        super().__init__(message)
        self.members = {"message": message, **members}


class ValidationError(ServiceError):
    """The request does not fit the model, or asks for something impossible."""

    code = "ValidationException"
    status = 400

    def __init__(self, message: str, fields: dict[str, str] | None = None, reason: str = "") -> None:
        field_list = [{"name": name, "message": text} for name, text in (fields or {}).items()]
        super().__init__(
            message,
            reason=reason or ("FIELD_VALIDATION_FAILED" if fields else "OTHER"),
            **({"fieldList": field_list} if fields else {}),
        )


class NotFoundError(ServiceError):
    """There is no such resource."""

    code = "ResourceNotFoundException"
    status = 404

    def __init__(self, resource_type: str, resource_id: str) -> None:
        super().__init__(
            f"Resource of type {resource_type} with id {resource_id} does not exist.",
            resourceType=resource_type,
            resourceId=resource_id,
        )


class ConflictError(ServiceError):
    """The resource's state, or what belongs to it, does not allow the change."""

    code = "ConflictException"
    status = 409

    def __init__(self, message: str, resource_type: str, resource_id: str, *, reason: str = "STATUS_CONFLICT") -> None:
        super().__init__(message, reason=reason, resourceType=resource_type, resourceId=resource_id)


class InUseError(ConflictError):
    """The resource cannot be deleted, because others belong to it."""

    def __init__(self, resource_type: str, resource_id: str, users: str) -> None:
        super().__init__(
            f"Resource of type {resource_type} with id {resource_id} still has {users}.",
            resource_type,
            resource_id,
            reason="RESOURCE_IN_USE",
        )


class NotImplementedByFarmError(ServiceError):
    """An operation of the service that the local farm does not have (yet)."""

    code = "ValidationException"
    status = 400

    def __init__(self, operation: str) -> None:
        super().__init__(
            f"The local farm does not implement {operation}. It stands in for AWS Deadline Cloud in development; "
            "this operation works against the service only.",
            reason="UNKNOWN_OPERATION",
        )
