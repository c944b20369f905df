"""A door: the settings file under the path by which other programs import it."""

from __future__ import annotations

from typing import Any

from ._endpoint import default_deadline_endpoint_url
from ._file import CONFIG_FILE_PATH, CONFIG_FILE_PATH_ENV_VAR, get_config_file_path, read_config, write_config
from ._folders import (
    DEFAULT_CACHE_DIR,
    DEFAULT_JOB_HISTORY_DIR,
    DEFAULT_QUEUE_INCREMENTAL_DOWNLOAD_DIR,
    get_cache_directory,
)
from ._profiles import get_best_profile_for_farm
from ._regions import (
    AWS_ENDPOINT_URL_DEADLINE_ENV_VAR,
    DEADLINE_REGIONS,
    DEADLINE_REGIONS_ENV_VAR,
    explicit_regions,
    get_deadline_regions,
)
from ._settings import FALSE_VALUES as _FALSE_VALUES, SETTINGS, TRUE_VALUES as _TRUE_VALUES, str2bool
from ._values import clear_setting, get_setting, get_setting_default, set_setting

__all__ = [
    "AWS_ENDPOINT_URL_DEADLINE_ENV_VAR",
    "CONFIG_FILE_PATH",
    "CONFIG_FILE_PATH_ENV_VAR",
    "DEADLINE_REGIONS",
    "DEADLINE_REGIONS_ENV_VAR",
    "DEFAULT_CACHE_DIR",
    "DEFAULT_JOB_HISTORY_DIR",
    "DEFAULT_QUEUE_INCREMENTAL_DOWNLOAD_DIR",
    "SETTINGS",
    "_FALSE_VALUES",
    "_TRUE_VALUES",
    "clear_setting",
    "explicit_regions",
    "get_best_profile_for_farm",
    "get_cache_directory",
    "get_config_file_path",
    "get_deadline_regions",
    "get_setting",
    "get_setting_default",
    "read_config",
    "set_setting",
    "str2bool",
    "write_config",
]


def __getattr__(name: str) -> Any:
    if name == "DEFAULT_DEADLINE_ENDPOINT_URL":
        return default_deadline_endpoint_url()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
