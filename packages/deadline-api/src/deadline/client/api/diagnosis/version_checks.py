"""Checks of versions: Python, the installed packages, and on request whether there is a newer release."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from importlib import metadata
from typing import Dict, Optional

from deadline.client import version

from .findings import Finding, NothingToCheck, error, ok, warning
from .subject import Subject

OLDEST_PYTHON = (3, 8)
NEWEST_PYTHON = (3, 13)
"""The versions of Python for which the client is made."""

DISTRIBUTIONS = (
    *("deadline", "deadline-config", "deadline-auth", "deadline-attachments", "deadline-api", "deadline-cli"),
    *("deadline-gui", "deadline-mcp"),
)
_LIBRARIES = ("boto3", "botocore")


def check_python(subject: Subject) -> Finding:
    """Whether this Python is one that the client is made for."""
    found = f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}"
    if sys.version_info[:2] > NEWEST_PYTHON:
        newest = ".".join(map(str, NEWEST_PYTHON))
        return warning(found, f"This version of the client was tested up to Python {newest}.", f"Use Python {newest}.")
    return ok(found)


def check_packages(subject: Subject) -> Finding:
    """Whether the installed packages of the client belong together."""
    own = _installed(DISTRIBUTIONS)
    found = ", ".join(f"{name} {number}" for name, number in {**_grouped(own), **_installed(_LIBRARIES)}.items())
    if len(set(own.values())) > 1:
        return error(
            found,
            "The packages of the client are of different versions, and do not fit together.",
            f"Install them anew: pip install --upgrade {' '.join(own)}",
        )
    return ok(found)


def check_updates(subject: Subject) -> Finding:
    """Whether there is a newer release. Asks the package index of this user's pip."""
    newest = _newest_release()
    if newest is None:
        raise NothingToCheck("pip could not be asked. See what your package manager says about the package deadline.")
    if _numbers(newest) > _numbers(version):
        return warning(
            f"{version} is installed", f"There is {newest}.", "Install it with: pip install --upgrade deadline"
        )
    return ok(f"{version} is the newest")


def _installed(names: tuple[str, ...]) -> Dict[str, str]:
    versions = {}
    for name in names:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _grouped(own: Dict[str, str]) -> Dict[str, str]:
    """The packages of the client in one word where all are of one version."""
    if len(set(own.values())) != 1:
        return own
    names = sorted(name[len("deadline-") :] for name in own if name.startswith("deadline-"))
    return {f"deadline ({', '.join(names)})": next(iter(own.values()))}


def _newest_release() -> Optional[str]:
    command = [
        sys.executable,
        "-m",
        "pip",
        "index",
        "versions",
        "deadline",
        "--disable-pip-version-check",
        "--no-input",
    ]
    try:
        answer = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # there is one on Windows alone
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.match(r"deadline \(([0-9][0-9.]*)", answer.stdout)
    return match[1] if match and answer.returncode == 0 else None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text))
