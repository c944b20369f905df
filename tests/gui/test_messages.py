"""Errors as boxes, and signals that are held back."""

from __future__ import annotations

from typing import Callable

import pytest
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QLineEdit, QMessageBox

from deadline.client.exceptions import DeadlineOperationError
from deadline.client.ui import block_signals, gui_context_for_cli, gui_error_handler


def read_box(application: QApplication, seen: list[tuple[str, str, str]]) -> Callable[[], None]:
    """Notes the title, text and details of the box that is open when this runs, and closes it."""

    def read() -> None:
        box = application.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append((box.windowTitle(), box.text(), box.detailedText()))
        box.accept()

    return read


def test_an_error_that_explains_itself_is_shown_without_technical_details(application: QApplication) -> None:
    seen: list[tuple[str, str, str]] = []
    QTimer.singleShot(0, read_box(application, seen))

    with gui_error_handler("Saving <b>", None):
        raise DeadlineOperationError("The disk is full & <i>slow</i>.")

    assert [box[1:] for box in seen] == [("The disk is full & <i>slow</i>.", "")]


def test_any_other_error_is_a_sentence_with_the_traceback_behind_it(application: QApplication) -> None:
    seen: list[tuple[str, str, str]] = []
    QTimer.singleShot(0, read_box(application, seen))

    with gui_error_handler("Saving"):
        raise ValueError("what")

    ((_, text, details),) = seen
    assert text == "An unexpected error occurred: ValueError: what"
    assert "Traceback" in details
    assert __file__ in details


def test_an_error_in_a_command_s_window_is_shown_and_the_command_fails(application: QApplication) -> None:
    seen: list[tuple[str, str, str]] = []
    QTimer.singleShot(0, read_box(application, seen))

    with pytest.raises(SystemExit) as exit_, gui_context_for_cli(automatically_install_dependencies=False):
        raise DeadlineOperationError("No.")

    assert exit_.value.code == 1
    assert [box[1] for box in seen] == ["No."]


def test_signals_are_held_back_within_the_block_only(application: QApplication) -> None:
    line = QLineEdit()
    told: list[str] = []
    line.textChanged.connect(told.append)

    with block_signals(line):
        line.setText("by a program")
        with block_signals(line):
            line.setText("deeper")
        line.setText("still held back")
    line.setText("told")

    assert told == ["told"]
    line.deleteLater()
