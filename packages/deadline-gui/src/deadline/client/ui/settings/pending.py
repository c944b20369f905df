"""The settings with changes that are not saved yet: the model of the settings window. Knows no Qt.

>>> pending = PendingSettings()  # doctest: +SKIP
>>> pending.set("defaults.aws_profile_name", "studio")  # doctest: +SKIP
>>> pending.value("defaults.farm_id")  # that of the profile studio  # doctest: +SKIP
>>> pending.save()  # doctest: +SKIP

Settings that depend on others stand in sections named after those (see :mod:`deadline.client.config.editing`). A
change is made in the section that was in view when it was made. Choosing another profile brings that profile's values
into view, and changes of the former one come back with it. What is saved is what is in view, and nothing else: the
file is read again, the changed keys are written over it, and whatever other programs wrote meanwhile stays.
"""

from __future__ import annotations

import os
import re
from configparser import ConfigParser
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from deadline.client.config import clear_setting, get_setting, get_setting_default, set_setting, str2bool
from deadline.client.config.config_file import SETTINGS, read_config
from deadline.client.config.editing import (
    DEFAULT_PROFILE_NAMES,
    aws_profile_names,
    carry_over,
    copy_config,
    locate_setting,
    save_settings,
    stored_setting,
)
from deadline.client.exceptions import DeadlineOperationError

from .fields import CHOSEN, FIELDS, Kind

PROFILE = "defaults.aws_profile_name"
FARM = "defaults.farm_id"
REGION = "defaults.farm_region"

_KEPT: Tuple[str, ...] = (*FIELDS, REGION)
"""The settings that the window may change; the region comes with the farm."""

_ID_PREFIXES = {Kind.FARM: "farm-", Kind.QUEUE: "queue-", Kind.STORAGE_PROFILE: "sp-"}


@dataclass(frozen=True)
class _Draft:
    """A value that cannot be stored, kept so that it can be mended."""

    value: str
    problem: str


