"""Signals of Qt objects."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Iterator

if TYPE_CHECKING:
    # The bindings name it differently, so that the checker cannot follow qtpy here.
    from PySide6.QtCore import QObject, Signal as Signal
else:
    from qtpy.QtCore import Signal

__all__ = ["Signal", "block_signals"]


@contextlib.contextmanager
def block_signals(element: QObject) -> Iterator[None]:
    """Keep an object from emitting signals within the block, as when a program and not the user sets its value."""
    before = element.blockSignals(True)
    try:
        yield
    finally:
        element.blockSignals(before)
