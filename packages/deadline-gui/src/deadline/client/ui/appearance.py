"""Text whose colour follows the palette, light or dark, and controls that leave the mouse wheel to the window."""

from __future__ import annotations

from typing import Optional

from qtpy.QtCore import QEvent, Qt
from qtpy.QtGui import QColor, QPalette, QWheelEvent
from qtpy.QtWidgets import QComboBox, QLabel, QSpinBox, QWidget

_DARK_BELOW = 128
_MUTED_SHARE = 0.3
_ERROR_ON_LIGHT = "#b3261e"
_ERROR_ON_DARK = "#ff9d94"


def is_dark(palette: QPalette) -> bool:
    """Whether windows have a dark background."""
    return palette.color(QPalette.ColorRole.Window).lightness() < _DARK_BELOW


def muted_colour(palette: QPalette) -> QColor:
    """For text that explains: between the colours of text and background, nearer to the text."""
    text, window = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window)
    return QColor(
        *(
            round(one * (1 - _MUTED_SHARE) + other * _MUTED_SHARE)
            for one, other in zip(
                (text.red(), text.green(), text.blue()), (window.red(), window.green(), window.blue())
            )
        )
    )


def error_colour(palette: QPalette) -> QColor:
    """For text about what is wrong."""
    return QColor(_ERROR_ON_DARK if is_dark(palette) else _ERROR_ON_LIGHT)


class SideText(QLabel):
    """A line beside the main thing: an explanation or, in another colour, what is wrong. Plain text that wraps."""

    def __init__(self, text: str = "", parent: Optional[QWidget] = None) -> None:
        super().__init__(text, parent)
        self._is_error = False
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self._colour()

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a text; an error can be selected, to be sent to somebody who can help."""
        self._is_error = error
        self.setText(text)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse if error else Qt.TextInteractionFlag.NoTextInteraction
        )
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ParentChange):
            self._colour()

    def _colour(self) -> None:
        # The colours around it: its own text has been coloured before.
        parent = self.parentWidget()
        around = QPalette() if parent is None else parent.palette()
        colour = error_colour(around) if self._is_error else muted_colour(around)
        palette = QPalette(self.palette())
        if palette.color(QPalette.ColorRole.WindowText) != colour:
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)


class ScrollableComboBox(QComboBox):
    """A drop-down list that the mouse wheel, meant for the window around it, does not change."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ScrollableSpinBox(QSpinBox):
    """A number that the mouse wheel, meant for the window around it, does not change."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
