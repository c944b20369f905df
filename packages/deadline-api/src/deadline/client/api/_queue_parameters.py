"""A door: the job parameters that a queue's environments define."""

from __future__ import annotations

from .conda_channels import prefer_deadline_cloud_v2_channel as _apply_deadline_cloud_v2_channel_migration
from .queue_parameters import get_queue_parameter_definitions

__all__ = ["_apply_deadline_cloud_v2_channel_migration", "get_queue_parameter_definitions"]
