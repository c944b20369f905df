"""Pauses that end early when they are no longer wanted."""

from __future__ import annotations

import time
from typing import Callable

LONGEST_SLEEP_SECONDS = 0.2
"""How long nobody asks whether to go on."""


def pause(seconds: float, continue_callback: Callable[[], bool]) -> bool:
    """Wait, and return whether to go on; several times a second ``continue_callback`` is asked for that."""
    end = time.monotonic() + seconds
    while continue_callback():
        remaining = end - time.monotonic()
        if remaining <= 0:
            return True
        time.sleep(min(remaining, LONGEST_SLEEP_SECONDS))
    return False
