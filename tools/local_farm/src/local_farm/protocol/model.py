"""The service model, and the operation that a request means."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import botocore.loaders
from botocore.model import OperationModel, ServiceModel

API_VERSION = "2023-10-12"


@dataclass(frozen=True)
class Route:
    """An operation, and the pattern of its paths."""

    operation: OperationModel
    method: str
    path: re.Pattern[str]


@functools.lru_cache(maxsize=1)
def service_model() -> ServiceModel:
    """The model of AWS Deadline Cloud, from botocore's own data."""
    loader = botocore.loaders.Loader(include_default_search_paths=True)
    return ServiceModel(loader.load_service_model("deadline", "service-2", API_VERSION), "deadline")


@functools.lru_cache(maxsize=1)
def _routes() -> list[Route]:
    model = service_model()
    operations = [model.operation_model(name) for name in model.operation_names]
    routes = [
        Route(operation, operation.http["method"], _path_pattern(operation.http["requestUri"]))
        for operation in operations
    ]
    # Where a fixed word and a label fit alike, the fixed word is meant.
    return sorted(routes, key=lambda route: route.operation.http["requestUri"].count("{"))


def find_operation(method: str, path: str) -> tuple[OperationModel, dict[str, str]] | None:
    """The operation of a request and the labels in its path, or ``None`` when the service has no such operation."""
    for route in _routes():
        match = route.path.fullmatch(path) if route.method == method else None
        if match:
            return route.operation, {name: unquote(value) for name, value in match.groupdict().items()}
    return None


def _path_pattern(uri: str) -> re.Pattern[str]:
    uri = uri.split("?", 1)[0]
    parts = re.split(r"\{(\w+)\+?\}", uri)
    return re.compile("".join(f"(?P<{p}>[^/]+)" if n % 2 else re.escape(p) for n, p in enumerate(parts)))


def members_of(shape: Any) -> dict[str, Any]:
    """The members of a structure; none for an operation without input or output."""
    return dict(shape.members) if shape is not None else {}
