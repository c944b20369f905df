"""The conda channel ``deadline-cloud-v2`` beside ``deadline-cloud``, for programs whose packages are in the newer one."""

from __future__ import annotations

import re
from typing import Dict, Sequence

from deadline.client.job_bundle.parameter_types import JobParameter
from deadline.client.job_bundle.parameter_values import validate_job_parameter_value

PARAMETER = "CondaChannels"
OLD_CHANNEL = "deadline-cloud"
NEW_CHANNEL = "deadline-cloud-v2"

_OLD_CHANNEL_ALONE = re.compile(rf"(?<!\S){OLD_CHANNEL}(?!\S)")


def prefer_deadline_cloud_v2_channel(queue_parameters: Sequence[JobParameter]) -> None:
    """Put the newer channel before the older one in the queue's ``CondaChannels``, in its default and in its value.

    Nothing changes where the newer one is there already, where the older one is not, or where what came of it would not
    be allowed for the parameter.
    """
    for parameter in queue_parameters:
        if parameter.get("name") == PARAMETER:
            _prefer(parameter)


def _prefer(parameter: JobParameter) -> None:
    changed: Dict[str, str] = {}
    for field in ("default", "value"):
        text = parameter.get(field)
        if isinstance(text, str) and NEW_CHANNEL not in text.split():
            changed[field] = _OLD_CHANNEL_ALONE.sub(f"{NEW_CHANNEL} {OLD_CHANNEL}", text, count=1)
    try:
        for text in changed.values():
            validate_job_parameter_value(parameter, text)
    except (TypeError, ValueError):
        return
    parameter.update(changed)  # type: ignore[typeddict-item]
