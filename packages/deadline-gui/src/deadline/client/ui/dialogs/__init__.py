"""A door: the windows under the path by which other programs import them."""

from __future__ import annotations

from ..settings.dialog import DeadlineConfigDialog

__all__ = ["DeadlineConfigDialog"]
