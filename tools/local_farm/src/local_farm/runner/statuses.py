"""Groups of the service's task statuses, as the runner needs them."""

from __future__ import annotations

from local_farm.state.statuses import CREATED_JOB, ENDED, IN_PROGRESS, TO_RUN

__all__ = ["CREATED_JOB", "ENDED", "IN_PROGRESS", "TO_RUN", "UNWANTED"]

UNWANTED = frozenset({"FAILED", "SUCCEEDED", "CANCELED", "SUSPENDED"})
"""Targets that end a task which is under way; the task takes the target as its status."""
