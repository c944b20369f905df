"""Who has opted out of telemetry."""

from __future__ import annotations

import os
from configparser import ConfigParser

from deadline.client.config import config_file, str2bool
from deadline.client.config.editing import stored_setting
from deadline.client.exceptions import DeadlineOperationError

OPT_OUT_ENV_VAR = "DEADLINE_CLOUD_TELEMETRY_OPT_OUT"


def is_opted_out(config: ConfigParser | None = None) -> bool:
    """Whether nothing may be sent.

    The variable ``DEADLINE_CLOUD_TELEMETRY_OPT_OUT`` decides where it is set, else the setting ``telemetry.opt_out`` of
    ``config`` and of the settings file: either is enough. What cannot be understood counts as opting out.
    """
    variable = os.environ.get(OPT_OUT_ENV_VAR, "").strip()
    if variable:
        return _means_yes(variable)
    try:
        stored = [stored_setting("telemetry.opt_out", one) for one in (config, config_file.read_config()) if one]
    except DeadlineOperationError:
        return True
    return any(_means_yes(value) for value in stored if value is not None)


def _means_yes(word: str) -> bool:
    try:
        return str2bool(word)
    except ValueError:
        return True
