"""The section of the settings file in which a setting stands.

A setting that depends on another stands in a section that carries the other's value: with the profile ``studio`` and
the farm ``farm-1``, ``defaults.queue_id`` stands in ``[profile-studio farm-1 defaults]``. Switching the profile thereby
switches everything below it, and switching back brings it back.

Words of a header are joined by blanks and nothing is escaped. Still no two settings share a place: only a profile may
have blanks in it, and no setting's name stands below ids as well as right below a profile.
"""

from __future__ import annotations

from configparser import ConfigParser

from ._settings import SETTINGS, find_setting
from ._spelling import unspell


def stored_value(setting_name: str, config: ConfigParser) -> str | None:
    """The value that ``config`` holds for the setting, or ``None`` when it holds none."""
    section, name = locate(setting_name, config)
    text = config.get(section, name, raw=True, fallback=None)
    return None if text is None else unspell(text)


def locate(setting_name: str, config: ConfigParser) -> tuple[str, str]:
    """The section and the name within it under which the setting stands, given the values it depends on."""
    entry = find_setting(setting_name)
    section, name = setting_name.split(".", 1)
    return " ".join([*_ancestors(entry.get("depend"), config), section]), name


def _ancestors(setting_name: str | None, config: ConfigParser) -> list[str]:
    """The values on which a child of the setting depends, formatted as words of a section, outermost first."""
    if setting_name is None:
        return []
    entry = SETTINGS[setting_name]
    value = stored_value(setting_name, config)
    if value is None:
        value = entry["default"]
    # An empty value is a word too: its section has two blanks in a row, as in files of other versions.
    return [*_ancestors(entry.get("depend"), config), entry["section_format"].format(value)]
