"""Errors as message boxes: a sentence for people, and the technical text behind a button."""

from __future__ import annotations

import contextlib
import traceback
from typing import Iterator, Optional

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox, QWidget

from deadline.client.exceptions import DeadlineOperationError


@contextlib.contextmanager
def gui_error_handler(message_title: str, parent: Optional[QWidget] = None) -> Iterator[None]:
    """Show any error of the block in a box and go on after the block.

    Args:
        message_title: The title of the box: what was attempted.
        parent: The window over which the box appears.
    """
    try:
        yield
    except Exception as error:
        show_error(message_title, error, parent)


def show_error(title: str, error: Exception, parent: Optional[QWidget] = None) -> None:
    """Show an error in a box until the user closes it."""
    box = QMessageBox(parent)
    box.setWindowTitle(title)
    # The text may hold names that others chose: it is text, not markup.
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if isinstance(error, DeadlineOperationError):
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(str(error))
    else:
        box.setIcon(QMessageBox.Icon.Critical)
        box.setText(f"An unexpected error occurred: {type(error).__name__}: {error}")
        box.setDetailedText("".join(traceback.format_exception(type(error), error, error.__traceback__)))
    box.exec_()
    box.deleteLater()
