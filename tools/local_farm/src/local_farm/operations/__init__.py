"""What the operations of the service do, one module for each family of resources.

An operation is a function from the parameters of its request, which are valid by then, to the members of its answer.
"""

from __future__ import annotations

import importlib
from typing import Any, Callable

from local_farm.operations.context import Context

Operation = Callable[[Context, dict[str, Any]], dict[str, Any]]

_FAMILIES = ("farms", "queues", "fleets", "storage_profiles", "queue_environments", "roles", "workers")
_JOB_FAMILIES = ("jobs", "search", "steps", "tasks", "sessions")
_operations: dict[str, Operation] = {}


def find(name: str) -> Operation | None:
    """The operation called ``name``, or ``None`` when the local farm does not have it."""
    if not _operations:
        for family in (*_FAMILIES, *_JOB_FAMILIES):
            module = importlib.import_module(f"local_farm.operations.{family}")
            _operations.update(module.OPERATIONS)
    return _operations.get(name)
