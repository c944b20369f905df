"""For programs that show settings to people, or look for mistakes in the settings file."""

from __future__ import annotations

import difflib
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Iterator

from ._settings import SETTINGS, problem_with
from ._spelling import unspell

HIDDEN = "***"


@dataclass(frozen=True)
class SettingProblem:
    """An entry of the settings file that is no use.

    ``is_known`` says whether there is such a setting at all; ``problem`` goes on after a colon, and never repeats what
    may be a password.
    """

    section: str
    setting_name: str
    is_known: bool
    problem: str


def shown_value(setting_name: str, value: str) -> str:
    """A value as it may be shown to anybody: what may be a password of a proxy is hidden."""
    if not value or not SETTINGS.get(setting_name, {}).get("secret"):
        return value
    return shown_proxy(value)


def shown_proxy(url: str) -> str:
    """The URL of a proxy without user and password; nothing of it where they cannot be told from the rest.

    >>> shown_proxy("http://render:p@ss@proxy.example.com:8080")
    'http://***@proxy.example.com:8080'
    """
    scheme, separator, rest = url.partition("://") if "://" in url else ("", "", url)
    _user, at, host = rest.rpartition("@")
    shown = f"{scheme}{separator}{host}"
    if problem_with("settings.https_proxy", shown if separator else f"http://{shown}"):
        return HIDDEN
    return f"{scheme}{separator}{HIDDEN}@{host}" if at else shown


def inspect_settings(config: ConfigParser) -> Iterator[SettingProblem]:
    """The entries of a configuration that name no setting, or whose value does not fit, in the order of the file.

    Those of all profiles and farms count, also where others are in use.
    """
    for section in config.sections():
        # Before the last word stand the profile, the farm and the queue to which the setting belongs.
        group = section.rpartition(" ")[2]
        for name, text in config.items(section, raw=True):
            setting_name = f"{group}.{name}"
            if setting_name not in SETTINGS:
                close = difflib.get_close_matches(setting_name, SETTINGS, n=1, cutoff=0.8)
                hint = f"; is it {close[0]}?" if close else ""
                yield SettingProblem(section, setting_name, False, f"there is no such setting{hint}")
                continue
            value = unspell(text)
            problem = problem_with(setting_name, value) if value else None
            # Choices are understood in small letters too.
            if problem and problem_with(setting_name, value.upper()):
                yield SettingProblem(section, setting_name, True, problem)
