"""A control for each kind of setting that needs no answer of AWS.

All have one face, :class:`Editor`: they show a value as it stands in the settings file, and tell of values that the
user makes. Showing a value tells nobody.
"""

from __future__ import annotations

import os
from typing import List, Optional, Sequence

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..appearance import ScrollableComboBox, ScrollableSpinBox
from ..signals import Signal, block_signals
from ..widgets.path_widgets import DirectoryPickerWidget, InputFilePickerWidget
from .fields import LARGEST_NUMBER, Field, Kind

_NUMBER_WIDTH = 140
_VISIBLE_FOLDERS = 4


class Editor(QWidget):
    """The control of one setting."""

    edited = Signal(str)
    """The value, whenever the user changes it."""

    left = Signal()
    """The user is done for now: has left the line, or chosen."""

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.field = field
        self.line = QHBoxLayout(self)
        self.line.setContentsMargins(0, 0, 0, 0)

    def show_value(self, value: str) -> None:
        """Show a value."""
        raise NotImplementedError

    def commit(self) -> None:
        """Take what the user has typed and not left yet for the value."""

    def summary(self) -> str:
        """What cannot be seen at a glance, as a sentence."""
        return ""

    def control(self) -> QWidget:
        """The widget that has the keyboard focus."""
        return self.focusProxy() or self

    def _introduce(self, control: QWidget) -> None:
        """Make a widget the one that has the keyboard focus, and that assistive technology names."""
        control.setAccessibleName(self.field.label)
        control.setAccessibleDescription(self.field.help)
        self.setFocusProxy(control)

    def _tell(self, value: str) -> None:
        self.edited.emit(value)
        self.left.emit()


class ChoiceEditor(Editor):
    """One of several values."""

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(field, parent)
        self.box = ScrollableComboBox(self)
        self.set_choices(field.choices)
        self.box.activated.connect(self._on_activated)
        self._introduce(self.box)
        self.line.addWidget(self.box, 1)

    def set_choices(self, choices: Sequence[Sequence[str]]) -> None:
        """Offer these values, each with how it reads."""
        with block_signals(self.box):
            self.box.clear()
            for value, text in choices:
                self.box.addItem(text, value)

    def show_value(self, value: str) -> None:
        index = self.box.findData(value)
        with block_signals(self.box):
            if index < 0:
                self.box.addItem(f"{value} [NOT VALID]", value)
                index = self.box.count() - 1
            self.box.setCurrentIndex(index)

    def _on_activated(self, index: int) -> None:
        self._tell(str(self.box.itemData(index)))


class SwitchEditor(Editor):
    """On or off; the label stands on the switch itself."""

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(field, parent)
        self.switch = QCheckBox(field.label, self)
        self.switch.clicked.connect(self._on_clicked)
        self._introduce(self.switch)
        self.line.addWidget(self.switch)
        self.line.addStretch(1)

    def show_value(self, value: str) -> None:
        with block_signals(self.switch):
            self.switch.setChecked(value.lower() in ("yes", "on", "true", "1"))

    def _on_clicked(self, checked: bool) -> None:
        self._tell("true" if checked else "false")


class NumberEditor(Editor):
    """A whole number."""

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(field, parent)
        self.box = ScrollableSpinBox(self)
        self.box.setRange(0, LARGEST_NUMBER)
        self.box.setMinimumWidth(_NUMBER_WIDTH)
        self.box.valueChanged.connect(self._on_changed)
        self._introduce(self.box)
        self.line.addWidget(self.box)
        self.line.addStretch(1)

    def show_value(self, value: str) -> None:
        with block_signals(self.box):
            self.box.setValue(min(int(value), LARGEST_NUMBER))

    def _on_changed(self, number: int) -> None:
        self._tell(str(number))


class TextEditor(Editor):
    """A line of text."""

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(field, parent)
        self.edit = QLineEdit(self)
        self.edit.setPlaceholderText(field.hint)
        self.edit.textEdited.connect(self.edited)
        self.edit.editingFinished.connect(self.left)
        self._introduce(self.edit)
        self.line.addWidget(self.edit, 1)

    def show_value(self, value: str) -> None:
        if self.edit.text() != value:
            self.edit.setText(value)


