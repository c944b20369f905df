"""Options that stand in place of settings."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Any

# In the order in which they are applied: later settings stand in sections that are named after earlier ones.
_OVERRIDES = {
    "profile": "defaults.aws_profile_name",
    "farm_id": "defaults.farm_id",
    "region": "defaults.farm_region",
    "queue_id": "defaults.queue_id",
    "storage_profile_id": "settings.storage_profile_id",
    "job_id": "defaults.job_id",
    "conflict_resolution": "settings.conflict_resolution",
}


def overridden_settings(**overrides: Any) -> ConfigParser:
    """A private copy of the settings, with those of the given options in place of what is stored that have a setting."""
    from deadline.client.config import set_setting
    from deadline.client.config.config_file import read_config

    config = read_config()
    for name, setting in _OVERRIDES.items():
        if overrides.get(name):
            set_setting(setting, overrides[name], config)
    return config
