"""A door: the job parameters that a queue's environments define."""

from __future__ import annotations

from .queue_parameters import get_queue_parameter_definitions

__all__ = ["get_queue_parameter_definitions"]
