"""Fields for windows of one's own."""

from __future__ import annotations

from .path_widgets import DirectoryPickerWidget, InputFilePickerWidget

__all__ = ["DirectoryPickerWidget", "InputFilePickerWidget"]
