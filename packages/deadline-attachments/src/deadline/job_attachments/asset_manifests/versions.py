"""The versions of the manifest format."""

from __future__ import annotations

from enum import Enum


class ManifestVersion(str, Enum):
    """A version of the manifest format; ``UNDEFINED`` stands for none."""

    UNDEFINED = "UNDEFINED"
    v2023_03_03 = "2023-03-03"
