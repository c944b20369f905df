"""The AWS profiles of this user, and which of them fits a farm."""

from __future__ import annotations

import difflib
import os
import re
from configparser import ConfigParser, Error
from pathlib import Path
from typing import Iterator

from ._file import copy_of, read_config
from ._values import get_setting, set_setting


def get_best_profile_for_farm(farm_id: str, queue_id: str | None = None) -> str:
    """The AWS profile with which to reach a farm.

    The current profile where its default farm is ``farm_id``; else the first profile whose defaults are both
    ``farm_id`` and ``queue_id``; else the first whose default is ``farm_id``; else the current one.
    """
    config = copy_of(read_config())
    current = get_setting("defaults.aws_profile_name", config)
    if get_setting("defaults.farm_id", config) == farm_id:
        return current
    same_farm: str | None = None
    for profile in aws_profile_names():
        set_setting("defaults.aws_profile_name", profile, config)
        if get_setting("defaults.farm_id", config) != farm_id:
            continue
        if queue_id and get_setting("defaults.queue_id", config) == queue_id:
            return profile
        same_farm = same_farm or profile
    return same_farm or current


def aws_profile_names() -> list[str]:
    """The names of the AWS profiles of this user, in the order of the AWS configuration files."""
    names: dict[str, None] = {}
    for path, is_credentials in _aws_files():
        for section in _sections(path):
            if is_credentials or section == "default":
                names[section] = None
            elif section.startswith("profile "):
                names[section[len("profile ") :].strip().strip("\"'")] = None
    return list(names)


def profiles_to_choose(wrong: str = "") -> str:
    """A sentence with the AWS profiles that there are, or with the one that may be meant; empty where there is none.

    Args:
        wrong: The name of a profile that does not exist.
    """
    names = [name for name in aws_profile_names() if name != "default"]
    close = difflib.get_close_matches(wrong, names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"The AWS profiles of this user are {', '.join(names)}." if names else ""


def region_of_environment() -> str | None:
    """The region that AWS tools take without being told: that of the environment, else of its profile."""
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region:
        return region
    profile = os.environ.get("AWS_PROFILE") or "default"
    config = ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    path, _ = next(_aws_files())
    try:
        config.read_string(path.read_text(encoding="utf-8", errors="replace"))
    except (OSError, Error):
        return None
    section = profile if profile == "default" else f"profile {profile}"
    return config.get(section, "region", fallback=None) or None


def _aws_files() -> Iterator[tuple[Path, bool]]:
    """The AWS configuration files, and whether each is the one with credentials, whose sections are bare names."""
    for variable, default, is_credentials in (
        ("AWS_CONFIG_FILE", "~/.aws/config", False),
        ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials", True),
    ):
        yield Path(os.path.expanduser(os.environ.get(variable) or default)), is_credentials


def _sections(path: Path) -> list[str]:
    # Only the headers matter here; botocore reads, and complains about, the rest.
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    headers = (re.match(r"\[([^\]]+)\]", line) for line in lines)
    return list(dict.fromkeys(header[1] for header in headers if header))
