"""Fields for paths: a line to type into and a button that opens a dialog to choose from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

from qtpy.QtCore import QDir
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ..signals import Signal

__all__ = ["DirectoryPickerWidget", "InputFilePickerWidget"]


class _PathPicker(QWidget):
    """What the pickers have in common; a subclass says how a path is chosen."""

    path_changed = Signal(str)
    """The text, whenever the user changes it."""

    editing_finished = Signal()
    """The user has left the line, or chosen a path."""

    def __init__(self, path: str, label: str, collapse_user_dir: bool, parent: Optional[QWidget]) -> None:
        super().__init__(parent)
        self._label = label
        self._collapse_user_dir = collapse_user_dir
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName(label)
        self.edit.textEdited.connect(self.path_changed)
        self.edit.editingFinished.connect(self._on_editing_finished)
        self.browse_button = QPushButton("Browse…", self)
        self.browse_button.setAccessibleName(f"Browse for {label}")
        self.browse_button.setAutoDefault(False)
        self.browse_button.clicked.connect(self._on_browse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.browse_button)
        self.setFocusProxy(self.edit)
        self.setText(path)

    def text(self) -> str:
        """The path as it stands in the line."""
        return self.edit.text()

    def setText(self, path: str) -> None:
        """Show a path; no signal tells of it."""
        self.edit.setText(self._displayed(path))

    def _choose(self, start: str) -> str:
        raise NotImplementedError

    def _displayed(self, path: str) -> str:
        """The path with the separators of this system, and with ``~`` for the home folder where that is wanted."""
        if not path or "://" in path:
            return path
        if self._collapse_user_dir:
            home = str(Path.home())
            if path == home or path.startswith((f"{home}/", f"{home}{os.sep}")):
                path = f"~{path[len(home) :]}"
        return QDir.toNativeSeparators(path)

    def _on_editing_finished(self) -> None:
        displayed = self._displayed(self.edit.text().strip())
        if displayed != self.edit.text():
            self.edit.setText(displayed)
            self.path_changed.emit(displayed)
        self.editing_finished.emit()

    def _on_browse(self) -> None:
        chosen = self._choose(os.path.expanduser(self.text()))
        if chosen:
            self.setText(chosen)
            self.path_changed.emit(self.text())
            self.editing_finished.emit()


class DirectoryPickerWidget(_PathPicker):
    """A field for a folder.

    Args:
        initial_directory: The folder to begin with.
        directory_label: What the folder is for: the title of the dialog, and the name for assistive technology.
        collapse_user_dir: Whether to show the home folder as ``~``.
        parent: The widget that this one stands in.
    """

    def __init__(
        self,
        *,
        initial_directory: str,
        directory_label: str,
        collapse_user_dir: bool = False,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(initial_directory, directory_label, collapse_user_dir, parent)

    def _choose(self, start: str) -> str:
        return str(QFileDialog.getExistingDirectory(self, self._label, start))


class InputFilePickerWidget(_PathPicker):
    """A field for a file that exists.

    Args:
        initial_filename: The file to begin with.
        file_label: What the file is for: the title of the dialog, and the name for assistive technology.
        filter: The kinds of files to choose from as Qt writes them: ``Certificates (*.pem);;Any file (*)``.
        selected_filter: The one of them to begin with.
        collapse_user_dir: Whether to show the home folder as ``~``.
        parent: The widget that this one stands in.
    """

    def __init__(
        self,
        *,
        initial_filename: str,
        file_label: str,
        filter: str,  # noqa: A002 (others pass it by this name)
        selected_filter: str,
        collapse_user_dir: bool = False,
        parent: Optional[QWidget] = None,
    ) -> None:
        super().__init__(initial_filename, file_label, collapse_user_dir, parent)
        self._filter = filter
        self._selected_filter = selected_filter

    def _choose(self, start: str) -> str:
        chosen = QFileDialog.getOpenFileName(self, self._label, start, self._filter, self._selected_filter)
        return str(chosen[0])
