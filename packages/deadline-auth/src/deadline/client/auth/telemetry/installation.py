"""The random identifier of this installation, by which the service tells installations apart."""

from __future__ import annotations

import uuid

from deadline.client.config import config_file, get_setting, set_setting
from deadline.client.config.editing import settings_lock
from deadline.client.exceptions import DeadlineOperationError

SETTING = "telemetry.identifier"


def installation_identifier() -> str:
    """The identifier in the settings file; where there is none, a new one, which is saved if it can be."""
    try:
        with settings_lock():  # two programs that start at once agree on one
            stored = get_setting(SETTING, config_file.read_config())
            if _is_uuid(stored):
                return stored
            identifier = str(uuid.uuid4())
            set_setting(SETTING, identifier)
            return identifier
    except DeadlineOperationError:
        return str(uuid.uuid4())


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
