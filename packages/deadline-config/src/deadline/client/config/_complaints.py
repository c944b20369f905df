"""Warnings about values in the settings file that are no use, once for each: where it stands and how to mend it."""

from __future__ import annotations

import logging
import re
from configparser import ConfigParser
from typing import Set, Tuple

from ._file import get_config_file_path
from ._sections import locate
from ._settings import SETTINGS, problem_with
from ._spelling import unspell

logger = logging.getLogger(__name__)

_told: Set[Tuple[str, str, str]] = set()


def warn_of_value(setting_name: str, value: str, config: ConfigParser) -> None:
    """Warn that ``value``, which ``config`` holds for the setting, is passed over."""
    path = str(get_config_file_path())
    if (path, setting_name, value) in _told:
        return
    _told.add((path, setting_name, value))
    line = _line_of(*locate(setting_name, config), value)
    logger.warning(
        "%s says %r for %s, which is no use: %s. The default %s is used. Mend it with `deadline config set %s <value>` "
        "or `deadline config clear %s`.",
        f"Line {line} of the settings file {path}" if line else "The configuration",
        value,
        setting_name,
        problem_with(setting_name, value),
        SETTINGS[setting_name]["default"],
        setting_name,
        setting_name,
    )


def _line_of(section: str, name: str, value: str) -> int | None:
    """The line of the settings file with that entry; ``None`` where it has no such line."""
    try:
        lines = get_config_file_path().read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    current = None
    for number, line in enumerate(lines, 1):
        header = re.match(r"\[(.+)\]", line)
        if header:
            current = header[1]
            continue
        entry = re.match(r"\s*([^=:]+?)\s*[=:]\s*(.*?)\s*$", line)
        if entry and current == section and entry[1].lower() == name and unspell(entry[2]) == value:
            return number
    return None
