"""What hooks have to do with a plan: which ones there are, and the values that they gave to parameters."""

from __future__ import annotations

import os
from configparser import ConfigParser
from typing import Any, Dict, List, Optional, Sequence

from deadline.client.config import get_setting, str2bool
from deadline.client.exceptions import DeadlineOperationError
from deadline.client.job_bundle.hooks.hook_file import SUBMISSION_PHASES
from deadline.client.job_bundle.hooks.outputs import SubmissionChanges
from deadline.client.job_bundle.hooks.sources import (
    BUNDLE_SETTING,
    ENVIRONMENT_SETTING,
    FOLDER_VARIABLE,
    HookSources,
    find_hook_sources,
)
from deadline.client.job_bundle.parameter_names import did_you_mean
from deadline.client.job_bundle.parameter_types import APP_PARAMETER_PREFIX, PARAMETER_TYPES, JobParameter
from deadline.client.job_bundle.paths import is_absolute_path, is_uri

from .request import SubmissionRequest


def find_hooks(request: SubmissionRequest, config: Optional[ConfigParser] = None) -> HookSources:
    """The hooks of the environment and of the bundle that the settings allow, and notes about those they do not.

    Raises:
        DeadlineOperationError: A hooks file that is allowed is not well formed.
    """
    return find_hook_sources(
        SUBMISSION_PHASES,
        request.bundle_dir,
        os.environ.get(FOLDER_VARIABLE),
        allow_bundle_hooks=str2bool(get_setting(BUNDLE_SETTING, config)),
        allow_environment_hooks=str2bool(get_setting(ENVIRONMENT_SETTING, config)),
    )


def values_of_hooks(
    changes: SubmissionChanges, parameters: Sequence[JobParameter], allow_uris: bool
) -> List[Dict[str, Any]]:
    """The values that hooks gave to parameters, as mappings of ``name`` and ``value``.

    Raises:
        DeadlineOperationError: There is no such parameter, or a path is relative: to what would be anybody's guess.
    """
    known = {parameter["name"]: parameter for parameter in parameters}
    for name, value in changes.parameters.items():
        if name in known:
            _refuse_relative_paths(known[name], value, allow_uris)
        elif not name.startswith(APP_PARAMETER_PREFIX):
            raise DeadlineOperationError(
                f"A pre-submission hook gave the parameter {name!r} a value, but the job has no such parameter. "
                f"{did_you_mean(name, known)}"
            )
    return [{"name": name, "value": value} for name, value in changes.parameters.items()]


def _refuse_relative_paths(parameter: JobParameter, value: Any, allow_uris: bool) -> None:
    if "type" not in parameter or not PARAMETER_TYPES[parameter["type"]].is_path:
        return
    for path in value if isinstance(value, list) else [value]:
        if isinstance(path, str) and path and not is_absolute_path(path) and not (allow_uris and is_uri(path)):
            raise DeadlineOperationError(
                f"A pre-submission hook gave the parameter {parameter['name']!r} the relative path {path!r}. Hooks have "
                "to answer absolute paths; the bundle's folder is in DEADLINE_JOB_BUNDLE_DIR."
            )
