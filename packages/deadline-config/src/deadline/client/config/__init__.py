"""The settings of the client: where they live, what they are, and how to read and change them.

>>> from deadline.client import config
>>> config.get_setting("settings.log_level")  # doctest: +SKIP
'WARNING'
"""

from __future__ import annotations

from typing import Any

from . import config_file
from ._profiles import get_best_profile_for_farm
from ._settings import str2bool
from ._values import clear_setting, get_setting, get_setting_default, set_setting

__all__ = [
    "DEFAULT_DEADLINE_ENDPOINT_URL",
    "clear_setting",
    "config_file",
    "get_best_profile_for_farm",
    "get_setting",
    "get_setting_default",
    "set_setting",
    "str2bool",
]


def __getattr__(name: str) -> Any:
    # Taken from the environment when it is asked for, not when this package happens to be imported.
    if name == "DEFAULT_DEADLINE_ENDPOINT_URL":
        return config_file.DEFAULT_DEADLINE_ENDPOINT_URL
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
