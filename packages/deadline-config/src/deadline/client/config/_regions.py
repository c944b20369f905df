"""The AWS regions in which farms are looked for."""

from __future__ import annotations

import os
from configparser import ConfigParser

from ._values import get_setting

AWS_ENDPOINT_URL_DEADLINE_ENV_VAR = "AWS_ENDPOINT_URL_DEADLINE"
DEADLINE_REGIONS_ENV_VAR = "DEADLINE_CLOUD_REGIONS"

DEADLINE_REGIONS = (
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
)
"""Where AWS Deadline Cloud is offered, as far as this version knows."""


def get_deadline_regions(config: ConfigParser | None = None) -> list[str]:
    """The regions in which to look for farms, in order and without repeats.

    From the variable ``DEADLINE_CLOUD_REGIONS``, else the setting ``settings.deadline_regions``, else
    :data:`DEADLINE_REGIONS`; a source that names no region is passed over.
    """
    return explicit_regions(config) or list(DEADLINE_REGIONS)


def explicit_regions(config: ConfigParser | None = None) -> list[str]:
    """The regions that the user named in the variable or the setting; empty when there are none."""
    return _split(os.environ.get(DEADLINE_REGIONS_ENV_VAR, "")) or _split(
        get_setting("settings.deadline_regions", config)
    )


def _split(text: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
