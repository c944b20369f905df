"""Getting, setting and clearing settings."""

from __future__ import annotations

import os
import sys
from configparser import ConfigParser

from deadline.client.exceptions import DeadlineOperationError

from ._complaints import warn_of_value
from ._file import locked, read_config, write_config
from ._sections import locate, stored_value
from ._settings import SETTINGS, check_value, find_setting, problem_with
from ._spelling import spell


def get_setting(setting_name: str, config: ConfigParser | None = None) -> str:
    """The value of a setting such as ``defaults.farm_id``, or its default when it is not set.

    The default also stands in for a value in the file that is no use, such as a switch that is neither on nor off; a
    warning then says once where it stands.

    Args:
        setting_name: Section and name, joined by a dot.
        config: A configuration to read from instead of the settings file.

    Raises:
        DeadlineOperationError: There is no such setting, or the settings file cannot be understood.
    """
    entry = find_setting(setting_name)
    if config is None:
        config = read_config()
    value = stored_value(setting_name, config)
    if value is not None and entry["default"] and problem_with(setting_name, value):
        if problem_with(setting_name, value.upper()) is None:
            return value.upper()  # a word of the table, written by hand
        # Words, numbers and switches, which the file may hold unchecked. Where the default is empty the value goes on:
        # whoever uses that proxy or that id says what is wrong with it, and leaving it out would hide that.
        warn_of_value(setting_name, value, config)
        value = None
    if value is None:
        return get_setting_default(setting_name, config)
    return _from_file(value, entry)


def get_setting_default(setting_name: str, config: ConfigParser | None = None) -> str:
    """The value that a setting has when it is not set; arguments and errors as of :func:`get_setting`."""
    entry = find_setting(setting_name)
    default: str = entry["default"]
    if "{aws_profile_name}" in default:
        default = default.replace("{aws_profile_name}", get_setting("defaults.aws_profile_name", config))
    return _from_file(default, entry)


def set_setting(setting_name: str, value: str, config: ConfigParser | None = None) -> None:
    """Set a setting in the settings file or, when ``config`` is given, in that object only.

    Raises:
        DeadlineOperationError: There is no such setting, the value does not fit it, or the file cannot be written.
        TypeError: The value is not a string.
    """
    entry = find_setting(setting_name)
    if isinstance(value, str):
        value = value.strip()  # as whoever reads the file does
    check_value(setting_name, value)
    if config is not None:
        _store(setting_name, _to_file(value, entry), config)
        return
    with locked():
        config = read_config()
        _store(setting_name, _to_file(value, entry), config)
        write_config(config)


def clear_setting(setting_name: str, config: ConfigParser | None = None) -> None:
    """Remove a setting, so that its default applies again; arguments and errors as of :func:`set_setting`."""
    find_setting(setting_name)
    if config is not None:
        _remove(setting_name, config)
        return
    with locked():
        config = read_config()
        if _remove(setting_name, config):
            write_config(config)


def _store(setting_name: str, value: str, config: ConfigParser) -> None:
    section, name = locate(setting_name, config)
    if "]" in section:
        # The header would end at that bracket, and the setting would be read back from another section.
        parent = SETTINGS[setting_name]["depend"]
        raise DeadlineOperationError(
            f"{setting_name} cannot be stored: it belongs to a value of {parent} that has a bracket in it ({section})."
        )
    if not config.has_section(section):
        config.add_section(section)
    config.set(section, name, spell(value))


def _remove(setting_name: str, config: ConfigParser) -> bool:
    section, name = locate(setting_name, config)
    if not config.has_section(section) or not config.remove_option(section, name):
        return False
    if not config.options(section):
        config.remove_section(section)
    return True


def _to_file(value: str, entry: dict[str, object]) -> str:
    """How a value is written: paths with forward slashes, since the monitor reads a backslash as an escape."""
    if entry.get("is_path_list"):
        value = os.pathsep.join(item for item in value.split(os.pathsep) if item)
    elif not entry.get("is_path"):
        return value
    return value.replace("\\", "/") if sys.platform == "win32" else value


def _from_file(value: str, entry: dict[str, object]) -> str:
    """The inverse of :func:`_to_file`."""
    if entry.get("is_path_list"):
        value = os.pathsep.join(item for item in value.split(os.pathsep) if item)
    elif not entry.get("is_path"):
        return value
    return value.replace("/", "\\") if sys.platform == "win32" else value
