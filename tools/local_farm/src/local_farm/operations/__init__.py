"""What the operations of the service do, one module for each family of resources.

An operation is a function from the parameters of its request, which are valid by then, to the members of its answer.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any, Callable

from local_farm.operations.context import Context

Operation = Callable[[Context, dict[str, Any]], dict[str, Any]]

_RESOURCES = ("farms", "queues", "fleets", "associations", "storage_profiles", "queue_environments", "monitors")
_JOBS = ("jobs", "job_updates", "steps", "tasks", "sessions", "search", "batches")


def find(name: str) -> Operation | None:
    """The operation called ``name``, or ``None`` when the local farm does not have it."""
    return _all().get(name)


def names() -> list[str]:
    """The operations that the local farm has."""
    return sorted(_all())


@functools.lru_cache(maxsize=1)
def _all() -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    for family in (*_RESOURCES, "roles", "workers", *_JOBS):
        found.update(importlib.import_module(f"local_farm.operations.{family}").OPERATIONS)
    return found