class FolderEditor(Editor):
    """A folder."""

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(field, parent)
        self.picker = DirectoryPickerWidget(initial_directory="", directory_label=field.label, parent=self)
        _connect_picker(self, self.picker)

    def show_value(self, value: str) -> None:
        if self.picker.text() != value:
            self.picker.setText(value)


class FileEditor(Editor):
    """A file that exists."""

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(field, parent)
        certificates = "Certificates (*.pem *.crt *.cer)"
        self.picker = InputFilePickerWidget(
            initial_filename="",
            file_label=field.label,
            filter=f"{certificates};;Any file (*)",
            selected_filter=certificates,
            parent=self,
        )
        _connect_picker(self, self.picker)

    def show_value(self, value: str) -> None:
        if self.picker.text() != value:
            self.picker.setText(value)


def _connect_picker(editor: Editor, picker: DirectoryPickerWidget | InputFilePickerWidget) -> None:
    picker.edit.setPlaceholderText(editor.field.hint)
    picker.edit.setAccessibleDescription(editor.field.help)
    picker.path_changed.connect(editor.edited)
    picker.editing_finished.connect(editor.left)
    editor.setFocusProxy(picker.edit)
    editor.line.addWidget(picker, 1)


class FoldersEditor(Editor):
    """Several folders, one a line."""

    def __init__(self, field: Field, parent: Optional[QWidget] = None) -> None:
        super().__init__(field, parent)
        self.list = QListWidget(self)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setFixedHeight(self.list.fontMetrics().height() * _VISIBLE_FOLDERS * 3 // 2)
        self.list.itemChanged.connect(self._on_changed)
        self.list.itemSelectionChanged.connect(self._show_what_is_possible)
        self.add_button = self._button("Add…", self._on_add)
        self.edit_button = self._button("Edit…", self._on_edit)
        self.remove_button = self._button("Remove selected", self._on_remove)
        buttons = QHBoxLayout()
        for button in (self.add_button, self.edit_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout()
        column.addWidget(self.list)
        column.addLayout(buttons)
        self._introduce(self.list)
        self.line.addLayout(column, 1)

    def show_value(self, value: str) -> None:
        paths = [path for path in value.split(os.pathsep) if path]
        if paths != self._paths():
            with block_signals(self.list):
                self.list.clear()
                for path in paths:
                    self._append(path)
        self._show_what_is_possible()

    def summary(self) -> str:
        number = self.list.count()
        return "No folders." if not number else "1 folder." if number == 1 else f"{number} folders."

    def _button(self, text: str, slot: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    def _paths(self) -> List[str]:
        return [self.list.item(row).text() for row in range(self.list.count())]

    def _append(self, path: str) -> None:
        item = QListWidgetItem(path)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self.list.addItem(item)

    def _show_what_is_possible(self) -> None:
        selected = len(self.list.selectedItems())
        self.edit_button.setEnabled(selected == 1)
        self.remove_button.setEnabled(selected > 0)

    def _on_changed(self) -> None:
        self._tell(os.pathsep.join(path for path in self._paths() if path))

    def _on_add(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, f"Add to {self.field.label}")
        if chosen and chosen not in self._paths():
            with block_signals(self.list):
                self._append(os.path.normpath(chosen))
            self._on_changed()

    def _on_edit(self) -> None:
        for item in self.list.selectedItems():
            self.list.editItem(item)

    def _on_remove(self) -> None:
        for item in self.list.selectedItems():
            self.list.takeItem(self.list.row(item))
        self._on_changed()


EDITORS = {
    Kind.PROFILE: ChoiceEditor,
    Kind.CHOICE: ChoiceEditor,
    Kind.SWITCH: SwitchEditor,
    Kind.NUMBER: NumberEditor,
    Kind.TEXT: TextEditor,
    Kind.FOLDER: FolderEditor,
    Kind.FILE: FileEditor,
    Kind.FOLDERS: FoldersEditor,
}
"""The control for each kind; those of resources are in :mod:`.resource_box`."""
