"""Addresses of the scheme ``deadline``, by which web pages such as those of the Deadline Cloud monitor ask for something.

>>> url = "deadline://download-output?farm-id=farm-0123456789abcdef0123456789abcdef&..."
>>> download_of_url(url).farm_id  # doctest: +SKIP
'farm-0123456789abcdef0123456789abcdef'

Any web page can make a browser open such an address. Therefore nothing of it is used before all of it is known to be in
order, and messages about it show nothing that could steer a terminal.
"""

from __future__ import annotations

import re
from configparser import ConfigParser
from dataclasses import dataclass
from typing import Dict, List, Optional
from urllib.parse import unquote, urlsplit

from deadline.client.config import get_best_profile_for_farm, get_setting, set_setting
from deadline.client.config.config_file import read_config
from deadline.client.exceptions import DeadlineOperationError

from .farms_by_region import region_of_farm

SCHEME = "deadline"
DOWNLOAD_OUTPUT = "download-output"
LONGEST_URL = 2048
LONGEST_VALUE = 256
_SHOWN = 80

_DIGITS = "[0-9a-f]{32}"
_IDS = {
    "farm-id": f"farm-{_DIGITS}",
    "queue-id": f"queue-{_DIGITS}",
    "job-id": f"job-{_DIGITS}",
    "step-id": f"step-{_DIGITS}",
    "task-id": rf"task-{_DIGITS}-(0|[1-9][0-9]{{0,9}})",
}
_REQUIRED = ("farm-id", "queue-id", "job-id")
_KNOWN = (*_IDS, "profile")


@dataclass(frozen=True)
class OutputDownloadUrl:
    """The outputs that an address asks for."""

    farm_id: str
    queue_id: str
    job_id: str
    step_id: Optional[str] = None
    task_id: Optional[str] = None
    profile: Optional[str] = None
    """The AWS profile to use."""


def download_of_url(url: str) -> OutputDownloadUrl:
    """What an address ``deadline://download-output?farm-id=...&queue-id=...&job-id=...`` asks for.

    It may name ``step-id``, ``task-id`` (with ``step-id``) and ``profile`` too.

    Raises:
        DeadlineOperationError: It is no such address, or not well formed.
    """
    # Urllib passes over some of these characters, and would see another address than is written.
    if len(url) > LONGEST_URL or not re.fullmatch(r"[!-~]+", url):
        raise DeadlineOperationError(
            f"The address is not well formed: {_shown(url)} has more than {LONGEST_URL} characters, or blanks, control or "
            "other special characters in it."
        )
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise DeadlineOperationError(f"The address {_shown(url)} is not well formed: {error}.") from error
    if parts.scheme != SCHEME:
        raise DeadlineOperationError(
            f"The address {_shown(url)} does not begin with {SCHEME}://\n"
            f"Give one such as {SCHEME}://{DOWNLOAD_OUTPUT}?farm-id=farm-...&queue-id=queue-...&job-id=job-..."
        )
    if parts.netloc != DOWNLOAD_OUTPUT:
        raise DeadlineOperationError(
            f"The address asks for {_shown(parts.netloc)}, which is not known; only {DOWNLOAD_OUTPUT} is."
        )
    values = _values_of(parts.query)
    if "task-id" in values and "step-id" not in values:
        raise DeadlineOperationError("The address names a task-id without the step-id of its step.")
    return OutputDownloadUrl(**{name.replace("-", "_"): value for name, value in values.items()})


def settings_for_url(wanted: OutputDownloadUrl) -> ConfigParser:
    """A copy of the settings in which the farm, the queue and the job of an address are the default ones.

    The profile is that of the address; else the best one for its farm. Where the settings do not know the farm's region, the
    regions are asked which of them has it.

    Raises:
        DeadlineOperationError: The settings cannot be read, or the profile cannot have that name.
    """
    config = read_config()
    profile = wanted.profile or get_best_profile_for_farm(wanted.farm_id, wanted.queue_id)
    set_setting("defaults.aws_profile_name", profile, config)
    is_default = get_setting("defaults.farm_id", config) == wanted.farm_id
    set_setting("defaults.farm_id", wanted.farm_id, config)
    set_setting("defaults.queue_id", wanted.queue_id, config)
    set_setting("defaults.job_id", wanted.job_id, config)
    if not is_default and not get_setting("defaults.farm_region", config):
        region = region_of_farm(wanted.farm_id, config)
        if region:
            set_setting("defaults.farm_region", region, config)
    return config


def _values_of(query: str) -> Dict[str, str]:
    """The values of a query by their names; those that are empty are left out."""
    values: Dict[str, List[str]] = {}
    for piece in query.split("&") if query else ():
        name, equals, value = piece.partition("=")
        if not equals:
            raise DeadlineOperationError(f"The address is not well formed: {_shown(piece)} is no name=value.")
        values.setdefault(_decoded(name), []).append(_decoded(value))
    given = {name: [value for value in several if value] for name, several in values.items()}
    unknown = [_shown(name) for name in given if name not in _KNOWN]
    if unknown:
        raise DeadlineOperationError(f"The address has names that are not known: {', '.join(unknown)}.")
    repeated = [name for name, several in given.items() if len(several) > 1]
    if repeated:
        raise DeadlineOperationError(f"The address has more than one value for {', '.join(repeated)}.")
    single = {name: several[0] for name, several in given.items() if several}
    missing = [name for name in _REQUIRED if name not in single]
    if missing:
        raise DeadlineOperationError(f"The address lacks {', '.join(missing)}.")
    for name, value in single.items():
        _check(name, value)
    return single


def _decoded(text: str) -> str:
    try:
        return unquote(text.replace("+", " "), errors="strict")
    except UnicodeDecodeError as error:
        raise DeadlineOperationError(f"The address is not well formed: {_shown(text)} is no UTF-8.") from error


def _check(name: str, value: str) -> None:
    if name in _IDS:
        if not re.fullmatch(_IDS[name], value):
            raise DeadlineOperationError(f"The address has {_shown(value)} for {name}, which is no such id.")
    # Profiles may be called anything; but for what nobody could see, or what would end the name in the settings file.
    elif len(value) > LONGEST_VALUE or not value.isprintable() or value != value.strip() or set(value) & set("[]"):
        raise DeadlineOperationError(f"The address has {_shown(value)} for {name}, which is no name of a profile.")


def _shown(text: str) -> str:
    """A text for a message: in ASCII, and not too long."""
    return ascii(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
