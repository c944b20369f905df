"""The setting that keeps transfers from taking all of a network."""

from __future__ import annotations

from configparser import ConfigParser
from typing import Optional

from deadline.client.config import get_setting

MiB = 1024 * 1024


def max_bandwidth(config: Optional[ConfigParser] = None) -> Optional[float]:
    """The most bytes a second of a transfer, by ``settings.s3_max_bandwidth``; ``None`` for no limit."""
    return float(get_setting("settings.s3_max_bandwidth", config)) * MiB or None
