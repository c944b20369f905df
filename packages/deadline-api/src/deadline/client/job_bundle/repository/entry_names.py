"""Which names files in an archive may have: relative paths that mean the same, and stay inside, on every system.

An archive is made on one system and unpacked on another, and may be made by somebody who means ill.
"""

from __future__ import annotations

import re

_DRIVE = re.compile(r"[A-Za-z]:")
_NOT_IN_NAMES = re.compile("[\x00-\x1f\x7f\\\\\ud800-\udfff]")

NOT_SHARED = (".bundle_cache_meta.json", ".hooks_origin")
"""Files at the top of a bundle's folder that a client put there for itself; they name places of one machine."""

_FINDERS_FOLDER = "__MACOSX/"
"""What the Finder adds to every archive that it makes."""


def is_plain(name: str) -> bool:
    """Whether ``name`` is a relative path with slashes, without ``..``, a drive, or characters no name should have."""
    return not (
        _DRIVE.match(name)
        or _NOT_IN_NAMES.search(name)
        or any(part in ("", ".", "..") for part in name.split("/"))  # an empty first part is a root
    )


def is_wanted(name: str) -> bool:
    """Whether a file of that name belongs to the bundle."""
    return name not in NOT_SHARED and not name.startswith(_FINDERS_FOLDER)
