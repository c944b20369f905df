"""One list of parameters out of those of a queue's environments and those of a job bundle."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, cast

from deadline.client.exceptions import DeadlineOperationError

from .parameter_definitions import parameter_definition_difference
from .parameter_names import did_you_mean
from .parameter_types import JobParameter


def merge_queue_job_parameters(
    *,
    job_parameters: Sequence[Mapping[str, Any]],
    queue_parameters: Sequence[Mapping[str, Any]],
    queue_id: Optional[str] = None,
) -> List[JobParameter]:
    """The queue's parameters in their order, then those of the bundle alone.

    Where both have a parameter, the bundle's ``value`` and ``default`` count, and everything else of the queue's.

    Raises:
        DeadlineOperationError: Definitions of one name contradict each other, or the bundle has a value for a name that
            nobody defines.
    """
    merged: Dict[str, Dict[str, Any]] = {parameter["name"]: dict(parameter) for parameter in queue_parameters}
    conflicts: List[str] = []
    for parameter in job_parameters:
        name = parameter["name"]
        if name not in merged:
            _require_definition(parameter, merged)
            merged[name] = dict(parameter)
            continue
        merged[name].update({field: parameter[field] for field in ("value", "default") if field in parameter})
        if "type" in parameter:
            fields = parameter_definition_difference(merged[name], parameter)
            if fields:
                conflicts.append(f"  {name}: {', '.join(fields)}")
    if conflicts:
        queue = f"queue {queue_id}" if queue_id else "the queue"
        raise DeadlineOperationError(
            f"The job bundle and {queue} define the same parameters differently; these fields differ:\n"
            + "\n".join(conflicts)
        )
    return [cast("JobParameter", parameter) for parameter in merged.values()]


def _require_definition(parameter: Mapping[str, Any], defined: Mapping[str, Any]) -> None:
    name = parameter["name"]
    # Names with a colon are properties of the job, or of another application.
    if "type" not in parameter and ":" not in name:
        raise DeadlineOperationError(
            f"The job bundle has a value for the parameter {name!r}, but neither its template nor the queue defines it. "
            f"{did_you_mean(name, defined)}"
        )
