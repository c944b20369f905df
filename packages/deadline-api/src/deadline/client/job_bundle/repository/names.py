"""Names of shared job bundles, which are names of files and parts of keys in S3 too."""

from __future__ import annotations

import os
import re

from deadline.client.exceptions import DeadlineOperationError

ARCHIVE_SUFFIX = ".ojd"
MAXIMUM_KEY_LENGTH = 1024
"""Bytes of a key in S3."""
LONGEST_FOLDER_NAME = 200
"""Bytes of a folder's name; file systems take 255, and names beside it may be longer."""

# Halves of characters stand in names of files that are no text; keys have to be text.
_NEVER = "/\x00-\x1f\x7f-\x9f\ud800-\udfff"
_UNSAFE = re.compile(f"[{_NEVER}]+")
_UNSAFE_ON_WINDOWS = re.compile(f'[{_NEVER}\\\\:*?"<>|]+')
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)


class InvalidBundleNameError(DeadlineOperationError, ValueError):
    """A job bundle cannot have that name."""


def sanitize_bundle_name(name: str, *, windows: bool = os.name == "nt") -> str:
    """The name with every run of characters that no file of this system may have in its name replaced by ``_``.

    Args:
        name: What somebody calls the bundle.
        windows: Whether the rules of Windows apply.

    Raises:
        InvalidBundleNameError: Nothing would be left of the name, or a part of it is ``..``.
    """
    if ".." in re.split(r"[/\\]", name):
        raise InvalidBundleNameError(f"A job bundle cannot be called {name!r}: '..' leads to another folder.")
    safe = (_UNSAFE_ON_WINDOWS if windows else _UNSAFE).sub("_", name)
    if windows:
        safe = safe.rstrip(". ")  # which Windows drops
        if _WINDOWS_DEVICE.fullmatch(safe):
            safe = f"_{safe}"
    if not safe.strip("_. "):
        raise InvalidBundleNameError(
            f"A job bundle cannot be called {name!r}: choose a name that has letters or digits."
        )
    return safe


def without_archive_suffix(name: str) -> str:
    """The name without ``.ojd`` at its end."""
    return name[: -len(ARCHIVE_SUFFIX)] if name.endswith(ARCHIVE_SUFFIX) else name


def folder_name(name: str) -> str:
    """What a folder for the bundle of that name is called, cut to what file systems take."""
    cut = sanitize_bundle_name(name).encode("utf-8")[:LONGEST_FOLDER_NAME].decode("utf-8", errors="ignore")
    return cut.rstrip(". ") or "_"


def archive_key(prefix: str, name: str) -> str:
    """The key of a bundle's archive in S3.

    Args:
        prefix: The prefix of all archives, with the slash at its end.
        name: What somebody calls the bundle.

    Raises:
        InvalidBundleNameError: The name cannot be used, or is too long.
    """
    key = f"{prefix}{sanitize_bundle_name(name)}{ARCHIVE_SUFFIX}"
    excess = len(key.encode("utf-8")) - MAXIMUM_KEY_LENGTH
    if excess > 0:
        raise InvalidBundleNameError(
            f"The name of the job bundle is {excess} bytes too long for S3: {name[:60]!r}... Choose a shorter one."
        )
    return key
