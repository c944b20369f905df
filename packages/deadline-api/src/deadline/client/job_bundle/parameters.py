"""A door: job parameters under the path by which other programs import them."""

from __future__ import annotations

from .bundle_parameters import apply_job_parameters, read_job_bundle_parameters
from .parameter_definitions import parameter_definition_difference, validate_job_parameter
from .parameter_merging import merge_queue_job_parameters
from .parameter_types import JobParameter
from .parameter_values import validate_job_parameter_value
from .user_interface import (
    get_ui_control_for_parameter_definition,
    validate_user_interface_file_filter,
    validate_user_interface_spec,
)

__all__ = [
    "JobParameter",
    "apply_job_parameters",
    "get_ui_control_for_parameter_definition",
    "merge_queue_job_parameters",
    "parameter_definition_difference",
    "read_job_bundle_parameters",
    "validate_job_parameter",
    "validate_job_parameter_value",
    "validate_user_interface_file_filter",
    "validate_user_interface_spec",
]
