"""What operations do with their messages where the caller gave no function for them."""

from __future__ import annotations

from typing import Any


def say_nothing(message: Any) -> None:
    """Drop a message."""
