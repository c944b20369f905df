"""For programs that show and change many settings at once, such as a settings window.

They read a configuration, change it with :func:`~deadline.client.config.set_setting`, and save what they changed::

    config = read_config()
    set_setting("defaults.aws_profile_name", "studio", config)
    set_setting("defaults.farm_id", "farm-1", config)
    save_settings(config, ["defaults.aws_profile_name", "defaults.farm_id"])

Other programs may have written the file meanwhile. Saving therefore reads it again and changes the named settings
alone, under the lock that :func:`~deadline.client.config.set_setting` takes too.
"""

from __future__ import annotations

from configparser import ConfigParser
from typing import Iterable

from ._file import copy_of as copy_config, locked as settings_lock, read_config, write_config
from ._profiles import aws_profile_names, profiles_to_choose
from ._sections import locate as locate_setting, stored_value as stored_setting
from ._settings import DEFAULT_PROFILE_NAMES, problem_with as problem_with_setting

__all__ = [
    "DEFAULT_PROFILE_NAMES",
    "aws_profile_names",
    "carry_over",
    "copy_config",
    "locate_setting",
    "problem_with_setting",
    "profiles_to_choose",
    "save_settings",
    "settings_lock",
    "stored_setting",
]


def save_settings(config: ConfigParser, setting_names: Iterable[str]) -> None:
    """Make the named settings in the settings file what they are in ``config``, and leave the others alone.

    A setting that ``config`` does not hold is removed. One that depends on others, such as ``defaults.queue_id``, is
    saved for the profile and the farm that ``config`` has.

    Raises:
        DeadlineOperationError: There is no such setting, or the file cannot be read or written; nothing is changed.
    """
    places = [locate_setting(name, config) for name in setting_names]
    with settings_lock():
        current = read_config()
        for place in places:
            carry_over(place, config, current)
        write_config(current)


def carry_over(place: tuple[str, str], source: ConfigParser, target: ConfigParser) -> None:
    """Make the entry at ``place`` (see :func:`locate_setting`) in ``target`` what it is in ``source``, if only absent."""
    section, name = place
    text = source.get(section, name, raw=True, fallback=None)
    if text is not None:
        if not target.has_section(section):
            target.add_section(section)
        target.set(section, name, text)
    elif target.has_section(section):
        target.remove_option(section, name)
        if not target.options(section):
            target.remove_section(section)