class PendingSettings:
    """The settings file as it was read, and changes to it.

    Raises :class:`DeadlineOperationError` when the file cannot be understood.
    """

    def __init__(self) -> None:
        self._stored = ConfigParser(interpolation=None)
        self._config = self._stored
        self._drafts: Dict[str, _Draft] = {}
        self._profiles: List[str] = []
        self.reload()

    def reload(self) -> None:
        """Read the file again and drop all changes."""
        self._stored = read_config()
        self._config = copy_config(self._stored)
        self._drafts.clear()
        self._profiles = aws_profile_names()

    def snapshot(self) -> ConfigParser:
        """The settings with the changes, as a configuration of the caller's own."""
        return copy_config(self._config)

    def profiles(self) -> List[str]:
        """The AWS profiles to choose from; the first one stands for the default credentials."""
        default = str(SETTINGS[PROFILE]["default"])
        return [default, *(name for name in self._profiles if name != default)]

    def value(self, setting: str) -> str:
        """The value in view: a change, else what is stored, else the default; a value that is no use is passed over."""
        if setting in self._drafts:
            return self._drafts[setting].value
        value = get_setting(setting, self._config)
        return value if _objection(setting, value) is None else get_setting_default(setting, self._config)

    def set(self, setting: str, value: str) -> None:
        """Change a setting; a value that does not fit becomes a problem of the setting.

        An empty value means the default, where that is not empty itself.
        """
        self._drafts.pop(setting, None)
        self._put_back(setting)
        if not value and get_setting_default(setting, self._config):
            clear_setting(setting, self._config)
        elif self.notice(setting) is not None or not _same(setting, value, get_setting(setting, self._config)):
            problem = _objection(setting, value)
            try:
                if problem is None:
                    set_setting(setting, value, self._config)
            except DeadlineOperationError as error:
                problem = str(error)
            if problem is not None:
                self._drafts[setting] = _Draft(value, problem)
        self._forget_drafts_below(setting)

    def choose_farm(self, farm_id: str, region: str = "") -> None:
        """Change the farm and, where its region is known, the region that is stored with it."""
        self.set(FARM, farm_id)
        if region and FARM not in self._drafts:
            self.set(REGION, region)

    def undo(self, setting: str) -> None:
        """Go back to what is stored."""
        self._drafts.pop(setting, None)
        self._put_back(setting)
        self._forget_drafts_below(setting)

    def restore_defaults(self) -> None:
        """Change every setting in view to its default, but for where this workstation belongs."""
        for field in FIELDS.values():
            if field.kind not in CHOSEN:
                self._drafts.pop(field.setting, None)
                clear_setting(field.setting, self._config)

    def is_changed(self, setting: str) -> bool:
        """Whether saving would change the setting."""
        if setting in self._drafts:
            return True
        section, name = locate_setting(setting, self._config)
        return self._config.get(section, name, fallback=None) != self._stored.get(section, name, fallback=None)

    def changes(self) -> List[str]:
        """The settings that saving would change."""
        return [setting for setting in _KEPT if self.is_changed(setting)]

    def problem(self, setting: str) -> Optional[str]:
        """Why the settings cannot be saved with this one as it is, or ``None``."""
        if setting in self._drafts:
            return self._drafts[setting].problem
        if setting == PROFILE:
            return self._problem_with_profile()
        if self.is_changed(setting):
            return _problem_with_change(setting, get_setting(setting, self._config))
        return None

    def problems(self) -> List[str]:
        """The settings that have a problem, in the order of the window."""
        return [setting for setting in _KEPT if self.problem(setting) is not None]

    def notice(self, setting: str) -> Optional[str]:
        """What is odd about the stored value, although it does not keep the settings from being saved."""
        if setting in self._drafts:
            return None
        raw = stored_setting(setting, self._config)
        if raw is None or _objection(setting, raw) is None:
            return None
        return f"The settings file says {raw!r} here, which means nothing; the default is used."

    def save(self) -> List[str]:
        """Save the changes in view, and return the settings that were changed.

        Raises:
            DeadlineOperationError: A setting has a problem, or the file cannot be read or written; nothing is changed.
        """
        problems = self.problems()
        if problems:
            raise DeadlineOperationError(f"{FIELDS[problems[0]].label}: {self.problem(problems[0])}")
        changes = self.changes()
        if changes:
            save_settings(self._config, changes)
        self.reload()
        return changes

    def _problem_with_profile(self) -> Optional[str]:
        name = get_setting(PROFILE, self._config)
        if name in DEFAULT_PROFILE_NAMES or name in self._profiles:
            return None
        return f"There is no AWS profile named {name!r} in the AWS configuration files. Choose another one."

    def _put_back(self, setting: str) -> None:
        """Make the setting what is stored."""
        carry_over(locate_setting(setting, self._config), self._stored, self._config)

    def _forget_drafts_below(self, setting: str) -> None:
        """Drop what was typed into fields that show another section's value now."""
        for draft in list(self._drafts):
            parent = SETTINGS[draft].get("depend")
            while parent is not None:
                if parent == setting:
                    del self._drafts[draft]
                    break
                parent = SETTINGS[parent].get("depend")


def _objection(setting: str, value: str) -> Optional[str]:
    """What the table of settings has against a value."""
    check = SETTINGS[setting].get("check")
    problem = check(value) if check else None
    return f"{problem[0].upper()}{problem[1:]}." if problem else None


def _problem_with_change(setting: str, value: str) -> Optional[str]:
    """What else is wrong with a new value."""
    kind = FIELDS[setting].kind if setting in FIELDS else None
    if kind is Kind.FILE and value and not Path(value).expanduser().is_file():
        return "There is no such file."
    if kind in _ID_PREFIXES and value:
        prefix = _ID_PREFIXES[kind]
        if not re.fullmatch(f"{prefix}[0-9A-Za-z]+", value):
            return f"Choose a {kind.value} of the list, or enter an id, which begins with {prefix}"
    if kind is Kind.FOLDERS:
        relative = [path for path in value.split(os.pathsep) if path and not Path(path).expanduser().is_absolute()]
        if relative:
            return f"{relative[0]} does not say where it begins; enter a whole path."
    return None


def _same(setting: str, value: str, other: str) -> bool:
    """Whether two texts mean the same value of a setting."""
    kind = FIELDS[setting].kind if setting in FIELDS else None
    if _objection(setting, other) is None:
        if kind is Kind.SWITCH:
            return str2bool(value) is str2bool(other)
        if kind is Kind.NUMBER:
            return int(value) == int(other)
    return value == other
