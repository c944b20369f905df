"""The AWS region in which a farm is reached, and endpoints that have a region in their host name."""

from __future__ import annotations

from configparser import ConfigParser
from urllib.parse import urlsplit, urlunsplit

from deadline.client.config import config_file, get_setting, set_setting
from deadline.client.config.editing import copy_config


def resolve_region(
    config: ConfigParser | None = None, region: str | None = None, farm_id: str | None = None
) -> str | None:
    """The region for calls about a farm: ``region`` where given, else the setting ``defaults.farm_region``.

    Args:
        config: A configuration to read from instead of the settings file.
        region: The region that the caller asks for; empty is the same as none.
        farm_id: The farm whose setting counts, instead of the default farm.

    Returns:
        The region, or ``None`` where that of the session applies.
    """
    if region:
        return region
    if farm_id:
        config = copy_config(config) if config is not None else config_file.read_config()
        set_setting("defaults.farm_id", farm_id, config)
    return get_setting("defaults.farm_region", config) or None


def endpoint_in_region(endpoint_url: str, session_region: str | None, region: str) -> str | None:
    """``endpoint_url`` moved from one region to another, or ``None`` where nothing needs to move.

    An endpoint that a user sets for one region (``https://deadline.us-west-2.internal.example``) serves calls to
    another region by the same host name with the other region in it. Only a whole label of the name counts as region.
    """
    parts = urlsplit(endpoint_url)
    host, colon, port = parts.netloc.partition(":")
    labels = host.split(".")
    if not session_region or region in labels or session_region not in labels:
        return None
    labels[labels.index(session_region)] = region
    return urlunsplit(parts._replace(netloc=".".join(labels) + colon + port))
