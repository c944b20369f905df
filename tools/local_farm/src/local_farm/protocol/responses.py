"""From what an operation returns to an answer on the wire."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from botocore.model import OperationModel

from local_farm.protocol.error_shapes import members_in_headers
from local_farm.protocol.errors import ServiceError


@dataclass(frozen=True)
class Response:
    """An answer, ready to be sent."""

    status: int
    headers: dict[str, str]
    body: bytes


def success(operation: OperationModel, result: dict[str, Any], request_id: str) -> Response:
    """The answer of an operation: the members that its model has, in the model's forms.

    Raises :class:`KeyError` when a required member is missing, which is a defect of the operation.
    """
    shape = operation.output_shape
    document = _shaped(shape, result, operation.name) if shape is not None else {}
    return _json(operation.http.get("responseCode", 200), document, request_id, {})


def failure(error: ServiceError, request_id: str) -> Response:
    """The answer for an error."""
    in_headers = members_in_headers(error.code)
    headers = {header: str(error.members[name]) for name, header in in_headers.items() if name in error.members}
    document = {name: value for name, value in error.members.items() if name not in in_headers}
    return _json(error.status, document, request_id, {"x-amzn-ErrorType": error.code, **headers})


def _json(status: int, document: dict[str, Any], request_id: str, headers: dict[str, str]) -> Response:
    body = json.dumps(document).encode()
    return Response(
        status,
        {"Content-Type": "application/json", "x-amzn-RequestId": request_id, **headers},
        body,
    )


def _shaped(shape: Any, value: Any, where: str) -> Any:
    kind = shape.type_name
    if kind == "structure":
        missing = [name for name in shape.required_members if value.get(name) is None]
        if missing:
            raise KeyError(f"{where} lacks {', '.join(missing)}")
        return {
            member.serialization.get("name", name): _shaped(member, value[name], f"{where}.{name}")
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if kind == "list":
        return [_shaped(shape.member, item, where) for item in value]
    if kind == "map":
        return {key: _shaped(shape.value, item, f"{where}.{key}") for key, item in value.items()}
    if kind == "timestamp":
        return datetime.fromtimestamp(value, timezone.utc).isoformat().replace("+00:00", "Z")
    return value
