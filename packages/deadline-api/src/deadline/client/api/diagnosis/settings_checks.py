"""Checks of the settings file, of environment variables, and of the proxy and certificates."""

from __future__ import annotations

import os
import ssl
import urllib.request
from typing import List

from deadline.client.auth.transport import transport_settings
from deadline.client.config.config_file import CONFIG_FILE_PATH_ENV_VAR, get_config_file_path
from deadline.client.config.inspection import SettingProblem, inspect_settings, shown_proxy

from .explaining import explain
from .findings import Finding, error, ok, warning
from .subject import Subject

_MOST_PROBLEMS = 5

_VARIABLES = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CONFIG_FILE"),
    *("AWS_SHARED_CREDENTIALS_FILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    *("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_MAX_ATTEMPTS", "AWS_DATA_PATH"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *(CONFIG_FILE_PATH_ENV_VAR, "DEADLINE_CLOUD_REGIONS", "DEADLINE_CLOUD_TELEMETRY_OPT_OUT", "DEADLINE_HOOKS_DIR"),
)


def check_settings(subject: Subject) -> Finding:
    """Whether the settings file can be read, and each entry is a setting with a value that fits."""
    path = get_config_file_path()
    if subject.settings_error is not None:
        why, next_step = explain(subject.settings_error)
        return error(str(path), why, next_step)
    if not path.exists():
        return ok(f"{path} is not there; all settings have their defaults")
    count = sum(len(subject.config.items(section)) for section in subject.config.sections())
    found = f"{path}, {count} {'entry' if count == 1 else 'entries'}"
    problems = list(inspect_settings(subject.config))
    if not problems:
        return ok(found)
    misfits = [problem for problem in problems if problem.is_known]
    return warning(
        found,
        _listed(misfits or problems),
        "Mend the values with `deadline config set`; their defaults are used meanwhile."
        if misfits
        else "Remove the entries in a text editor, or leave them to the program that wrote them: they do nothing here.",
    )


def check_environment(subject: Subject) -> Finding:
    """Which environment variables have a say. Their values may be secrets."""
    names = [name for name in _VARIABLES if os.environ.get(name)]
    names += sorted(name for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL") and value)
    return ok(f"set are {', '.join(names)}" if names else "no variable of AWS or of a proxy is set")


def check_network_settings(subject: Subject) -> Finding:
    """Which proxy is taken and which certificates are trusted, and whether they can be read."""
    settings = transport_settings(subject.config)
    proxy = settings.https_proxy or urllib.request.getproxies_environment().get("https")
    bundle = settings.ca_bundle or os.environ.get("AWS_CA_BUNDLE") or os.environ.get("REQUESTS_CA_BUNDLE")
    found = f"{f'proxy {shown_proxy(proxy)}' if proxy else 'no proxy'}, " + (
        f"certificates of {bundle}" if bundle else "the usual certificates"
    )
    if bundle:
        try:
            ssl.create_default_context(cafile=bundle)
        except OSError as failure:
            return error(
                found,
                f"The certificates in {bundle} cannot be used: {failure.strerror or failure}.",
                "Name a file of certificates in PEM form with the setting settings.ca_bundle or the variable AWS_CA_BUNDLE.",
            )
    return ok(found)


def _listed(problems: List[SettingProblem]) -> str:
    shown = [f"{problem.setting_name} in [{problem.section}]: {problem.problem}" for problem in problems]
    more = len(shown) - _MOST_PROBLEMS
    return "; ".join([*shown[:_MOST_PROBLEMS], *([f"and {more} more"] if more > 0 else [])]) + "."
