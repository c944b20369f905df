"""The table of settings: names, defaults, what each means, what it depends on, and which values it takes.

The order is the order in which ``deadline config show`` lists them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Callable, Dict, Optional
from urllib.parse import urlsplit

from deadline.client.exceptions import DeadlineOperationError

TRUE_VALUES = ("yes", "on", "true", "1")
FALSE_VALUES = ("no", "off", "false", "0")
DEFAULT_PROFILE_NAMES = ("(default)", "default", "")
"""The values of ``defaults.aws_profile_name`` that mean the default chain of credentials."""

CONFLICT_RESOLUTIONS = ("NOT_SELECTED", "SKIP", "OVERWRITE", "CREATE_COPY")
FILE_SYSTEMS = ("COPIED", "VIRTUAL")
LOG_LEVELS = ("ERROR", "WARNING", "INFO", "DEBUG")

Check = Callable[[str], Optional[str]]
"""Takes a value and says what is wrong with it, or ``None``."""


def str2bool(value: str) -> bool:
    """The truth value of a word: yes/on/true/1 or no/off/false/0 in any case.

    Raises :class:`ValueError` for any other word.
    """
    word = value.lower()
    if word in TRUE_VALUES:
        return True
    if word in FALSE_VALUES:
        return False
    raise ValueError(f"{value!r} is neither yes/on/true/1 nor no/off/false/0.")


def _boolean(value: str) -> str | None:
    return None if value.lower() in TRUE_VALUES + FALSE_VALUES else "expected true or false"


def _one_of(*choices: str) -> Check:
    def check(value: str) -> str | None:
        return None if value in choices else f"expected one of {', '.join(choices)}"

    return check


def _integer(minimum: int) -> Check:
    def check(value: str) -> str | None:
        # Python refuses to turn thousands of digits into a number.
        if re.fullmatch(r"[0-9]{1,9}", value) and int(value) >= minimum:
            return None
        return f"expected a whole number of {minimum} or more"

    return check


def _rate(value: str) -> str | None:
    return None if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", value) else "expected a number such as 20 or 0.5"


# Python's own parsers differ by version in what they let pass for a host and its port.
_PROXY = re.compile(r"https?://(?:[^/\s]*@)?(?:\[[0-9a-f:.%]+\]|[^/\s:@\[\]]+)(?::[0-9]{1,5})?/?", re.IGNORECASE)


def _proxy(value: str) -> str | None:
    try:
        parts = urlsplit(value)
        # A port that is no number is more likely a part of a password.
        is_url = bool(_PROXY.fullmatch(value) and parts.hostname and parts.port != 0)
    except ValueError:
        is_url = False
    return None if is_url or not value else "expected a URL such as http://proxy.example.com:8080"


def _word(description: str) -> Check:
    # Ids are words of section headers, which blanks separate and brackets enclose.
    def check(value: str) -> str | None:
        return f"expected {description}, without blanks or brackets" if re.search(r"[\s\[\]]", value) else None

    return check


SETTINGS: Dict[str, Dict[str, Any]] = {
    "deadline-cloud-monitor.path": {
        "default": "",
        "is_path": True,
        "description": "The path of the Deadline Cloud monitor executable, written by the monitor.",
    },
    "defaults.aws_profile_name": {
        "default": "(default)",
        "section_format": "profile-{}",
        "description": "The AWS profile to use. (default), default and an empty value mean the default credentials.",
    },
    "settings.job_history_dir": {
        "default": "~/.deadline/job_history/{aws_profile_name}",
        "depend": "defaults.aws_profile_name",
        "is_path": True,
        "description": "The folder into which submitted job bundles are saved.",
    },
    "defaults.farm_id": {
        "default": "",
        "depend": "defaults.aws_profile_name",
        "check": _word("an id, which begins with farm-"),
        "section_format": "{}",
        "description": "The farm to use.",
    },
    "defaults.farm_region": {
        "default": "",
        "depend": "defaults.farm_id",
        "check": _word("a region such as us-west-2"),
        "section_format": "{}",
        "description": "The AWS region of the farm. Empty means the region of the profile.",
    },
    "settings.storage_profile_id": {
        "default": "",
        "depend": "defaults.farm_id",
        "check": _word("an id, which begins with sp-"),
        "section_format": "{}",
        "description": "The storage profile of this workstation: which of its paths are shared with the farm.",
    },
    "defaults.queue_id": {
        "default": "",
        "depend": "defaults.farm_id",
        "check": _word("an id, which begins with queue-"),
        "section_format": "{}",
        "description": "The queue to use.",
    },
    "defaults.job_id": {
        "default": "",
        "depend": "defaults.queue_id",
        "check": _word("an id, which begins with job-"),
        "description": "The job that was submitted last.",
    },
    "settings.auto_accept": {
        "default": "false",
        "check": _boolean,
        "description": "Take the default answer to prompts instead of asking.",
    },
    "settings.conflict_resolution": {
        "default": "NOT_SELECTED",
        "check": _one_of(*CONFLICT_RESOLUTIONS),
        "description": "What to do when a downloaded file exists already: SKIP, OVERWRITE, CREATE_COPY or, "
        "with NOT_SELECTED, ask.",
    },
    "settings.log_level": {
        "default": "WARNING",
        "check": _one_of(*LOG_LEVELS),
        "description": "How much is logged: ERROR, WARNING, INFO or DEBUG.",
    },
    "settings.deadline_regions": {
        "default": "",
        "description": "The AWS regions in which to look for farms, separated by commas. Empty means a list that "
        "comes with this version of the client.",
    },
    "telemetry.opt_out": {
        "default": "false",
        "check": _boolean,
        "description": "Send no telemetry.",
    },
    "telemetry.identifier": {
        "default": "",
        "description": "A random identifier of this installation, sent with telemetry.",
    },
    "defaults.job_attachments_file_system": {
        "default": "COPIED",
        "depend": "defaults.farm_id",
        "check": _one_of(*FILE_SYSTEMS),
        "description": "How workers get a job's files: COPIED before a job starts, or VIRTUAL, on first access.",
    },
    "settings.s3_max_pool_connections": {
        "default": "50",
        "check": _integer(1),
        "description": "The largest number of connections to S3.",
    },
    "settings.s3_max_bandwidth": {
        "default": "0",
        "check": _rate,
        "description": "The most MiB a second that a transfer to or from S3 may take. 0 means no limit.",
    },
    "settings.small_file_threshold_multiplier": {
        "default": "20",
        "check": _integer(1),
        "description": "Files of up to this many times 8 MiB are uploaded side by side.",
    },
    "settings.known_asset_paths": {
        "default": "",
        "is_path_list": True,
        "description": "Folders from which files may be uploaded without a warning, separated as in PATH.",
    },
    "settings.locale": {
        "default": "",
        "description": "The language of the windows, such as ja_JP. Empty means the language of the system.",
    },
    "settings.force_s3_check": {
        "default": "false",
        "check": _boolean,
        "description": "Always ask S3 whether a file is there, instead of trusting the local cache.",
    },
    "settings.allow_bundle_hooks": {
        "default": "false",
        "check": _boolean,
        "description": "Allow job bundles to run hooks, programs of their own, on submission.",
    },
    "settings.allow_environment_hooks": {
        "default": "false",
        "check": _boolean,
        "description": "Allow the hooks in the folder that DEADLINE_HOOKS_DIR names to run on submission.",
    },
    "settings.submitter_update_notification": {
        "default": "true",
        "check": _boolean,
        "description": "Look for newer versions of submitters.",
    },
    "settings.max_retries_per_task": {
        "default": "5",
        "check": _integer(0),
        "description": "How often a failed task is tried again, unless a job says otherwise.",
    },
    "settings.max_failed_tasks_count": {
        "default": "20",
        "check": _integer(0),
        "description": "After how many failed tasks a job fails, unless it says otherwise.",
    },
    "settings.https_proxy": {
        "default": "",
        "check": _proxy,
        "secret": True,
        "description": "The URL of the proxy for AWS services; it goes before the variable HTTPS_PROXY.",
    },
    "settings.ca_bundle": {
        "default": "",
        "is_path": True,
        "description": "A file with the certificates to trust for AWS services; it goes before AWS_CA_BUNDLE.",
    },
    "settings.job_bundle_default_directory": {
        "default": "",
        "depend": "defaults.aws_profile_name",
        "is_path": True,
        "description": "The folder in which the job bundle browser starts. Empty means the home folder.",
    },
}
"""Each setting's ``default`` and ``description``; where they apply ``depend`` (the setting whose value is part of its
section), ``section_format`` (how its own value appears in sections), ``is_path``, ``is_path_list``, ``check`` and
``secret`` (its value may hold a password, so that no message repeats it)."""


def find_setting(setting_name: str) -> dict[str, Any]:
    """The entry of a setting; raises :class:`DeadlineOperationError` naming the nearest one when there is none."""
    if setting_name in SETTINGS:
        return SETTINGS[setting_name]
    if "." not in setting_name:
        problem = f"{setting_name!r} is not a valid setting name; names look like section.setting."
    else:
        problem = f"There is no setting named {setting_name!r}."
    import difflib

    close = difflib.get_close_matches(setting_name, SETTINGS, n=1, cutoff=0.5)
    if not close:
        close = [name for name in SETTINGS if name.split(".", 1)[1] == setting_name]
    hint = f" Did you mean {close[0]!r}?" if close else " `deadline config show` lists all settings."
    raise DeadlineOperationError(problem + hint)


def problem_with(setting_name: str, value: str) -> str | None:
    """What is wrong with ``value`` for the setting, as it goes on after a colon, or ``None``."""
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value):
        # A line break would end the entry or the section's header, and what follows would be read as something else.
        return "it has a line break or another control character in it"
    check: Check | None = find_setting(setting_name).get("check")
    return check(value) if check else None


def check_value(setting_name: str, value: str) -> None:
    """Raise unless ``value`` may be stored for the setting.

    Raises :class:`TypeError` where it is not a string and :class:`DeadlineOperationError` where it does not fit.
    """
    if not isinstance(value, str):
        raise TypeError(f"The setting {setting_name} takes a string, not {type(value).__name__}.")
    problem = problem_with(setting_name, value)
    if problem:
        shown = "What was given" if SETTINGS[setting_name].get("secret") else repr(value)
        raise DeadlineOperationError(f"{shown} is not a value for the setting {setting_name}: {problem}.")
