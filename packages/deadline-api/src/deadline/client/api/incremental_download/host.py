"""Whom a run tells what happens, and whom it asks whether to go on."""

from __future__ import annotations

import logging
from typing import Protocol

from .events import SyncOutputEvent, Warned

logger = logging.getLogger("deadline.client.api.incremental_download")


class SyncOutputHost(Protocol):
    """The program within which a run goes on."""

    def show(self, event: SyncOutputEvent) -> None:
        """Take an event of :mod:`.events`; called on any thread, but on one at a time."""

    def keep_going(self) -> bool:
        """Whether to go on; called on any thread, and often."""


class QuietSyncHost:
    """Logs warnings, and goes on to the end. A base for other hosts."""

    def show(self, event: SyncOutputEvent) -> None:
        """Log a warning."""
        if isinstance(event, Warned):
            logger.warning(event.text)

    def keep_going(self) -> bool:
        """Go on."""
        return True
