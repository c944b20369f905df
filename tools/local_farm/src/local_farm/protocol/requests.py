"""From a request on the wire to the parameters of its operation."""

from __future__ import annotations

import json
from typing import Any, Mapping, Sequence

from botocore.model import OperationModel
from werkzeug.datastructures import Headers

from local_farm.protocol.errors import ValidationError
from local_farm.protocol.model import members_of


def parse(
    operation: OperationModel,
    labels: Mapping[str, str],
    query: Mapping[str, Sequence[str]],
    headers: Headers,
    body: bytes,
) -> dict[str, Any]:
    """The parameters of a request, by the names of the model; raises :class:`ValidationError` for an unreadable body."""
    document = _document(body)
    parameters: dict[str, Any] = {}
    for name, shape in members_of(operation.input_shape).items():
        location = shape.serialization.get("location")
        wire_name = shape.serialization.get("name", name)
        if location == "uri":
            found: Any = labels.get(wire_name)
        elif location == "querystring":
            found = _from_query(shape, query.get(wire_name))
        elif location == "header":
            found = headers.get(wire_name)
        else:
            found = document.get(wire_name)
            if found is not None:
                parameters[name] = found
            continue
        if found is not None:
            parameters[name] = _typed(shape, found)
    return parameters


def _document(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        document = json.loads(body)
    except ValueError as error:
        raise ValidationError(f"The body of the request is no JSON: {error}", reason="CANNOT_PARSE") from error
    if not isinstance(document, dict):
        raise ValidationError("The body of the request is no JSON object.", reason="CANNOT_PARSE")
    return document


def _from_query(shape: Any, values: Sequence[str] | None) -> Any:
    if not values:
        return None
    return list(values) if shape.type_name == "list" else values[0]


def _typed(shape: Any, value: Any) -> Any:
    """A value from the path, the query or a header, which are all text."""
    if shape.type_name in ("integer", "long") and str(value).lstrip("-").isdigit():
        return int(value)
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(value, value)
    return value
