"""The path pickers, by keyboard and through the dialogs that they open."""

from __future__ import annotations

from pathlib import Path
from typing import Callable, Iterator

import pytest
from qtpy.QtCore import Qt, QTimer
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget

from deadline.client.ui.widgets import DirectoryPickerWidget, InputFilePickerWidget


@pytest.fixture
def parent(application: QApplication) -> Iterator[QWidget]:
    parent = QWidget()
    parent.show()
    yield parent
    parent.close()
    parent.deleteLater()


def folder_picker(parent: QWidget, *, collapse: bool = False, initial: str = "") -> DirectoryPickerWidget:
    picker = DirectoryPickerWidget(
        initial_directory=initial, directory_label="Work folder", collapse_user_dir=collapse, parent=parent
    )
    picker.show()
    return picker


def test_typing_tells_of_each_change_and_setting_the_text_of_none(parent: QWidget) -> None:
    picker = folder_picker(parent, initial="/start")
    told: list[str] = []
    picker.path_changed.connect(told.append)

    picker.setText("/a")
    QTest.keyClicks(picker.edit, "bc")

    assert picker.text() == "/abc"
    assert told == ["/ab", "/abc"]


def test_the_home_folder_is_shown_as_a_tilde_where_that_is_wanted(parent: QWidget) -> None:
    home = str(Path.home())
    picker = folder_picker(parent, collapse=True, initial=f"{home}/work")

    assert picker.text().replace("\\", "/") == "~/work"
    picker.setText(f"{home}work")
    assert picker.text().replace("\\", "/") == f"{home}work".replace("\\", "/")
    assert folder_picker(parent, initial=home).text() == home


def test_leaving_the_line_drops_blanks_at_the_ends_and_keeps_addresses_as_they_are(parent: QWidget) -> None:
    picker = folder_picker(parent)

    for typed, kept in (("  /a/b ", "/a/b"), ("s3://bucket//key", "s3://bucket//key")):
        picker.edit.clear()
        QTest.keyClicks(picker.edit, typed)
        QTest.keyClick(picker.edit, Qt.Key.Key_Return)
        assert picker.text().replace("\\", "/") == kept


def accept_dialog(path: Path) -> Callable[[], None]:
    """Enters a path into the dialog that is open when this runs, and closes it."""

    def accept() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        line.setText(str(path))
        dialog.accept()

    return accept


def test_a_folder_chosen_in_the_dialog_stands_in_the_line(parent: QWidget, tmp_path: Path) -> None:
    picker = folder_picker(parent, initial=str(tmp_path))
    told: list[str] = []
    picker.path_changed.connect(told.append)
    (tmp_path / "chosen").mkdir()

    QTimer.singleShot(0, accept_dialog(tmp_path / "chosen"))
    picker.browse_button.click()

    assert Path(picker.text()) == tmp_path / "chosen"
    assert told == [picker.text()]


def test_a_dialog_that_is_canceled_changes_nothing_and_makes_no_folder(parent: QWidget, tmp_path: Path) -> None:
    picker = folder_picker(parent, initial=str(tmp_path / "missing"))
    told: list[str] = []
    picker.path_changed.connect(told.append)

    QTimer.singleShot(0, lambda: QApplication.activeModalWidget().reject())
    picker.browse_button.click()

    assert Path(picker.text()) == tmp_path / "missing"
    assert told == []
    assert not (tmp_path / "missing").exists()


def test_a_file_chosen_in_the_dialog_stands_in_the_line(parent: QWidget, tmp_path: Path) -> None:
    (tmp_path / "bundle.pem").write_text("", encoding="utf-8")
    picker = InputFilePickerWidget(
        initial_filename=str(tmp_path / "other.pem"),
        file_label="Certificates",
        filter="Certificates (*.pem);;Any file (*)",
        selected_filter="Any file (*)",
        parent=parent,
    )

    QTimer.singleShot(0, accept_dialog(tmp_path / "bundle.pem"))
    picker.browse_button.click()

    assert Path(picker.text()) == tmp_path / "bundle.pem"
