"""Groups of the service's task statuses, ready to stand in SQL."""

from __future__ import annotations

UNWANTED = frozenset({"FAILED", "SUCCEEDED", "CANCELED", "SUSPENDED"})
"""Targets that end a task which is under way; the task takes the target as its status."""

IN_PROGRESS = "('ASSIGNED', 'STARTING', 'SCHEDULED', 'RUNNING', 'INTERRUPTING')"
"""A worker holds the task."""

TO_RUN = "('READY', 'SUSPENDED', 'ASSIGNED', 'STARTING', 'SCHEDULED', 'RUNNING', 'INTERRUPTING')"
"""The task runs, or will as soon as it may; what is PENDING only follows."""

ENDED = "('SUCCEEDED', 'FAILED', 'CANCELED', 'NOT_COMPATIBLE')"
"""The task will not run unless somebody asks for it."""

CREATED_JOB = "('CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_SUCCEEDED', 'UPDATE_FAILED')"
"""Lifecycle of a job whose tasks exist and may run."""
